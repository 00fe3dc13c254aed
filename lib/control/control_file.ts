/**
 * How `noobcash cluster control` finds a cluster that runs on this machine: a small file for each, which
 * only its owner can read.
 *
 * The folder is the user's own (mode 0700), the file has mode 0600 and is removed when the cluster ends. A
 * folder or file that somebody else could have written is not trusted.
 *
 * @module
 */
import { join } from "node:path";
import { z } from "zod";
import { err, ok, type Result } from "../result.ts";
import { isProcessAlive } from "../terminal/process_alive.ts";
import { selfName } from "../terminal/self_command.ts";

const controlSchema = z.strictObject({
  pid: z.int().positive(),
  url: z.string().regex(/^http:\/\/127\.0\.0\.1:\d{1,5}$/),
  token: z.string().min(32).max(200),
  nodes: z.int().positive(),
  startedAtMs: z.int(),
});
/** What a cluster leaves for its owner. */
export type ControlFile = z.infer<typeof controlSchema>;

export interface ControlFileError {
  readonly code: "no-cluster" | "many-clusters" | "control-file-unsafe" | "control-file-malformed";
  readonly message: string;
}

/** Writes the file; gives its path. */
export function writeControlFile(control: ControlFile, folder: string = controlFolder()): string {
  Deno.mkdirSync(folder, { recursive: true, mode: 0o700 });
  const problem = problemOf(folder, 0o700);
  if (problem !== undefined) throw new Error(problem);
  const path = join(folder, `cluster-${control.pid}.json`);
  Deno.writeTextFileSync(path, JSON.stringify(control) + "\n", { mode: 0o600, create: true });
  Deno.chmodSync(path, 0o600);
  return path;
}

export function removeControlFile(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/**
 * Finds the cluster that is meant: the only one that runs, or that of a process or a file.
 */
export function findControlFile(
  wanted: { readonly pid?: number | undefined; readonly file?: string | undefined } = {},
  folder: string = controlFolder(),
): Result<ControlFile, ControlFileError> {
  if (wanted.file !== undefined) return readControlFile(wanted.file);
  const found: ControlFile[] = [];
  for (const path of pathsIn(folder)) {
    const control = readControlFile(path);
    if (!control.ok) {
      if (control.error.code === "control-file-unsafe") return control;
      continue;
    }
    if (!isProcessAlive(control.value.pid)) removeControlFile(path);
    else if (wanted.pid === undefined || wanted.pid === control.value.pid) {
      found.push(control.value);
    }
  }
  const [first, second] = found;
  if (first === undefined) {
    const which = wanted.pid === undefined ? "no cluster" : `no cluster with pid ${wanted.pid}`;
    return refused(
      "no-cluster",
      `there is ${which} on this machine; ${selfName()} cluster starts one`,
    );
  }
  if (second !== undefined) {
    const pids = found.map(({ pid }) => pid).join(", ");
    return refused("many-clusters", `got clusters ${pids}, wanted one of them (--cluster <pid>)`);
  }
  return ok(first);
}

/** Where this user's clusters leave their files. */
function controlFolder(): string {
  const runtime = Deno.env.get("XDG_RUNTIME_DIR");
  const base = runtime !== undefined && runtime !== "" ? runtime : Deno.env.get("TMPDIR") ?? "/tmp";
  return join(base, `noobcash-${Deno.uid() ?? "user"}`);
}

function pathsIn(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name)
      .filter((name) => /^cluster-\d+\.json$/.test(name)).sort().map((name) => join(folder, name));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

function readControlFile(path: string): Result<ControlFile, ControlFileError> {
  try {
    const problem = problemOf(path, 0o600);
    if (problem !== undefined) return refused("control-file-unsafe", problem);
    const parsed = controlSchema.safeParse(JSON.parse(Deno.readTextFileSync(path)));
    if (parsed.success) return ok(parsed.data);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      return refused("no-cluster", `there is no file "${path}": no such cluster runs`);
    }
    if (!(error instanceof SyntaxError)) throw error;
  }
  return refused("control-file-malformed", `got "${path}", wanted a cluster's file`);
}

/** Why a file or folder cannot be trusted: others could have written it. */
function problemOf(path: string, mode: number): string | undefined {
  if (Deno.build.os === "windows") return undefined;
  const info = Deno.lstatSync(path);
  if (info.isSymlink) return `got a link at "${path}", wanted a file of its own`;
  if (info.uid !== null && info.uid !== Deno.uid()) {
    return `got "${path}" of another user, wanted one's own`;
  }
  const others = (info.mode ?? 0) & 0o777 & ~mode;
  return others === 0
    ? undefined
    : `got "${path}" with mode ${((info.mode ?? 0) & 0o777).toString(8)}, wanted ${
      mode.toString(8)
    }`;
}

function refused(code: ControlFileError["code"], got: string): Result<never, ControlFileError> {
  return err({ code, message: `Cannot find the cluster: ${got}` });
}
