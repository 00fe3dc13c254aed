import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** What may not stand in the core and in the simulator: a run would depend on more than its seed. */
const FORBIDDEN: readonly (readonly [what: string, pattern: RegExp])[] = [
  ["a clock", /\bDate\.now\b|\bnew Date\(\)|\bperformance\.|\bTemporal\.Now\b|\bhrtime\b/],
  [
    "randomness",
    /\bMath\.random\b|\bgetRandomValues\b|\brandomUUID\b|\brandomBytes\b|\brandomInt\b/,
  ],
  ["a timer", /\bsetTimeout\b|\bsetInterval\b|\bqueueMicrotask\b|\bsetImmediate\b/],
  ["a promise", /\basync function\b|\bawait\b|\bPromise\./],
  ["a locale", /\btoLocale|\bIntl\.|\blocaleCompare\b/],
  ["an order that is not ours", /\bfor \((?:const|let) \w+ in\b|\bDeno\.|\breadDir/],
  ["weak references", /\bWeakRef\b|\bFinalizationRegistry\b/],
];

const ROOMS = [
  "bytes.ts",
  "result.ts",
  "params.ts",
  "crypto",
  "primitives",
  "wire",
  "consensus",
  "mempool",
  "mining",
  "wallet",
  "node",
  "random",
  "statistics",
  "simulation",
  "fuzz",
  "attack",
];

/** Draws with a library that loads late; nothing that is simulated calls it. */
const EXCEPTIONS = new Set(["simulation/chart.ts"]);

Deno.test("S02 nothing that is simulated reads a clock, draws lots, waits or asks the machine", () => {
  const lib = fileURLToPath(new URL("..", import.meta.url));
  const found: string[] = [];
  let fileCount = 0;
  for (const room of ROOMS) {
    for (const file of sourceFiles(lib, room)) {
      if (EXCEPTIONS.has(file)) continue;
      fileCount++;
      const code = Deno.readTextFileSync(join(lib, file))
        .replaceAll(/\/\*[\s\S]*?\*\//g, "").replaceAll(/\/\/.*$/gm, "");
      for (const [what, pattern] of FORBIDDEN) {
        const match = pattern.exec(code);
        if (match !== null) found.push(`${file} has ${what}: ${match[0]}`);
      }
    }
  }
  assert(fileCount > 50, `looked at ${fileCount} files`);
  assert.deepEqual(found, []);
});

function* sourceFiles(lib: string, path: string): Generator<string> {
  if (path.endsWith(".ts")) {
    if (!path.endsWith("_test.ts")) yield path;
    return;
  }
  const names = [...Deno.readDirSync(join(lib, path))].map(({ name }) => name).sort();
  for (const name of names) {
    if (name !== "testdata" && !name.endsWith(".md")) yield* sourceFiles(lib, `${path}/${name}`);
  }
}
