/**
 * As many streams of stranger keys as there are to be had, kept occupied: each sends frames as fast as they
 * are taken and leaves the node's own unacknowledged.
 *
 * @module
 */
import { keyPairOfSeed } from "../../../lib/crypto/keys.ts";
import { call } from "../../../lib/testing/raw_caller.ts";
import { encodeMessage } from "../../../lib/wire/codec.ts";
import type { Message } from "../../../lib/wire/message.ts";
import { type Attack, type AttackCounts, type AttackTarget, pause } from "./attack.ts";

const STREAMS = 4_096;
/** Attempts that are under way at a time. */
const OPENERS = 16;
const FRAMES_UNACKNOWLEDGED_MAX = 8;
const RECORDS: Message = { type: "records", records: [] };

export const streamsAttack: Attack = {
  what: "4,096 streams of stranger keys, kept occupied",
  prepare: (target) => () => attack(target),
};

async function attack(target: AttackTarget): Promise<AttackCounts> {
  const { addresses, signal } = target;
  const counts = { opened: 0, refused: 0, frames: 0, open: 0 };
  const openers = Array.from({ length: OPENERS }, async (_, index) => {
    const localAddress = addresses[index % addresses.length] ?? "127.0.0.1";
    const client = Deno.createHttpClient({ localAddress });
    const holding: Promise<void>[] = [];
    while (!signal.aborted) {
      if (counts.open < STREAMS) holding.push(hold(target, client, counts));
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
  counts: { opened: number; refused: number; frames: number; open: number },
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
  const batch = Array.from({ length: 100 }, () => encodeMessage(RECORDS));
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
