/**
 * What the program may do: the one list that source runs, the packed file and the compiled file share.
 *
 * @module
 */

/**
 * Flags of `deno run` and `deno compile`, each with what wants it.
 *
 * Not among them: `--allow-ffi` and `--allow-import`. Nothing of the program loads native code, or
 * code from a network.
 */
export const PERMISSION_FLAGS: readonly string[] = [
  "--no-prompt",
  "--allow-net", // peers and clients, on whatever address the user names
  "--allow-read", // data folder, workload files, results
  "--allow-write", // data folder, results
  "--allow-env", // NOOBCASH_ variables, NO_COLOR, the terminal's
  "--allow-sys", // number of cores, priority of the mining threads, description of the machine
  "--allow-run", // cluster and experiment start nodes: this very program
];

/**
 * What the engine is asked for: 256-bit vectors for the mining kernel, which doubles its speed.
 *
 * Only engines for x86-64 know the flag; the others refuse to start with it, so it is never passed to
 * them. Without it the miner works as well, at half the speed.
 */
export const VECTOR_FLAGS: readonly string[] = ["--v8-flags=--experimental-wasm-revectorize"];
