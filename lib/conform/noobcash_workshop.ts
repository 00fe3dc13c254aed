/**
 * Makes transactions and blocks for one of our own networks, as its chain is now: coins are found, content
 * is signed with the keys in the nodes' folders, blocks are mined.
 *
 * @module
 */
import { join } from "node:path";
import { bytesOfHex, parseHex } from "../bytes.ts";
import { type KeyPair, keyPairOfSeed, type PublicKey } from "../crypto/keys.ts";
import { type Signature, signMessage } from "../crypto/signature.ts";
import type { Amount } from "../primitives/amount.ts";
import { assembleBlock, type Block, merkleRootOfTransactions } from "../primitives/block.ts";
import type { Header, Height, TimestampMs } from "../primitives/header.ts";
import { type Outpoint, outpointOf } from "../primitives/outpoint.ts";
import { type CompactTarget, targetOfCompact } from "../primitives/target.ts";
import {
  type Output,
  sealTransaction,
  signingMessage,
  type Transaction,
  txidOf,
  type UnsignedTransaction,
} from "../primitives/transaction.ts";
import type { Question } from "./noobcash_chain.ts";

/** Everything that is needed to make a thing for one network, as its chain is now. */
export class Workshop {
  readonly question: Question;
  readonly #chain: readonly Block[];
  readonly #keys: readonly KeyPair[];
  readonly #unspent: ReadonlyMap<Outpoint, Output>;
  readonly #spent: ReadonlyMap<Outpoint, Output>;

  /** @param chain the node's own, as it is now */
  constructor(question: Question, chain: readonly Block[]) {
    this.question = question;
    this.#chain = chain;
    this.#keys = question.nodes.map(({ folder }) => {
      const seed = parseHex(Deno.readTextFileSync(join(folder, "data", "key")).trim(), 32);
      if (seed === undefined) throw new Error(`the key in ${folder} is none`);
      return keyPairOfSeed(seed);
    });
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

  get sender(): KeyPair {
    return this.keyOf(this.question.from ?? 0);
  }

  get receiver(): PublicKey {
    return this.keyOf(this.question.to ?? 1).publicKey;
  }

  get tip(): Block {
    return this.#chain.at(-1) as Block;
  }

  keyOf(index: number): KeyPair {
    const key = this.#keys[index];
    if (key === undefined) throw new Error(`there is no node ${index}`);
    return key;
  }

  /** The sender's largest coin. */
  coinOf(owner: PublicKey): readonly [Outpoint, Output] {
    const coins = [...this.#unspent].filter(([, output]) => output.owner === owner)
      .toSorted((a, b) => b[1].amount - a[1].amount);
    const [coin] = coins;
    if (coin === undefined) throw new Error("the wallet has no coin to forge with");
    return coin;
  }

  unsigned(receiver: PublicKey = this.receiver): UnsignedTransaction {
    const sender = this.sender.publicKey;
    const [outpoint, { amount: have }] = this.coinOf(sender);
    const amount = Math.min(this.question.amount ?? 1, have) as Amount;
    const change = have - amount as Amount;
    const outputs: Output[] = [{ owner: receiver, amount }];
    if (change > 0) outputs.push({ owner: sender, amount: change });
    return { sender, inputs: [outpoint], outputs };
  }

  payment(): Transaction {
    return this.signed(this.unsigned());
  }

  inflated(): UnsignedTransaction {
    const { outputs: [first, ...rest], ...others } = this.unsigned();
    return {
      ...others,
      outputs: [{ ...first as Output, amount: (first as Output).amount + 50 as Amount }, ...rest],
    };
  }

  spentPayment(): UnsignedTransaction {
    const sender = this.sender.publicKey;
    const found = [...this.#spent].find(([, { owner }]) => owner === sender);
    if (found === undefined) throw new Error("the wallet has spent nothing yet");
    const [outpoint, { amount }] = found;
    return { sender, inputs: [outpoint], outputs: [{ owner: this.receiver, amount }] };
  }

  foreignPayment(): UnsignedTransaction {
    const [outpoint, { amount }] = this.coinOf(this.receiver);
    return {
      sender: this.sender.publicKey,
      inputs: [outpoint],
      outputs: [{ owner: this.sender.publicKey, amount }],
    };
  }

  /** The newest confirmed payment between nodes. */
  confirmed(): Transaction | undefined {
    return this.#chain.slice(1).flatMap(({ transactions }) => transactions).at(-1);
  }

  /** One payment more than a block may have, each spending the change of the one before. */
  chainOfPayments(capacity: number): readonly Transaction[] {
    const sender = this.sender.publicKey;
    let [outpoint, { amount: have }] = this.coinOf(sender);
    const made: Transaction[] = [];
    for (let count = 0; count <= capacity && have > 1; count++) {
      have = have - 1 as Amount;
      const outputs = [{ owner: this.receiver, amount: 1 as Amount }, {
        owner: sender,
        amount: have,
      }];
      const transaction = this.signed({ sender, inputs: [outpoint], outputs });
      made.push(transaction);
      outpoint = outpointOf(transaction.txid, 1);
    }
    return made;
  }

  signed(unsigned: UnsignedTransaction): Transaction {
    return sealTransaction(unsigned, this.#signatureOf(unsigned));
  }

  #signatureOf(unsigned: UnsignedTransaction): Signature {
    const genesis = bytesOfHex((this.#chain[0] as Block).hash);
    return signMessage(this.sender, signingMessage(genesis, bytesOfHex(txidOf(unsigned))));
  }

  /** Signed first, changed afterwards. */
  changed(change: (unsigned: UnsignedTransaction) => UnsignedTransaction): Transaction {
    const unsigned = this.unsigned();
    return sealTransaction(change(unsigned), this.#signatureOf(unsigned));
  }

  misSigned(): Transaction {
    const unsigned = this.unsigned();
    const signature = this.#signatureOf(unsigned);
    const flipped = (Number.parseInt(signature[0] as string, 16) ^ 1).toString(16) +
      signature.slice(1);
    return sealTransaction(unsigned, flipped as Signature);
  }

  build(
    transactions: readonly Transaction[],
    more: Partial<Header> = {},
    parent: Block = this.tip,
  ): Block {
    const timestampMs = Math.max(
      Date.now(),
      ...this.#chain.slice(-11).map(({ header }) => header.timestampMs + 1),
      parent.header.timestampMs + 1,
    );
    return assembleBlock({
      previousHash: parent.hash,
      merkleRoot: merkleRootOfTransactions(transactions),
      miner: this.sender.publicKey,
      timestampMs: timestampMs as TimestampMs,
      height: parent.header.height + 1 as Height,
      compactTarget: this.tip.header.compactTarget as CompactTarget,
      nonce: 0,
      ...more,
    }, transactions);
  }

  mine(
    transactions: readonly Transaction[],
    more: Partial<Header> = {},
    parent: Block = this.tip,
  ): Block {
    const { header } = this.build(transactions, more, parent);
    for (let nonce = 0;; nonce++) {
      const block = assembleBlock({ ...header, nonce }, transactions);
      if (passes(block)) return block;
    }
  }
}

export function passes({ hash, header }: Block): boolean {
  const target = targetOfCompact(header.compactTarget);
  return target !== undefined && BigInt(`0x${hash}`) <= target;
}
