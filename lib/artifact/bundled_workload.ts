/**
 * The payments that a measured experiment replayed, as part of its artifact: without them its results
 * cannot be made again.
 *
 * Files as they lie there, and what the generator made where there were none. Bounded, so that an artifact
 * can be handed on.
 *
 * @module
 */
import { join } from "node:path";
import { utf8Bytes } from "../bytes.ts";
import type { ExperimentPlan } from "../measure/experiment_record.ts";
import { usesGenerator, workloadFor } from "../experiment/run_experiment.ts";
import { err, ok, type Result } from "../result.ts";
import {
  formatWorkloadFile,
  type PaymentLine,
  workloadFileName,
} from "../workload/workload_file.ts";

/** Where the workload lies in an artifact's folder. */
const BUNDLED_WORKLOAD = "workload";

/** The most bytes of workload in an artifact. */
export const BUNDLED_WORKLOAD_SIZE_BYTES_MAX = 64 * 1024 * 1024;

/** The files of a plan's workload by their paths in the artifact; none where nothing was read. */
export function readBundledWorkload(
  plan: ExperimentPlan,
  sizeBytesMax = BUNDLED_WORKLOAD_SIZE_BYTES_MAX,
): Result<Map<string, Uint8Array<ArrayBuffer>>, string> {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  if (plan.load.durationMs !== undefined) return ok(files);
  let sizeBytes = 0;
  for (const nodes of plan.nodes) {
    const made = usesGenerator(plan, { nodes }) ? workloadFor(plan, { nodes }) : undefined;
    for (let nodeId = 0; nodeId < nodes; nodeId++) {
      const name = `${nodes}nodes/${workloadFileName(nodeId)}`;
      const path = join(plan.workload, name);
      try {
        const lines = made?.ok === true ? made.value.files[nodeId]?.lines : undefined;
        const text = lines === undefined
          ? Deno.readTextFileSync(path)
          : formatWorkloadFile(lines as PaymentLine[]);
        const bytes = utf8Bytes(text);
        sizeBytes += bytes.length;
        if (sizeBytes > sizeBytesMax) {
          return err(`its workload has more than ${sizeBytesMax} bytes, wanted fewer`);
        }
        files.set(`${BUNDLED_WORKLOAD}/${name}`, bytes);
      } catch (error) {
        const isMissing = error instanceof Deno.errors.NotFound ||
          error instanceof Deno.errors.NotADirectory;
        if (!isMissing) throw error;
        return err(
          `there is no "${path}", wanted the workload that the results were measured with`,
        );
      }
    }
  }
  return ok(files);
}

/** The plan by which an unpacked artifact is measured again: with the workload that it brings, if it does. */
export function planOfArtifact(
  plan: ExperimentPlan,
  { folder, paths }: { readonly folder: string; readonly paths: Iterable<string> },
): ExperimentPlan {
  for (const path of paths) {
    if (path.startsWith(`${BUNDLED_WORKLOAD}/`)) {
      return { ...plan, workload: join(folder, BUNDLED_WORKLOAD) };
    }
  }
  return plan;
}
