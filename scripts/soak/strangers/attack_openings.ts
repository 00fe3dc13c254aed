/**
 * Garbage in place of openings, 6,000 a second: random bytes, and random bytes behind a good beginning that
 * claims to be anybody.
 *
 * @module
 */
import { concatBytes } from "../../../lib/bytes.ts";
import { keyPairOfSeed } from "../../../lib/crypto/keys.ts";
import { encodePrologue, OPENING_SIZE_BYTES, P2P_PATH } from "../../../lib/wire/handshake.ts";
import type { Attack } from "./attack.ts";
import { flood } from "./raw_requests.ts";

const CONNECTIONS = 128;
const PER_SECOND = 6_000;
const BODIES = 2_000;

export const openingsAttack: Attack = {
  what: "garbage openings, 6,000 a second",
  prepare({ url, addresses, signal }) {
    const bodies = Array.from({ length: BODIES }, (_, index) => garbage(index));
    const path = `${P2P_PATH}/handshake`;
    const options = {
      url,
      addresses,
      path,
      bodies,
      perSecond: PER_SECOND,
      connections: CONNECTIONS,
      signal,
    };
    return async () => ({ ...await flood(options) });
  },
};

function garbage(index: number): Uint8Array {
  const bytes = crypto.getRandomValues(new Uint8Array(OPENING_SIZE_BYTES));
  if (index % 2 === 0) return bytes;
  const { publicKey } = keyPairOfSeed(bytes.subarray(0, 32));
  const prologue = encodePrologue({
    protocolVersion: 2,
    sender: publicKey,
    recipient: undefined,
    number: Date.now() + index,
  });
  return concatBytes([prologue, bytes.subarray(prologue.length)]);
}
