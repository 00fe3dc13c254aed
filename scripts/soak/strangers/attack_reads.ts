/**
 * A hundred readers without a token that ask for everything at once, again and again: all balances, the
 * audit, the tips, the pool, blocks.
 *
 * @module
 */
import { type Attack, type AttackCounts, type AttackTarget, pause } from "./attack.ts";

const READERS = 100;
const PATHS = [
  "/balances",
  "/audit",
  "/tips",
  "/mempool?limit=1000",
  "/blocks?limit=200",
  "/blocks/raw",
];
/** Each reader asks again so soon after its answer. */
const PAUSE_MS = 50;

export const readsAttack: Attack = {
  what: "100 readers that ask for all balances, audits, tips, pools and blocks",
  prepare: (target) => () => attack(target),
};

async function attack({ url, addresses, signal }: AttackTarget): Promise<AttackCounts> {
  const counts = { answered: 0, refused: 0, failed: 0 };
  await Promise.all(Array.from({ length: READERS }, async (_, index) => {
    const localAddress = addresses[index % addresses.length] ?? "127.0.0.1";
    const client = Deno.createHttpClient({ localAddress });
    for (let turn = index; !signal.aborted; turn++) {
      try {
        const response = await fetch(`${url}/api/v1${PATHS[turn % PATHS.length]}`, {
          client,
          signal,
        });
        await response.arrayBuffer();
        if (response.ok) counts.answered++;
        else counts.refused++;
      } catch {
        if (!signal.aborted) counts.failed++;
      }
      await pause(signal, PAUSE_MS);
    }
    client.close();
  }));
  return counts;
}
