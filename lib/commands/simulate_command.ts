/**
 * `noobcash simulate`: the production node on simulated time, network, disks and hash power.
 *
 * @module
 */
import { Command } from "@commander-js/extra-typings";
import { attackCommand } from "./simulate_attack.ts";
import { networkCommand } from "./simulate_network.ts";
import { fuzzCommand } from "./simulate_fuzz.ts";
import { replayCommand } from "./simulate_replay.ts";
import { variantsCommand } from "./simulate_variants.ts";

export function simulateCommand(): Command {
  const command = new Command("simulate")
    .description("run the node in a simulator: find bugs under faults, measure large networks")
    .addCommand(fuzzCommand() as unknown as Command)
    .addCommand(replayCommand() as unknown as Command)
    .addCommand(networkCommand() as unknown as Command)
    .addCommand(variantsCommand() as unknown as Command)
    .addCommand(attackCommand() as unknown as Command);
  return command as unknown as Command;
}
