/**
 * Strangers with ever new keys and ever new URLs that want to join: 5,000 good openings a second, and as
 * many whole handshakes as the node lets in, each with a `join`, as a member and as an observer.
 *
 * @module
 */
import { keyPairOfSeed } from "../../../lib/crypto/keys.ts";
import { NoiseHandshake, XX_PSK0 } from "../../../lib/crypto/noise_handshake.ts";
import { x25519KeyPairOf, x25519KeyPairOfNode } from "../../../lib/crypto/x25519.ts";
import { call, type RawStream } from "../../../lib/testing/raw_caller.ts";
import {
  encodeOpening,
  encodePrologue,
  linkIdentityOf,
  P2P_PATH,
} from "../../../lib/wire/handshake.ts";
import { signRecord } from "../../../lib/wire/ring.ts";
import { type Attack, type AttackCounts, type AttackTarget, pause } from "./attack.ts";
import { flood } from "./raw_requests.ts";

const OPENINGS_PER_SECOND = 5_000;
/** Made before, and sent again and again: to the node each is a new one. */
const OPENINGS = 2_000;
const CONNECTIONS = 128;
const JOINERS = 8;

export const joinsAttack: Attack = {
  what: "good openings of ever new keys, 5,000 a second, and joins with ever new URLs",
  prepare(target) {
    const bodies = Array.from({ length: OPENINGS }, newOpening);
    return () => attack(target, bodies);
  },
};

async function attack(target: AttackTarget, bodies: readonly Uint8Array[]): Promise<AttackCounts> {
  const { url, addresses, signal } = target;
  const counts = { streams: 0, joins: 0, refused: 0 };
  const joining = Array.from({ length: JOINERS }, async (_, index) => {
    const localAddress = addresses[index % addresses.length] ?? "127.0.0.1";
    const client = Deno.createHttpClient({ localAddress });
    while (!signal.aborted) await joinOnce(target, client, counts);
    client.close();
  });
  const path = `${P2P_PATH}/handshake`;
  const perSecond = OPENINGS_PER_SECOND;
  const flooded = await flood({
    url,
    addresses,
    path,
    bodies,
    perSecond,
    connections: CONNECTIONS,
    signal,
  });
  await Promise.all(joining);
  return { ...flooded, ...counts };
}

/** One more identity that wants to join at one more URL, and stays connected for a while. */
async function joinOnce(
  { url, sinkUrl, signal }: AttackTarget,
  client: Deno.HttpClient,
  counts: { streams: number; joins: number; refused: number },
): Promise<void> {
  const keyPair = keyPairOfSeed(crypto.getRandomValues(new Uint8Array(32)));
  const host = await call({ url, keyPair, advertised: sinkUrl, client });
  if ("code" in host) {
    counts.refused++;
    return await pause(signal, 100);
  }
  const stream = await host.open();
  if (stream === undefined) {
    counts.refused++;
    return await pause(signal, 100);
  }
  counts.streams++;
  for (let count = 0; count < 20 && !signal.aborted; count++) {
    sendJoin(stream, keyPair, { sinkUrl, sequence: Date.now() + count, observer: count % 2 === 0 });
    counts.joins++;
    await pause(signal, 20);
  }
  stream.socket.close();
}

function sendJoin(
  stream: RawStream,
  keyPair: ReturnType<typeof keyPairOfSeed>,
  { sinkUrl, sequence, observer }: {
    readonly sinkUrl: string;
    readonly sequence: number;
    readonly observer: boolean;
  },
): void {
  stream.send({
    type: "join",
    protocolVersion: 2,
    record: signRecord({ url: sinkUrl, sequence }, keyPair),
    observer,
    expectations: {},
  });
}

function newOpening(): Uint8Array {
  const keyPair = keyPairOfSeed(crypto.getRandomValues(new Uint8Array(32)));
  const own = linkIdentityOf(keyPair, signRecord({ url: "", sequence: 1 }, keyPair), "");
  const prologue = encodePrologue({
    protocolVersion: 2,
    sender: keyPair.publicKey,
    recipient: undefined,
    number: Date.now(),
  });
  const handshake = new NoiseHandshake({
    pattern: XX_PSK0,
    isInitiator: true,
    prologue,
    static: x25519KeyPairOfNode(keyPair),
    ephemeral: x25519KeyPairOf(crypto.getRandomValues(new Uint8Array(32))),
    preSharedKeys: [own.preSharedKey],
  });
  const first = handshake.writeMessage(new Uint8Array(0)) as Uint8Array;
  return encodeOpening(prologue, first, undefined);
}
