/**
 * Fuzzes every door of the program: API, links, messages, files.
 *
 * Run: `deno task fuzz --minutes 1 [--seed 1] [--doors "spoilt handshakes,hellos"] [--json]`. Exit
 * code 1 when something broke.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { type Door, openDoors } from "./doors.ts";
import { fuzzDoors } from "./fuzz_run.ts";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "1" },
    seed: { type: "string", default: "1" },
    doors: { type: "string" },
    json: { type: "boolean", default: false },
  },
});
const minutes = Number(values.minutes);
const seed = Number(values.seed);
if (!(minutes > 0) || !Number.isSafeInteger(seed)) {
  console.error("Cannot fuzz: got no time or no seed, wanted --minutes 1 --seed 1");
  Deno.exit(2);
}

const folder = await Deno.makeTempDir({ prefix: "noobcash-fuzz-" });
const all = await openDoors(folder);
try {
  const wanted = values.doors?.split(",") ?? all.map(({ name }) => name);
  const unknown = wanted.filter((name) => !all.some((door) => door.name === name));
  if (unknown.length > 0) {
    console.error(`Cannot fuzz: got "${unknown}", wanted of: ${all.map(({ name }) => name)}`);
    Deno.exitCode = 2;
  } else {
    await fuzz(all.filter(({ name }) => wanted.includes(name)));
  }
} finally {
  for (const door of all) await door.close?.();
  await Deno.remove(folder, { recursive: true });
}

async function fuzz(doors: readonly Door[]): Promise<void> {
  const untilMs = performance.now() + minutes * 60_000;
  const report = await fuzzDoors(doors, { seed, untilMs });
  if (values.json) console.log(JSON.stringify(report));
  else {
    console.log(`${report.inputs} inputs in ${report.seconds.toFixed(1)} s from seed ${seed}`);
    for (const [door, count] of Object.entries(report.inputsByDoor)) {
      console.log(`  ${door.padEnd(16)} ${count}`);
    }
    for (const { door, turn, index, message, inputHex } of report.findings) {
      console.log(`\n${door}, turn ${turn}, input ${index}: ${message}\n${inputHex.slice(0, 400)}`);
    }
    console.log(`${report.findings.length} findings`);
  }
  Deno.exitCode = report.findings.length === 0 ? 0 : 1;
}
