/**
 * What an operator orders a node at the command line: mining, peers, the pool, branches.
 *
 * Each needs the token, and gives one order.
 *
 * @module
 */
import { Argument, Command } from "@commander-js/extra-typings";
import { runClient, show } from "./client_run.ts";
import { wholeNumber } from "../terminal/option_values.ts";

export function miningCommand() {
  return new Command("mining")
    .description("pause or resume mining")
    .addArgument(new Argument("<what>", "pause or resume").choices(["pause", "resume"] as const))
    .action((what, _options, command) =>
      runClient(
        command,
        async ({ client }) =>
          what === "pause"
            ? show(await client.pauseMining(), () => "Mining is paused")
            : show(await client.resumeMining(), () => "Mining goes on"),
      )
    );
}

export function mineCommand() {
  return new Command("mine")
    .description("mine blocks of what waits now, without waiting for them to fill")
    .argument("[blocks]", "how many at most", wholeNumber(1, 1000), 1)
    .action((blocks, _options, command) =>
      runClient(
        command,
        async ({ client }) =>
          show(await client.mineNow(blocks), () => `Mines up to ${blocks} blocks now`),
      )
    );
}

export function peersCommand() {
  return new Command("peers")
    .description("cut the node off from peers, or connect it again")
    .addArgument(
      new Argument("<what>", "disconnect or reconnect")
        .choices(["disconnect", "reconnect"] as const),
    )
    .argument("[peers...]", "node ids or addresses; all when none is given")
    .action((what, peers, _options, command) =>
      runClient(command, async ({ client }) => {
        const whom = peers.length === 0 ? "all peers" : peers.join(", ");
        return what === "disconnect"
          ? show(await client.disconnectPeers(peers), () => `Cut off from ${whom}`)
          : show(await client.reconnectPeers(peers), () => `Talks to ${whom} again`);
      })
    );
}

export function dropCommand() {
  return new Command("drop")
    .description("take a waiting transaction out of the pool")
    .argument("<txid>", "64 hex characters, or the first that no other has")
    .action((txid, _options, command) =>
      runClient(
        command,
        async ({ client }) => show(await client.dropTransaction(txid), () => `Dropped ${txid}`),
      )
    );
}

export function invalidateCommand() {
  return new Command("invalidate")
    .description("treat a block and everything above it as invalid")
    .argument("<block>", "height, hash (or its first characters) or tip")
    .action((block, _options, command) =>
      runClient(
        command,
        async ({ client }) =>
          show(await client.invalidateBlock(block), () => `Block ${block} counts as invalid`),
      )
    );
}

export function reconsiderCommand() {
  return new Command("reconsider")
    .description("lift that mark from a block")
    .argument("<block>", "its hash, or the first characters of it")
    .action((block, _options, command) =>
      runClient(
        command,
        async ({ client }) =>
          show(await client.reconsiderBlock(block), () => `Block ${block} counts again`),
      )
    );
}
