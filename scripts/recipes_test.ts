/** The recipes of CONTRIBUTING.md: their files are there, and all are followed on one copy of the tree. */
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
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

Deno.test("everything is added by the files that its recipe names", async (t) => {
  const copy = await copyTree();
  try {
    await t.step("a parameter, a rule and a message", () => addToProtocol(copy));
    await t.step("an attack, a metric, a command and a page", () => addToProgram(copy));
    const checked = ["main.ts", "lib/http/dashboard/app.tsx", "use.ts", "figures.ts"];
    await t.step("all of it compiles", async () => void await runDeno(["check", ...checked], copy));
  } finally {
    await Deno.remove(copy, { recursive: true });
  }
});

async function addToProtocol(copy: string): Promise<void> {
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
  const output = await runDeno(["run", "-A", "use.ts"], copy);
  assert.deepEqual(JSON.parse(output), {
    args: ["--quiet-blocks"],
    refused: "block-lonely",
    sentence: "Cannot accept the block: got 1 transaction, wanted more",
    status: 422,
    message: { type: "ping", number: 7 },
    table: true,
  });
}

async function addToProgram(copy: string): Promise<void> {
  const attack = new Recipe(copy, "attack");
  await attack.write("lib/attack/lone_attack.ts", LONE_ATTACK);
  await attack.edit("lib/attack/attack_table.ts", [
    "export const ATTACKS: readonly Attack[] = [\n",
    `import { LONE_ATTACK } from "./lone_attack.ts";
export const ATTACKS: readonly Attack[] = [
  LONE_ATTACK,
`,
  ]);
  assert.equal(attack.files.size, 2, "with its test an attack takes three files");

  const metric = new Recipe(copy, "metric");
  await metric.edit("lib/measure/run_metrics.ts", [
    "  readonly staleBlocks: number;\n",
    "  readonly staleBlocks: number;\n  readonly refusedShare: number;\n",
  ]);
  await metric.edit("lib/measure/run_metrics.ts", [
    "    ceiling: run.load.ceiling,\n",
    "    ceiling: run.load.ceiling,\n    refusedShare: 1 - accepted / offered,\n",
  ]);
  await metric.edit("lib/measure/metric_table.ts", [
    "export const METRICS = {\n",
    `export const METRICS = {
  refusedShare: {
    label: "refused lines",
    greek: "γραμμές που απορρίφθηκαν",
    unit: "share",
    valueOf: (metrics) => metrics.refusedShare,
    moreIsBetter: false,
  },
`,
  ]);
  assert.equal(metric.files.size, 2, "with its test a metric takes three files");

  const command = new Recipe(copy, "command");
  await command.write("lib/commands/greet_command.ts", GREET_COMMAND);
  await command.edit("main.ts", [
    "const ENTRIES: readonly Entry[] = [\n",
    `const ENTRIES: readonly Entry[] = [
  {
    name: "greet",
    description: "say hello",
    load: async () => (await import("./lib/commands/greet_command.ts")).greetCommand(),
  },
`,
  ]);

  const page = new Recipe(copy, "page of the dashboard");
  await page.write("lib/http/dashboard/supply_view.tsx", SUPPLY_VIEW);
  await page.edit("lib/http/dashboard/app.tsx", [
    'import { RingView } from "./ring_view.tsx";\n',
    'import { RingView } from "./ring_view.tsx";\nimport { SupplyView } from "./supply_view.tsx";\n',
  ]);
  await page.edit("lib/http/dashboard/app.tsx", [
    '        <div class="column">\n',
    '        <SupplyView coins={100} />\n        <div class="column">\n',
  ]);
  await page.edit("lib/http/dashboard/texts_english.ts", [
    "export const ENGLISH = {\n",
    'export const ENGLISH = {\n  "supply": "All coins there are",\n',
  ]);
  const untranslated = await tryDeno(["check", "lib/http/dashboard/app.tsx"], copy);
  assert.match(untranslated.stderr, /supply/, "a text without a translation does not compile");
  await page.edit("lib/http/dashboard/texts_greek.ts", [
    "export const GREEK: Readonly<Record<TextKey, string>> = {\n",
    'export const GREEK: Readonly<Record<TextKey, string>> = {\n  "supply": "Όλα τα νομίσματα",\n',
  ]);

  await runDeno(["run", "-A", "scripts/build_workers.ts"], copy);
  await runDeno(["run", "-A", "scripts/build_dashboard.ts"], copy);
  const { SCRIPT } = await import(join(copy, "build/dashboard_assets.ts"));
  assert.match(SCRIPT, /All coins there are/);

  const program = ["run", "-A", "main.ts"];
  const args = ["simulate", "attack", "lone", "--share", "0.25", "--repeat", "2", "--jobs", "1"];
  const { points } = JSON.parse(await runDeno([...program, ...args, "--json"], copy));
  assert.deepEqual([points.length, points[0]["theory: share"]], [1, 0.25]);
  assert.equal(await runDeno([...program, "greet", "--name", "you"], copy), "Hello, you\n");
  assert.match(await runDeno([...program, "complete", "--", "gre"], copy), /^greet\b/);

  await Deno.writeTextFile(join(copy, "figures.ts"), FIGURES);
  assert.deepEqual(JSON.parse(await runDeno(["run", "-A", "figures.ts"], copy)), {
    value: 0.2,
    columns: ["refusedShare"],
  });
}

/** The files that a recipe has made or changed; each must be one that it names. */
class Recipe {
  readonly files = new Set<string>();
  readonly #copy: string;
  readonly #text: string;

  constructor(copy: string, title: string) {
    const page = Deno.readTextFileSync(join(ROOT, "CONTRIBUTING.md"));
    this.#copy = copy;
    this.#text = page.split(/^### /m).find((recipe) => recipe.startsWith(`A new ${title}\n`)) ?? "";
    assert(this.#text !== "", `CONTRIBUTING.md has a recipe for a new ${title}`);
  }

  async write(path: string, text: string): Promise<void> {
    this.#note(path, `${dirname(path)}/`);
    await Deno.writeTextFile(join(this.#copy, path), text);
  }

  async edit(path: string, replacement: readonly [string, string]): Promise<void> {
    this.#note(path, path);
    await edit(this.#copy, path, replacement);
  }

  #note(path: string, named: string): void {
    assert(this.#text.includes(`\`${named}\``), `the recipe does not name ${named}`);
    this.files.add(path);
  }
}

/** An attack that mines alone on its own share: how much of the power it has is all it shows. */
const LONE_ATTACK = `
import type { Attack } from "./attack.ts";
import { randomStream } from "../random/random_stream.ts";

export const LONE_ATTACK: Attack = {
  name: "lone",
  description: "an attacker who does nothing but mine",
  axes: [],
  uses: new Set(["trials"] as const),
  figure: { name: "won", title: "blocks of its own", kind: "mean" },
  problemOf: () => undefined,
  run({ share }, { setting: { trials }, seed }) {
    const stream = randomStream(seed, "lone");
    let won = 0;
    for (let trial = 0; trial < trials; trial++) if (stream.chance(share)) won++;
    return { won: won / trials };
  },
  theory: ({ share }) => [{ name: "share", value: share, isExact: true }],
};
`;

const GREET_COMMAND = `
import { Command } from "@commander-js/extra-typings";

export function greetCommand(): Command {
  const command = new Command("greet")
    .description("say hello")
    .requiredOption("--name <name>", "to whom")
    .action(({ name }) => console.log(\`Hello, \${name}\`));
  return command as unknown as Command;
}
`;

const SUPPLY_VIEW = `
import { text } from "./texts.ts";

export function SupplyView({ coins }: { readonly coins: number }) {
  return <section class="panel"><h2>{text("supply")}</h2>{coins}</section>;
}
`;

/** The new figure, and the columns that follow from its entry. */
const FIGURES = `
import { handMadeRun } from "./lib/measure/hand_made_run.ts";
import { METRIC_KEYS, METRICS } from "./lib/measure/metric_table.ts";
import { computeMetrics } from "./lib/measure/run_metrics.ts";

const value = METRICS.refusedShare.valueOf(computeMetrics(handMadeRun()));
console.log(JSON.stringify({
  value: Math.round(value * 1e9) / 1e9,
  columns: METRIC_KEYS.filter((key) => key === "refusedShare"),
}));
`;

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
  const { code, stdout, stderr } = await tryDeno(args, cwd);
  assert.equal(code, 0, stderr);
  return stdout;
}

async function tryDeno(
  args: readonly string[],
  cwd: string,
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
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
