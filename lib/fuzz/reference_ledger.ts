/**
 * The rules once more, as plainly as can be: what checkers hold every main chain to.
 *
 * Written against the protocol, not against `lib/consensus`, and shares none of its code: whole sets are
 * copied for each block, nothing is undone, nothing is cached but the result. Slow and small.
 *
 * @module
 */
import { bytesOfHex } from "../bytes.ts";
import { verifySignature } from "../crypto/signature.ts";
import { supplyAt } from "../params.ts";
import type { Params } from "../params.ts";
import { type Block, merkleRootOfTransactions, sizeOfBlockBytes } from "../primitives/block.ts";
import { type BlockHash, hashHeader, type Header } from "../primitives/header.ts";
import type { Outpoint } from "../primitives/outpoint.ts";
import { signingMessage, type Transaction, txidOf } from "../primitives/transaction.ts";
import { demand } from "./violation.ts";

export interface LedgerCoin {
  readonly owner: string;
  readonly amount: number;
}

/** Everything that is true after a block. */
export interface LedgerState {
  readonly header: Header;
  readonly hash: BlockHash;
  readonly height: number;
  readonly parent: LedgerState | undefined;
  readonly coins: ReadonlyMap<Outpoint, LedgerCoin>;
  readonly txids: ReadonlySet<string>;
}

export class ReferenceLedger {
  readonly params: Params;
  readonly #states = new Map<BlockHash, LedgerState>();
  readonly #goodSignatures = new Set<string>();
  readonly #judgedAlone = new WeakSet<Transaction>();

  constructor(params: Params) {
    this.params = params;
    const { genesis } = params;
    const coins = new Map<Outpoint, LedgerCoin>();
    const txids = new Set<string>();
    for (const { txid, outputs } of genesis.transactions) {
      txids.add(txid);
      outputs.forEach(({ owner, amount }, index) => {
        coins.set(`${txid}:${index}` as Outpoint, { owner, amount });
      });
    }
    const { hash, header } = genesis;
    this.#states.set(hash, { header, hash, height: 0, parent: undefined, coins, txids });
  }

  /** What is true after a block that was judged before. */
  stateOf(hash: BlockHash): LedgerState | undefined {
    return this.#states.get(hash);
  }

  /** Judges a block on top of its parent, which was judged before. Throws a violation. */
  extend(block: Block): LedgerState {
    const known = this.#states.get(block.hash);
    if (known !== undefined) return known;
    const parent = this.#states.get(block.header.previousHash);
    demand(parent !== undefined, "main-chain-broken", () => `${block.hash} has no judged parent`);
    this.#judgeHeader(block, parent);

    const coins = new Map(parent.coins);
    const txids = new Set(parent.txids);
    for (const transaction of block.transactions) {
      demand(!txids.has(transaction.txid), "transaction-twice", () => transaction.txid);
      this.judgeTransaction(transaction, coins);
      txids.add(transaction.txid);
    }
    const { height } = block.header;
    const earned = this.params.reward + this.params.fee * block.transactions.length;
    if (earned > 0) {
      coins.set(`${block.hash}:0` as Outpoint, { owner: block.header.miner, amount: earned });
    }

    let supply = 0;
    for (const { amount } of coins.values()) supply += amount;
    const wanted = supplyAt(this.params, height);
    demand(supply === wanted, "supply", () => `got ${supply}, wanted ${wanted} at ${height}`);

    const state = { header: block.header, hash: block.hash, height, parent, coins, txids };
    this.#states.set(block.hash, state);
    return state;
  }

  /** Judges a transaction and lets it happen to the coins. Throws a violation. */
  judgeTransaction(transaction: Transaction, coins: Map<Outpoint, LedgerCoin>): void {
    this.#judgeAlone(transaction);
    const { txid, sender, inputs, outputs } = transaction;
    const fail = (what: string) => () => `${what} in ${txid}`;
    let inputSum = 0;
    for (const outpoint of inputs) {
      const coin = coins.get(outpoint);
      demand(coin !== undefined, "spends-missing", fail(outpoint));
      demand(coin.owner === sender, "spends-foreign", fail(outpoint));
      coins.delete(outpoint);
      inputSum += coin.amount;
    }
    let outputSum = 0;
    outputs.forEach(({ owner, amount }, index) => {
      outputSum += amount;
      coins.set(`${txid}:${index}` as Outpoint, { owner, amount });
    });
    const wanted = outputSum + this.params.fee;
    demand(inputSum === wanted, "balance", fail(`inputs ${inputSum}, outputs and fee ${wanted}`));
  }

  /** What does not depend on any coin: once for each transaction, which never changes. */
  #judgeAlone(transaction: Transaction): void {
    if (this.#judgedAlone.has(transaction)) return;
    const { txid, sender, inputs, outputs } = transaction;
    const fail = (what: string) => () => `${what} in ${txid}`;
    demand(txidOf(transaction) === txid, "txid", fail("wrong id"));
    demand(sender !== "0".repeat(64), "sender-zero", fail("wallet 0"));
    demand(inputs.length > 0 && inputs.length <= 256, "inputs", fail(`${inputs.length} inputs`));
    demand(
      outputs.length === 1 || outputs.length === 2,
      "outputs",
      fail(`${outputs.length} outputs`),
    );
    for (const { amount } of outputs) {
      demand(Number.isSafeInteger(amount) && amount >= 1, "amount", fail(`${amount}`));
    }
    demand(outputs.length < 2 || outputs[1]?.owner === sender, "change", fail("change"));
    this.#judgeSignature(transaction);
    this.#judgedAlone.add(transaction);
  }

  #judgeHeader({ header, hash, transactions }: Block, parent: LedgerState): void {
    const { params } = this;
    const fail = (what: string) => () => `${what} in block ${header.height} ${hash}`;
    demand(hashHeader(header) === hash, "block-hash", fail("wrong hash"));
    const limit = limitAfter(parent, params);
    demand(limitOf(header) === limit, "block-target", fail("other target"));
    demand(BigInt(`0x${hash}`) < limit, "block-work", fail("no work"));
    demand(header.height === parent.height + 1, "block-height", fail(`height on ${parent.height}`));
    demand(
      merkleRootOfTransactions(transactions) === header.merkleRoot,
      "block-root",
      fail("other transactions"),
    );
    const count = transactions.length;
    demand(count <= params.capacity, "block-capacity", fail(`${count} transactions`));
    demand(sizeOfBlockBytes(transactions) <= 4 * 1024 * 1024, "block-size", fail("too large"));
    demand(count > 0 || params.emptyBlocks, "block-empty", fail("no transactions"));
    const isStartup = header.height <= Math.ceil((params.nodes - 1) / params.capacity);
    demand(
      !params.strict || count === params.capacity || isStartup,
      "block-underfull",
      fail(`${count} transactions`),
    );

    const timesMs: number[] = [];
    for (let at: LedgerState | undefined = parent; at !== undefined && timesMs.length < 11;) {
      timesMs.push(at.header.timestampMs);
      at = at.parent;
    }
    timesMs.sort((a, b) => a - b);
    const median = timesMs[Math.floor(timesMs.length / 2)] as number;
    demand(header.timestampMs > median, "block-time", fail("not after the median"));
  }

  #judgeSignature(transaction: Transaction): void {
    const key = `${transaction.txid} ${transaction.signature}`;
    if (this.#goodSignatures.has(key)) return;
    const message = signingMessage(this.params.genesisHashBytes, bytesOfHex(transaction.txid));
    const isGood = verifySignature(transaction.sender, message, transaction.signature);
    demand(isGood, "signature", () => `bad signature of ${transaction.txid}`);
    this.#goodSignatures.add(key);
  }
}

/** One above the target of a header. */
function limitOf({ compactTarget }: Header): bigint {
  const exponent = compactTarget >>> 24;
  return BigInt(compactTarget & 0xffffff) << BigInt(8 * (exponent - 3));
}

/** One above the target of the next block, as the network's rule has it. */
function limitAfter(parent: LedgerState, params: Params): bigint {
  const { adjustmentWindow: size, blockIntervalMs, difficultyAdjustment: rule } = params;
  const first = limitOf(params.genesis.header);
  if (rule === "none") return first;
  // The blocks of the window, the oldest first, with the one before them.
  const blocks: Header[] = [];
  for (let at: LedgerState | undefined = parent; at !== undefined && blocks.length <= size;) {
    blocks.unshift(at.header);
    at = at.parent;
  }
  const isFull = blocks.length === size + 1 && (blocks[0] as Header).height >= 1;
  const times = blocks.map(({ timestampMs }) => timestampMs as number);
  if (rule === "window") {
    if (!isFull || (parent.height - 1) % size !== 0) return limitOf(parent.header);
    const wanted = size * blockIntervalMs;
    const took = (times.at(-1) as number) - (times[0] as number);
    const counted = Math.max(Math.ceil(wanted / 4), Math.min(took, 4 * wanted));
    return roundLimit(limitOf(parent.header) * BigInt(counted) / BigInt(wanted));
  }
  if (!isFull) return first;
  let sum = 0;
  for (let index = 1; index <= size; index++) {
    times[index] = Math.max(times[index] as number, (times[index - 1] as number) + 1);
    const took = (times[index] as number) - (times[index - 1] as number);
    sum += index * Math.min(took, 6 * blockIntervalMs);
  }
  const wanted = blockIntervalMs * size * (size + 1) / 2;
  const counted = Math.max(sum, Math.ceil(wanted / 10));
  const total = blocks.slice(1).reduce((limits, header) => limits + limitOf(header), 0n);
  return roundLimit(total * BigInt(counted) / (BigInt(size) * BigInt(wanted)));
}

/** Rounds a limit down to what a header can say, within the easiest and the hardest. */
function roundLimit(limit: bigint): bigint {
  const [easiest, hardest] = [1n << 256n, 1n << 192n];
  if (limit > easiest) return easiest;
  if (limit < hardest) return hardest;
  const bytes = BigInt(Math.ceil(limit.toString(16).length / 2));
  const shift = 8n * (bytes - 3n);
  return limit >> shift << shift;
}
