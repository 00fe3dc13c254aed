/**
 * The values of the charts, from what is known of each second. Pure.
 *
 * @module
 */
import type { ViewSecond } from "../../page/network_view.ts";

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
    const blocks = (second?.blocks ?? 0) - (second?.stale ?? 0);
    if (blocks <= 0) return null;
    const passed = last === undefined ? undefined : index - last;
    last = index;
    return passed === undefined ? null : passed / blocks;
  });
}

/** Of all blocks of the last seconds, how many in a hundred are stale. */
export function stalePercents(at: readonly (ViewSecond | undefined)[]): (number | null)[] {
  return at.map((_, index) => {
    const part = at.slice(Math.max(0, index - STALE_WINDOW + 1), index + 1);
    const blocks = part.reduce((sum, second) => sum + (second?.blocks ?? 0), 0);
    const stale = part.reduce((sum, second) => sum + (second?.stale ?? 0), 0);
    return blocks === 0 ? null : 100 * stale / blocks;
  });
}
