/** The recipes of CONTRIBUTING.md: their files are there, and the first three are followed on a copy. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

Deno.test("every file that a recipe names is there, and a recipe names no more than five", () => {
  const page = Deno.readTextFileSync(join(ROOT, "CONTRIBUTING.md"));
  const recipes = page.split(/^### /m).slice(1);
  assert(recipes.length >= 7);
  for (const recipe of recipes) {
    const [title = ""] = recipe.split("\n");
    const steps = recipe.match(/^\d\. .*$/gm) ?? [];
    assert(steps.length >= 2 && steps.length <= 5, `"${title}" has ${steps.length} steps`);
    for (const [, path] of recipe.matchAll(/`((?:lib|scripts)\/[a-z0-9_/.]+|main\.ts)`/g)) {
      assert(Deno.statSync(join(ROOT, path as string)), `"${title}" names ${path}`);
    }
  }
});

Deno.test("a parameter, a rule and a message are added by the files that the recipes name", async () => {
  const copy = await copyTree();
  try {
    // A parameter: one row, and a rule that reads it.
    await edit(copy, "lib/parameter_table.ts", [
      "  genesisTimeMs: {",
      `  quiet: {
    kind: "switch",
    shift: 7,
    default: false,
    flag: "--quiet-blocks",
    help: "refuse blocks of a single transaction",
  },
  genesisTimeMs: {`,
    ]);

    // A rule: one row, and where it is checked.
    await edit(copy, "lib/consensus/rule_table.ts", [
      '  "block-oversized": {',
      `  "block-lonely": {
    stage: "block-alone",
    when: "a single transaction in a quiet network",
    verdict: "reject",
    status: 422,
    sentence: ({ got }: { readonly got: number }) => \`\${got} transaction, wanted more\`,
  },
  "block-oversized": {`,
    ]);
    await edit(copy, "lib/consensus/check_block.ts", [
      "  const sizeBytes = sizeOfBlockBytes(transactions);",
      `  if (params.quiet && count === 1) return err({ code: "block-lonely", got: count });
  const sizeBytes = sizeOfBlockBytes(transactions);`,
    ]);

    // A message: interface, entry, and who takes it.
    await edit(copy, "lib/wire/message.ts", [
      "export type Message =\n",
      `export interface PingMessage {
  readonly type: "ping";
  readonly number: number;
}

export type Message =
  | PingMessage
`,
    ]);
    await edit(copy, "lib/wire/message_table.ts", [
      '  "get-transactions": {',
      `  "ping": {
    tag: 99,
    fields: "number 4",
    sent: "never, outside this test",
    write: (writer, message) => void writer.u32(message.number),
    read: (reader) => ({ number: reader.u32() }),
  },
  "get-transactions": {`,
    ]);
    await edit(copy, "lib/node/node.ts", [
      '    case "get-headers":\n',
      '    case "ping":\n      return;\n    case "get-headers":\n',
    ]);

    await Deno.writeTextFile(join(copy, "use.ts"), USE);
    const output = await runDeno(["run", "--check", "-A", "use.ts"], copy);
    assert.deepEqual(JSON.parse(output), {
      args: ["--quiet-blocks"],
      refused: "block-lonely",
      sentence: "Cannot accept the block: got 1 transaction, wanted more",
      status: 422,
      message: { type: "ping", number: 7 },
      table: true,
    });
    await runDeno(["check", "main.ts"], copy);
  } finally {
    await Deno.remove(copy, { recursive: true });
  }
});

/** Uses what the recipes added, each through the door that follows from its table. */
const USE = `
import { checkBlockAlone } from "./lib/consensus/check_block.ts";
import { numberedKeyPair } from "./lib/crypto/numbered_key_pair.ts";
import { errorText } from "./lib/http/error_text.ts";
import { statusOfCode } from "./lib/http/api_error.ts";
import { parameterArgs } from "./lib/parameter_table.ts";
import { createParams, decodeParams, DEFAULT_PARAMS, encodeParams } from "./lib/params.ts";
import { mineBlock } from "./lib/simulation/mine_block.ts";
import { decodeMessage, encodeMessage } from "./lib/wire/codec.ts";
import { TABLES } from "./scripts/doc_tables.ts";

const founder = { genesisTimeMs: 1_704_067_200_000, bootstrapKey: numberedKeyPair(0).publicKey };
const made = createParams({ ...DEFAULT_PARAMS, ...founder, difficulty: 0, quiet: true });
if (!made.ok) throw new Error("refused");
const params = decodeParams(encodeParams(made.value));
if (params?.quiet !== true) throw new Error("lost");
const block = mineBlock(params.genesis, { params, transactions: params.genesis.transactions });
const checked = checkBlockAlone(block, params);
if (checked.ok) throw new Error("accepted");
console.log(JSON.stringify({
  args: parameterArgs({ quiet: true }),
  refused: checked.error.code,
  sentence: errorText(checked.error),
  status: statusOfCode(checked.error.code),
  message: decodeMessage(encodeMessage({ type: "ping", number: 7 })),
  table: TABLES["block-alone"]?.().includes("block-lonely"),
}));
`;

/** A copy of what the compiler reads. */
async function copyTree(): Promise<string> {
  const copy = await Deno.makeTempDir({ prefix: "noobcash-recipes-" });
  for (const name of ["lib", "build", "wasm", "scripts"]) await copyFolder(name, copy);
  for (const name of ["main.ts", "cli.ts", "deno.json", "deno.lock"]) {
    await Deno.copyFile(join(ROOT, name), join(copy, name));
  }
  return copy;
}

async function copyFolder(path: string, copy: string): Promise<void> {
  await Deno.mkdir(join(copy, path), { recursive: true });
  for (const { name, isDirectory } of Deno.readDirSync(join(ROOT, path))) {
    if (isDirectory) await copyFolder(join(path, name), copy);
    else await Deno.copyFile(join(ROOT, path, name), join(copy, path, name));
  }
}

/** Replaces one text; it must be there, or the recipe leads nowhere. */
async function edit(
  copy: string,
  path: string,
  [find, replacement]: readonly [string, string],
): Promise<void> {
  const text = await Deno.readTextFile(join(copy, path));
  assert(text.includes(find), `${path} has no ${JSON.stringify(find)}`);
  await Deno.writeTextFile(join(copy, path), text.replace(find, () => replacement));
}

async function runDeno(args: readonly string[], cwd: string): Promise<string> {
  const command = new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd,
    env: { NO_COLOR: "1" },
    stdout: "piped",
    stderr: "piped",
  });
  const { code, stdout, stderr } = await command.output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}
