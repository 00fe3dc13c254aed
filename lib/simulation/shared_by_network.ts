/**
 * What all nodes of a world share, one for each network: verdicts over signatures, the entries of blocks.
 *
 * @module
 */
import type { Params } from "../params.ts";

/** Makes one for each network, when it is asked for first. */
export function sharedByNetwork<T>(make: (params: Params) => T): (params: Params) => T {
  const byGenesis = new Map<string, T>();
  return (params) => {
    const { hash } = params.genesis;
    const known = byGenesis.get(hash);
    if (known !== undefined) return known;
    const made = make(params);
    byGenesis.set(hash, made);
    return made;
  };
}
