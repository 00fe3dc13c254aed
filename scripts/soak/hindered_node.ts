/**
 * `noobcash node` whose mining threads get into trouble, named by `NOOBCASH_TROUBLE`: `trap`, a kernel that
 * traps, or `nonces`, a timestamp that has but a thousand nonces.
 *
 * @module
 */
import { Command } from "@commander-js/extra-typings";
import { nodeCommand } from "../../lib/commands/node_command.ts";
import { trappingKernel } from "../../lib/testing/trapping_kernel.ts";

const miner = Deno.env.get("NOOBCASH_TROUBLE") === "trap"
  ? { kernels: [await trappingKernel()] }
  : { nonceCount: 1_000 };
await new Command("noobcash").addCommand(nodeCommand({ miner })).parseAsync();
