/**
 * Checks the house map: a room imports only from rooms listed above it, types included.
 *
 * Walks every import of every TypeScript file and fails on any other arrow, and on files that import each
 * other in a circle, be it for types alone. Tests and benchmarks are excepted. Also fails on a room that stands in `lib/` and not in the map, and the other way round, and
 * where the README's house map names other rooms, or the same in another order.
 *
 * Run: `deno task architecture`
 *
 * @module
 */
import { dirname, join, relative } from "node:path";

/**
 * The house map, in the order of the README: from the pure core down to the program. Names in one line
 * do not import each other. `lib/testing` stands last: nothing that is shipped may import it.
 */
const FLOORS: readonly (readonly string[])[] = [
  ["lib/result.ts"],
  ["lib/lazy_map.ts"],
  ["lib/hex_map.ts"],
  ["lib/tight_heap.ts"],
  ["lib/lower_bound.ts"],
  ["lib/parse_record.ts", "lib/translation.ts"],
  ["lib/statistics"],
  ["lib/table"],
  ["lib/byte_slabs.ts"],
  ["lib/small_integer.ts"],
  ["lib/bytes.ts"],
  ["lib/crypto"],
  ["lib/random"],
  ["lib/primitives"],
  ["lib/parameter_table.ts"],
  ["lib/params.ts"],
  ["lib/wire"],
  ["lib/page"],
  ["lib/traces"],
  ["lib/consensus"],
  ["lib/mempool"],
  ["lib/mining"],
  ["lib/wallet"],
  ["lib/node"],
  ["lib/store", "lib/miner", "lib/peers", "lib/http"],
  ["lib/runtime"],
  ["lib/simulation"],
  ["lib/fuzz"],
  ["lib/attack"],
  ["lib/terminal"],
  ["lib/sweep"],
  ["lib/client"],
  ["lib/offline"],
  ["lib/workload"],
  ["lib/measure"],
  ["lib/cluster"],
  ["lib/control"],
  ["lib/lessons"],
  ["lib/experiment"],
  ["lib/report"],
  ["lib/artifact"],
  ["lib/conform"],
  ["lib/serve"],
  ["lib/commands"],
  ["cli.ts"],
  ["main.ts"],
  ["lib/testing"],
];

/** Arrows that are allowed all the same, as `lib/a -> lib/b`. */
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

const targetsByFile = new Map<string, readonly string[]>();
for (const file of sourceFiles(["lib", "main.ts", "cli.ts"])) {
  targetsByFile.set(file, importsOf(file));
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

for (const circle of circlesOf(targetsByFile)) {
  problems.push(`These files import each other in a circle: ${circle.join(" → ")}`);
}

const mapped = houseMapOf(Deno.readTextFileSync(join(root, "README.md")));
const rooms = FLOORS.flat().filter((room) => room.startsWith("lib/"));
if (mapped.filter((room) => room.startsWith("lib/")).join() !== rooms.join()) {
  problems.push(`README.md shows the rooms ${mapped.join(" ")}, wanted ${rooms.join(" ")}`);
}
const topLevel = [...Deno.readDirSync(root)].filter(({ name }) => !name.startsWith("."));
for (const { name, isDirectory } of topLevel) {
  if (["build", "dist", "node_modules", "results", "noobcash-data"].includes(name)) continue;
  const shown = name === "lib" || mapped.includes(name) || mapped.includes(`${name}/`);
  if (!shown) problems.push(`README.md does not show ${name}${isDirectory ? "/" : ""}`);
}
for (const name of mapped) {
  if (statOf(join(root, name)) === undefined) {
    problems.push(`README.md shows ${name}, which is not there`);
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

/** Circles of imports, each once: a depth-first walk that meets a file which it has not left yet. */
function circlesOf(targets: ReadonlyMap<string, readonly string[]>): string[][] {
  const circles: string[][] = [];
  const left = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): void => {
    if (left.has(file)) return;
    const at = path.indexOf(file);
    if (at >= 0) return void circles.push([...path.slice(at), file]);
    path.push(file);
    for (const target of targets.get(file) ?? []) visit(target);
    path.pop();
    left.add(file);
  };
  for (const file of targets.keys()) visit(file);
  return circles;
}

/** The names at the beginning of the lines of the README's house map, without trailing slashes in lib. */
function houseMapOf(readme: string): string[] {
  const section = readme.split(/^## House map$/m)[1] ?? "";
  const block = section.split("```")[1] ?? "";
  const names = block.split("\n").slice(1).map((line) => /^ *([a-zA-Z_./-]+)/.exec(line)?.[1])
    .filter((name) => name !== undefined);
  return names.map((name) => name.startsWith("lib/") ? name.replace(/\/$/, "") : name);
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
