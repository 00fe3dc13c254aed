/**
 * Checks the house map: a room imports only from rooms listed above it, types included.
 *
 * Walks every import of every TypeScript file and fails on any other arrow. Tests and benchmarks are
 * excepted. Also fails on a room that stands in `lib/` and not in the map, and the other way round.
 *
 * Run: `deno task architecture`
 *
 * @module
 */
import { dirname, join, relative } from "node:path";

/**
 * The house map, in the order of the README: from the pure core down to the program. Names in one line
 * do not import each other.
 */
const FLOORS: readonly (readonly string[])[] = [
  ["lib/result.ts"],
  ["lib/bytes.ts"],
  ["lib/crypto"],
  ["lib/primitives"],
  ["lib/params.ts"],
  ["lib/wire"],
  ["lib/consensus"],
  ["lib/mempool"],
  ["lib/mining"],
  ["lib/wallet"],
  ["lib/node"],
  ["lib/store", "lib/miner", "lib/peers", "lib/http"],
  ["lib/runtime"],
  ["lib/testing"],
  ["lib/sim"],
  ["lib/client"],
  ["lib/workload"],
  ["lib/measure"],
  ["lib/cluster"],
  ["lib/experiment"],
  ["lib/report"],
  ["lib/commands"],
  ["cli.ts"],
  ["main.ts"],
];

/** A room and the folders that only it may use. */
const EXCEPTIONS: readonly string[] = [];

const IMPORT_PATTERN = /(?:^|[\n;])\s*(?:import|export)\b[^;"'`]*?["']([^"']+)["']/g;
const DYNAMIC_IMPORT_PATTERN = /\bimport\(\s*["']([^"']+)["']\s*\)/g;

const root = join(import.meta.dirname as string, "..");
const floorByRoom = new Map(FLOORS.flatMap((rooms, floor) => rooms.map((room) => [room, floor])));
const problems: string[] = [];
let arrowCount = 0;

for (const entry of Deno.readDirSync(join(root, "lib"))) {
  const room = `lib/${entry.name}`;
  if (entry.name.endsWith("_test.ts")) continue;
  if (!floorByRoom.has(room)) problems.push(`${room} stands in no floor of the house map`);
}

for (const file of sourceFiles(["lib", "main.ts", "cli.ts"])) {
  const from = roomOf(file);
  if (from === undefined) continue;
  for (const target of importsOf(file)) {
    const to = roomOf(target);
    if (to === undefined || to === from) continue;
    arrowCount++;
    const fromFloor = floorByRoom.get(from) ?? -1;
    const toFloor = floorByRoom.get(to) ?? Infinity;
    if (toFloor < fromFloor || EXCEPTIONS.includes(`${from} -> ${to}`)) continue;
    problems.push(`${file} imports ${target}: ${from} may not know ${to}`);
  }
}

if (problems.length > 0) {
  console.error(problems.join("\n"));
  Deno.exit(1);
}
console.log(`architecture: ${arrowCount} imports between rooms, all upward`);

function* sourceFiles(paths: readonly string[]): Generator<string> {
  for (const path of paths) {
    const info = statOf(join(root, path));
    if (info === undefined) continue;
    if (info.isFile) {
      if (/\.tsx?$/.test(path) && !/_(test|bench)\.tsx?$/.test(path)) yield path;
    } else {
      const names = [...Deno.readDirSync(join(root, path))].map((entry) => entry.name).sort();
      yield* sourceFiles(names.map((name) => `${path}/${name}`));
    }
  }
}

function importsOf(file: string): string[] {
  const text = Deno.readTextFileSync(join(root, file)).replaceAll(/\/\*[\s\S]*?\*\//g, "");
  const specifiers = [...text.matchAll(IMPORT_PATTERN), ...text.matchAll(DYNAMIC_IMPORT_PATTERN)]
    .map((match) => match[1] as string);
  return specifiers.filter((specifier) => specifier.startsWith("."))
    .map((specifier) => relative(root, join(root, dirname(file), specifier)));
}

function roomOf(path: string): string | undefined {
  const [first, second] = path.split("/");
  const room = first === "lib" ? `lib/${second}` : first;
  return room !== undefined && floorByRoom.has(room) ? room : undefined;
}

function statOf(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.statSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
