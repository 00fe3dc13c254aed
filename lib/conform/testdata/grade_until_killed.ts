/**
 * Grades an implementation that never gets ready, until it is killed: `grade_until_killed.ts MODE COMMAND`.
 *
 * Run by `killed_grader_test.ts`.
 *
 * @module
 */
import { ALL_TESTS } from "../all_tests.ts";
import { grade } from "../grade.ts";
import { readAdapter } from "../read_adapter.ts";
import type { SandboxMode } from "../sandbox.ts";

const [mode, command] = Deno.args as [SandboxMode, string];
const read = readAdapter(`adapter: 1
name: waits
start: {run: [sh, -c, ${JSON.stringify(command)}]}
ready: {port: true, timeout: 10m}
parameters: {difficulty: {usual: 1}, partialBlocks: true}
operations: {}
`);
if (!read.ok) throw new Error(JSON.stringify(read.error));
await grade({
  adapter: read.value,
  home: "/",
  mode,
  tests: ALL_TESTS.filter(({ code }) => code === "L101"),
  seed: 1,
  runs: 1,
  jobs: 1,
  signal: new AbortController().signal,
  onEvent: () => {},
});
