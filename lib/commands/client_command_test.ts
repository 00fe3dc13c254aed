/** `noobcash client` as a process, against nodes that are processes. */
import assert from "node:assert/strict";
import { freePort } from "../testing/free_port.ts";
import { type NodeProcess, withNodeProcesses } from "../testing/spawned_node.ts";
import { testEnvironment } from "../testing/test_environment.ts";
import { PERMISSION_FLAGS } from "../../scripts/program_permissions.ts";

interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const MAIN = new URL("../../main.ts", import.meta.url).href;

async function client(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  cwd?: string,
): Promise<Run> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", ...PERMISSION_FLAGS, "--quiet", "--no-check", MAIN, "client", ...args],
    env: testEnvironment(env),
    clearEnv: true,
    stdin: "null",
    ...(cwd !== undefined && { cwd }),
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** Runs the client with `--json` and demands success. */
// deno-lint-ignore no-explicit-any -- a test looks at what it expects
async function json(args: readonly string[]): Promise<any> {
  const { code, stdout, stderr } = await client([...args, "--json"]);
  assert.equal(code, 0, stderr + stdout);
  assert.equal(stdout.trimEnd().split("\n").length, 1);
  return JSON.parse(stdout);
}

function portOf(node: NodeProcess): string {
  return new URL(node.url).port;
}

Deno.test("the client pays, waits and shows what happened", async () => {
  await withNodeProcesses(async (processes) => {
    const [first, second] = await processes.network(2, ["--capacity", "1"]) as [
      NodeProcess,
      NodeProcess,
    ];
    const at = ["--port", portOf(first), "--data-dir", `${processes.folder}/node-0`];

    const sent = await client([...at, "send", "id1", "5", "--wait"]);
    assert.equal(sent.code, 0, sent.stderr);
    assert.match(sent.stdout, /^Confirmed in block 2 after [0-9.]+ s: 5 NBC to id1 nbc1/);
    const paid = await json([...at, "t", "1", "7", "--wait"]);
    assert.deepEqual([paid.state, paid.height, paid.transaction.amount], ["confirmed", 3, 7]);

    const view = await client([...at, "view"]);
    assert.match(view.stdout, /^Block 3, mined by id[01] nbc1/);
    assert.match(view.stdout, /Sender +Receiver +Amount +Total +Change\n/);
    assert.match(view.stdout, /id0 nbc1\S+ +id1 nbc1\S+ +7 +95 +88\n/);
    const balance = await client([...at, "balance"]);
    assert.match(balance.stdout, /confirmed +88 NBC\npending +0 NBC\navailable +88 NBC in 1 coin/);
    const all = await client([...at, "balance", "--all"]);
    assert.match(all.stdout, /id0 \S+ +88 +0 +88\nid1 \S+ +112 +0 +112\n\nSupply 200 NBC/);

    const { txid } = paid.transaction;
    assert.equal((await json([...at, "tx", txid])).state, "confirmed");
    assert.equal((await json([...at, "tx", txid.slice(0, 12)])).transaction.txid, txid);
    const { hash } = await json([...at, "block", "3"]);
    assert.equal((await json([...at, "block", hash.slice(0, 16)])).hash, hash);
    assert.equal((await json([...at, "block", "3"])).transactions[0].txid, txid);
    assert.equal((await json([...at, "history"])).entries[0].transaction.txid, txid);
    assert.deepEqual((await json([...at, "mempool"])).size, 0);
    const { nodes } = await json([...at, "nodes"]);
    assert.deepEqual(nodes.map((node: { url: string }) => node.url), [first.url, second.url]);
    assert.equal((await json([...at, "status"])).chain.height, 3);
    assert.equal((await json([...at, "tips"])).tips[0].status, "active");

    // Reading needs no token; the options count before and after the subcommand, the nearer one more.
    const others = ["--port", "1", "balance", "id1", "--port", portOf(second)];
    assert.equal((await json(others)).confirmed, 112);
  });
});

/** An address whose last letter is wrong. */
const MISTYPED = "nbc1277s5y3kjmekfqxnm2nmkql7zrstzz4lfnch0c4wmvl27ck4gq0s3e5pwz";

Deno.test("T10 paying oneself is done and said, by API and client alike", async () => {
  await withNodeProcesses(async (processes) => {
    const [node] = await processes.network(1, ["--capacity", "1"]) as [NodeProcess];
    const at = ["--port", portOf(node), "--data-dir", `${processes.folder}/node-0`];
    const sent = await client([...at, "send", "0", "5", "--wait"]);
    assert.equal(sent.code, 0, sent.stderr);
    assert.match(sent.stdout, /This wallet has paid itself: its balance stays as it is/);
    assert.equal((await json([...at, "send", "self", "5"])).toSelf, true);
    const history = await client([...at, "history"]);
    assert.match(history.stdout, / self +id0 \S+ +0 /);
  });
});

Deno.test("a client that finds no node names those that are there, and how to start one", async () => {
  await withNodeProcesses(async (processes) => {
    const [node] = await processes.network(1) as [NodeProcess];
    const folder = await Deno.makeTempDir();
    const gone = String(freePort());
    try {
      const empty = await client(["--port", gone, "balance"], {}, folder);
      assert.equal(empty.code, 3);
      assert.match(
        empty.stderr,
        /Found no node in noobcash-data here; start one with: deno task noobcash node/,
      );

      for (const port of [portOf(node), "1"]) {
        await Deno.mkdir(`${folder}/noobcash-data/node-${port}`, { recursive: true });
        await Deno.writeTextFile(`${folder}/noobcash-data/node-${port}/token`, "secret");
      }
      const found = await client(["--port", gone, "balance"], {}, folder);
      assert.equal(found.code, 3);
      assert.match(found.stderr, /a node on port 1 \(stopped\), one on \d+ \(runs\)/);
      assert.match(found.stderr, new RegExp(`with --port ${portOf(node)}\n`));
      assert.match(found.stderr, /noobcash node --port 1\n/);
      assert(!found.stderr.includes("secret"));
      const told = JSON.parse(
        (await client(["--port", gone, "balance", "--json"], {}, folder)).stdout,
      );
      assert.deepEqual(told.error.evidence.nodesFound[0], { port: 1, isRunning: false });
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
});

Deno.test("P06 exit codes tell refused, usage and unreachable apart", async () => {
  await withNodeProcesses(async (processes) => {
    const [node] = await processes.network(1) as [NodeProcess];
    const port = ["--port", portOf(node)];
    const at = [...port, "--data-dir", `${processes.folder}/node-0`];

    const cases: readonly (readonly [code: number, text: RegExp, args: readonly string[]])[] = [
      [1, /insufficient-funds/, [...at, "send", "0", "101"]],
      [1, /wallet-unknown/, [...at, "send", "id9", "1"]],
      [1, /block-not-found/, [...at, "block", "99"]],
      [1, /block-not-found/, [...at, "block", "00abcdef00"]],
      [1, /transaction-unknown/, [...at, "tx", "abcdef"]],
      [1, /txid with something else, wanted 64 .* or the first 6 or more/, [...at, "tx", "abcde"]],
      [1, /checksum that does not fit: a character is mistyped.*address-malformed/, [
        ...at,
        "balance",
        MISTYPED,
      ]],
      [2, /got an address with a checksum that does not fit/, [...at, "send", MISTYPED, "1"]],
      [2, /got an address with 61 characters instead of 62/, [
        ...at,
        "send",
        MISTYPED.slice(0, -1),
        "1",
      ]],
      [1, /transaction-unknown/, [...at, "tx", "ab".repeat(32)]],
      [1, /mempool-empty/, [...at, "mine"]],
      [1, /token-missing.*\n.*--token-file/, [...port, "--data-dir", "/nowhere", "send", "0", "1"]],
      // Nobody is called, and the token was found.
      [1, /^Cannot send the token to http:.*\(token-in-clear\)\n$/, [
        ...["--host", "192.0.2.1", ...at, "send", "0", "1"],
      ]],
      [2, /unknown command 'balanc'\n\(Did you mean balance\?\)/, [...at, "balanc"]],
      [2, /unknown option '--wiat'\n\(Did you mean --wait\?\)/, [
        ...at,
        "send",
        "0",
        "1",
        "--wiat",
      ]],
      [2, /the amount is missing, wanted <recipient> <amount>/, [...at, "send", "0"]],
      [2, /got recipient "id1x"/, [...at, "send", "id1x", "1"]],
      [2, /got "70000"/, ["--port", "70000", "balance"]],
      [2, /Cannot open the menu without a terminal/, at],
      [3, /Cannot reach the node/, ["--port", String(freePort()), "balance"]],
    ];
    const runs = cases.map(async ([code, text, args]) => {
      const run = await client(args);
      assert.equal(run.code, code, `${args.join(" ")}: ${run.stderr}`);
      assert.match(run.stderr, text);
      assert.equal(run.stdout, "");
    });
    await Promise.all(runs);

    const refused = await client([...at, "send", "0", "101", "--json"]);
    assert.equal(refused.code, 1);
    const { error } = JSON.parse(refused.stdout);
    assert.deepEqual([error.code, error.evidence], [
      "insufficient-funds",
      { have: 100, want: 101 },
    ]);
  });
});

Deno.test("T07 the client takes no amount that is no whole number from 1 on", async () => {
  const port = String(freePort());
  const amounts = ["0", "-5", "1.5", "5e0", "NaN", "Infinity", "9007199254740992", "1e400"];
  const runs = [...amounts, "0x10", " 5 ", "", "true", "null", "+5", "05"].map(async (amount) => {
    const run = await client(["--port", port, "send", "1", "--", amount]);
    assert.equal(run.code, 2, amount);
    assert.match(run.stderr, /^Cannot pay: got amount ".*", wanted a whole number/);
  });
  await Promise.all(runs);
  const negative = await client(["--port", port, "send", "1", "-5"]);
  assert.equal(negative.code, 2);
});

Deno.test("the client finds port and token by NOOBCASH_ variables", async () => {
  await withNodeProcesses(async (processes) => {
    const [node] = await processes.network(1) as [NodeProcess];
    const env = { NOOBCASH_PORT: portOf(node), NOOBCASH_DATA_DIR: `${processes.folder}/node-0` };
    const sent = await client(["send", "self", "3", "--json"], env);
    assert.equal(sent.code, 0, sent.stderr);
    assert.equal(JSON.parse(sent.stdout).transaction.amount, 3);
    const bad = await client(["balance"], { NOOBCASH_PORT: "many" });
    assert.deepEqual([bad.code, bad.stderr.split("\n")[0]], [
      2,
      'error: Cannot read NOOBCASH_PORT: got "many", wanted a whole number of 1 to 65535',
    ]);
  });
});
