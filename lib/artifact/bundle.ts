/**
 * An artifact: one file that holds a result, everything it follows from, and what it says about itself.
 *
 * ```
 * artifact.json   the manifest: program, plan, machine, tolerance, commands, each file with its hash
 * README.md       what it is, and the two commands that check and reproduce it
 * data/…          the result folder as it was
 * ```
 *
 * A tar in zstd. The same folder gives the same bytes: no times, no owners, names in order.
 *
 * @module
 */
import { createTar, type ParsedTarFileItem, parseTar } from "nanotar";
import zlib from "node:zlib";
import { z } from "zod";
import { utf8Bytes } from "../bytes.ts";
import { sha256Hex } from "../crypto/hash.ts";
import type { ResumedBy } from "../measure/experiment_record.ts";
import { resumedBySchema } from "../measure/record_schemas.ts";
import { parseRecord } from "../parse_record.ts";
import { err, ok, type Result } from "../result.ts";

/** The largest artifact that is unpacked. */
const UNPACKED_SIZE_MAX = 2 ** 31 - 1;

export interface ArtifactFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly sha256: string;
}

export interface ArtifactManifest {
  readonly format: 1;
  /** `simulated` comes out the same anywhere, byte for byte; `measured` within the tolerance. */
  readonly kind: "simulated" | "measured";
  /** Version and commit of what made the results. */
  readonly program: string;
  /** Other programs that measured a part of them later, in their order. */
  readonly resumedBy?: readonly ResumedBy[];
  /** The hash of the file that ran, and of the runtime that ran it. */
  readonly programSha256: string;
  readonly runtimeSha256: string;
  /** The hash of the plan, for simulated results. */
  readonly planHash: string | null;
  readonly seeds: readonly number[];
  readonly machine: unknown;
  /** How far a measured figure may be off, as a share of it. */
  readonly tolerance: number | null;
  readonly commands: { readonly check: string; readonly reproduce: string };
  readonly files: readonly ArtifactFile[];
}

const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/, "no SHA-256");

const manifestSchema: z.ZodType<ArtifactManifest> = z.looseObject({
  format: z.literal(1),
  kind: z.enum(["simulated", "measured"]),
  program: z.string(),
  resumedBy: z.exactOptional(z.array(resumedBySchema)),
  programSha256: sha256Schema,
  runtimeSha256: sha256Schema,
  planHash: z.string().nullable(),
  seeds: z.array(z.number()),
  machine: z.unknown(),
  tolerance: z.number().min(0).nullable(),
  commands: z.looseObject({ check: z.string(), reproduce: z.string() }),
  files: z.array(z.looseObject({
    path: z.string().min(1),
    sizeBytes: z.int().min(0),
    sha256: sha256Schema,
  })),
});

export interface Artifact {
  readonly manifest: ArtifactManifest;
  /** By path inside `data/`. */
  readonly files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
}

export interface ArtifactError {
  readonly code: "artifact-unreadable" | "artifact-changed";
  readonly message: string;
}

export type ArtifactFacts = Omit<ArtifactManifest, "format" | "files">;

/** Packs files with what is known of them. */
export function packArtifact(
  facts: ArtifactFacts,
  files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>,
): Uint8Array<ArrayBuffer> {
  const paths = [...files.keys()].sort();
  const manifest: ArtifactManifest = {
    format: 1,
    ...facts,
    files: paths.map((path) => {
      const bytes = files.get(path) as Uint8Array<ArrayBuffer>;
      return { path, sizeBytes: bytes.length, sha256: sha256Hex(bytes) };
    }),
  };
  const entry = (name: string, data: Uint8Array) => ({
    name,
    data,
    attrs: { mode: "644", uid: 0, gid: 0, mtime: 0 },
  });
  const tar = createTar([
    entry("README.md", utf8Bytes(readmeOf(manifest))),
    entry("artifact.json", utf8Bytes(JSON.stringify(manifest, null, 2) + "\n")),
    ...paths.map((path) => entry(`data/${path}`, files.get(path) as Uint8Array)),
  ]);
  return new Uint8Array(zlib.zstdCompressSync(tar));
}

/** Unpacks an artifact, and holds every file against the manifest. */
export function unpackArtifact(bytes: Uint8Array): Result<Artifact, ArtifactError> {
  let entries: ParsedTarFileItem[];
  try {
    entries = parseTar(
      new Uint8Array(zlib.zstdDecompressSync(bytes, { maxOutputLength: UNPACKED_SIZE_MAX })),
    );
  } catch {
    return unreadable("no tar in zstd");
  }
  const byName = new Map(entries.map(({ name, data }) => [name, data ?? new Uint8Array()]));
  const text = byName.get("artifact.json");
  if (text === undefined) return unreadable("no artifact.json");
  const parsed = parseRecord(new TextDecoder().decode(text), manifestSchema);
  if (!parsed.ok) return unreadable(`in artifact.json ${parsed.error}`);
  const manifest = parsed.value;
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const { path, sha256 } of manifest.files) {
    const data = byName.get(`data/${path}`);
    if (path.startsWith("/") || path.split("/").includes("..")) {
      return unreadable(`the path "${path}"`);
    }
    if (data === undefined || sha256Hex(data) !== sha256) {
      const got = data === undefined ? "nothing" : "other bytes";
      return err({
        code: "artifact-changed",
        message:
          `Cannot trust the artifact: got ${got} for "${path}", wanted what its manifest names`,
      });
    }
    files.set(path, new Uint8Array(data));
  }
  return ok({ manifest, files });
}

/** Everything that made the results, in its order, as people read it. */
export function programsText(
  { program, resumedBy = [] }: Pick<ArtifactManifest, "program" | "resumedBy">,
): string {
  const later = resumedBy.map((each) =>
    `${each.program} (from ${new Date(each.sinceMs).toISOString()} on)`
  );
  return [program, ...later].join(", then by ");
}

function readmeOf(manifest: ArtifactManifest): string {
  const { kind, commands, tolerance, files } = manifest;
  const claim = kind === "simulated"
    ? "These results are simulated: they follow from the plan and come out the same, byte for byte, " +
      "on any machine."
    : "These results were measured: on a like machine they come out within " +
      `${100 * (tolerance ?? 0)} % of what stands here.`;
  return [
    "# Results of Noobcash",
    "",
    `Made by ${programsText(manifest)}. ${claim}`,
    "",
    "Check that this file is whole and that its results come out again:",
    "",
    `    ${commands.check}`,
    "",
    "Make the results anew:",
    "",
    `    ${commands.reproduce}`,
    "",
    ...workloadLines(kind, files),
    "`artifact.json` names the program, the plan, the seeds, the machine and every file with its hash.",
    "",
    ...files.map(({ path, sizeBytes }) => `- \`data/${path}\`, ${sizeBytes} bytes`),
    "",
  ].join("\n");
}

/** Where the payments of a measured result come from. */
function workloadLines(
  kind: ArtifactManifest["kind"],
  files: readonly ArtifactFile[],
): readonly string[] {
  if (kind === "simulated") return [];
  const isBundled = files.some(({ path }) => path.startsWith("workload/"));
  return isBundled
    ? ["The payments that were replayed are in `data/workload`: name it with `--workload`.", ""]
    : ["No payments were replayed: the program makes its load while it measures.", ""];
}

function unreadable(got: string): Result<never, ArtifactError> {
  return err({
    code: "artifact-unreadable",
    message: `Cannot read the artifact: got ${got}, wanted a file of noobcash artifact make`,
  });
}
