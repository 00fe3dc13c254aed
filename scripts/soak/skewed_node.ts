/**
 * `noobcash node` on a machine whose clock is wrong by `NOOBCASH_CLOCK_SKEW_MS`.
 *
 * @module
 */
import { Command } from "@commander-js/extra-typings";
import { nodeCommand } from "../../lib/commands/node_command.ts";

const skewMs = Number(Deno.env.get("NOOBCASH_CLOCK_SKEW_MS"));
const nowMs = () => Math.floor(performance.timeOrigin + performance.now() + skewMs);
await new Command("noobcash").addCommand(nodeCommand({ nowMs })).parseAsync();
