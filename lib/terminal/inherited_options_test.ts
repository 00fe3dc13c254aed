import assert from "node:assert/strict";
import { Command, type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { foreignOption, inheritedOptions } from "./inherited_options.ts";

/** Parses a line with one command below another, and gives the lower one. */
function parsed(...words: string[]): CommandUnknownOpts {
  const root = new Command("noobcash");
  const upper = new Command("upper").option("--json", "as JSON").option(
    "--nodes <count>",
    "how many",
  );
  const lower = new Command("lower").option("--fast", "quickly").action(() => {});
  lower.addOption(new Option("--json", "as JSON").hideHelp());
  upper.addCommand(lower as unknown as Command);
  root.addCommand(upper as unknown as Command);
  root.parse(words, { from: "user" });
  return lower as unknown as CommandUnknownOpts;
}

Deno.test("inheritedOptions() gives those options from above that the command takes, too", () => {
  const names = inheritedOptions(parsed("upper", "lower")).map(({ long }) => long);
  assert.deepEqual(names, ["--json"]);
});

Deno.test("foreignOption() finds what would be swallowed, wherever it stands", () => {
  assert.equal(foreignOption(parsed("upper", "lower", "--json", "--fast")), undefined);
  for (const line of [["upper", "lower", "--nodes", "3"], ["upper", "--nodes", "3", "lower"]]) {
    assert.deepEqual(foreignOption(parsed(...line)), {
      flag: "--nodes",
      owner: "upper",
      called: "upper lower",
    });
  }
});
