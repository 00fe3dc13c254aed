/**
 * A key's place in a network, read from the network's own chain: what an import gives back to a node that
 * has kept its key and lost everything else.
 *
 * The start-up payouts are the first transactions of a chain: from the founder to each of the others, in
 * the order of the ids, one after the other through the founder's change. So they name the ring. The
 * founder signs that ring again (its signature is deterministic); a member gets it from any node that has
 * it. What the chain does not tell is not made up: that is refused.
 *
 * @module
 */
import type { KeyPair, PublicKey } from "../crypto/keys.ts";
import { newMembership } from "../node/membership_record.ts";
import type { Membership } from "../node/persistence.ts";
import type { Params } from "../params.ts";
import type { Transaction } from "../primitives/transaction.ts";
import { err, ok, type Result } from "../result.ts";
import { signRing } from "../wire/ring.ts";

/** Why a key gets no place. */
export interface PlaceError {
  readonly code: "key-foreign" | "chain-without-ring";
  readonly got: string;
  readonly wanted: string;
}

/** How many of a chain's first transactions {@link placeOf} wants to see. */
export function payoutCountOf(params: Params): number {
  return params.nodes - 1;
}

/**
 * What a node with this key knows of its network, once it has the chain.
 *
 * @param first the chain's first transactions, {@link payoutCountOf} of them, or all if there are fewer
 * @param isObserver a key without a place in the ring is wanted
 */
export function placeOf(
  params: Params,
  { keyPair, first, isObserver }: {
    readonly keyPair: KeyPair;
    readonly first: readonly Transaction[];
    readonly isObserver: boolean;
  },
): Result<Membership, PlaceError> {
  const { publicKey } = keyPair;
  const isFounder = params.bootstrapKey === publicKey;
  const ring = ringOf(params, first);
  const id = ring?.indexOf(publicKey) ?? (isFounder ? 0 : -1);
  if (isObserver && id < 0) {
    return ok(newMembership(params, { id: undefined, joined: ring ?? [], records: [] }));
  }
  if (isObserver || id < 0) {
    const got = isObserver ? `the key of node ${id}` : "a key that has no place in this network";
    const wanted = isObserver
      ? "the key of an observer; leave --observer out"
      : "the key of one of its nodes, or --observer";
    return err({ code: "key-foreign", got, wanted });
  }
  if (ring === undefined) {
    // Nobody has been paid yet: the founder goes on waiting for the others.
    if (first.length === 0) {
      return ok(newMembership(params, { id: 0, joined: [publicKey], records: [] }));
    }
    return err({
      code: "chain-without-ring",
      got: `the first coins of ${first.length} nodes only`,
      wanted: `those of ${payoutCountOf(params)}: export a longer chain`,
    });
  }
  return ok({
    ...newMembership(params, { id, joined: ring, records: [] }),
    ring: isFounder ? signRing(ring, keyPair, params) : undefined,
    payoutsMade: isFounder,
    startedUp: true,
  });
}

/** The keys of the ring in the order of their ids; `undefined` where the payouts do not name them all. */
function ringOf(params: Params, first: readonly Transaction[]): readonly PublicKey[] | undefined {
  const ring = [params.bootstrapKey];
  for (const { sender, outputs } of first.slice(0, payoutCountOf(params))) {
    const [paid] = outputs;
    if (sender !== params.bootstrapKey || paid?.amount !== params.coinsPerNode) return undefined;
    if (ring.includes(paid.owner)) return undefined;
    ring.push(paid.owner);
  }
  return ring.length === params.nodes ? ring : undefined;
}
