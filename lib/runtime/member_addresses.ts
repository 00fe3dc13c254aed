/**
 * From where members call: where they say that they are, where their streams have come from, and this
 * machine itself, of which the owner has the say.
 *
 * Asked for every connection of a new address, so what was found serves for a moment.
 *
 * @module
 */
import type { NodeState } from "../node/state.ts";
import { addressGroupOf } from "../peers/peer_budgets.ts";

const FRESH_MS = 1_000;
const OWN_MACHINE = ["127.0.0.1", "::1"].map(addressGroupOf);

/**
 * @param addressesOfStreams groups from which members have opened streams
 * @returns whether an address group is a member's
 */
export function memberAddressTest(
  node: Pick<NodeState, "network">,
  addressesOfStreams: () => Iterable<string>,
  nowMs: () => number,
): (address: string) => boolean {
  let addresses: ReadonlySet<string> = new Set();
  let freshUntilMs = -Infinity;
  return (address) => {
    const atMs = nowMs();
    if (atMs >= freshUntilMs) {
      const records = node.network?.membership.records ?? [];
      addresses = new Set([
        ...OWN_MACHINE,
        ...records.map(({ url }) => addressGroupOf(new URL(url).hostname.replace(/^\[|\]$/g, ""))),
        ...addressesOfStreams(),
      ]);
      freshUntilMs = atMs + FRESH_MS;
    }
    return addresses.has(address);
  };
}
