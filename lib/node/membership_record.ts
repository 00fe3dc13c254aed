/**
 * What a node remembers of its network's members: made once, changed as a whole, durable with the turn.
 *
 * @module
 */
import type { PublicKey } from "../crypto/keys.ts";
import type { Params } from "../params.ts";
import type { AddressRecord } from "../wire/ring.ts";
import type { Membership } from "./persistence.ts";
import type { MembershipPart } from "./state.ts";
import type { CommitDraft } from "./turn.ts";

/** What is known of a network that has just been founded or joined. */
export function newMembership(
  params: Params,
  { id, joined, records }: {
    id: number | undefined;
    joined: readonly PublicKey[];
    records: readonly AddressRecord[];
  },
): Membership {
  return { params, id, joined, ring: undefined, records, payoutsMade: false, startedUp: false };
}

export function changeMembership(
  turn: { readonly draft: Pick<CommitDraft, "membership"> },
  network: MembershipPart,
  change: Partial<Membership>,
): void {
  network.membership = { ...network.membership, ...change };
  turn.draft.membership = network.membership;
}
