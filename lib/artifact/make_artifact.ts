/**
 * Makes an artifact of a result folder: a sweep's, or an experiment's.
 *
 * @module
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { sha256Hex } from "../crypto/hash.ts";
import { readExperiment } from "../experiment/experiment_folder.ts";
import { err, ok, type Result } from "../result.ts";
import { readParts, readSweep } from "../sweep/sweep_folder.ts";
import { keysOf } from "../sweep/sweep_kinds.ts";
import type { SweepPlan } from "../sweep/sweep_plan.ts";
import { readBundledWorkload } from "./bundled_workload.ts";
import { type ArtifactFacts, packArtifact } from "./bundle.ts";

export interface MakeError {
  readonly code: "folder-unreadable" | "folder-incomplete";
  readonly message: string;
}

/**
 * Packs a folder.
 *
 * @param options.name the artifact's file name, for its own README
 */
export function makeArtifact(
  folder: string,
  options: { readonly name: string; readonly tolerance: number },
): Result<Uint8Array<ArrayBuffer>, MakeError> {
  const facts = factsOf(folder, options);
  if (!facts.ok) return facts;
  const files = readFiles(folder);
  const experiment = readExperiment(folder);
  if (facts.value.kind === "measured" && experiment.ok && experiment.value !== undefined) {
    const workload = readBundledWorkload(experiment.value.plan);
    if (!workload.ok) {
      const message = `Cannot bundle "${folder}": ${workload.error}`;
      return err({ code: "folder-incomplete", message });
    }
    for (const [path, bytes] of workload.value) files.set(path, bytes);
  }
  return ok(packArtifact(facts.value, files));
}

function factsOf(
  folder: string,
  { name, tolerance }: { readonly name: string; readonly tolerance: number },
): Result<ArtifactFacts, MakeError> {
  const check = `noobcash artifact check ${name}`;
  const hashes = {
    programSha256: sha256Hex(Deno.readFileSync(fileURLToPath(Deno.mainModule))),
    runtimeSha256: sha256Hex(Deno.readFileSync(Deno.execPath())),
  };
  const sweep = readSweep(folder);
  if (!sweep.ok) return err({ code: "folder-unreadable", message: sweep.error.message });
  if (sweep.value !== undefined) {
    const { plan, program, planHash } = sweep.value;
    const parts = readParts(folder);
    const missing = keysOf(plan).filter((key) => !parts.has(key));
    if (missing.length > 0) {
      return err({
        code: "folder-incomplete",
        message:
          `Cannot bundle "${folder}": got a sweep that lacks ${missing.length} parts, wanted ` +
          "a whole one: go on with --resume, or put its shards together with report merge",
      });
    }
    return ok({
      kind: "simulated",
      program,
      ...hashes,
      planHash,
      seeds: [seedOf(plan)],
      machine: readJson(join(folder, "machine.json")),
      tolerance: null,
      commands: { check, reproduce: `noobcash artifact check ${name} --out again` },
    });
  }
  const experiment = readExperiment(folder);
  if (!experiment.ok) return err({ code: "folder-unreadable", message: experiment.error.message });
  if (experiment.value === undefined) {
    return err({
      code: "folder-unreadable",
      message:
        `Cannot bundle "${folder}": it holds no results, wanted a folder of noobcash simulate ` +
        "--out or of noobcash experiment",
    });
  }
  const { plan, command, environment, resumedBy } = experiment.value;
  return ok({
    kind: "measured",
    program: environment.program,
    ...(resumedBy !== undefined && { resumedBy }),
    ...hashes,
    planHash: null,
    seeds: [plan.seed],
    machine: environment,
    tolerance,
    commands: { check, reproduce: command.replace(WORKLOAD_WORDS, " --workload data/workload") },
  });
}

/** Where the payments lay; in an artifact they lie in its folder. */
const WORKLOAD_WORDS = / --workload[ =](?:'[^']*'|"[^"]*"|\S+)/;

function seedOf(plan: SweepPlan): number {
  switch (plan.kind) {
    case "attack":
      return plan.choice.seed;
    case "network":
    case "variants":
      return plan.choice.network.seed;
    case "fuzz":
      return plan.choice.from;
  }
}

/** Every file of a folder, by its path inside. */
export function readFiles(folder: string): Map<string, Uint8Array<ArrayBuffer>> {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  const walk = (path: string) => {
    for (const { name, isDirectory, isFile } of Deno.readDirSync(join(folder, path))) {
      const inner = path === "" ? name : `${path}/${name}`;
      if (isDirectory) walk(inner);
      else if (isFile) files.set(inner, Deno.readFileSync(join(folder, inner)));
    }
  };
  walk("");
  return files;
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(Deno.readTextFileSync(path));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof SyntaxError) return null;
    throw error;
  }
}
