import assert from "node:assert/strict";
import { templateAdapter } from "./adapters/template_adapter.ts";
import { noobcashAdapter } from "./adapters/noobcash_adapter.ts";
import { describeProblem, readAdapter } from "./read_adapter.ts";

const SMALL = `adapter: 1
name: small
start:
  run: [python3, main.py, -p, "{{port}}"]
ready: {port: true}
parameters:
  difficulty: {usual: 4}
  partialBlocks: false
operations:
  balance:
    http: {path: /balance}
    value: balance
`;

function problemsOf(text: string): readonly string[] {
  const read = readAdapter(text);
  return read.ok ? [] : read.error.map((problem) => describeProblem("a.yaml", problem));
}

Deno.test("readAdapter() reads a small adapter and fills in what it does not say", () => {
  const read = readAdapter(SMALL);
  assert(read.ok, JSON.stringify(read));
  assert.equal(read.value.network, "loopback");
  assert.equal(read.value.parameters.coins, 100);
  assert.equal(read.value.stop.signal, "SIGTERM");
});

Deno.test("readAdapter() refuses unknown keys, each with its line", () => {
  assert.deepEqual(problemsOf(SMALL.replace("name: small", "name: small\nnam: x")), [
    'a.yaml:3: nam: unknown key "nam"',
  ]);
  assert.deepEqual(problemsOf(SMALL.replace("value: balance", "vaule: balance")), [
    'a.yaml:12: operations.balance.vaule: unknown key "vaule"',
  ]);
  assert.deepEqual(problemsOf(`${SMALL}  blance:\n    http: {path: /}\n`), [
    'a.yaml:13: operations.blance: unknown key "blance"',
  ]);
});

Deno.test("readAdapter() refuses a template that names what is not there", () => {
  assert.deepEqual(problemsOf(SMALL.replace("{{port}}", "{{prot}}")), [
    'a.yaml:4: start.run.3: template names "prot", which is not there',
  ]);
  // Only operations have an amount.
  assert.equal(problemsOf(SMALL.replace("{{port}}", "{{amount}}")).length, 1);
  assert.deepEqual(problemsOf(SMALL.replace("/balance", '"/balance/{{id}}"')), []);
});

Deno.test("readAdapter() refuses an expression that is none", () => {
  const [problem, ...others] = problemsOf(SMALL.replace("value: balance", 'value: "((("'));
  assert.match(problem ?? "", /operations\.balance\.value: "\(\(\(" is no JSONata/);
  assert.deepEqual(others, []);
});

Deno.test("readAdapter() says where YAML is none, and what has a wrong type", () => {
  assert.match(problemsOf("adapter: 1\nname: [")[0] ?? "", /^a\.yaml:2: /);
  assert.match(
    problemsOf(SMALL.replace("usual: 4", "usual: many"))[0] ?? "",
    /^a\.yaml:7: parameters\.difficulty\.usual: /,
  );
  assert.match(
    problemsOf(SMALL.replace("{port: true}", "{port: true, timeout: soon}"))[0] ?? "",
    /^a\.yaml:5: ready\.timeout: /,
  );
  assert.equal(problemsOf(`${SMALL}  pay: {program: true}\n`).length, 1);
  assert.equal(problemsOf("x".repeat(300_000)).length, 1);
});

Deno.test("every adapter that comes along can be read", () => {
  assert.deepEqual(problemsOf(noobcashAdapter()), []);
  for (const endpoints of ["reference", "blank"] as const) {
    const choice = {
      name: "x",
      project: ".",
      command: "python3 m.py -p {{port}} -b",
      difficulty: 4,
    };
    assert.deepEqual(problemsOf(templateAdapter({ ...choice, capacity: 5, endpoints })), []);
  }
});

Deno.test("what stands in quotes in a command is one word of the adapter", () => {
  const command = `sh -c "exec node main.js" --name='a b' {{port}} -b`;
  const read = readAdapter(
    templateAdapter({
      name: "it",
      project: ".",
      command,
      capacity: "any",
      difficulty: 4,
      endpoints: "reference",
    }),
  );
  assert(read.ok && "bootstrap" in read.value.start);
  const others = ["sh", "-c", "exec node main.js", "--name=a b", "{{port}}"];
  assert.deepEqual(read.value.start.others.run, others);
  assert.deepEqual(read.value.start.bootstrap.run, [...others, "-b"]);
});
