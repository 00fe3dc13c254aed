/**
 * As many streams of stranger keys as there are to be had, kept occupied: each sends frames of members' records
 * with forged signatures as fast as they are taken, and leaves the node's own unacknowledged.
 *
 * @module
 */
import { parseAddress } from "../../../lib/crypto/address.ts";
import { keyPairOfSeed, type PublicKey } from "../../../lib/crypto/keys.ts";
import { call } from "../../../lib/testing/raw_caller.ts";
import { untilAnswer } from "../../../lib/testing/spawned_node.ts";
import { encodeMessage } from "../../../lib/wire/codec.ts";
import { signRecord } from "../../../lib/wire/ring.ts";
import { type Attack, type AttackCounts, type AttackTarget, pause } from "./attack.ts";

const STREAMS = 4_096;
/** Attempts that are under way at a time. */
const OPENERS = 16;
const FRAMES_UNACKNOWLEDGED_MAX = 8;
/** Frames of so many messages, of so many records. */
const BATCH_MESSAGES = 100;
const RECORDS = 10;

export const streamsAttack: Attack = {
  what: "4,096 streams of stranger keys, kept occupied",
  prepare: (target) => () => attack(target),
};

async function attack(target: AttackTarget): Promise<AttackCounts> {
  const { addresses, signal } = target;
  const counts = { opened: 0, refused: 0, frames: 0, open: 0 };
  const batch = await forgedBatch(target.url);
  const openers = Array.from({ length: OPENERS }, async (_, index) => {
    const localAddress = addresses[index % addresses.length] ?? "127.0.0.1";
    const client = Deno.createHttpClient({ localAddress });
    const holding: Promise<void>[] = [];
    while (!signal.aborted) {
      if (counts.open < STREAMS) holding.push(hold(target, client, { counts, batch }));
      await pause(signal, 10);
    }
    await Promise.all(holding);
    client.close();
  });
  await Promise.all(openers);
  return counts;
}

/** Opens a stream and keeps it busy until it is closed. */
async function hold(
  { url, signal }: AttackTarget,
  client: Deno.HttpClient,
  { counts, batch }: {
    readonly counts: { opened: number; refused: number; frames: number; open: number };
    readonly batch: readonly Uint8Array[];
  },
): Promise<void> {
  const keyPair = keyPairOfSeed(crypto.getRandomValues(new Uint8Array(32)));
  const host = await call({ url, keyPair, client });
  const stream = "code" in host ? undefined : await host.open();
  if (stream === undefined) {
    counts.refused++;
    return;
  }
  counts.opened++;
  counts.open++;
  stream.isAcknowledging = false;
  let sent = 0;
  while (!signal.aborted && stream.socket.readyState === WebSocket.OPEN) {
    if (sent - stream.acknowledged < FRAMES_UNACKNOWLEDGED_MAX) {
      stream.sendBatch(batch);
      sent++;
      counts.frames++;
    }
    await pause(signal, 20);
  }
  counts.open--;
  stream.socket.close();
}

/** Records that say of each member that it has moved: newer than any, and signed by somebody else. */
async function forgedBatch(url: string): Promise<readonly Uint8Array[]> {
  // A stranger among others: it may have to ask again.
  const { nodes } = await untilAnswer(
    () => fetch(`${url}/api/v1/ring`).then((response) => response.json()),
    (answer) => answer.nodes !== undefined,
  );
  const keys: PublicKey[] = nodes.map(({ wallet }: { wallet: { address: string } }) =>
    parseAddress(wallet.address)
  );
  const sequence = Number.MAX_SAFE_INTEGER;
  const forger = keyPairOfSeed(new Uint8Array(32).fill(7));
  const { signature } = signRecord({ url: "http://127.0.0.1:9", sequence }, forger);
  const records = Array.from({ length: RECORDS }, (_, index) => ({
    publicKey: keys[index % keys.length] as PublicKey,
    url: "http://127.0.0.1:9",
    sequence,
    signature,
  }));
  const bytes = encodeMessage({ type: "records", records });
  return Array.from({ length: BATCH_MESSAGES }, () => bytes);
}
