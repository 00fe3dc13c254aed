/** Every default in every help text is what one would type: reading it gives the default again. */
import assert from "node:assert/strict";
import { Argument, Command, Option } from "@commander-js/extra-typings";
import { argumentDescription, defaultText, optionDescription } from "./option_help.ts";
import { durationMs, formatDuration, formatHashRate, formatShare, hashRate } from "./quantities.ts";
import { share } from "./quantities.ts";

const COMMANDS = new URL("../commands/", import.meta.url);

Deno.test("optionDescription() shows defaults as typed, and no switch that is off", () => {
  const wait = new Option("--wait <duration>", "how long").default(1000);
  assert.equal(optionDescription(wait), "how long (default: 1s)");
  const loss = new Option("--loss <share>", "lost").default(0.05).env("LOSS");
  assert.equal(optionDescription(loss), "lost (default: 5%; env: LOSS)");
  const delay = new Option("--delay <ms>", "late")
    .default({ kind: "lognormal", median: 60, sigma: 0.6 });
  assert.equal(optionDescription(delay), "late (default: lognormal:60,0.6)");
  const json = new Option("--json", "print JSON").default(false);
  assert.equal(optionDescription(json), "print JSON");
  const many = new Option("--interval <ms>", "between").default([1000, 2000]);
  assert.equal(optionDescription(many), "between (default: 1000,2000)");
  const kind = new Argument("[kind]", "which").choices(["a", "b"]).default("a");
  assert.equal(argumentDescription(kind), "which (one of: a, b; default: a)");
});

Deno.test("every default of every command can be typed as its help shows it", async () => {
  let count = 0;
  for (const command of await allCommands()) {
    for (const option of command.options) {
      const text = defaultText(option);
      if (text === undefined || option.defaultValue === undefined) continue;
      if (option.defaultValueDescription !== undefined) continue;
      count++;
      const parsed = option.parseArg?.(text, undefined as never) ?? text;
      assert.deepEqual(parsed, option.defaultValue, `${command.name()} ${option.flags}: ${text}`);
    }
  }
  assert(count > 30, `${count} defaults`);
});

Deno.test("no command hides a default in its words, nor takes a language that there is not", async () => {
  for (const command of await allCommands()) {
    for (const { flags, description, long, argChoices } of command.options) {
      assert.doesNotMatch(description, /\((?:\d[\w.]*|all|none)\)$/, `${command.name()} ${flags}`);
      if (long === "--lang") assert(argChoices !== undefined, `${command.name()} ${flags}`);
    }
  }
});

Deno.test("quantities are written as they are read", () => {
  for (const ms of [0, 1, 500, 1000, 1500, 60_000, 90_000, 120_000]) {
    assert.equal(durationMs(formatDuration(ms)), ms);
  }
  for (const rate of [1, 999, 50_000, 2_500_000, 1e9]) {
    assert.equal(hashRate(formatHashRate(rate)), rate);
  }
  for (const value of [0, 0.05, 0.29, 1]) assert.equal(share(formatShare(value)), value);
});

async function allCommands(): Promise<Command[]> {
  const found: Command[] = [];
  const visit = (command: Command) => {
    found.push(command);
    for (const child of command.commands) visit(child as Command);
  };
  for (const { name } of Deno.readDirSync(COMMANDS)) {
    if (!name.endsWith("_command.ts")) continue;
    for (const [key, make] of Object.entries(await import(new URL(name, COMMANDS).href))) {
      if (key.endsWith("Command")) visit((make as () => Command)());
    }
  }
  return found;
}
