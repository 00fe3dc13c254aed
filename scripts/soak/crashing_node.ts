/**
 * `noobcash node` that dies (SIGKILL, no clean-up) right before or right after SQLite makes a chosen
 * commit durable: between what it has decided and what it would have said.
 *
 * `NOOBCASH_CRASH_PHASE` is `before` or `after`, `NOOBCASH_CRASH_COMMITS` the number of the commit.
 *
 * @module
 */
import { Command } from "@commander-js/extra-typings";
import { nodeCommand } from "../../lib/commands/node_command.ts";

const phase = Deno.env.get("NOOBCASH_CRASH_PHASE");
let commitsLeft = Number(Deno.env.get("NOOBCASH_CRASH_COMMITS"));

const onCommitPhase = (reached: "before" | "after") => {
  if (reached !== phase) return;
  if (--commitsLeft === 0) Deno.kill(Deno.pid, "SIGKILL");
};
await new Command("noobcash").addCommand(nodeCommand({ store: { onCommitPhase } })).parseAsync();
