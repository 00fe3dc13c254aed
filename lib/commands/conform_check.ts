/**
 * `noobcash conform check-adapter`: tries each operation of an adapter once.
 *
 * @module
 */
import { Command } from "@commander-js/extra-typings";
import { styleText } from "node:util";
import { checkAdapter } from "../conform/grade.ts";
import { Trouble } from "../conform/trouble.ts";
import { failCommand } from "../terminal/fail_command.ts";
import { wholeNumber } from "../terminal/option_values.ts";
import { createProgressLine } from "../terminal/progress_line.ts";
import { EXIT_CODE_INTERRUPTED, StoppedByUser, stopSignals } from "../terminal/stop_signals.ts";
import { openAdapter, sandboxOf } from "./conform_open.ts";

export function checkCommand() {
  return new Command("check-adapter")
    .description("start a network of two, try every operation once and show what came back")
    .argument("<file>", "the adapter")
    .option("--seed <number>", "what is random follows from it", wholeNumber(0, 2 ** 31), 1)
    .option("--unsafe", "run it without a sandbox where this machine has none", false)
    .option("--json", "print a JSON object a line", false)
    .action(async (file, _options, self) => {
      // The command above takes these options, too, and then has them.
      const { seed, unsafe, json } = self.optsWithGlobals();
      const opened = openAdapter(file);
      if (opened === undefined) return;
      const mode = await sandboxOf(unsafe);
      if (mode === undefined) return;
      const stop = stopSignals();
      const progress = createProgressLine();
      let bad = 0;
      try {
        progress.update("Starting the nodes…");
        await checkAdapter({
          ...opened,
          mode,
          seed,
          runs: 1,
          signal: stop.signal,
          onEvent(event) {
            if (event.event !== "check") return;
            progress.clear();
            if (!event.ok) bad++;
            if (json) return console.log(JSON.stringify(event));
            const isThere = event.value !== "the adapter does not have it";
            const mark = !event.ok
              ? styleText("red", "wrong")
              : isThere
              ? styleText("green", "ok   ")
              : styleText("dim", "-    ");
            console.log(`${mark} ${event.operation.padEnd(18)} ${event.value}`);
            if (event.request !== "" && !event.ok) {
              console.log(
                styleText(
                  "dim",
                  `      → ${event.request.replaceAll("\n", "\n        ")}\n      ← ${
                    event.answer.slice(0, 400)
                  }`,
                ),
              );
            }
          },
        });
        if (bad > 0) Deno.exitCode = 1;
      } catch (error) {
        if (error instanceof StoppedByUser) Deno.exitCode = EXIT_CODE_INTERRUPTED;
        else if (error instanceof Trouble) {
          failCommand("refused", `Cannot start it: ${error.code}: ${error.message}`);
        } else throw error;
      } finally {
        progress.clear();
        stop.dispose();
      }
    });
}
