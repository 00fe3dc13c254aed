import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createApiClient } from "../client/api_client.ts";
import { decodeParams, encodeParams, type ParamsChoice } from "../params.ts";
import { type Block, encodeBlock } from "../primitives/block.ts";
import { sealTransaction } from "../primitives/transaction.ts";
import { openDataFolder } from "../store/data_folder.ts";
import { openSqliteStore } from "../store/sqlite_store.ts";
import { writeChainFile } from "../store/chain_file.ts";
import { remineBlock, tamperTransactions } from "../simulation/mine_block.ts";
import { tamperTransaction } from "../simulation/sign_transaction.ts";
import { NO_COMMIT } from "../node/persistence.ts";
import { emptyMembership } from "../testing/test_disk.ts";
import { createTestApi } from "../testing/test_api.ts";
import { numberedKeyPair } from "../crypto/numbered_key_pair.ts";
import { formatHex } from "../bytes.ts";
import { encodeDelta } from "../store/delta_codec.ts";
import { TestLedger } from "../testing/test_ledger.ts";
import { testParams } from "../testing/test_params.ts";
import { chainCommand } from "./chain_command.ts";
import { exportChain, importChain, verifyChain } from "../offline/chain_work.ts";

const [alice, bob] = [numberedKeyPair(0), numberedKeyPair(1)];

Deno.test("verifyChain() finds a stopped node's chain valid and says what it comes to", async () => {
  await withFolder(async (folder) => {
    const { ledger, dataDir } = makeNode(folder, 7);
    const seen: number[] = [];
    const verified = await verifyChain({ dataDir }, { onProgress: (height) => seen.push(height) });
    assert(verified.ok, JSON.stringify(verified));
    const { height, tip, transactions, supply, supplyExpected, utxoCount } = verified.value;
    assert.deepEqual(
      { height, tip, transactions, supply, supplyExpected, utxoCount },
      {
        height: 7,
        tip: ledger.chain.tip.hash,
        transactions: 14,
        supply: 500,
        supplyExpected: 500,
        utxoCount: ledger.chain.utxos.size,
      },
    );
    assert.deepEqual(seen, [1, 2, 3, 4, 5, 6, 7]);
  });
});

Deno.test("verifyChain() finds damage that opening does not look for", async () => {
  const zeroKey = "00".repeat(32);
  const damages: Record<
    string,
    (ledger: TestLedger) => { readonly code: string; readonly sql: string }
  > = {
    "a signature": (ledger) => ({
      code: "chain-bad-block",
      sql: replaceBody(ledger, 3, (block) =>
        tamperTransactions(block, [
          sealTransaction(block.transactions[0]!, block.transactions[1]!.signature),
          ...block.transactions.slice(1),
        ])),
    }),
    "an amount": (ledger) => ({
      code: "chain-bad-block",
      sql: replaceBody(ledger, 2, (block) =>
        tamperTransactions(block, [
          tamperTransaction(block.transactions[0]!, {
            outputs: block.transactions[0]!.outputs.toReversed(),
          }),
          ...block.transactions.slice(1),
        ])),
    }),
    "a body that is another block's": () => ({
      code: "store-damaged",
      sql:
        "UPDATE bodies SET block = (SELECT block FROM bodies WHERE sequence = 1) WHERE sequence = 2",
    }),
    "undo data": (ledger) => ({
      code: "chain-undo-differs",
      sql: spoilUndo(ledger, 2),
    }),
    "a missing body": () => ({
      code: "store-damaged",
      sql: "DELETE FROM bodies WHERE sequence = 4",
    }),
    "an owner": () => ({
      code: "store-damaged",
      sql: `UPDATE utxos SET owner = x'${zeroKey}' WHERE height = (SELECT max(height) FROM utxos)`,
    }),
  };
  for (const [name, damage] of Object.entries(damages)) {
    await withFolder(async (folder) => {
      const { ledger, dataDir } = makeNode(folder, 5);
      const { code, sql } = damage(ledger);
      const db = new DatabaseSync(join(dataDir, "chain.db"));
      db.exec(sql);
      db.close();
      const verified = await verifyChain({ dataDir }, {});
      assert(!verified.ok, name);
      assert.equal(verified.error.code, code, `${name}: ${verified.error.message}`);
      assert.equal(verified.error.kind, "refused");
    });
  }
});

Deno.test("verifyChain() refuses a folder in use and a folder of nobody", async () => {
  await withFolder(async (folder) => {
    const { dataDir } = makeNode(folder, 1);
    const holder = openDataFolder(dataDir);
    const inUse = await verifyChain({ dataDir }, {});
    holder.close();
    assert(!inUse.ok);
    assert.equal(inUse.error.code, "data-folder-in-use");

    const nobody = await verifyChain({ dataDir: join(folder, "nobody") }, {});
    assert(!nobody.ok);
    assert.equal(nobody.error.code, "data-folder-foreign");
  });
});

Deno.test("verifyChain() validates a running node's chain through its API", async () => {
  const api = createTestApi();
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, api.app.fetch);
  const client = createApiClient({ url: `http://127.0.0.1:${server.addr.port}` });
  try {
    const verified = await verifyChain({ client }, {});
    assert(verified.ok, JSON.stringify(verified));
    assert.equal(verified.value.supply, verified.value.supplyExpected);
    assert(verified.value.height > 0);

    await withFolder(async (folder) => {
      const file = join(folder, "chain.bin");
      const exported = await exportChain({ client }, file, {});
      assert(exported.ok, JSON.stringify(exported));
      const imported = await importChain(file, join(folder, "node"), {});
      assert(imported.ok, JSON.stringify(imported));
      assert.equal(imported.value.utxoCommitment, verified.value.utxoCommitment);
    });
  } finally {
    api.stop();
    await server.shutdown();
  }
  const gone = await verifyChain({ client }, {});
  assert(!gone.ok);
  assert.equal(gone.error.kind, "unreachable");
});

Deno.test("exportChain() and importChain() carry a chain to another folder", async () => {
  await withFolder(async (folder) => {
    const { ledger, dataDir } = makeNode(folder, 40);
    const file = join(folder, "chain.bin");
    const exported = await exportChain({ dataDir }, file, {});
    assert(exported.ok, JSON.stringify(exported));
    assert.equal(exported.value.sizeBytes, Deno.statSync(file).size);
    const again = await exportChain({ dataDir }, file, {});
    assert.equal(!again.ok && again.error.code, "chain-file-exists");

    const target = join(folder, "copy");
    const imported = await importChain(file, target, {});
    assert(imported.ok, JSON.stringify(imported));
    const store = openSqliteStore(join(target, "chain.db"));
    const snapshot = store.load();
    assert.equal(snapshot?.tip, ledger.chain.tip.hash);
    assert.equal(snapshot?.entries.length, 40);
    assert.deepEqual(snapshot?.membership, emptyMembership(ledger.params));
    for (const block of ledger.mainBlocks()) assert.deepEqual(store.readBlock(block.hash), block);
    store.close();

    const verified = await verifyChain({ dataDir: target }, {});
    assert(verified.ok, JSON.stringify(verified));
    const twice = await importChain(file, target, {});
    assert.equal(!twice.ok && twice.error.code, "data-folder-not-empty");
  });
});

Deno.test("chains of other rules are verified, exported and imported, with the longer parameters, too", async () => {
  const choices: readonly (readonly [sizeBytes: number, choice: Partial<ParamsChoice>])[] = [
    [82, { forkChoice: "ghost" }],
    [82, { forkChoice: "lower-hash" }],
    [90, { difficultyAdjustment: "lwma", adjustmentWindow: 3, blockIntervalMs: 2000 }],
    [90, {
      forkChoice: "longest",
      difficultyAdjustment: "window",
      adjustmentWindow: 4,
      blockIntervalMs: 2000,
    }],
  ];
  for (const [sizeBytes, choice] of choices) {
    await withFolder(async (folder) => {
      const { ledger, dataDir } = makeNode(folder, 12, choice);
      const bytes = encodeParams(ledger.params);
      assert.equal(bytes.length, sizeBytes);
      const { tip } = ledger.chain;
      if (sizeBytes === 90) {
        assert.notEqual(tip.header.compactTarget, ledger.params.compactTarget, "it was adjusted");
      }

      const file = join(folder, "chain.bin");
      const exported = await exportChain({ dataDir }, file, {});
      assert(exported.ok, JSON.stringify(exported));
      const target = join(folder, "copy");
      const imported = await importChain(file, target, {});
      assert(imported.ok, JSON.stringify(imported));
      const store = openSqliteStore(join(target, "chain.db"));
      const snapshot = store.load();
      store.close();
      assert.equal(snapshot?.tip, tip.hash);
      assert.deepEqual(snapshot?.membership.params, decodeParams(bytes));
      for (const each of [dataDir, target]) {
        const verified = await verifyChain({ dataDir: each }, {});
        assert(verified.ok, JSON.stringify(verified));
        assert.equal(verified.value.tip, tip.hash);
      }
    });
  }
});

Deno.test("importChain() refuses a block whose target was not adjusted", async () => {
  await withFolder(async (folder) => {
    const choice = {
      difficultyAdjustment: "lwma",
      adjustmentWindow: 3,
      blockIntervalMs: 2000,
    } as const;
    const { ledger } = makeNode(folder, 6, choice);
    const blocks = ledger.mainBlocks();
    const bad = remineBlock(blocks.at(-1)!, {
      header: { compactTarget: ledger.params.compactTarget },
    });
    const file = join(folder, "bad.bin");
    await writeChainFile(file, { params: ledger.params, blocks: [...blocks.slice(0, -1), bad] });
    const imported = await importChain(file, join(folder, "copy"), {});
    assert(!imported.ok);
    assert.equal(imported.error.code, "chain-bad-block");
    assert.equal(imported.error.evidence["height"], 6);
  });
});

Deno.test("importChain() refuses a chain with one bad block and keeps nothing of it", async () => {
  await withFolder(async (folder) => {
    const { ledger } = makeNode(folder, 6);
    const blocks = ledger.mainBlocks();
    const last = blocks.at(-1)!;
    const [first, second] = last.transactions;
    const forged = tamperTransaction(second!, { outputs: second!.outputs.slice(0, 1) });
    const bad = remineBlock(last, { transactions: [first!, forged] });
    const file = join(folder, "bad.bin");
    await writeChainFile(file, { params: ledger.params, blocks: [...blocks.slice(0, -1), bad] });

    const target = join(folder, "copy");
    const imported = await importChain(file, target, {});
    assert(!imported.ok);
    assert.equal(imported.error.code, "chain-bad-block");
    assert.equal(imported.error.evidence["height"], 6);
    const store = openSqliteStore(join(target, "chain.db"));
    assert.equal(store.load(), undefined);
    store.close();
  });
});

Deno.test("importChain() refuses files that are cut, garbled, foreign or not one chain", async () => {
  await withFolder(async (folder) => {
    const { ledger } = makeNode(folder, 3);
    const whole = join(folder, "whole.bin");
    const blocks = ledger.mainBlocks();
    await writeChainFile(whole, { params: ledger.params, blocks });
    const bytes = Deno.readFileSync(whole);
    const gap = join(folder, "gap.bin");
    await writeChainFile(gap, { params: ledger.params, blocks: [blocks[0]!, blocks[2]!] });
    const other = join(folder, "other.bin");
    await writeChainFile(other, { params: testParams({ nodes: 2 }), blocks });

    const files: [name: string, bytes: Uint8Array, code: string][] = [
      ["cut", bytes.subarray(0, -1), "chain-file-damaged"],
      ["cut in a size", bytes.subarray(0, 99), "chain-file-damaged"],
      ["longer", new Uint8Array([...bytes, 0, 0, 0, 5, 1]), "chain-file-damaged"],
      ["with a strange version", bytes.with(97 + 4 + 118, 0xff), "chain-file-damaged"],
      ["with another sender", bytes.with(97 + 4 + 120, 0xff), "chain-bad-block"],
      ["foreign", new TextEncoder().encode("Dear reader"), "chain-file-foreign"],
      ["empty", new Uint8Array(), "chain-file-foreign"],
      ["newer", bytes.with(14, 2), "chain-file-foreign"],
      ["with a gap", Deno.readFileSync(gap), "chain-not-linear"],
      ["of another network", Deno.readFileSync(other), "chain-not-linear"],
    ];
    for (const [name, content, code] of files) {
      const file = join(folder, `${name}.file`);
      Deno.writeFileSync(file, content);
      const imported = await importChain(file, join(folder, `${name} node`), {});
      assert(!imported.ok, name);
      assert.equal(imported.error.code, code, `${name}: ${imported.error.message}`);
    }
    const missing = await importChain(join(folder, "nowhere"), join(folder, "x"), {});
    assert(!missing.ok);
    assert.equal(missing.error.kind, "refused");
  });
});

Deno.test("chain verify --json prints one object and sets the exit code", async () => {
  await withFolder(async (folder) => {
    const { dataDir, ledger } = makeNode(folder, 2);
    const valid = await run(["verify", "--data-dir", dataDir, "--json"]);
    assert.equal(valid.code, 0);
    assert.equal(JSON.parse(valid.lines[0]!).tip, ledger.chain.tip.hash);

    const nobody = await run(["verify", "--data-dir", join(folder, "nobody"), "--json"]);
    assert.equal(nobody.code, 1);
    assert.equal(JSON.parse(nobody.lines[0]!).error.code, "data-folder-foreign");
    assert.equal((await run(["verify"])).code, 2);
    assert.equal((await run(["verify", "--data-dir", dataDir, "--port", "5000"])).code, 2);
    assert.equal((await run(["verify", "--port", "1"])).code, 3);
  });
});

/** Makes the folder of a node that ran for a while: two payments a block. */
function makeNode(
  folder: string,
  height: number,
  choice: Partial<ParamsChoice> = {},
): { ledger: TestLedger; dataDir: string } {
  const dataDir = join(folder, "node");
  const data = openDataFolder(dataDir);
  const store = openSqliteStore(data.databasePath);
  const ledger = new TestLedger(testParams(choice));
  store.commit({ ...NO_COMMIT, membership: emptyMembership(ledger.params) });
  for (let index = 0; index < height; index++) {
    const there = ledger.pay(alice, bob.publicKey, 2);
    assert(ledger.submit(there).ok);
    const back = ledger.pay(bob, alice.publicKey, 1);
    const { change } = ledger.accept(ledger.mine([there, back]));
    store.commit({ ...NO_COMMIT, ...ledger.recordOf(change), tip: ledger.chain.tip.hash });
  }
  store.close();
  data.close();
  return { ledger, dataDir };
}

/** Another height of the last coin that a block of the main chain spends. */
function spoilUndo(ledger: TestLedger, height: number): string {
  const block = ledger.mainBlocks()[height - 1];
  const delta = block && ledger.archive.readDelta(block.hash);
  assert(block !== undefined && delta !== undefined && delta.spent.length > 0);
  const bytes = encodeDelta(delta, block);
  bytes[bytes.length - 1] = (bytes.at(-1) as number) ^ 1;
  return `UPDATE undo SET delta = x'${formatHex(bytes)}' WHERE sequence = ${height}`;
}

function replaceBody(ledger: TestLedger, height: number, change: (block: Block) => Block): string {
  const block = ledger.mainBlocks()[height - 1]!;
  const hex = encodeBlock(change(block)).toHex();
  return `UPDATE bodies SET block = x'${hex}' WHERE sequence = ${height}`;
}

/** Runs the command in this process and gives what it printed and its exit code. */
async function run(args: string[]): Promise<{ readonly lines: string[]; readonly code: number }> {
  const lines: string[] = [];
  const { log, error } = console;
  console.log = (line: string) => lines.push(line);
  console.error = () => {};
  try {
    await chainCommand().parseAsync(args, { from: "user" });
    return { lines, code: Deno.exitCode };
  } finally {
    Deno.exitCode = 0;
    console.log = log;
    console.error = error;
  }
}

async function withFolder(run: (folder: string) => void | Promise<void>): Promise<void> {
  const folder = Deno.makeTempDirSync({ prefix: "noobcash-chain-" });
  try {
    await run(folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}
