/** The exercises: their tests are red here, and their seeds break the tempting wrong solutions. */
import assert from "node:assert/strict";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { WRONG_SOLUTIONS } from "./wrong_solutions.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const COPIED = ["lib", "build", "wasm", "scripts/fuzz_seeds.ts", "deno.json", "deno.lock"];
const PAGE = Deno.readTextFileSync(join(ROOT, "docs/exercises.md"));

/** The tests in their order; the number of an exercise is its place. */
const FILES = [...Deno.readDirSync(join(ROOT, "docs/exercises"))].map(({ name }) => name).sort();

Deno.test("every exercise has its page, its red test and its wrong solution", async () => {
  assert.equal(FILES.length, 10);
  for (const [index, name] of FILES.entries()) {
    assert(PAGE.includes(`docs/exercises/${name}`), `the page does not name ${name}`);
    const wrong = WRONG_SOLUTIONS.filter(({ exercise }) => exercise === index + 1);
    assert.equal(wrong.length, 1, `exercise ${index + 1}`);
    assert.match(sectionOf(index + 1), new RegExp(`seed\\s+${wrong[0]?.seed}\\b`));
  }

  const runs = await Promise.all(FILES.map(async (name) => {
    const { code, stdout } = await run(["test", "-A", `docs/exercises/${name}`], ROOT);
    return { name, code, stdout };
  }));
  for (const { name, code, stdout } of runs) {
    assert.equal(code, 1, `${name} is green already`);
    assert.match(stdout, /AssertionError/, `${name} does not fail by its own word: ${stdout}`);
  }
});

Deno.test("every seed breaks the wrong solution of its exercise, and not the node", async () => {
  const folder = Deno.makeTempDirSync({ prefix: "noobcash-exercises-" });
  try {
    for (const name of COPIED) cpSync(join(ROOT, name), join(folder, name), { recursive: true });
    for (const { exercise, name, file, find, replace, seed } of WRONG_SOLUTIONS) {
      assert.deepEqual(
        await failuresOf(seed, folder),
        [],
        `seed ${seed} without exercise ${exercise}`,
      );

      const path = join(folder, file);
      const text = Deno.readTextFileSync(path);
      assert.equal(text.split(find).length, 2, `exercise ${exercise}: renew its text in ${file}`);
      Deno.writeTextFileSync(path, text.replace(find, () => replace));
      const failures = await failuresOf(seed, folder);
      Deno.writeTextFileSync(path, text);
      assert.deepEqual(
        failures.map((failure) => failure.seed),
        [seed],
        `exercise ${exercise}: ${name}`,
      );
    }
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

function sectionOf(exercise: number): string {
  return PAGE.split(/^## /m).find((section) => section.startsWith(`${exercise}. `)) ?? "";
}

async function failuresOf(seed: number, cwd: string): Promise<{ seed: number; rule: string }[]> {
  const args = ["run", "-A", "--no-check", "scripts/fuzz_seeds.ts", String(seed), "1"];
  const { stdout, stderr } = await run(args, cwd);
  try {
    return JSON.parse(stdout).failures;
  } catch {
    throw new Error(`Cannot read the fuzzer: got "${stdout}" ${stderr}`);
  }
}

async function run(args: readonly string[], cwd: string) {
  const command = new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd,
    env: { NO_COLOR: "1" },
    stdout: "piped",
    stderr: "piped",
  });
  const { code, stdout, stderr } = await command.output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}
