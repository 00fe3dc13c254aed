/**
 * The raw doors of our own program for the grader: reads whole chains, makes transactions and blocks that
 * are right but for one thing, and hands them to a node.
 *
 * An adapter's program as any other (`adapter_program.ts`): JSON lines on stdin and stdout. It signs with
 * the keys of the nodes' folders, which lie on the grader's machine, and mines by itself. The node's own
 * API takes what it makes: `POST /transactions`, `POST /blocks`.
 *
 * @module
 */
import { join } from "node:path";
import { ByteReader, bytesOfHex, formatHex, parseHex } from "../bytes.ts";
import { formatAddress } from "../crypto/address.ts";
import { type KeyPair, keyPairOfSeed, type PublicKey } from "../crypto/keys.ts";
import { type Signature, signMessage } from "../crypto/signature.ts";
import type { Amount } from "../primitives/amount.ts";
import {
  assembleBlock,
  type Block,
  BLOCK_SIZE_BYTES_MAX,
  decodeBlock,
  encodeBlock,
  merkleRootOfTransactions,
} from "../primitives/block.ts";
import {
  type BlockHash,
  encodeHeader,
  type Header,
  type Height,
  type TimestampMs,
} from "../primitives/header.ts";
import { type Outpoint, outpointOf, type Txid } from "../primitives/outpoint.ts";
import {
  type CompactTarget,
  compactTargetOfDifficulty,
  targetOfCompact,
} from "../primitives/target.ts";
import {
  encodeTransaction,
  NO_SIGNATURE,
  type Output,
  sealTransaction,
  signingMessage,
  type Transaction,
  txidOf,
  type UnsignedTransaction,
  WALLET_ZERO,
} from "../primitives/transaction.ts";
import { TextLineStream } from "../cluster/text_line_stream.ts";

/** One node as the grader tells of it. */
interface DoorNode {
  readonly url: string;
  readonly folder: string;
  readonly capacity: number;
}

interface Question {
  readonly id: number;
  readonly op: string;
  readonly node: number;
  readonly nodes: readonly DoorNode[];
  readonly what?: string;
  readonly from?: number;
  readonly to?: number;
  readonly amount?: number;
}

interface Answer {
  readonly accepted?: boolean;
  readonly isCrash?: boolean;
  readonly value?: unknown;
  readonly text?: string;
  readonly notApplicable?: string;
  readonly error?: string;
}

const CALL_MS_MAX = 10_000;
const CHAIN_BLOCKS_MAX = 10_000;

/** Answers questions until stdin ends. */
export async function runNoobcashDoor(): Promise<void> {
  const lines = Deno.stdin.readable.pipeThrough(new TextDecoderStream()).pipeThrough(
    new TextLineStream(),
  );
  for await (const line of lines) {
    if (line.trim() === "") continue;
    const question = JSON.parse(line) as Question;
    let answer: Answer;
    try {
      answer = await answerOf(question);
    } catch (error) {
      answer = { error: error instanceof Error ? error.message : String(error) };
    }
    const bytes = new TextEncoder().encode(`${JSON.stringify({ id: question.id, ...answer })}\n`);
    for (let written = 0; written < bytes.length;) {
      written += Deno.stdout.writeSync(bytes.subarray(written));
    }
  }
}

async function answerOf(question: Question): Promise<Answer> {
  const node = question.nodes[question.node];
  if (node === undefined) return { error: `there is no node ${question.node}` };
  if (question.op === "chain") {
    const chain = await readChain(node);
    return { accepted: true, value: chain.map(blockJson), text: `${chain.length} blocks` };
  }
  if (question.op !== "forge") return { notApplicable: `the door does not know "${question.op}"` };

  const workshop = await Workshop.open(question, node);
  const made = workshop.make(question.what ?? "");
  if (made === undefined) return { notApplicable: `the door cannot make "${question.what}"` };
  const answers: { status: number; text: string }[] = [];
  for (const thing of made) answers.push(await handIn(node, thing));
  const isAccepted = answers.every(({ status }) => status >= 200 && status < 300);
  return {
    accepted: isAccepted,
    isCrash: answers.some(({ status }) => status >= 500),
    text: answers.map(({ status, text }) => `HTTP ${status} ${text.slice(0, 500)}`).join("\n"),
  };
}

async function handIn(
  node: DoorNode,
  thing: Transaction | Block,
): Promise<{ status: number; text: string }> {
  const isBlock = "header" in thing;
  const bytes = isBlock ? encodeBlock(thing) : encodeTransaction(thing);
  const token = Deno.readTextFileSync(join(node.folder, "data", "token")).trim();
  const response = await fetch(`${node.url}/api/v1/${isBlock ? "blocks" : "transactions"}`, {
    method: "POST",
    headers: { "authorization": `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ hex: formatHex(bytes) }),
    signal: AbortSignal.timeout(CALL_MS_MAX),
  });
  return { status: response.status, text: await response.text() };
}

async function readChain({ url }: DoorNode): Promise<readonly Block[]> {
  const chain: Block[] = [];
  while (chain.length < CHAIN_BLOCKS_MAX) {
    const response = await fetch(`${url}/api/v1/blocks/raw?from=${chain.length}`, {
      signal: AbortSignal.timeout(CALL_MS_MAX),
    });
    if (!response.ok) {
      throw new Error(
        `the chain: HTTP ${response.status} ${(await response.text()).slice(0, 200)}`,
      );
    }
    const bytes = new Uint8Array(await response.arrayBuffer());
    if (bytes.length === 0) return chain;
    const reader = new ByteReader(bytes);
    for (let read = 0; read < bytes.length;) {
      const encoded = reader.sized(BLOCK_SIZE_BYTES_MAX);
      read += 4 + encoded.length;
      const block = decodeBlock(encoded);
      if (block === undefined) throw new Error("the chain: got bytes that are no block");
      chain.push(block);
    }
  }
  return chain;
}

function blockJson(block: Block) {
  const { header, hash, transactions } = block;
  return {
    height: header.height,
    hash,
    previousHash: header.previousHash,
    nonce: header.nonce,
    timestamp: header.timestampMs,
    preimageHex: formatHex(encodeHeader(header)),
    transactions: transactions.map(({ txid, sender, outputs: [first] }) => ({
      id: txid,
      sender: formatAddress(sender),
      receiver: first === undefined ? null : formatAddress(first.owner),
      amount: first?.amount ?? 0,
    })),
  };
}

/** Everything that is needed to make a thing for one network, as its chain is now. */
class Workshop {
  readonly #question: Question;
  readonly #chain: readonly Block[];
  readonly #keys: readonly KeyPair[];
  readonly #unspent: ReadonlyMap<Outpoint, Output>;
  readonly #spent: ReadonlyMap<Outpoint, Output>;

  private constructor(question: Question, chain: readonly Block[], keys: readonly KeyPair[]) {
    this.#question = question;
    this.#chain = chain;
    this.#keys = keys;
    const unspent = new Map<Outpoint, Output>();
    const spent = new Map<Outpoint, Output>();
    for (const { txid, inputs, outputs } of chain.flatMap(({ transactions }) => transactions)) {
      for (const input of inputs) {
        const output = unspent.get(input);
        if (output !== undefined) spent.set(input, output);
        unspent.delete(input);
      }
      outputs.forEach((output, index) => unspent.set(outpointOf(txid, index), output));
    }
    this.#unspent = unspent;
    this.#spent = spent;
  }

  static async open(question: Question, node: DoorNode): Promise<Workshop> {
    const keys = question.nodes.map(({ folder }) => {
      const seed = parseHex(Deno.readTextFileSync(join(folder, "data", "key")).trim(), 32);
      if (seed === undefined) throw new Error(`the key in ${folder} is none`);
      return keyPairOfSeed(seed);
    });
    return new Workshop(question, await readChain(node), keys);
  }

  make(what: string): readonly (Transaction | Block)[] | undefined {
    switch (what) {
      case "valid-transaction":
        return [this.#payment()];
      case "changed-amount":
        return [this.#changed(({ outputs: [first, change], ...rest }) => ({
          ...rest,
          outputs: [{ ...first as Output, amount: (first as Output).amount + 1 as Amount }, {
            ...change as Output,
            amount: (change as Output).amount - 1 as Amount,
          }],
        }))];
      case "changed-receiver":
        return [this.#changed(({ outputs: [first, change], ...rest }) => ({
          ...rest,
          outputs: [
            { ...first as Output, owner: this.#keyOf(this.#question.node).publicKey },
            change as Output,
          ],
        }))];
      case "bad-signature":
        return [this.#misSigned()];
      case "spent-input":
        return [this.#signed(this.#spentPayment())];
      case "foreign-input":
        return [this.#signed(this.#foreignPayment())];
      case "unknown-input": {
        const input = outpointOf("ab".repeat(32) as Txid, 0);
        const [, { amount }] = this.#coinOf(this.#sender.publicKey);
        return [
          this.#signed({
            ...this.#unsigned(),
            inputs: [input],
            outputs: [{ owner: this.#receiver, amount }],
          }),
        ];
      }
      case "inflated-output":
        return [this.#signed(this.#inflated())];
      case "burnt-change": {
        const { outputs, ...rest } = this.#unsigned();
        return [this.#signed({ ...rest, outputs: outputs.slice(0, 1) })];
      }
      case "same-input-twice": {
        const [outpoint, { amount }] = this.#coinOf(this.#sender.publicKey);
        return [this.#signed({
          sender: this.#sender.publicKey,
          inputs: [outpoint, outpoint],
          outputs: [{ owner: this.#receiver, amount: 2 * amount as Amount }],
        })];
      }
      case "wallet-zero": {
        const [outpoint, { amount }] = this.#coinOf(this.#sender.publicKey);
        const unsigned = {
          sender: WALLET_ZERO,
          inputs: [outpoint],
          outputs: [{ owner: this.#receiver, amount }],
        };
        return [sealTransaction(unsigned, NO_SIGNATURE)];
      }
      case "replayed":
        return this.#confirmed() === undefined ? undefined : [this.#confirmed() as Transaction];
      case "valid-block":
        return [this.#mine([this.#payment()])];
      case "block-without-work": {
        const block = this.#build([this.#payment()]);
        // A nonce that is certainly none.
        for (let nonce = 0;; nonce++) {
          const tried = assembleBlock({ ...block.header, nonce }, block.transactions);
          if (!passes(tried)) return [tried];
        }
      }
      case "block-wrong-link":
        return [this.#mine([this.#payment()], { previousHash: "ab".repeat(32) as BlockHash })];
      case "block-bad-signature":
        return [this.#mine([this.#misSigned()])];
      case "block-inflated":
        return [this.#mine([this.#signed(this.#inflated())])];
      case "block-double-spend": {
        const twin = this.#unsigned(this.#keyOf(this.#question.node).publicKey);
        return [this.#mine([this.#payment(), this.#signed(twin)])];
      }
      case "block-confirmed-again":
        return this.#confirmed() === undefined
          ? undefined
          : [this.#mine([this.#confirmed() as Transaction])];
      case "block-over-capacity":
        return [this.#mine(this.#chainOfPayments(this.#question.nodes[0]?.capacity ?? 1))];
      case "block-changed-body": {
        const block = this.#mine([this.#payment()]);
        const other = this.#signed(this.#unsigned(this.#keyOf(this.#question.node).publicKey));
        return [assembleBlock(block.header, [other])];
      }
      case "block-wrong-height":
        return [this.#mine([this.#payment()], { height: this.#tip.header.height + 2 as Height })];
      case "block-easy-target":
        return [this.#mine([this.#payment()], { compactTarget: compactTargetOfDifficulty(1) })];
      case "chain-longer-invalid": {
        // Three blocks, the first with a wrong signature in it, each well linked and mined.
        const first = this.#mine([this.#misSigned()]);
        const second = this.#mine([this.#payment()], {}, first);
        return [first, second, this.#mine([this.#payment()], {}, second)];
      }
      default:
        return undefined;
    }
  }

  get #sender(): KeyPair {
    return this.#keyOf(this.#question.from ?? 0);
  }

  get #receiver(): PublicKey {
    return this.#keyOf(this.#question.to ?? 1).publicKey;
  }

  get #tip(): Block {
    return this.#chain.at(-1) as Block;
  }

  #keyOf(index: number): KeyPair {
    const key = this.#keys[index];
    if (key === undefined) throw new Error(`there is no node ${index}`);
    return key;
  }

  /** The sender's largest coin. */
  #coinOf(owner: PublicKey): readonly [Outpoint, Output] {
    const coins = [...this.#unspent].filter(([, output]) => output.owner === owner)
      .toSorted((a, b) => b[1].amount - a[1].amount);
    const [coin] = coins;
    if (coin === undefined) throw new Error("the wallet has no coin to forge with");
    return coin;
  }

  #unsigned(receiver: PublicKey = this.#receiver): UnsignedTransaction {
    const sender = this.#sender.publicKey;
    const [outpoint, { amount: have }] = this.#coinOf(sender);
    const amount = Math.min(this.#question.amount ?? 1, have) as Amount;
    const change = have - amount as Amount;
    const outputs: Output[] = [{ owner: receiver, amount }];
    if (change > 0) outputs.push({ owner: sender, amount: change });
    return { sender, inputs: [outpoint], outputs };
  }

  #payment(): Transaction {
    return this.#signed(this.#unsigned());
  }

  #inflated(): UnsignedTransaction {
    const { outputs: [first, ...rest], ...others } = this.#unsigned();
    return {
      ...others,
      outputs: [{ ...first as Output, amount: (first as Output).amount + 50 as Amount }, ...rest],
    };
  }

  #spentPayment(): UnsignedTransaction {
    const sender = this.#sender.publicKey;
    const found = [...this.#spent].find(([, { owner }]) => owner === sender);
    if (found === undefined) throw new Error("the wallet has spent nothing yet");
    const [outpoint, { amount }] = found;
    return { sender, inputs: [outpoint], outputs: [{ owner: this.#receiver, amount }] };
  }

  #foreignPayment(): UnsignedTransaction {
    const [outpoint, { amount }] = this.#coinOf(this.#receiver);
    return {
      sender: this.#sender.publicKey,
      inputs: [outpoint],
      outputs: [{ owner: this.#sender.publicKey, amount }],
    };
  }

  /** The newest confirmed payment between nodes. */
  #confirmed(): Transaction | undefined {
    return this.#chain.slice(1).flatMap(({ transactions }) => transactions).at(-1);
  }

  /** One payment more than a block may have, each spending the change of the one before. */
  #chainOfPayments(capacity: number): readonly Transaction[] {
    const sender = this.#sender.publicKey;
    let [outpoint, { amount: have }] = this.#coinOf(sender);
    const made: Transaction[] = [];
    for (let count = 0; count <= capacity && have > 1; count++) {
      have = have - 1 as Amount;
      const outputs = [{ owner: this.#receiver, amount: 1 as Amount }, {
        owner: sender,
        amount: have,
      }];
      const transaction = this.#signed({ sender, inputs: [outpoint], outputs });
      made.push(transaction);
      outpoint = outpointOf(transaction.txid, 1);
    }
    return made;
  }

  #signed(unsigned: UnsignedTransaction): Transaction {
    return sealTransaction(unsigned, this.#signatureOf(unsigned));
  }

  #signatureOf(unsigned: UnsignedTransaction): Signature {
    const genesis = bytesOfHex((this.#chain[0] as Block).hash);
    return signMessage(this.#sender, signingMessage(genesis, bytesOfHex(txidOf(unsigned))));
  }

  /** Signed first, changed afterwards. */
  #changed(change: (unsigned: UnsignedTransaction) => UnsignedTransaction): Transaction {
    const unsigned = this.#unsigned();
    return sealTransaction(change(unsigned), this.#signatureOf(unsigned));
  }

  #misSigned(): Transaction {
    const unsigned = this.#unsigned();
    const signature = this.#signatureOf(unsigned);
    const flipped = (Number.parseInt(signature[0] as string, 16) ^ 1).toString(16) +
      signature.slice(1);
    return sealTransaction(unsigned, flipped as Signature);
  }

  #build(
    transactions: readonly Transaction[],
    more: Partial<Header> = {},
    parent: Block = this.#tip,
  ): Block {
    const timestampMs = Math.max(
      Date.now(),
      ...this.#chain.slice(-11).map(({ header }) => header.timestampMs + 1),
      parent.header.timestampMs + 1,
    );
    return assembleBlock({
      previousHash: parent.hash,
      merkleRoot: merkleRootOfTransactions(transactions),
      miner: this.#sender.publicKey,
      timestampMs: timestampMs as TimestampMs,
      height: parent.header.height + 1 as Height,
      compactTarget: this.#tip.header.compactTarget as CompactTarget,
      nonce: 0,
      ...more,
    }, transactions);
  }

  #mine(
    transactions: readonly Transaction[],
    more: Partial<Header> = {},
    parent: Block = this.#tip,
  ): Block {
    const { header } = this.#build(transactions, more, parent);
    for (let nonce = 0;; nonce++) {
      const block = assembleBlock({ ...header, nonce }, transactions);
      if (passes(block)) return block;
    }
  }
}

function passes({ hash, header }: Block): boolean {
  const target = targetOfCompact(header.compactTarget);
  return target !== undefined && BigInt(`0x${hash}`) <= target;
}
