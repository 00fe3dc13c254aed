import assert from "node:assert/strict";
import { bytesOfHex, formatHex } from "../bytes.ts";
import { parseAddress } from "../crypto/address.ts";
import { type KeyPair, keyPairOfSeed } from "../crypto/keys.ts";
import { createParams, type Params, PROTOCOL_VERSION } from "../params.ts";
import type { Amount } from "../primitives/amount.ts";
import { assembleBlock, decodeBlock } from "../primitives/block.ts";
import { hashHeader, type Header, type Height, type TimestampMs } from "../primitives/header.ts";
import { outpointOf } from "../primitives/outpoint.ts";
import { encodeTransaction, type Transaction } from "../primitives/transaction.ts";
import { readToken } from "../store/data_folder.ts";
import {
  askNode,
  type NodeProcess,
  type NodeProcesses,
  untilAnswer,
  withNodeProcesses,
} from "../testing/spawned_node.ts";
import { TestPeer } from "../testing/test_peer.ts";
import { signTransaction } from "../wallet/payment.ts";
import type { Message } from "../wire/message.ts";
import { signRecord } from "../wire/ring.ts";

/** One transaction a block, mined when it comes. */
const ONE_EACH = ["--capacity", "1"];

for (const depth of [1, 2, 5, 50]) {
  Deno.test(`F02 F03 F09 a reorganisation of depth ${depth} ends with every coin in place`, async () => {
    await withNodeProcesses(async (processes) => {
      const nodes = await processes.network(3, ONE_EACH);
      const [alone, payer, other] = nodes as [NodeProcess, NodeProcess, NodeProcess];
      const startHeight = await heightOf(alone);
      await cutOff(processes, nodes, alone);
      for (let count = 0; count < depth; count++) await pay(processes, nodes, alone, payer, 1);
      for (let count = 0; count < depth + 1; count++) await pay(processes, nodes, payer, other, 1);
      await untilHeight(alone, startHeight + depth);
      await untilHeight(payer, startHeight + depth + 1);
      await untilHeight(other, startHeight + depth + 1);

      await order(processes, nodes, alone, "/control/peers/reconnect", { peers: [] });
      await order(processes, nodes, payer, "/control/peers/reconnect", { peers: [] });
      await order(processes, nodes, other, "/control/peers/reconnect", { peers: [] });
      await settled(nodes);
      assert.deepEqual(await balanceOf(alone, alone), 100 - depth);
      assert.deepEqual(await balanceOf(alone, payer), 100 + depth - (depth + 1));
      assert.deepEqual(await balanceOf(alone, other), 100 + depth + 1);

      const { tips } = (await askNode(alone, "/tips")).json;
      const lost = tips.filter((tip: { status: string }) => tip.status === "side");
      assert(lost.some((tip: { branchLength: number }) => tip.branchLength >= depth));
    });
  });
}

Deno.test("F01 F07 F08 the same payment mined on three sides: the losers are side blocks, one tip stands", async () => {
  await withNodeProcesses(async (processes) => {
    const nodes = await processes.network(3, ONE_EACH);
    const [a, b] = nodes as [NodeProcess, NodeProcess];
    for (const node of nodes) await order(processes, nodes, node, "/control/mining/pause");
    await pay(processes, nodes, a, b, 5);
    for (const node of nodes) {
      await untilAnswer(() => askNode(node, "/mempool"), ({ json }) => json.size === 1);
    }
    const height = await heightOf(a);
    for (const node of nodes) await cutOff(processes, nodes, node);
    for (const node of nodes) await order(processes, nodes, node, "/control/mining/resume");
    for (const node of nodes) await untilHeight(node, height + 1);
    const tips = await Promise.all(nodes.map(tipOf));
    assert.equal(new Set(tips).size, 3);

    for (const node of nodes) {
      await order(processes, nodes, node, "/control/peers/reconnect", { peers: [] });
    }
    await settled(nodes);
    const [lowest] = tips.toSorted();
    assert.equal(await tipOf(a), lowest);
    assert.equal(await balanceOf(a, b), 105);
    for (const [index, node] of nodes.entries()) {
      if (tips[index] === lowest) continue;
      const known = (await askNode(node, "/tips")).json.tips;
      const own = known.find(({ hash }: { hash: string }) => hash === tips[index]);
      assert.equal(own?.status, "side");
    }
  });
});

Deno.test("F04 a double spend across a partition: exactly one of the two stands", async () => {
  await withNodeProcesses(async (processes) => {
    const nodes = await processes.network(3, ONE_EACH);
    const [a, b, c] = nodes as [NodeProcess, NodeProcess, NodeProcess];
    const params = await paramsOf(a);
    const payout = (await blocksOf(a)).flatMap(({ transactions }) => [...transactions])
      .find(({ outputs }) => outputs[0]?.owner === keyOf(processes, nodes, c).publicKey);
    assert(payout !== undefined);
    const spend = (receiver: NodeProcess, amount: number) => {
      const keyPair = keyOf(processes, nodes, c);
      const outputs = [
        { owner: keyOf(processes, nodes, receiver).publicKey, amount: amount as Amount },
        { owner: keyPair.publicKey, amount: (100 - amount) as Amount },
      ];
      const inputs = [outpointOf(payout.txid, 0)];
      return signTransaction({ sender: keyPair.publicKey, inputs, outputs }, keyPair, params);
    };
    const [toA, toB] = [spend(a, 60), spend(b, 70)];

    // One block on a's side, two on the other.
    const height = await heightOf(a);
    await cutOff(processes, nodes, a);
    await submit(processes, nodes, a, toA);
    await submit(processes, nodes, b, toB);
    await pay(processes, nodes, b, c, 1);
    await untilHeight(a, height + 1);
    await untilHeight(b, height + 2);
    for (const node of nodes) {
      await order(processes, nodes, node, "/control/peers/reconnect", { peers: [] });
    }
    await settled(nodes);
    const found = (await blocksOf(a)).flatMap(({ transactions }) => [...transactions])
      .filter(({ txid }) => txid === toA.txid || txid === toB.txid);
    assert.deepEqual(found.map(({ txid }) => txid), [toB.txid]);
    const lost = await askNode(a, `/transactions/${toA.txid}`);
    assert.equal(lost.status, 404, "a is not the payer: nothing to remember");
    for (const node of nodes) assert.equal((await askNode(node, "/audit")).json.supply, 300);
  });
});

Deno.test("F05 F06 F10 a peer that sends invalid blocks and lies about its work is left alone, and mining goes on", async () => {
  await withNodeProcesses(async (processes) => {
    const nodes = await processes.network(1, ONE_EACH);
    const [node] = nodes as [NodeProcess];
    const params = await paramsOf(node);
    const liars = [new TestPeer(901), new TestPeer(902), new TestPeer(903)] as const;
    try {
      const node0 = { url: node.url, keyPair: keyOf(processes, nodes, node) };
      for (const liar of liars) {
        const record = signRecord({ url: liar.url, sequence: 1 }, liar.keyPair);
        liar.sendTo(node0, {
          type: "join",
          protocolVersion: PROTOCOL_VERSION,
          record,
          observer: true,
          expectations: {},
        });
      }
      const [forger, boaster, mute] = liars;
      const tip = (await blocksOf(node)).at(-1)!;

      // A block with enough work and coins from nowhere, and one on top of it that is fine by itself.
      const coins = signTransaction(
        {
          sender: forger.keyPair.publicKey,
          inputs: [outpointOf(params.genesis.transactions[0]!.txid, 7)],
          outputs: [{ owner: forger.keyPair.publicKey, amount: 1000 as Amount }],
        },
        forger.keyPair,
        params,
      );
      const forged = mine(params, tip.header, coins);
      forger.sendTo(node0, {
        type: "compact-block",
        hash: forged.hash,
        header: forged.header,
        txids: [coins.txid],
        prefilled: [],
      });
      await forger.until(() => hasAsked(forger, "get-block-transactions"));
      forger.sendTo(node0, {
        type: "block-transactions",
        hash: forged.hash,
        transactions: [coins],
      });
      await untilLeftAlone(node, forger);

      // Headers in a row that do not have the work, after a claim of the most work in the world.
      const status = status1000(params);
      boaster.sendTo(node0, status);
      await boaster.until(() => hasAsked(boaster, "get-headers"));
      const weak: Header = { ...forged.header, nonce: weakNonce(params, forged.header) };
      boaster.sendTo(node0, { type: "headers", headers: [weak] });
      await untilLeftAlone(node, boaster);

      // Claims work and never answers: another one is asked, and the node goes on meanwhile.
      mute.sendTo(node0, status);
      await mute.until(() => hasAsked(mute, "get-headers"));
      const before = await heightOf(node);
      await pay(processes, nodes, node, node, 3);
      await untilHeight(node, before + 1);
      assert.equal((await askNode(node, "/audit")).json.supply, 100);
      assert(!(await blocksOf(node)).some(({ hash }) => hash === forged.hash));
    } finally {
      await Promise.all(liars.map((liar) => liar.close()));
    }
  });
});

function hasAsked(peer: TestPeer, type: Message["type"]): boolean {
  return peer.received.some(({ message }) => message.type === type);
}

/** The node does not talk to the peer any more: its health says so. */
async function untilLeftAlone(node: NodeProcess, peer: TestPeer): Promise<void> {
  await untilAnswer(
    async () => (await askNode(node, "/ring")).json,
    ({ nodes }) =>
      nodes.some((other: { url: string; health: string }) =>
        other.url === peer.url && other.health === "backed-off"
      ),
  );
}

function status1000(params: Params): Message {
  return {
    type: "status",
    protocolVersion: 2,
    genesisHash: params.genesis.hash,
    hasRing: true,
    tipHash: "ab".repeat(32) as typeof params.genesis.hash,
    tipHeight: 1000 as Height,
    tipWork: (params.workPerBlock * 1000n) as typeof params.workPerBlock,
    poolSize: 0,
    poolDigest: 0n,
    clockMs: 0,
  };
}

function weakNonce(params: Params, header: Header): number {
  let nonce = 0;
  while (hashHeader({ ...header, nonce }) <= params.targetHex) nonce++;
  return nonce;
}

/** A block that really meets the network's target. */
function mine(params: Params, parent: Header, transaction: Transaction) {
  const template: Header = {
    previousHash: hashHeader(parent),
    merkleRoot: formatHex(transaction.leafHash),
    miner: transaction.sender,
    timestampMs: (parent.timestampMs + 1) as TimestampMs,
    height: (parent.height + 1) as Height,
    compactTarget: params.compactTarget,
    nonce: 0,
  };
  let nonce = 0;
  while (hashHeader({ ...template, nonce }) > params.targetHex) nonce++;
  return assembleBlock({ ...template, nonce }, [transaction]);
}

function nameOf(nodes: readonly NodeProcess[], node: NodeProcess): string {
  return `node-${nodes.indexOf(node)}`;
}

function keyOf(
  processes: NodeProcesses,
  nodes: readonly NodeProcess[],
  node: NodeProcess,
): KeyPair {
  const text = Deno.readTextFileSync(`${processes.folder}/${nameOf(nodes, node)}/key`).trim();
  return keyPairOfSeed(bytesOfHex(text));
}

async function order(
  processes: NodeProcesses,
  nodes: readonly NodeProcess[],
  node: NodeProcess,
  path: string,
  body: unknown = {},
): Promise<void> {
  const token = readToken(`${processes.folder}/${nameOf(nodes, node)}`) as string;
  const { status, json } = await askNode(node, path, { body, token });
  assert(status === 200 || status === 202, JSON.stringify(json));
}

/** Neither the node nor any other one hears or calls across the cut. */
async function cutOff(
  processes: NodeProcesses,
  nodes: readonly NodeProcess[],
  alone: NodeProcess,
): Promise<void> {
  await order(processes, nodes, alone, "/control/peers/disconnect", { peers: [] });
  for (const node of nodes) {
    if (node === alone) continue;
    await order(processes, nodes, node, "/control/peers/disconnect", { peers: [alone.id] });
  }
}

async function pay(
  processes: NodeProcesses,
  nodes: readonly NodeProcess[],
  from: NodeProcess,
  to: NodeProcess,
  amount: number,
): Promise<void> {
  await order(processes, nodes, from, "/payments", { to: to.id, amount });
}

async function submit(
  processes: NodeProcesses,
  nodes: readonly NodeProcess[],
  node: NodeProcess,
  transaction: Transaction,
): Promise<void> {
  await order(processes, nodes, node, "/transactions", {
    hex: formatHex(encodeTransaction(transaction)),
  });
}

async function heightOf(node: NodeProcess): Promise<number> {
  return (await askNode(node, "/status")).json.chain.height;
}

async function tipOf(node: NodeProcess): Promise<string> {
  return (await askNode(node, "/status")).json.chain.tipHash;
}

async function untilHeight(node: NodeProcess, height: number): Promise<void> {
  await untilAnswer(() => heightOf(node), (got) => got >= height);
}

async function balanceOf(asked: NodeProcess, wallet: NodeProcess): Promise<number> {
  return (await askNode(asked, `/balances/id${wallet.id}`)).json.confirmed;
}

/** One tip, nothing waiting, the same coins everywhere; and still so when all are asked again. */
async function settled(nodes: readonly NodeProcess[]): Promise<void> {
  let before: unknown;
  await untilAnswer(
    () =>
      Promise.all(nodes.map(async (node) => {
        const [audit, mempool] = [await askNode(node, "/audit"), await askNode(node, "/mempool")];
        return { ...audit.json, waiting: mempool.json.size };
      })),
    (all) => {
      const isOne = all.every(({ waiting, utxoCommitment, tipHash }) =>
        waiting === 0 && utxoCommitment === all[0].utxoCommitment && tipHash === all[0].tipHash
      );
      const isStill = isOne && before === all[0].tipHash;
      before = isOne ? all[0].tipHash : undefined;
      return isStill;
    },
  );
}

async function paramsOf(node: NodeProcess): Promise<Params> {
  const { json } = await askNode(node, "/params");
  const params = createParams({ ...json, bootstrapKey: parseAddress(json.bootstrap)! });
  assert(params.ok);
  assert.equal(params.value.genesis.hash, json.genesisHash);
  return params.value;
}

async function blocksOf({ url }: NodeProcess) {
  const response = await fetch(`${url}/api/v1/blocks/raw?from=0&limit=1000`);
  const bytes = new Uint8Array(await response.arrayBuffer());
  const view = new DataView(bytes.buffer);
  const blocks = [];
  for (let offset = 0; offset < bytes.length;) {
    const sizeBytes = view.getUint32(offset);
    const block = decodeBlock(bytes.subarray(offset + 4, offset + 4 + sizeBytes));
    assert(block !== undefined);
    blocks.push(block);
    offset += 4 + sizeBytes;
  }
  return blocks;
}
