/**
 * What the engine is asked for on this machine, as the value of `DENO_V8_FLAGS`.
 *
 * `deno task noobcash` starts the program with it, and the nodes that the program starts inherit it. The
 * packed file and the compiled file carry the same flags themselves.
 *
 * @module
 */
import { VECTOR_FLAGS } from "./program_permissions.ts";

/** Deno refuses an empty value: this one is what every engine does anyway. */
const NEUTRAL_FLAG = "--no-predictable";

/** The flags, separated by commas. */
export function engineFlags(): string {
  const flags = VECTOR_FLAGS.map((flag) => flag.replace("--v8-flags=", ""));
  return Deno.build.arch === "x86_64" ? flags.join(",") : NEUTRAL_FLAG;
}
