/**
 * Writes docs/protocol/vectors.json: every kind of bytes that the protocol has, with what they mean, for
 * whoever writes another implementation. A test compares the file with what this makes.
 *
 * All keys are public: key i is the Ed25519 key pair whose seed is SHA-256("noobcash/test-key/i").
 *
 * Run: `deno run -A scripts/protocol_vectors.ts`
 *
 * @module
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { formatHex } from "../lib/bytes.ts";
import { formatAddress } from "../lib/crypto/address.ts";
import { numberedKeyPair } from "../lib/crypto/numbered_key_pair.ts";
import {
  choiceOf,
  createParams,
  DEFAULT_PARAMS,
  encodeParams,
  type Params,
  type ParamsChoice,
  PROTOCOL_VERSION,
} from "../lib/params.ts";
import { type Block, encodeBlock } from "../lib/primitives/block.ts";
import { encodeHeader, type Height } from "../lib/primitives/header.ts";
import { outpointOf } from "../lib/primitives/outpoint.ts";
import { encodeTransaction, type Transaction } from "../lib/primitives/transaction.ts";
import { invariant } from "../lib/result.ts";
import { mineBlock } from "../lib/simulation/mine_block.ts";
import { payment } from "../lib/simulation/sign_transaction.ts";
import { writeChainFile } from "../lib/store/chain_file.ts";
import { encodeMessage } from "../lib/wire/codec.ts";
import type { Message, MessageType } from "../lib/wire/message.ts";
import { signRecord, signRing } from "../lib/wire/ring.ts";

const FILE = fileURLToPath(new URL("../docs/protocol/vectors.json", import.meta.url));

/** The same network by other rules: the words in the flags, and what an adjusted difficulty adds. */
const VARIANTS: readonly Partial<ParamsChoice>[] = [
  { forkChoice: "ghost" },
  { difficultyAdjustment: "window", blockIntervalMs: 2_000, adjustmentWindow: 16 },
  {
    forkChoice: "lower-hash",
    difficultyAdjustment: "lwma",
    blockIntervalMs: 500,
    adjustmentWindow: 45,
  },
];

/** A small network, two payments and one block on its genesis. */
interface Example {
  readonly params: Params;
  readonly transactions: readonly [Transaction, Transaction];
  readonly block: Block;
}

/** The file's text. */
export async function makeVectors(): Promise<string> {
  const example = makeExample();
  const { params, transactions, block } = example;
  const vectors = {
    origin: "Made by scripts/protocol_vectors.ts; compared by a test. Bytes are hex.",
    keys: [0, 1, 2].map((number) => {
      const { publicKey } = numberedKeyPair(number);
      return { number, publicKey, address: formatAddress(publicKey) };
    }),
    parameters: { bytes: formatHex(encodeParams(params)), meaning: meaningOf(choice()) },
    variants: VARIANTS.map(paramsOf).map((variant) => ({
      bytes: formatHex(encodeParams(variant)),
      meaning: meaningOf({ ...choiceOf(variant), genesisHash: variant.genesis.hash }),
    })),
    headers: [params.genesis, block].map(({ header, hash }) => ({
      bytes: formatHex(encodeHeader(header)),
      meaning: meaningOf({ ...header, hash }),
    })),
    transactions: [...params.genesis.transactions, ...transactions].map((transaction) => ({
      bytes: formatHex(encodeTransaction(transaction)),
      meaning: meaningOf(fieldsOf(transaction)),
    })),
    blocks: [{ bytes: formatHex(encodeBlock(block)), meaning: meaningOf(block) }],
    messages: [...Object.values(messagesOf(example)), ...variantMessages()].map((message) => ({
      type: message.type,
      bytes: formatHex(encodeMessage(message)),
      meaning: meaningOf(message),
    })),
    chainFile: await chainFileOf(example),
  };
  return `${JSON.stringify(vectors, undefined, 2)}\n`;
}

if (import.meta.main) Deno.writeTextFileSync(FILE, await makeVectors());

function choice() {
  return {
    ...DEFAULT_PARAMS,
    nodes: 3,
    capacity: 2,
    difficulty: 1,
    genesisTimeMs: 1_704_067_200_000,
    bootstrapKey: numberedKeyPair(0).publicKey,
  };
}

function paramsOf(rules: Partial<ParamsChoice>): Params {
  const created = createParams({ ...choice(), ...rules });
  invariant(created.ok, "The parameters are within bounds");
  return created.value;
}

function makeExample(): Example {
  const params = paramsOf({});
  const [founder, receiver] = [numberedKeyPair(0), numberedKeyPair(1)];
  const coins = params.genesis.transactions[0];
  invariant(coins !== undefined, "Genesis has a transaction");
  const output = { owner: founder.publicKey, amount: 300, height: 0 };
  const first = payment([[outpointOf(coins.txid, 0), output as never]], {
    params,
    from: founder,
    to: receiver.publicKey,
    amount: 100,
  });
  const change = { owner: founder.publicKey, amount: 200, height: 0 };
  const second = payment([[outpointOf(first.txid, 1), change as never]], {
    params,
    from: founder,
    to: numberedKeyPair(2).publicKey,
    amount: 100,
  });
  const block = mineBlock(params.genesis, { params, transactions: [first, second] });
  return { params, transactions: [first, second], block };
}

/** One message of each type; a type without one does not compile. */
function messagesOf({ params, transactions, block }: Example): Record<MessageType, Message> {
  const [first, second] = transactions;
  const pairs = [0, 1, 2].map(numberedKeyPair);
  const records = pairs.map((pair, id) =>
    signRecord({ url: `http://127.0.0.1:${5000 + id}`, sequence: 1_704_067_200_000 + id }, pair)
  );
  const [founder] = pairs;
  const [, record] = records;
  invariant(founder !== undefined && record !== undefined, "There are three keys");
  const ring = signRing(pairs.map(({ publicKey }) => publicKey), founder, params);
  const { hash, header } = block;
  const txids = transactions.map(({ txid }) => txid);
  const protocolVersion = PROTOCOL_VERSION;
  return {
    "join": {
      type: "join",
      protocolVersion,
      record,
      observer: false,
      expectations: { nodes: 3, difficulty: 1 },
    },
    "welcome": { type: "welcome", params, id: 1, joinedCount: 2, records },
    "refusal": { type: "refusal", code: "ring-full", text: "Cannot join: the ring is full" },
    "ring": { type: "ring", ring, records },
    "records": { type: "records", records },
    "status": {
      type: "status",
      protocolVersion,
      genesisHash: params.genesis.hash,
      hasRing: true,
      tipHash: hash,
      tipHeight: 1 as Height,
      tipWork: params.workPerBlock,
      poolSize: 1,
      poolDigest: BigInt(`0x${first.txid.slice(0, 16)}`),
      clockMs: 1_704_067_260_000,
    },
    "transactions": { type: "transactions", transactions: [first, second] },
    "compact-block": { type: "compact-block", hash, header, txids, prefilled: [second] },
    "get-block-transactions": { type: "get-block-transactions", hash, indexes: [0, 1] },
    "block-transactions": { type: "block-transactions", hash, transactions: [first] },
    "get-headers": { type: "get-headers", locator: [hash, params.genesis.hash] },
    "headers": { type: "headers", headers: [header] },
    "get-blocks": { type: "get-blocks", hashes: [hash] },
    "blocks": { type: "blocks", blocks: [block] },
    "not-found": { type: "not-found", hashes: [hash] },
    "get-pool": { type: "get-pool" },
    "pool": { type: "pool", txids },
    "get-transactions": { type: "get-transactions", txids },
  };
}

/** Messages whose bytes depend on the rules: parameters with what they add, and flags beyond the first three. */
function variantMessages(): readonly Message[] {
  const pair = numberedKeyPair(1);
  const record = signRecord({ url: "http://127.0.0.1:5001", sequence: 1_704_067_200_001 }, pair);
  const rules: Partial<ParamsChoice> = VARIANTS[2] ?? {};
  const join = {
    type: "join",
    protocolVersion: PROTOCOL_VERSION,
    record,
    observer: false,
  } as const;
  return [
    { ...join, expectations: { nodes: 3, capacity: 2, difficulty: 1, ...rules } },
    { ...join, observer: true, expectations: { forkChoice: "ghost", strict: false } },
    { type: "welcome", params: paramsOf(rules), id: 1, joinedCount: 2, records: [record] },
  ];
}

async function chainFileOf({ params, block }: Example) {
  const folder = await Deno.makeTempDir({ prefix: "noobcash-vectors-" });
  try {
    const path = join(folder, "chain");
    await writeChainFile(path, { params, blocks: [block] });
    const meaning = { parameters: meaningOf(choice()), blocks: [block.hash] };
    return { bytes: formatHex(await Deno.readFile(path)), meaning };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** What a transaction's bytes tell, too. */
function fieldsOf({ sender, inputs, outputs, signature, txid, outpoints }: Transaction) {
  return { sender, inputs, outputs, signature, txid, outpoints };
}

/** The thing as JSON: whole numbers beyond 2^53 as text; parameters, blocks and transactions by name. */
function meaningOf(thing: unknown): unknown {
  return JSON.parse(JSON.stringify(thing, (key, value) => {
    if (typeof value === "bigint") return String(value);
    if (key === "params") return { genesisHash: value.genesis.hash };
    if (key === "leafHash" || key === "sizeBytes" || value instanceof Uint8Array) return undefined;
    const isNamed = key !== "" && typeof value === "object" && value !== null;
    if (isNamed && "txid" in value) return { txid: value.txid };
    return value;
  }));
}
