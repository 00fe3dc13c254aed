/**
 * Which program this is: its version, the commit it was built from, what runs it, and what mines.
 *
 * What the build knows comes from `build/build_info.ts`, which `deno task build` writes. Called by
 * `noobcash --version`, `noobcash version`, and whatever records where a result came from.
 *
 * @module
 */
import { COMMIT, VERSION } from "../../build/build_info.ts";
import { kernelFamily } from "../miner/load_kernel.ts";

/** One build, on one machine. */
export interface ProgramVersion {
  readonly version: string;

  /** Twelve hex digits, with `-changed` behind it if the files differed; `unknown` without git. */
  readonly commit: string;
  readonly deno: string;
  readonly v8: string;

  /** Operating system and architecture. */
  readonly target: string;

  /** The mining kernel that this machine runs. */
  readonly kernel: string;
}

/** Tells which program this is. */
export function programVersion(): ProgramVersion {
  return {
    version: VERSION,
    commit: COMMIT,
    deno: Deno.version.deno,
    v8: Deno.version.v8,
    target: Deno.build.target,
    kernel: kernelFamily(),
  };
}

/** The one line of `noobcash --version`. */
export function versionLine(): string {
  const { version, commit, deno, target, kernel } = programVersion();
  return `noobcash ${version} (commit ${commit}, deno ${deno}, ${target}, ${kernel} kernel)`;
}
