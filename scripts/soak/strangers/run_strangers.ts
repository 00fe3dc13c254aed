/**
 * Attacks of strangers on a network that pays: each alone, then all at once, from one address and from
 * eight. Ends by itself; exits 1 when members felt too much of any of it.
 *
 * Run: `deno run -A scripts/soak/strangers/run_strangers.ts [--seconds 60] [--attacks joins,openings]
 * [--addresses 1,8] [--coins 100000] [--out FILE] [--json]`
 *
 * The attackers' processes run where nobody else wants to (idle class), and their processor time is told, so that what
 * payments take is the nodes' doing and not the scheduler's. One network is attacked by all, one after the other;
 * before each attack, and after the last one, it is left in peace for as long. Memory is compared with the quiet
 * phase before, p99 with the median of all quiet phases, for two of them differ by a half. With reads the ledger
 * holds so many coins. Wants two cores that do nothing else; 22 minutes with all defaults, of which 20 are phases.
 *
 * @module
 */
import { parseArgs } from "node:util";
import Table from "cli-table3";
import { ATTACKS } from "./attacks.ts";
import { BOUNDS, figuresOf, missesOf, quietP99MsOf, rowOf, TABLE_HEAD, textOf } from "./judge.ts";
import type { PhaseResult } from "./phase.ts";
import { runStrangers, type Siege, type SiegeResult } from "./strangers_run.ts";

const PER_SECOND = 100;
const ALL = "all";
const HELP = `Attacks a network of five nodes that pays ${PER_SECOND} tx/s, as strangers could.

  --seconds <n>     of each phase, attacked or quiet (60)
  --attacks <list>  of ${[...Object.keys(ATTACKS), ALL].join(", ")} (every one of them)
  --addresses <list>  from how many addresses each (1,8)
  --coins <n>       that the ledger holds where strangers read (100000)
  --out <file>      for the results so far, as JSON
  --json            prints each result as a line of JSON

Exits 1 when members felt too much: a link lost, a restart of over ${BOUNDS.backAfterMsMax} ms, less than
${
  100 * BOUNDS.acceptedShareMin
} % accepted, a p99 of over ${BOUNDS.p99RatioMax} times the quiet one, over ${
  BOUNDS.memoryGrowthBytesMax / 2 ** 20
} MiB more, or a call
to somebody outside.`;

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      seconds: { type: "string", default: "60" },
      attacks: { type: "string", default: [...Object.keys(ATTACKS), ALL].join(",") },
      addresses: { type: "string", default: "1,8" },
      coins: { type: "string", default: "100000" },
      out: { type: "string" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    Deno.exit(0);
  }
  const names = values.attacks.split(",");
  const unknown = names.filter((name) => name !== ALL && ATTACKS[name] === undefined);
  const numbers = [values.seconds, values.coins, ...values.addresses.split(",")].map(Number);
  if (unknown.length > 0 || !numbers.every((number) => Number.isSafeInteger(number))) {
    console.error(
      `Cannot attack: got ${JSON.stringify(values)}, wanted attacks of ` +
        `${[...Object.keys(ATTACKS), ALL].join(", ")} and whole numbers`,
    );
    Deno.exit(2);
  }
  const addressCounts = values.addresses.split(",").map(Number);
  const rounds = names.map((name) =>
    addressCounts.map((addresses): Siege => ({
      name,
      attacks: name === ALL ? Object.keys(ATTACKS) : [name],
      addresses,
    }))
  );
  const reads = rounds.flat().some(({ attacks }) => attacks.includes("reads"));
  const seconds = Number(values.seconds);
  const plan = {
    rounds,
    seconds,
    perSecond: PER_SECOND,
    coins: reads ? Number(values.coins) : 0,
  };
  const quiets: PhaseResult[] = [];
  const results: SiegeResult[] = [];
  const lineOf = (result: SiegeResult) => {
    const figures = figuresOf(result, quietP99MsOf(quiets));
    return { ...result, figures, misses: missesOf(figures) };
  };
  // What is known so far outlives an interruption.
  const record = () => {
    if (values.out === undefined) return;
    const [quietP99Ms, lines] = [quietP99MsOf(quiets), results.map(lineOf)];
    const text = JSON.stringify({ plan, bounds: BOUNDS, quietP99Ms, results: lines }, null, 2);
    Deno.writeTextFileSync(values.out, `${text}\n`);
  };
  const watch = {
    say: (text: string) => console.error(`… ${text}`),
    onQuiet: (quiet: PhaseResult) => void quiets.push(quiet),
  };
  for await (const result of runStrangers(plan, watch)) {
    results.push(result);
    if (values.json) console.error(textOf(result));
    else console.log(textOf(result));
    record();
  }
  record();
  if (values.json) { for (const result of results) console.log(JSON.stringify(lineOf(result))); }
  else {
    const table = new Table({ head: TABLE_HEAD, style: { head: [], border: [] } });
    table.push(...results.map((result) => rowOf(result, quietP99MsOf(quiets))));
    console.log(table.toString());
  }
  Deno.exit(results.every((result) => lineOf(result).misses.length === 0) ? 0 : 1);
}
