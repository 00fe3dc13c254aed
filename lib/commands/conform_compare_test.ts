/** `noobcash conform compare` as it is called: its options reach it though the command above has some of them, too. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { gradedResult, gradedRun } from "../testing/graded_run.ts";
import { PERMISSION_FLAGS } from "../../scripts/program_permissions.ts";

const MAIN = new URL("../../main.ts", import.meta.url).pathname;

const RUN = gradedRun("team", [
  gradedResult("L101", "passed"),
  gradedResult("L102", "failed"),
]);

async function compare(...args: readonly string[]) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", ...PERMISSION_FLAGS, "--no-check", MAIN, "conform", "compare", ...args],
    stdin: "null",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

Deno.test("compare weighs a class anew, as a table, CSV and JSON", async () => {
  const home = Deno.makeTempDirSync({ prefix: "noobcash-compare-" });
  try {
    const folder = join(home, "team-07");
    Deno.mkdirSync(folder);
    Deno.writeTextFileSync(join(folder, "results.json"), JSON.stringify(RUN));
    const weights = join(home, "weights.yaml");
    Deno.writeTextFileSync(weights, "tests: {L101: 3}\n");

    const json = await compare(folder, "--weights", weights, "--json");
    assert.equal(json.code, 0, json.stderr);
    const { runs, commonFailures } = JSON.parse(json.stdout);
    assert.deepEqual([runs[0].name, runs[0].score.earned, runs[0].score.possible], [
      "team-07",
      12,
      16,
    ]);
    assert.equal(commonFailures[0].code, "L102");

    const csv = await compare("--csv", folder, "--weights", weights);
    assert.match(csv.stdout, /^run,.*\r\nteam-07,team,1,12,16,0,12,0,0,0,0,0,passed,failed\r\n$/);
    assert.match((await compare(folder)).stdout, /team-07 │ 4 {6}│ 8 {2}│/);

    Deno.writeTextFileSync(weights, "tests: {L199: 3}\nlevls: {}\n");
    const wrong = await compare(folder, "--weights", weights);
    assert.equal(wrong.code, 2);
    assert.match(wrong.stderr, /^Cannot read the weights .*: Unrecognized key: "levls"/);
  } finally {
    Deno.removeSync(home, { recursive: true });
  }
});
