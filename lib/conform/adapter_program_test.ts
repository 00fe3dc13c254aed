/** An adapter's program that does not do its part: it is told what is wrong, in bounded time. */
import assert from "node:assert/strict";
import { AdapterProgram } from "./adapter_program.ts";
import { NotApplicable, Trouble } from "./trouble.ts";

const TIMEOUT_MS = 400;

async function askOnce(
  script: string,
  question: Readonly<Record<string, unknown>> = { op: "id" },
  timeoutMs = TIMEOUT_MS,
) {
  const program = new AdapterProgram(["sh", "-c", script], { cwd: "/", env: {} });
  try {
    return await program.ask(question, timeoutMs);
  } finally {
    await program.close();
  }
}

function troubleWith(pattern: RegExp) {
  return (error: unknown) =>
    error instanceof Trouble && error.code === "adapter-failed" && pattern.test(error.message);
}

Deno.test("AdapterProgram.ask() gives the answer that has the question's id", async () => {
  const lines = ['{"id":99,"value":1}', '{"id":1,"accepted":true,"value":2}'];
  const { accepted, value } = await askOnce(
    `read q; printf '%s\\n' '${lines.join("' '")}'; cat > /dev/null`,
    { op: "id" },
    20_000,
  );
  assert.deepEqual({ accepted, value }, { accepted: true, value: 2 });
});

Deno.test("AdapterProgram.ask() says why there is nothing to judge", async () => {
  const answer = `read q; echo '{"id":1,"notApplicable":"no such door"}'; cat > /dev/null`;
  await assert.rejects(
    askOnce(answer, { op: "id" }, 20_000),
    (error) => error instanceof NotApplicable && error.message === "no such door",
  );
});

Deno.test("AdapterProgram.ask() shows what was said in place of an answer", async () => {
  await assert.rejects(
    askOnce("echo debugging; cat > /dev/null"),
    troubleWith(/no answer within 400 ms; it has said, as no answer: debugging/),
  );
});

Deno.test("AdapterProgram.ask() tells one that has ended, with its last words", async () => {
  await assert.rejects(
    askOnce("echo 'no module x' >&2; exit 1", { op: "id" }, 20_000),
    troubleWith(/has ended: no module x/),
  );
});

Deno.test("AdapterProgram.ask() gives up on a program that never reads what it is asked", async () => {
  // More than a pipe holds.
  const question = { op: "submit", block: "x".repeat(1_000_000) };
  await assert.rejects(askOnce("exec sleep 1000", question), troubleWith(/no answer within/));
});

Deno.test("AdapterProgram.ask() ends a program whose answer has no end", async () => {
  await assert.rejects(
    askOnce("exec tr '\\0' x < /dev/zero", { op: "id" }, 60_000),
    troubleWith(/an answer had no end/),
  );
});

Deno.test("a program that is not there is the adapter's failure", () => {
  assert.throws(
    () => new AdapterProgram(["/no/such/program"], { cwd: "/", env: {} }),
    troubleWith(/does not start/),
  );
});
