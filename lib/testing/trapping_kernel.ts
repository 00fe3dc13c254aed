/**
 * A mining kernel that breaks: what the miner does about that is tested with it.
 *
 * @module
 */
import { type LoadedKernel, loadKernel } from "../miner/load_kernel.ts";

/** A kernel that survives the threads' warm-up batch of 4,096 nonces and traps at any other. */
export async function trappingKernel(): Promise<LoadedKernel> {
  const text = (value: string) => [value.length, ...new TextEncoder().encode(value)];
  const section = (id: number, body: readonly number[]) => [id, body.length, ...body];
  const bytes = Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [2, 0x60, 0, 0, 0x60, 2, 0x7f, 0x7f, 1, 0x7c]),
    ...section(3, [2, 0, 1]),
    ...section(5, [1, 0, 1]),
    ...section(7, [
      ...[3, ...text("memory"), 2, 0],
      ...[...text("prepare"), 0, 0],
      ...[...text("search"), 0, 1],
    ]),
    ...section(10, [
      ...[2, 2, 0, 0x0b],
      // if (count != 4096) unreachable; return -1
      ...[21, 0, 0x20, 1, 0x41, 0x80, 0x20, 0x47, 0x04, 0x40, 0x00, 0x0b],
      ...[0x44, 0, 0, 0, 0, 0, 0, 0xf0, 0xbf, 0x0b],
    ]),
  ]);
  return { ...await loadKernel("scalar"), module: await WebAssembly.compile(bytes) };
}
