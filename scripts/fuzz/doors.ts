/**
 * Every door by which somebody else's bytes come in, what was recorded at each, and what has to hold
 * whatever comes: nothing throws but what the door says it throws, every refusal has its shape, coins stay
 * what they are.
 *
 * A door that fails throws. Called by the fuzzer and by its test.
 *
 * @module
 */
import { equalBytes, utf8Bytes } from "../../lib/bytes.ts";
import { parseEvent } from "../../lib/client/event_stream.ts";
import { parsePaymentList } from "../../lib/client/payment_list.ts";
import { addressProblem, formatAddress, parseAddress } from "../../lib/crypto/address.ts";
import { numberedKeyPair } from "../../lib/crypto/numbered_key_pair.ts";
import { HandshakeDesk } from "../../lib/peers/handshake_desk.ts";
import { PeerBudgets } from "../../lib/peers/peer_budgets.ts";
import { supplyAt } from "../../lib/params.ts";
import type { RandomStream } from "../../lib/random/random_stream.ts";
import { invariant } from "../../lib/result.ts";
import { createTestApi, type TestApi } from "../../lib/testing/test_api.ts";
import { networkOf, TestWorld } from "../../lib/testing/test_world.ts";
import { decodeAck, decodeBatch, encodeBatch } from "../../lib/wire/batch.ts";
import { decodeMessage, encodeMessage } from "../../lib/wire/codec.ts";
import { decodeOpening, decodeRecord, linkIdentityOf } from "../../lib/wire/handshake.ts";
import type { Message } from "../../lib/wire/message.ts";
import { parseBlockName, parseWalletName } from "../../lib/wire/names.ts";
import { signRecord } from "../../lib/wire/ring.ts";
import { parseWorkloadFile } from "../../lib/workload/workload_file.ts";
import { spoiltHandshakeDoor } from "./handshake_door.ts";
import { connectionDoor } from "./connection_door.ts";
import { firstLookDoor } from "./first_look_door.ts";
import { inventoryDoor } from "./inventory_door.ts";
import { artifactDoor, figuresDoor, resultDoor } from "./result_doors.ts";
import { chainFileDoor, databaseDoor, keyDoor, recordingDoor } from "./file_doors.ts";

export interface Door {
  readonly name: string;
  /** What was recorded, to be spoilt. */
  readonly corpus: readonly Uint8Array[];
  /** Takes one input. Throws when a promise is broken. */
  take(input: Uint8Array, random: RandomStream): void | Promise<void>;
  /** How many inputs make a turn: what touches files is dear. */
  readonly turn: number;
  /** Ends what it has begun. */
  close?(): Promise<void>;
}

/** Builds all doors; their files live in that folder. */
export async function openDoors(folder: string): Promise<readonly Door[]> {
  const messages = recordedMessages();
  return [
    messageDoor(messages),
    nodeDoor(messages),
    frameDoor(messages),
    handshakeDoor(),
    spoiltHandshakeDoor(),
    apiDoor(),
    eventDoor(),
    textDoor(),
    keyDoor(folder),
    await chainFileDoor(folder),
    databaseDoor(folder),
    resultDoor(folder),
    figuresDoor(folder),
    artifactDoor(),
    await recordingDoor(),
    inventoryDoor(folder),
    firstLookDoor(),
    connectionDoor(),
  ];
}

/** One message of each type, from a network that runs. */
function recordedMessages(): readonly Uint8Array[] {
  const world = new TestWorld({ nodes: 3, capacity: 2 });
  world.addAll();
  const [node] = world.nodes;
  invariant(node !== undefined, "A network has a node");
  world.pay(node, numberedKeyPair(9).publicKey, 3);
  const { chain, mempool, membership, params } = networkOf(node);
  const block = chain.block(chain.tip.hash)!;
  const { hash, header, transactions } = block;
  const record = node.state.config.record;
  const txids = transactions.map(({ txid }) => txid);
  const waiting = [...mempool.entries()].map(({ transaction }) => transaction);
  const messages: Message[] = [
    { type: "join", protocolVersion: 2, record, observer: false, expectations: { nodes: 3 } },
    { type: "welcome", params, id: 1, joinedCount: 2, records: [record] },
    { type: "refusal", code: "ring-full", text: "Cannot join" },
    { type: "ring", ring: membership.ring!, records: membership.records },
    { type: "records", records: membership.records },
    {
      type: "status",
      protocolVersion: 2,
      genesisHash: params.genesis.hash,
      hasRing: true,
      tipHash: hash,
      tipHeight: header.height,
      tipWork: chain.tip.work,
      poolSize: mempool.size,
      poolDigest: mempool.digest,
      clockMs: world.nowMs,
    },
    { type: "transactions", transactions: waiting },
    { type: "compact-block", hash, header, txids, prefilled: transactions },
    { type: "get-block-transactions", hash, indexes: [0] },
    { type: "block-transactions", hash, transactions },
    { type: "get-headers", locator: [hash, params.genesis.hash] },
    { type: "headers", headers: [header] },
    { type: "get-blocks", hashes: [hash] },
    { type: "blocks", blocks: [block] },
    { type: "not-found", hashes: [hash] },
    { type: "get-pool" },
    { type: "pool", txids },
    { type: "get-transactions", txids },
  ];
  return messages.map(encodeMessage);
}

function messageDoor(corpus: readonly Uint8Array[]): Door {
  return {
    name: "messages",
    corpus,
    turn: 200,
    take(input) {
      const message = decodeMessage(input);
      if (message === undefined) return;
      invariant(equalBytes(encodeMessage(message), input), "A message has one encoding");
    },
  };
}

/** Every message in every phase of a node, from members and from strangers. */
function nodeDoor(corpus: readonly Uint8Array[]): Door {
  let worlds: readonly TestWorld[] = [];
  let count = 0;
  return {
    name: "node",
    corpus,
    turn: 50,
    take(input, random) {
      const message = decodeMessage(input);
      if (message === undefined) return;
      if (count++ % 500 === 0) worlds = worldsInAllPhases();
      const world = random.pick(worlds);
      const node = random.pick(world.nodes);
      const known = [...node.state.peers.values()];
      for (const peer of known) peer.backedOffUntilMs = 0;
      const from = known.length > 0 && random.chance(0.8)
        ? random.pick(known).publicKey
        : numberedKeyPair(77).publicKey;
      world.input(node, { type: "message", from, message });
      if (random.chance(0.1)) world.run(random.pick([1, 100, 3_000]));
      const { network } = node.state;
      if (network === undefined) return;
      const { chain, params } = network;
      invariant(
        chain.utxos.supply === supplyAt(params, chain.height),
        "No message changes how many coins there are",
      );
    },
  };
}

function worldsInAllPhases(): readonly TestWorld[] {
  const alone = new TestWorld({ nodes: 3 });
  alone.add();
  const joining = new TestWorld({ nodes: 3 });
  joining.add();
  joining.add();
  joining.run(50);
  const starting = new TestWorld({ nodes: 3, isAutomatic: false });
  for (let index = 0; index < 3; index++) starting.add();
  starting.run(500);
  const ready = new TestWorld({ nodes: 3, capacity: 2 });
  ready.addAll();
  return [alone, joining, starting, ready];
}

function frameDoor(messages: readonly Uint8Array[]): Door {
  const corpus = [encodeBatch(messages), encodeBatch(messages.slice(0, 1)), new Uint8Array(5)];
  return {
    name: "frames",
    corpus,
    turn: 200,
    take(input) {
      const batch = decodeBatch(input);
      if (batch !== undefined) {
        invariant(equalBytes(encodeBatch(batch), input), "A frame has one encoding");
        for (const each of batch) decodeMessage(each);
      }
      decodeAck(input);
    },
  };
}

function handshakeDoor(): Door {
  const keyPair = numberedKeyPair(1);
  const record = signRecord({ url: "http://127.0.0.1:5001", sequence: 7 }, keyPair);
  const own = linkIdentityOf(keyPair, record, "");
  let nowMs = 0;
  const desk = new HandshakeDesk({
    own,
    budgets: new PeerBudgets(() => "stranger", () => nowMs),
    nowMs: () => nowMs,
    onRefused: () => {},
  });
  const corpus = [
    Uint8Array.from({ length: 400 }, (_, index) => index & 0xff),
    new Uint8Array(200),
  ];
  return {
    name: "handshakes",
    corpus,
    turn: 200,
    take(input) {
      nowMs += 20;
      decodeOpening(input);
      decodeRecord(input);
      const answer = desk.answer(input, "192.0.2.1");
      const claim = desk.claim(input);
      invariant(!claim.ok, "Noise proves nothing");
      if (!answer.ok) invariant(answer.error.code.length > 0, "A refusal has a code");
      invariant(desk.waitingCount < 10_000, "Waiting handshakes are bounded");
    },
  };
}

const PATHS = [
  "/api/v1/status",
  "/api/v1/ring",
  "/api/v1/balances?from=1&limit=2",
  "/api/v1/balances/id1",
  "/api/v1/history?wallet=self&limit=3",
  "/api/v1/blocks?from=0&limit=5",
  "/api/v1/blocks/tip",
  "/api/v1/blocks/raw?from=0",
  "/api/v1/transactions/ab",
  "/api/v1/mempool?limit=1",
  "/api/v1/audit",
  "/api/v1/tips",
  "/p2p/v2/handshake",
  "/",
];
const ORDERS = [
  ["/api/v1/payments", { to: "id1", amount: 5 }],
  ["/api/v1/payments", [{ to: 1, amount: 1 }, { to: "id0", amount: 2 }]],
  ["/api/v1/transactions", { hex: "00ff" }],
  ["/api/v1/blocks", { hex: "00ff" }],
  ["/api/v1/control/mining/mine", { blocks: 1 }],
  ["/api/v1/control/peers/disconnect", { peers: ["id1"] }],
  ["/api/v1/control/transactions/drop", { txid: "ab".repeat(32) }],
  ["/api/v1/control/blocks/invalidate", { block: "tip" }],
] as const;

/** Paths with queries, bodies of orders, headers: one text of three lines each. */
function apiDoor(): Door {
  const corpus = [
    ...PATHS.map((path) => `GET ${path}\nx-any: value\n`),
    ...ORDERS.map(([path, body]) => `POST ${path}\nidempotency-key: k1\n${JSON.stringify(body)}`),
  ].map(utf8Bytes);
  let api: TestApi | undefined;
  let count = 0;
  return {
    name: "api",
    corpus,
    turn: 20,
    async take(input) {
      if (count++ % 300 === 0) {
        api?.stop();
        api = createTestApi();
      }
      const { app, internalErrors, node } = api!;
      const request = requestOf(new TextDecoder().decode(input));
      if (request === undefined) return;
      const response = await app.fetch(request);
      const text = response.headers.get("content-type")?.includes("event-stream") === true
        ? (await response.body?.cancel(), "")
        : await response.text();
      invariant(internalErrors.length === 0, `The API fails: ${String(internalErrors[0])}`);
      invariant(response.status < 500 || response.status === 503, `Status ${response.status}`);
      const isOurs = response.headers.get("content-type")?.includes("json") === true;
      if (response.status >= 400 && isOurs) {
        invariant(typeof JSON.parse(text).error.code === "string", "A refusal has a code");
      }
      const { chain, params } = networkOf(node);
      invariant(chain.utxos.supply === supplyAt(params, chain.height), "Coins stay what they are");
    },
  };
}

function requestOf(text: string): Request | undefined {
  const [head = "", header = "", ...rest] = text.split("\n");
  const [method = "GET", path = "/"] = head.split(" ");
  const body = rest.join("\n");
  try {
    const headers = new Headers({ "authorization": "Bearer a-token-for-tests" });
    if (body !== "") headers.set("content-type", "application/json");
    const colon = header.indexOf(":");
    if (colon > 0) headers.set(header.slice(0, colon), header.slice(colon + 1));
    return new Request(new URL(path, "http://127.0.0.1:5000"), {
      method,
      headers,
      ...(body === "" || method === "GET" || method === "HEAD" ? {} : { body }),
    });
  } catch {
    // What cannot be sent never arrives.
    return undefined;
  }
}

function eventDoor(): Door {
  const corpus = [
    'data: {"type":"phase","timeMs":1,"phase":"ready"}',
    'id: 3\ndata: {"type":"lagged","timeMs":5,"missed":3}',
  ].map(utf8Bytes);
  return {
    name: "events",
    corpus,
    turn: 200,
    take: (input) => void parseEvent(new TextDecoder().decode(input)),
  };
}

/** Workloads, lists of payments, and the names of wallets, blocks and addresses. */
function textDoor(): Door {
  const address = formatAddress(numberedKeyPair(3).publicKey);
  const corpus = ["id2 5\r\nid10 7\r\n", "2 5\n# note\n\n", `${address} 5`, "tip", "id3", address]
    .map(utf8Bytes);
  return {
    name: "texts",
    corpus,
    turn: 200,
    take(input) {
      const text = new TextDecoder().decode(input);
      parseWorkloadFile(0, text);
      parsePaymentList(text);
      parseWalletName(text);
      parseBlockName(text);
      addressProblem(text);
      const publicKey = parseAddress(text);
      if (publicKey === undefined) return;
      invariant(formatAddress(publicKey) === text.toLowerCase(), "A key has one address");
    },
  };
}
