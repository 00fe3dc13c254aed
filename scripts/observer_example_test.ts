/** docs/examples/observer.py follows a real network: the protocol's document and the program agree. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { parseAddress } from "../lib/crypto/address.ts";
import { readToken } from "../lib/store/data_folder.ts";
import {
  askNode,
  type NodeProcess,
  untilAnswer,
  withNodeProcesses,
} from "../lib/testing/spawned_node.ts";

const OBSERVER = fileURLToPath(new URL("../docs/examples/observer.py", import.meta.url));

/** A Python with PyNaCl; Debian's own is not always the first on the path. */
function findPython(): string | undefined {
  for (const python of ["python3", "/usr/bin/python3"]) {
    try {
      const { code } = new Deno.Command(python, {
        args: ["-c", "import nacl"],
        stdout: "null",
        stderr: "null",
      }).outputSync();
      if (code === 0) return python;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  return undefined;
}

const python = findPython();
if (python === undefined) console.error("python3 with PyNaCl is missing: its test is skipped");

async function observe(node: NodeProcess, untilHeight: number, args: readonly string[] = []) {
  const { code, stdout, stderr } = await new Deno.Command(python as string, {
    args: [OBSERVER, "--url", node.url, "--until-height", String(untilHeight), ...args],
    stdout: "piped",
    stderr: "piped",
  }).output();
  const lines = new TextDecoder().decode(stdout).trim().split("\n");
  return { code, lines, stderr: new TextDecoder().decode(stderr) };
}

/** The one tip of all nodes, once it has the payments and nothing waits: then nobody mines any more. */
async function untilSettled(nodes: readonly NodeProcess[], txids: readonly string[]) {
  for (const txid of txids) {
    await untilAnswer(
      () => askNode(nodes[2]!, `/transactions/${txid}`),
      ({ json }) => json.state === "confirmed",
    );
  }
  const [first] = await untilAnswer(
    async () => {
      const answers = await Promise.all(nodes.map((node) => askNode(node, "/status")));
      return answers.map(({ json: { chain } }) => chain);
    },
    (chains) =>
      chains.every(({ tipHash, transactionsWaiting }) =>
        tipHash === chains[0].tipHash && transactionsWaiting === 0
      ),
  );
  return { height: first.height as number, hash: first.tipHash as string };
}

Deno.test({
  name:
    "an observer in plain Python joins a member, verifies the chain and agrees on every balance",
  ignore: python === undefined,
  fn: async () => {
    await withNodeProcesses(async (processes) => {
      const options = ["--capacity", "2", "--difficulty", "2", "--fee", "1", "--reward", "3"];
      const nodes = await processes.network(3, options);
      const token = readToken(`${processes.folder}/node-0`) as string;
      const txids: string[] = [];
      for (let amount = 1; amount <= 5; amount++) {
        const body = { to: 1 + amount % 2, amount };
        const { status, json } = await askNode(nodes[0]!, "/payments", { body, token });
        assert.equal(status, 202);
        txids.push(json.transaction.txid);
      }
      const tip = await untilSettled(nodes, txids);

      // Any member introduces it, not only the bootstrap node.
      const { code, lines, stderr } = await observe(nodes[2]!, tip.height);
      assert.equal(code, 0, stderr);
      const last = JSON.parse(lines.at(-1) as string);
      assert.equal(last.height, tip.height);
      assert.equal(last.tip, tip.hash);

      const { json: balances } = await askNode(nodes[2]!, "/balances");
      assert.equal(last.supply, balances.supply);
      for (const { wallet, confirmed } of balances.balances) {
        const key = parseAddress(wallet.address);
        assert(key !== undefined);
        assert.equal(
          last.balances[key],
          confirmed,
          wallet.address,
        );
      }
    });
  },
});

Deno.test({
  name: "an observer without the fleet's secret is refused",
  ignore: python === undefined,
  fn: async () => {
    await withNodeProcesses(async (processes) => {
      const environment = { NOOBCASH_JOIN_TOKEN: "a secret of the class" };
      const node = processes.start("node-0", ["-b", "--nodes", "1", "--port", "0"], environment);
      await node.ready();
      const { code, stderr } = await observe(node, 0);
      assert.equal(code, 1);
      assert.match(stderr, /Cannot go on: HTTP Error 401/);
    });
  },
});
