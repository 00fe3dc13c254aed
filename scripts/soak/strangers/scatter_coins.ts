/**
 * A ledger of many coins: payments of one coin each to wallets that nobody has, until all are confirmed.
 *
 * @module
 */
import { formatAddress } from "../../../lib/crypto/address.ts";
import { keyPairOfSeed } from "../../../lib/crypto/keys.ts";
import { askNode, untilAnswer } from "../../../lib/testing/spawned_node.ts";
import type { Payer } from "./paid_load.ts";

const LIST_SIZE = 50;
const PAUSE_MS = 50;

/** How often it is told how far it is. */
const TOLD_TIMES = 10;

/** Lets the payers make so many coins together; resolves when the first one's ledger holds them all. */
export async function scatterCoins(
  payers: readonly Payer[],
  coins: number,
  say: (text: string) => void = () => {},
): Promise<void> {
  let left = coins;
  let told = 0;
  await Promise.all(payers.map(async (payer) => {
    while (left > 0) {
      const count = Math.min(LIST_SIZE, left);
      left -= count;
      left += count - await payOut(payer, count);
      const tenths = Math.floor(TOLD_TIMES * (coins - left) / coins);
      if (tenths > told) say(`${coins - left} of ${coins} coins are paid`);
      told = Math.max(told, tenths);
    }
  }));
  await untilAnswer(
    async () => (await askNode(payers[0]!.node, "/mempool?limit=1")).json.size,
    (size) => size === 0,
  );
}

/** How many of the payments were accepted. */
async function payOut({ node, token }: Payer, count: number): Promise<number> {
  const payments = Array.from({ length: count }, () => {
    const { publicKey } = keyPairOfSeed(crypto.getRandomValues(new Uint8Array(32)));
    return { to: formatAddress(publicKey), amount: 1 };
  });
  // A node that does not answer in time may have paid: then there are some coins more.
  const answer = await askNode(node, "/payments", { body: payments, token }).catch(() => undefined);
  const accepted: number = answer?.json.accepted ?? 0;
  if (accepted < count) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  return accepted;
}
