/**
 * What fuzzed seeds say, a row each.
 *
 * @module
 */
import type { Cell } from "../table/table.ts";
import { type FuzzChoice, fuzzKeys, type FuzzPart } from "./fuzz_sweep.ts";
import type { Parts } from "./sweep_folder.ts";

export function fuzzRows(choice: FuzzChoice, parts: Parts): Record<string, Cell>[] {
  return fuzzKeys(choice).flatMap((key) => {
    const part = parts.get(key) as unknown as FuzzPart | undefined;
    if (part === undefined) return [];
    const { eventCount, height, traceHash, rule, detail, atMs } = part;
    return [{ seed: Number(key), eventCount, height, atMs, traceHash, rule, detail }];
  });
}
