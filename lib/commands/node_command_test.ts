/** What `noobcash node` says of itself while it waits. */
import assert from "node:assert/strict";
import { freePort } from "../testing/free_port.ts";
import { askNode, untilAnswer, withNodeProcesses } from "../testing/spawned_node.ts";
import { testEnvironment } from "../testing/test_environment.ts";
import { PERMISSION_FLAGS } from "../../scripts/program_permissions.ts";

const MAIN = new URL("../../main.ts", import.meta.url).href;

Deno.test("a node that is told nothing says at once where it looks and what would change that", async () => {
  const dataDir = await Deno.makeTempDir();
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ...[
        "run",
        ...PERMISSION_FLAGS,
        "--quiet",
        "--no-check",
        MAIN,
        "node",
        "--port",
        String(freePort()),
      ],
      ...["--data-dir", dataDir],
    ],
    env: testEnvironment(),
    clearEnv: true,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  try {
    let text = "";
    for await (const part of child.stderr.pipeThrough(new TextDecoderStream())) {
      text += part;
      if (text.includes("\n")) break;
    }
    const { level, message } = JSON.parse(text.split("\n")[0] ?? "");
    assert.equal(level, "WARN");
    assert.match(message, /http:\/\/127\.0\.0\.1:5000 is assumed/);
    assert.match(message, /--bootstrap-url <url> joins another/);
    assert.match(message, /--bootstrap founds/);
  } finally {
    child.kill("SIGTERM");
    await child.stdout.cancel();
    await child.status;
    await Deno.remove(dataDir, { recursive: true });
  }
});

Deno.test("a joining node knows how many have joined, as the bootstrap node does", async () => {
  await withNodeProcesses(async (processes) => {
    const first = await processes.start("node-0", ["--bootstrap", "--nodes", "3"]).listening();
    const second = await processes.start("node-1", ["--bootstrap-url", first.url]).listening();
    for (const node of [first, second]) {
      await untilAnswer(() => askNode(node, "/status"), ({ json }) => json.nodesJoined === 2);
    }
  });
});

Deno.test("a node that is started before its network waits for stdin to say where that is", async () => {
  await withNodeProcesses(async (processes) => {
    const joining = ["--bootstrap-url", "-"];
    const early = processes.start("node-1", joining);
    const first = await processes.start("node-0", ["--bootstrap", "--nodes", "2"]).listening();
    assert.deepEqual(early.lines, []);
    await early.say(first.url);
    await early.ready();

    const wrong = processes.start("node-2", joining);
    await wrong.say("ftp://x");
    const forsaken = processes.start("node-3", joining);
    await forsaken.closeStdin();
    for (
      const [node, reason] of [[wrong, /got "ftp:/], [forsaken, /got no line on stdin/]] as const
    ) {
      const { code, stderr } = await node.exited;
      assert.equal(code, 2);
      assert.match(stderr, reason);
    }
  });
});

Deno.test("a join token has 256 bytes at most, wherever it is taken from", async () => {
  await withNodeProcesses(async (processes) => {
    // Two bytes a letter: bytes are counted, not letters.
    const [longest, tooLong] = ["é".repeat(128), `${"é".repeat(128)}x`];
    const file = `${processes.folder}/token-file`;
    await Deno.writeTextFile(file, tooLong);
    const founding = ["--bootstrap", "--nodes", "2"];
    const refused = [
      processes.start("flag", [...founding, "--join-token", tooLong]),
      processes.start("file", [...founding, "--join-token-file", file]),
      processes.start("variable", founding, { NOOBCASH_JOIN_TOKEN: tooLong }),
    ];
    for (const node of refused) {
      await assert.rejects(node.listening());
      const { code, stderr } = await node.exited;
      assert.equal(code, 2);
      assert.match(stderr, /Cannot use the join token: it has more than 256 bytes/);
    }
    await processes.start("longest", [...founding, "--join-token", longest]).listening();
  });
});
