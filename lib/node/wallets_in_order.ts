/**
 * The wallets of a ledger in the order of their keys, put in order in steps: a hundred thousand of them take a
 * tenth of a second, and payments would wait for all of it.
 *
 * Whoever drives it may pause between any two steps. Wallets that come meanwhile may be missing, ones that go
 * may still be there; none is there twice.
 *
 * @module
 */
import { compareText } from "../bytes.ts";
import type { PublicKey } from "../crypto/keys.ts";
import type { Ledger } from "./queries.ts";

/** Owners that one step looks at: well below a millisecond. */
const STEP_OWNERS = 512;
/** Keys are spread evenly, so each of these holds few of very many. */
const PREFIX_CHARACTERS = 2;

/** Everybody who has coins, also unconfirmed ones, but for those that are named. */
export function* walletsInOrder(
  { chain, mempool }: Pick<Ledger, "chain" | "mempool">,
  but: ReadonlySet<PublicKey>,
): Generator<void, PublicKey[]> {
  const byPrefix = new Map<string, PublicKey[]>();
  let count = 0;
  for (const owners of [chain.utxos.owners(), mempool.owners()]) {
    for (const owner of owners) {
      if (++count % STEP_OWNERS === 0) yield;
      if (but.has(owner)) continue;
      const prefix = owner.slice(0, PREFIX_CHARACTERS);
      const known = byPrefix.get(prefix);
      if (known === undefined) byPrefix.set(prefix, [owner]);
      else known.push(owner);
    }
  }
  const ordered: PublicKey[] = [];
  for (const prefix of [...byPrefix.keys()].sort(compareText)) {
    for (const owner of (byPrefix.get(prefix) as PublicKey[]).sort(compareText)) {
      if (owner !== ordered.at(-1)) ordered.push(owner);
    }
    yield;
  }
  return ordered;
}
