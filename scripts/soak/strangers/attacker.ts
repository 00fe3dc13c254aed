/**
 * The process of one attack: prints "ready" when it begins, runs until its stdin ends, and prints what it
 * did as JSON.
 *
 * Run by `strangers_run.ts`: `attacker.ts <attack> <node's URL> <addresses> <sink's URL>`.
 *
 * @module
 */
import { invariant } from "../../../lib/result.ts";
import { ATTACKS } from "./attacks.ts";

if (import.meta.main) {
  const [name = "", url = "", addressCount = "1", sinkUrl = ""] = Deno.args;
  const attack = ATTACKS[name];
  invariant(attack !== undefined, `Cannot attack: got "${name}", wanted one of the attacks`);
  const over = new AbortController();
  void untilStdinEnds().then(() => over.abort());
  const addresses = Array.from(
    { length: Number(addressCount) },
    (_, index) => addressCount === "1" ? "127.0.0.1" : `127.0.0.${index + 2}`,
  );
  const run = attack.prepare({ url, addresses, sinkUrl, signal: over.signal });
  console.log("ready");
  console.log(JSON.stringify(await run()));
  Deno.exit(0);
}

async function untilStdinEnds(): Promise<void> {
  const buffer = new Uint8Array(64);
  while (await Deno.stdin.read(buffer) !== null);
}
