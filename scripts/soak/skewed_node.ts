/**
 * `noobcash node` on a machine whose clock is wrong by `NOOBCASH_CLOCK_SKEW_MS`, and by what stands in
 * the file `NOOBCASH_CLOCK_SKEW_FILE`, if there is one: it can be set while the node runs.
 *
 * @module
 */
import { Command } from "@commander-js/extra-typings";
import { nodeCommand } from "../../lib/commands/node_command.ts";
import { machineClock } from "../../lib/runtime/node_clock.ts";

const fixedMs = Number(Deno.env.get("NOOBCASH_CLOCK_SKEW_MS") ?? 0);
const file = Deno.env.get("NOOBCASH_CLOCK_SKEW_FILE");
const skewMs = () => fixedMs + (file === undefined ? 0 : Number(Deno.readTextFileSync(file)));

const machine = machineClock();
const startSkewMs = skewMs();
const clock = {
  steadyMs: () => machine.steadyMs() + startSkewMs,
  wallMs: () => machine.wallMs() + skewMs(),
};
await new Command("noobcash").addCommand(nodeCommand({ clock })).parseAsync();
