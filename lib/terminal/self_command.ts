/**
 * How this program starts itself again as another process.
 *
 * One of three: a compiled file runs itself; a packed file says in `NOOBCASH_SELF` which file it is; from
 * source or as a bundle, this Deno runs the same entry.
 *
 * @module
 */

/** What to start, and the arguments that come before the program's own. */
export interface SelfCommand {
  readonly file: string;
  readonly args: readonly string[];
}

/** The environment variable with which a packed file names itself. */
export const SELF_VARIABLE = "NOOBCASH_SELF";

/** What a node may do: what this program may, but for starting others. */
const PERMISSION_FLAGS: readonly string[] = [
  "--no-prompt",
  "--allow-net",
  "--allow-read",
  "--allow-write",
  "--allow-env",
  "--allow-sys",
];

/** @param extra what it may do beside what a node may, as in `--allow-run` */
export function selfCommand(extra: readonly string[] = []): SelfCommand {
  const packed = Deno.env.get(SELF_VARIABLE);
  if (packed !== undefined && packed !== "") return { file: packed, args: [] };
  if (Deno.build.standalone) return { file: Deno.execPath(), args: [] };
  return {
    file: Deno.execPath(),
    args: ["run", "--quiet", ...PERMISSION_FLAGS, ...extra, entryOf(import.meta.url)],
  };
}

/** How a person calls this program again: the file, or its task from source. */
export function selfName(): string {
  const { file, args } = selfCommand();
  return args.length === 0 ? file : "deno task noobcash";
}

/** From source, the entry is known by where this file is; in a bundle, the bundle is the entry. */
function entryOf(moduleUrl: string): string {
  return moduleUrl.endsWith("/lib/terminal/self_command.ts")
    ? new URL("../../main.ts", moduleUrl).href
    : moduleUrl;
}
