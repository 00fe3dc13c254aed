/**
 * The seconds of a picture, for its charts: found by time, made when one begins, bounded.
 *
 * @module
 */
import type { NetworkView, ViewSecond } from "./network_view.ts";

/** The most seconds that are kept; the oldest go first. */
export const SECONDS_KEPT_MAX = 600;

/** The second that a time is in. */
export function secondAt(view: NetworkView, at: number): ViewSecond {
  const number = Math.floor(at / 1000);
  const last = view.seconds[view.seconds.length - 1];
  if (last !== undefined && last.second >= number) return earlierSecond(view, number);
  const second: ViewSecond = {
    second: number,
    confirmed: 0,
    blocks: 0,
    beside: 0,
    spreadSum: 0,
    spreadCount: 0,
    pool: last?.pool ?? 0,
    hashRates: last?.hashRates ?? [],
  };
  view.seconds.push(second);
  if (view.seconds.length > SECONDS_KEPT_MAX) view.seconds.shift();
  return second;
}

/** The second with this number, or the nearest one after it. */
function earlierSecond(view: NetworkView, number: number): ViewSecond {
  let index = view.seconds.length - 1;
  while (index > 0 && (view.seconds[index - 1] as ViewSecond).second >= number) index--;
  return view.seconds[index] as ViewSecond;
}
