/**
 * Raises every bound of a node a thousand times (sizes in bytes four times), one after the other, and runs the test in which it is
 * said to bite: a test that passes even so shows nothing, nor does one that fails with the bound as it is.
 *
 * Works in a copy of the sources. Where a test goes by the constant's name, the uses are raised instead of the
 * constant, so that the test keeps the old one.
 *
 * Run: `deno run -A scripts/bound_score.ts [part of a name]`
 *
 * @module
 */
import { cpSync } from "node:fs";
import { join } from "node:path";
import { BOUND_TESTS } from "./bound_tests.ts";
import { type Bound, constantBoundsIn, sourcesOf, tableBoundsIn } from "./bounds.ts";

const RUN_MS_MAX = 300_000;
const COPIED = ["main.ts", "lib", "scripts", "build", "wasm", "deno.json", "deno.lock"];

const root = join(import.meta.dirname as string, "..");
const only = Deno.args[0] ?? "";
const folder = Deno.makeTempDirSync({ prefix: "noobcash-bounds-" });
/** As they are copied: the checkout may change meanwhile. */
const sources = sourcesOf("lib");
const survivors: string[] = [];
const held = new Map<string, boolean>();
let count = 0;
try {
  for (const name of COPIED) cpSync(join(root, name), join(folder, name), { recursive: true });
  for (const [name, entry] of Object.entries(BOUND_TESTS)) {
    if (typeof entry === "string" || entry.length === 3 || !name.includes(only)) continue;
    const [file = "", bound = ""] = name.split(" ");
    count++;
    const bites = isHeld(entry) && doesBite({ file, bound, test: entry });
    if (!bites) survivors.push(name);
    console.log(`${bites ? "bites   " : isHeld(entry) ? "SURVIVES" : "FAILS   "} ${name}`);
  }
} finally {
  Deno.removeSync(folder, { recursive: true });
}
console.log(`${count - survivors.length} of ${count} bounds bite`);
Deno.exit(survivors.length === 0 ? 0 : 1);

/** Files with what stood in them before. */
type Changed = readonly (readonly [path: string, text: string])[];

/** Whether the test fails with the bound raised. */
function doesBite(
  { file, bound, test: [test, title] }: {
    readonly file: string;
    readonly bound: string;
    readonly test: readonly [string, string];
  },
): boolean {
  const isNamed = new RegExp(`\\b${bound}\\b`).test(Deno.readTextFileSync(join(folder, test)));
  const changed = isNamed ? raiseUses(bound) : raiseValue(file, bound);
  const passes = doesPass(test, title);
  for (const [path, text] of changed) Deno.writeTextFileSync(join(folder, path), text);
  return !passes;
}

/** Whether a test passes with all bounds as they are: asked once. */
function isHeld([test, title]: readonly [string, string]): boolean {
  const name = `${test} ${title}`;
  const known = held.get(name) ?? doesPass(test, title);
  held.set(name, known);
  return known;
}

/** Whether there is such a test, and it passes. */
function doesPass(test: string, title: string): boolean {
  const { code, stdout } = new Deno.Command("timeout", {
    args: [
      String(RUN_MS_MAX / 1000),
      Deno.execPath(),
      "test",
      "-A",
      "--no-check",
      "--filter",
      title,
      test,
    ],
    cwd: folder,
    env: { NO_COLOR: "1" },
    stdout: "piped",
    stderr: "null",
  }).outputSync();
  return code === 0 && /\b[1-9]\d* passed/.test(new TextDecoder().decode(stdout));
}

/** Raises the number where it is defined. */
function raiseValue(file: string, name: string): Changed {
  const path = join(folder, file);
  const found = [...constantBoundsIn(file), ...tableBoundsIn(file)]
    .filter((bound) => bound.name === name);
  const before = Deno.readTextFileSync(path);
  let text = before;
  for (const bound of found) text = text.replace(sourceOf(bound), `$1${raised(name, bound.value)}`);
  Deno.writeTextFileSync(path, text);
  return [[file, before]];
}

/** Finds a bound's value behind its name. */
function sourceOf({ name, value }: Bound): RegExp {
  const escaped = value.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`(\\b${name}\\b(?:: number)?(?::| =)\\s*)${escaped}`);
}

function raised(name: string, value: string): string {
  if (!value.startsWith("{")) return `${factorOf(name)} * (${value})`;
  return value.replaceAll(/: ([\d_]+)/g, ": 1000 * $1");
}

/** A thousand times so many bytes would fill the machine. */
function factorOf(name: string): number {
  return /BYTES|Bytes/.test(name) ? 4 : 1000;
}

/** Raises the number wherever the program goes by it. */
function raiseUses(name: string): Changed {
  const use = new RegExp(`(?:PEER_LIMITS\\.)?\\b${name}\\b`, "g");
  const isNoUse = new RegExp(
    `^\\s*(?:\\*|//|/\\*|import|export const ${name}|const ${name}|${name}[,:])`,
  );
  const changed: (readonly [string, string])[] = [];
  for (const file of sources) {
    const path = join(folder, file);
    const text = Deno.readTextFileSync(path);
    const lines = text.split("\n")
      .map((line) =>
        isNoUse.test(line) ? line : line.replaceAll(use, (each) => `(${factorOf(name)} * ${each})`)
      );
    if (lines.join("\n") === text) continue;
    Deno.writeTextFileSync(path, lines.join("\n"));
    changed.push([file, text]);
  }
  return changed;
}
