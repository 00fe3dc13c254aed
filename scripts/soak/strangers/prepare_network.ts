/**
 * The folders of a network whose ledger holds many coins before any of its nodes has started.
 *
 * Paid for through the nodes, 100,000 coins take minutes, and nodes that have just done that are larger than
 * ones that pay what is measured. So the chain is made here, with real work and real signatures, and written
 * to each folder as a node would have.
 *
 * @module
 */
import { formatHex } from "../../../lib/bytes.ts";
import { Chain } from "../../../lib/consensus/chain.ts";
import { noChange, recordOfChange } from "../../../lib/consensus/chain_change.ts";
import { connectGenesis } from "../../../lib/consensus/connect_block.ts";
import { createTransactionVerifier } from "../../../lib/consensus/transaction_verifier.ts";
import type { NamedUtxo } from "../../../lib/consensus/utxo.ts";
import { type KeyPair, keyPairOfSeed, type PublicKey } from "../../../lib/crypto/keys.ts";
import { type Kernel, NONCE_COUNT, openKernel, targetBytes } from "../../../lib/miner/kernel.ts";
import { loadKernel } from "../../../lib/miner/load_kernel.ts";
import { NO_COMMIT } from "../../../lib/node/persistence.ts";
import {
  createParams,
  DEFAULT_PARAMS,
  type Params,
  type ParamsChoice,
} from "../../../lib/params.ts";
import {
  assembleBlock,
  type Block,
  merkleRootOfTransactions,
} from "../../../lib/primitives/block.ts";
import { encodeHeader, type Height, type TimestampMs } from "../../../lib/primitives/header.ts";
import { outpointOf } from "../../../lib/primitives/outpoint.ts";
import type { Transaction } from "../../../lib/primitives/transaction.ts";
import { invariant } from "../../../lib/result.ts";
import { payment } from "../../../lib/simulation/sign_transaction.ts";
import { openSqliteStore } from "../../../lib/store/sqlite_store.ts";
import { signRing } from "../../../lib/wire/ring.ts";

const BLOCK_MS = 1_000;

export interface PreparedNetwork {
  readonly nodes: number;
  /** Coins of one each, in wallets that nobody has. */
  readonly coins: number;
  readonly choice: Partial<ParamsChoice>;
}

/** Writes `node-0`, `node-1` and so on. */
export async function prepareNetwork(
  folder: string,
  { nodes, coins, choice }: PreparedNetwork,
): Promise<void> {
  const seeds = Array.from(
    { length: nodes },
    () => crypto.getRandomValues(new Uint8Array(32)),
  );
  const members = seeds.map((seed) => keyPairOfSeed(seed));
  const [founder] = members as [KeyPair];
  const blocksMax = 2 + Math.ceil(coins / (choice.capacity ?? DEFAULT_PARAMS.capacity));
  const params = createParams({
    ...DEFAULT_PARAMS,
    ...choice,
    nodes,
    genesisTimeMs: Date.now() - blocksMax * BLOCK_MS,
    bootstrapKey: founder.publicKey,
  });
  invariant(params.ok, "The network may be founded like this");
  const pathOf = (index: number) => `${folder}/node-${index}`;
  for (const [index, seed] of seeds.entries()) {
    Deno.mkdirSync(pathOf(index), { mode: 0o700 });
    Deno.writeTextFileSync(`${pathOf(index)}/key`, `${formatHex(seed)}\n`, { mode: 0o600 });
  }
  const publicKeys = members.map(({ publicKey }) => publicKey);
  await writeChain(`${pathOf(0)}/chain.db`, params.value, blocksOf(params.value, members, coins));
  for (let index = 1; index < nodes; index++) {
    Deno.copyFileSync(`${pathOf(0)}/chain.db`, `${pathOf(index)}/chain.db`);
  }
  const ring = signRing(publicKeys, founder, params.value);
  for (let id = 0; id < nodes; id++) {
    const store = openSqliteStore(`${pathOf(id)}/chain.db`);
    store.begin();
    store.commit({
      ...NO_COMMIT,
      membership: {
        params: params.value,
        id,
        joined: publicKeys,
        ring,
        records: [],
        payoutsMade: id === 0,
        startedUp: true,
      },
    });
    store.end();
    store.close();
  }
}

async function writeChain(
  path: string,
  params: Params,
  blocks: Iterable<readonly Transaction[]>,
): Promise<void> {
  const kernel = openKernel((await loadKernel("scalar")).module);
  const store = openSqliteStore(path);
  const verifier = createTransactionVerifier(params);
  const chain = new Chain(params, { verifier, reader: store });
  store.begin();
  const membership = {
    ...{ params, id: undefined, joined: [], ring: undefined, records: [] },
    ...{ payoutsMade: false, startedUp: false },
  };
  store.commit({ ...NO_COMMIT, membership });
  let parent = params.genesis;
  for (const transactions of blocks) {
    parent = mine(kernel, parent, params, transactions);
    for (const transaction of transactions) verifier.remember(transaction);
    const change = noChange();
    const accepted = chain.accept(parent, Date.now(), change);
    invariant(accepted.ok, `The block is good: ${accepted.ok || accepted.error.code}`);
    store.commit({ ...NO_COMMIT, ...recordOfChange(change, chain), tip: parent.hash });
    chain.releasePersisted();
  }
  store.end();
  store.close();
}

/** The payments of each block: the start-up payouts, then one coin to each of so many wallets. */
function* blocksOf(
  params: Params,
  members: readonly KeyPair[],
  coins: number,
): Iterable<readonly Transaction[]> {
  const [founder, ...others] = members as [KeyPair, ...KeyPair[]];
  let [coin] = connectGenesis(params.genesis).created;
  const pay = (to: PublicKey, amount: number): Transaction => {
    invariant(coin !== undefined, "The founder has coins");
    const transaction = payment([coin], { params, from: founder, to, amount });
    const change = transaction.outputs[1];
    invariant(change !== undefined, "Something is left");
    const utxo = { ...change, height: 0 as Height };
    coin = [outpointOf(transaction.txid, 1), utxo] satisfies NamedUtxo;
    return transaction;
  };
  yield others.map(({ publicKey }) => pay(publicKey, params.coinsPerNode));
  for (let left = coins; left > 0; left -= params.capacity) {
    yield Array.from({ length: Math.min(left, params.capacity) }, () => pay(anyKey(), 1));
  }
}

/** Coins may lie with a key of which nobody has the other half. */
function anyKey(): PublicKey {
  return formatHex(crypto.getRandomValues(new Uint8Array(32))) as PublicKey;
}

function mine(
  kernel: Kernel,
  parent: Block,
  params: Params,
  transactions: readonly Transaction[],
): Block {
  const header = {
    previousHash: parent.hash,
    merkleRoot: merkleRootOfTransactions(transactions),
    miner: params.bootstrapKey,
    timestampMs: parent.header.timestampMs + BLOCK_MS as TimestampMs,
    height: parent.header.height + 1 as Height,
    compactTarget: params.compactTarget,
    nonce: 0,
  };
  kernel.load(encodeHeader(header), targetBytes(params.target));
  const nonce = kernel.search(0, NONCE_COUNT - 1);
  invariant(nonce !== undefined, "A block has a nonce");
  return assembleBlock({ ...header, nonce }, transactions);
}
