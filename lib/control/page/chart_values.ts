/**
 * The values of the charts, from what is known of each second. Pure.
 *
 * @module
 */
import type { ViewBlock, ViewSecond } from "../../page/network_view.ts";

const STALE_WINDOW = 30;

/** The mean of each value and those before it, so many in all. */
export function mean(values: readonly number[], width: number): number[] {
  return values.map((_, index) => {
    const part = values.slice(Math.max(0, index - width + 1), index + 1);
    return Math.max(0, part.reduce((sum, each) => sum + each, 0) / part.length);
  });
}

/**
 * How long a block took, at each second in which one of the main chain came: the seconds since the one
 * before, shared by as many as came at once. Nothing stands where none came.
 */
export function intervals(at: readonly (ViewSecond | undefined)[]): (number | null)[] {
  let last: number | undefined;
  return at.map((second, index) => {
    const blocks = (second?.blocks ?? 0) - (second?.beside ?? 0);
    if (blocks <= 0) return null;
    const passed = last === undefined ? undefined : index - last;
    last = index;
    return passed === undefined ? null : passed / blocks;
  });
}

/** Of all blocks of the last seconds, how many in a hundred are stale: beside the main chain for good. */
export function stalePercents(
  at: readonly (ViewSecond | undefined)[],
  rivals: Iterable<Pick<ViewBlock, "at">>,
): (number | null)[] {
  const undecided = new Map<number, number>();
  for (const rival of rivals) {
    const second = Math.floor(rival.at / 1000);
    undecided.set(second, (undecided.get(second) ?? 0) + 1);
  }
  const staleIn = (each: ViewSecond | undefined) =>
    each === undefined ? 0 : each.beside - (undecided.get(each.second) ?? 0);
  return at.map((_, index) => {
    const part = at.slice(Math.max(0, index - STALE_WINDOW + 1), index + 1);
    const blocks = part.reduce((sum, second) => sum + (second?.blocks ?? 0), 0);
    const stale = part.reduce((sum, second) => sum + staleIn(second), 0);
    return blocks === 0 ? null : 100 * Math.max(0, stale) / blocks;
  });
}
