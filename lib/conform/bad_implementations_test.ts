/**
 * Programs that are no implementation at all: each gets its own verdict, in bounded time, and leaves nothing behind.
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
const AT_ONCE = 5;

interface Bad {
  readonly limits?: string;
  readonly build?: string;
  readonly timeout?: string;
  readonly run?: string;
}

async function verdictOf(
  script: string,
  { code = "L101", ...bad }: Bad & { readonly code?: string } = {},
): Promise<TestResult> {
  const [result] = await verdictsOf(script, [code], bad);
  assert(result !== undefined);
  return result;
}

async function verdictsOf(
  script: string,
  codes: readonly string[],
  {
    limits = "{}",
    build = "",
    timeout = "1s",
    run = `[sh, -c, ${JSON.stringify(script)}]`,
  }: Bad = {},
): Promise<readonly TestResult[]> {
  const read = readAdapter(`adapter: 1
name: bad
${build}
start: {run: ${run}}
network: ${mode === "none" ? "loopback" : "addresses"}
ready: {port: true, timeout: 4s}
stop: {grace: 200ms}
timeout: ${timeout}
patience: 2s
limits: ${limits}
parameters: {difficulty: {usual: 1}, partialBlocks: true}
operations:
  balance: {http: {path: /balance}, value: balance}
  pay: {http: {method: POST, path: /pay}}
`);
  assert(read.ok, JSON.stringify(read));
  return await grade({
    adapter: read.value,
    home: "/",
    mode,
    tests: ALL_TESTS.filter(({ code }) => codes.includes(code)),
    seed: 1,
    runs: 1,
    jobs: 1,
    signal: new AbortController().signal,
    onEvent: () => {},
  });
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

/** Tells balances, and ends with the first payment. */
const PAYS_AND_DIES = server('{"balance":100}').replace(
  "c.recv(9999);",
  'b"POST" in c.recv(9999) and __import__("os")._exit(3);',
);

interface Case {
  readonly what: string;
  readonly code: string;
  readonly judge: () => Promise<TestResult>;
}

const CASES: readonly Case[] = [
  {
    what: "a command that is not there",
    code: "command-not-found",
    judge: () => verdictOf("", { run: "[/no/such/program]" }),
  },
  {
    what: "one that ends at once",
    code: "ended-early",
    judge: () => verdictOf("echo no; exit 3"),
  },
  {
    what: "one that never gets ready",
    code: "never-ready",
    judge: () => verdictOf("exec sleep 1000"),
  },
  {
    what: "one that prints without end",
    code: "flooded-output",
    judge: () => verdictOf("exec yes flood", { limits: "{output: 2MB}" }),
  },
  {
    what: "one that listens on another port",
    code: "wrong-port",
    judge: () => verdictOf(server("{}").replace("{{port}}", "7777")),
  },
  {
    what: "one that answers garbage",
    code: "garbage",
    judge: () => verdictOf(server("<html>"), { code: "L103" }),
  },
  {
    what: "one that never answers",
    code: "no-answer",
    judge: () => verdictOf(server(undefined), { code: "L103" }),
  },
  {
    what: "one whose answer has no end",
    code: "answer-too-large",
    judge: () => verdictOf(TOO_LARGE, { code: "L103", timeout: "20s" }),
  },
  {
    what: "one whose build fails",
    code: "build-failed",
    judge: () => verdictOf("", { build: "build: {run: [sh, -c, 'echo no compiler; exit 2']}" }),
  },
  {
    what: "one whose build has no end",
    code: "build-failed",
    judge: () => verdictOf("", { build: "build: {run: [sleep, '1000'], timeout: 2s}" }),
  },
  {
    what: "one that fills its folder",
    code: "disk-limit",
    judge: () =>
      verdictOf("while :; do head -c 900000 /dev/urandom > $(mktemp -p $HOME); sleep 0.05; done", {
        limits: "{files: 3MB}",
      }),
  },
];

const TOO_LARGE = server(undefined).replace(
  "import time; time.sleep(1000)",
  `c.recv(9999); import _thread; _thread.start_new_thread(c.sendall, (b"HTTP/1.1 200 OK\\r\\n\\r\\n" + b"x" * 20_000_000,))`,
);

/** What only a sandbox can bound. */
const CONFINED_CASES: readonly Case[] = [
  {
    what: "a fork bomb",
    code: "process-limit",
    judge: () => verdictOf("f() { f | f & }; f & exec sleep 1000", { limits: "{processes: 60}" }),
  },
  {
    what: "one with too many processes",
    code: "process-limit",
    judge: () =>
      verdictOf("i=0; while [ $i -lt 100 ]; do sleep 1000 & i=$((i+1)); done; exec sleep 1000", {
        limits: "{processes: 60}",
      }),
  },
  {
    what: "one that takes too much memory",
    code: "memory-limit",
    judge: () =>
      verdictOf(
        "exec /usr/bin/python3 -c 'import time\nx = bytearray(15 * 10**7)\ntime.sleep(1000)'",
        { limits: "{memory: 100MB}" },
      ),
  },
];

Deno.test("every way to be no implementation has a verdict of its own", async (t) => {
  const cases = mode === "none" ? CASES : [...CASES, ...CONFINED_CASES];
  // They mostly wait. Side by side where each has a network of its own.
  const waiting = cases.map((one) => ({ ...one, ended: Promise.withResolvers<TestResult>() }));
  const queue = [...waiting];
  const judging = Array.from({ length: mode === "none" ? 1 : AT_ONCE }, async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      await next.judge().then(next.ended.resolve, next.ended.reject);
    }
  });
  for (const { what, code, ended } of waiting) {
    await t.step(what, async () => {
      const { verdict, failureCode, reason, durationMs } = await ended.promise;
      assert.equal(verdict, "failed");
      assert.equal(failureCode, code, `${reason}`);
      assert(durationMs < 60_000, `${durationMs}`);
    });
  }
  await Promise.all(judging);
});

Deno.test("a payment that had to be refused: told is what came of the yes", async () => {
  const { verdict, failureCode, reason } = await verdictOf(server('{"balance":100}'), {
    code: "L203",
  });
  assert.deepEqual([verdict, failureCode], ["failed", "wrong-answer"]);
  assert.equal(
    reason,
    "a payment of -5 was accepted; the balances stayed as they were: it said yes and did not do it",
  );
});

Deno.test("what fails one test leaves the others their verdicts", async () => {
  const codes = ["L101", "L103", "L105", "L106", "L201", "L203"];
  const results = await verdictsOf(PAYS_AND_DIES, codes);
  const got = results.map(({ code, verdict, failureCode }) => [code, failureCode ?? verdict]);
  assert.deepEqual(Object.fromEntries(got), {
    L101: "passed",
    L103: "passed",
    L105: "ended-early",
    L106: "not-applicable",
    L201: "ended-early",
    L203: "ended-early",
  });
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

Deno.test({
  name: "a build works in its copy, without this machine's network unless it says so",
  ignore: mode === "none",
  async fn() {
    const looks = `run: [sh, -c, "ip -o -4 addr | grep -v ' lo ' > seen; echo built >> seen"]`;
    const seen = async (more: string) => {
      const { logs } = await verdictOf("cat seen; exit 9", { build: `build: {${looks}${more}}` });
      return logs[0] ?? "";
    };
    assert.equal(await seen(""), "built\n");
    assert.match(await seen(", network: true"), /built\n$/);
  },
});
