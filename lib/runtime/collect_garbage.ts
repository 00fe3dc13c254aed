/**
 * Keeps the engine and the C library from holding much more memory than the node needs.
 *
 * {@link collectGarbage} collects at once, where the engine would take a minute to do it by itself: after a
 * phase that leaves much garbage, such as loading a chain or a load that has ended: the engine keeps the
 * room that such a phase needed until its idle timers fire, tens of MB of resident memory. A full
 * collection takes some 50 ms, so nobody may wait for the node meanwhile.
 *
 * Signatures, buffers and database pages lie outside of the engine's heap, in the C library's. What is freed
 * there between pieces that live on stays the process's: 70 of 212 MB after a long load. Only the library itself
 * can give it back, and only the runtime can ask it to: it does so on a signal, after a collection, when the
 * environment that it was started with says so ({@link TRIM_VARIABLE}).
 *
 * @module
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** With it in its environment, a runtime on Linux collects and trims its memory when it gets SIGUSR2. */
export const TRIM_VARIABLE = "DENO_USR2_MEMORY_TRIM";

/** Collects now; everything else waits meanwhile. */
export function collectGarbage(): void {
  // A context that is made while the flag stands has the function; it goes with the context.
  setFlagsFromString("--expose-gc");
  const collect: () => void = runInNewContext("gc");
  setFlagsFromString("--no-expose-gc");
  collect();
}

/** Gives back what lies free. */
export interface Trimmer {
  /** Soon: in a turn after this call, and after a collection. */
  trim(): void;
  close(): void;
}

/** What trims this process; nothing where the runtime was not told to. */
export function createTrimmer(): Trimmer | undefined {
  if (Deno.build.os !== "linux" || (Deno.env.get(TRIM_VARIABLE) ?? "") === "") return undefined;
  // Should the runtime not know the variable, the signal would end the process if nobody listened.
  const listener = () => {};
  Deno.addSignalListener("SIGUSR2", listener);
  return {
    trim: () => Deno.kill(Deno.pid, "SIGUSR2"),
    close: () => Deno.removeSignalListener("SIGUSR2", listener),
  };
}
