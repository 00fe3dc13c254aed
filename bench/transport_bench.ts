/**
 * What a hop between two nodes costs: two transports on real sockets in one process, so a figure holds
 * the work of both ends.
 *
 * - there and back: one message each way, one after the other, as a block and its answer go.
 * - 1,000 transactions: sent in one step, received one by one, as load goes.
 * - seal and open: what the encryption of a frame costs both ends together.
 *
 * Run: `deno bench -A bench/transport_bench.ts`
 *
 * @module
 */
import { Hono } from "hono";
import { NoiseCipher } from "../lib/crypto/noise_cipher.ts";
import { openFrame, sealFrame } from "../lib/crypto/noise_frame.ts";
import type { KeyPair } from "../lib/crypto/keys.ts";
import { createP2pRoutes } from "../lib/http/p2p_routes.ts";
import { createPeerTransport, type PeerTransport } from "../lib/peers/peer_transport.ts";
import type { Amount } from "../lib/primitives/amount.ts";
import { outpointOf, type Txid } from "../lib/primitives/outpoint.ts";
import { numberedKeyPair } from "../lib/crypto/numbered_key_pair.ts";
import { testParams } from "../lib/testing/test_params.ts";
import { signTransaction } from "../lib/simulation/sign_transaction.ts";
import { P2P_PATH } from "../lib/wire/handshake.ts";
import type { Message } from "../lib/wire/message.ts";
import { signRecord } from "../lib/wire/ring.ts";

const BURST = 1000;
/** A payment with its change, as it goes in a batch. */
const TRANSACTION_SIZE_BYTES = 260;

interface End {
  readonly keyPair: KeyPair;
  readonly url: string;
  readonly transport: PeerTransport;
  onMessage: (message: Message) => void;
}

function openEnd(number: number): End {
  const app = new Hono();
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    (request) => app.fetch(request),
  );
  const keyPair = numberedKeyPair(number);
  const url = `http://127.0.0.1:${server.addr.port}`;
  const transport = createPeerTransport({
    keyPair,
    record: signRecord({ url, sequence: 1 }, keyPair),
    joinToken: "",
    kindOf: () => "member",
    wantsProof: () => false,
    knowsMembers: () => true,
    deliver: (_from, messages) => {
      for (const message of messages) end.onMessage(message);
      return Promise.resolve();
    },
    overtake: () => false,
    onConnected: () => {},
    onFailed: () => {},
    onMisbehaved: () => {},
  });
  app.route(P2P_PATH, createP2pRoutes(transport));
  const end: End = { keyPair, url, transport, onMessage: () => {} };
  return end;
}

function sendTo(from: End, to: End, message: Message): void {
  from.transport.send({ url: to.url, publicKey: to.keyPair.publicKey }, message);
}

/** A new message each time: one that was sent before is not encoded again. */
function transactionMessage(index: number): Message {
  const params = testParams();
  const sender = numberedKeyPair(1).publicKey;
  const txid = index.toString(16).padStart(64, "0") as Txid;
  const transaction = signTransaction({
    sender,
    inputs: [outpointOf(txid, 0)],
    outputs: [
      { owner: numberedKeyPair(2).publicKey, amount: 5 as Amount },
      { owner: sender, amount: 95 as Amount },
    ],
  }, { keyPair: numberedKeyPair(1), params });
  return { type: "transactions", transactions: [transaction] };
}

for (const count of [1, 10, 100, 1_000]) {
  const key = new Uint8Array(32).fill(7);
  const [sender, receiver] = [new NoiseCipher(key), new NoiseCipher(key)];
  const frame = new Uint8Array(count * TRANSACTION_SIZE_BYTES).fill(3);
  Deno.bench(`seal and open a frame of ${count} transactions`, () => {
    openFrame(receiver, sealFrame(sender, frame));
  });
}

const alice = openEnd(1);
const bob = openEnd(2);
const messages = Array.from({ length: BURST }, (_, index) => transactionMessage(index));

Deno.bench("hop: one message there and one back", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  bob.onMessage = () => sendTo(bob, alice, { type: "get-pool" });
  alice.onMessage = () => resolve();
  sendTo(alice, bob, { type: "get-pool" });
  await promise;
});

Deno.bench("hop: 1,000 transactions in one step", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  let count = 0;
  bob.onMessage = () => {
    if (++count === BURST) resolve();
  };
  for (const message of messages) sendTo(alice, bob, { ...message });
  await promise;
});
