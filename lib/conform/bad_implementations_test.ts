/**
 * Implementations that are none: each gets a verdict of its own, in bounded time, and leaves nothing behind.
 *
 * Wants the sandbox of Linux; where this machine has none, the same runs without it, but for those that
 * only a sandbox can bound.
 */
import assert from "node:assert/strict";
import { ALL_TESTS } from "./all_tests.ts";
import { grade } from "./grade.ts";
import { readAdapter } from "./read_adapter.ts";
import type { TestResult } from "./result.ts";
import { findSandbox } from "./sandbox.ts";

const { mode } = await findSandbox();

async function verdictOf(
  script: string,
  { code = "L101", limits = "{}", run = `[sh, -c, ${JSON.stringify(script)}]` } = {},
): Promise<TestResult> {
  const read = readAdapter(`adapter: 1
name: bad
start: {run: ${run}}
network: ${mode === "none" ? "loopback" : "addresses"}
ready: {port: true, timeout: 4s}
stop: {grace: 200ms}
timeout: 1s
patience: 2s
limits: ${limits}
parameters: {difficulty: {usual: 1}, partialBlocks: true}
operations:
  balance: {http: {path: /balance}, value: balance}
  pay: {http: {method: POST, path: /pay}}
`);
  assert(read.ok, JSON.stringify(read));
  const tests = ALL_TESTS.filter((test) => test.code === code);
  const [result] = await grade({
    adapter: read.value,
    home: "/",
    mode,
    tests,
    seed: 1,
    runs: 1,
    jobs: 1,
    signal: new AbortController().signal,
    onEvent: () => {},
  });
  assert(result !== undefined);
  return result;
}

/** A server in Python that answers everything with one text; not at all without one. */
function server(answer: string | undefined): string {
  const answering = answer === undefined
    ? "import time; time.sleep(1000)"
    : `c.recv(9999); c.sendall(${
      JSON.stringify(
        `HTTP/1.1 200 OK\r\nContent-Length: ${answer.length}\r\nConnection: close\r\n\r\n${answer}`,
      )
    }.encode()); c.close()`;
  const lines = [
    "import socket",
    "s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)",
    "s.bind(('{{host}}', {{port}})); s.listen(50)",
    "while True:",
    "  c, _ = s.accept()",
    `  ${answering}`,
  ];
  return `exec /usr/bin/python3 -c ${quoted(lines.join("\n"))}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'"'"'`)}'`;
}

const CASES: readonly (readonly [string, string, () => Promise<TestResult>])[] = [
  [
    "a command that is not there",
    "command-not-found",
    () => verdictOf("", { run: "[/no/such/program]" }),
  ],
  ["one that ends at once", "ended-early", () => verdictOf("echo no; exit 3")],
  ["one that never gets ready", "never-ready", () => verdictOf("exec sleep 1000")],
  [
    "one that prints without end",
    "flooded-output",
    () => verdictOf("exec yes flood", { limits: "{output: 2MB}" }),
  ],
  [
    "one that listens on another port",
    "wrong-port",
    () => verdictOf(server("{}").replace("{{port}}", "7777")),
  ],
  ["one that answers garbage", "garbage", () => verdictOf(server("<html>"), { code: "L103" })],
  ["one that never answers", "no-answer", () => verdictOf(server(undefined), { code: "L103" })],
];

Deno.test("every way to be no implementation has a verdict of its own", async (t) => {
  for (const [what, code, judge] of CASES) {
    await t.step(what, async () => {
      const startedAtMs = performance.now();
      const result = await judge();
      assert.equal(result.verdict, "failed");
      assert.equal(result.failureCode, code, `${result.reason}`);
      assert.ok(performance.now() - startedAtMs < 60_000);
    });
  }
});

Deno.test({
  name: "a fork bomb and a glutton are ended by their limits",
  ignore: mode === "none",
  async fn() {
    const bomb = await verdictOf("f() { f | f & }; f; exec sleep 1000", {
      limits: "{processes: 60}",
    });
    assert.match(
      bomb.failureCode ?? "",
      /^(process-limit|never-ready|ended-early)$/,
      `${bomb.reason}`,
    );
    const glutton = await verdictOf(
      "exec /usr/bin/python3 -c 'import time\nx = []\nwhile True:\n  x.append(bytearray(10**7)); time.sleep(0.02)'",
      { limits: "{memory: 100MB}" },
    );
    assert.match(glutton.failureCode ?? "", /^(memory-limit|ended-early)$/, `${glutton.reason}`);
  },
});

Deno.test({
  name: "strangers' code sees neither this machine's network nor its homes, and cannot write",
  ignore: mode === "none",
  async fn() {
    const result = await verdictOf(
      "ip -o addr | grep -v -e ' lo ' -e 10.1; ls -A /root /home; touch /usr/x /etc/x; touch $HOME/mine && echo mine; exit 9",
    );
    assert.equal(result.failureCode, "ended-early");
    const log = result.logs[0] ?? "";
    assert.match(log, /mine/);
    assert.doesNotMatch(log, /inet .*scope global eth0 .*(?:172|192)\./);
    assert.match(log, /Read-only file system|Permission denied/);
  },
});
