/**
 * What reads a node at the command line, from the balance to the stream of events.
 *
 * Each asks one thing and shows the answer, and changes nothing.
 *
 * @module
 */
import { Command } from "@commander-js/extra-typings";
import { runClient, show } from "./client_run.ts";
import { wholeNumber } from "../terminal/option_values.ts";

const views = () => import("./client_views.ts");

export function viewCommand() {
  return new Command("view")
    .description("the transactions of the last confirmed block")
    .action((_options, command) =>
      runClient(command, async ({ client }) =>
        show(
          await client.lastTransactions(),
          async (value) => (await views()).lastTransactionsText(value),
        ))
    );
}

export function balanceCommand() {
  return new Command("balance")
    .description("coins, confirmed and pending")
    .argument("[wallet]", "node id or address; the node's own when not given", "self")
    .option("-a, --all", "of every wallet", false)
    .action((wallet, { all }, command) =>
      runClient(
        command,
        async ({ client }) =>
          all
            ? show(await client.balances(), async (value) => (await views()).balancesText(value))
            : show(
              await client.balance(wallet),
              async (value) => (await views()).balanceText(value),
            ),
      )
    );
}

export function historyCommand() {
  return new Command("history")
    .description("a wallet's transactions, the newest first")
    .argument("[wallet]", "node id or address; the node's own when not given", "self")
    .option("-l, --limit <count>", "how many at most", wholeNumber(1, 1000), 20)
    .option("--after <txid>", "go on behind this transaction of the list")
    .action((wallet, { limit, after }, command) =>
      runClient(command, async ({ client }) =>
        show(
          await client.history({ wallet, limit, ...(after === undefined ? {} : { after }) }),
          async (value) => (await views()).historyText(value),
        ))
    );
}

export function transactionCommand() {
  return new Command("tx")
    .description("a transaction and what became of it")
    .argument("<txid>", "64 hex characters, or the first that no other has")
    .action((txid, _options, command) =>
      runClient(command, async ({ client }) =>
        show(
          await client.transaction(txid),
          async (value) => (await views()).transactionText(value),
        ))
    );
}

export function blockCommand() {
  return new Command("block")
    .description("a block with its transactions")
    .argument("[block]", "height, hash (or its first characters) or tip", "tip")
    .action((block, _options, command) =>
      runClient(
        command,
        async ({ client }) =>
          show(await client.block(block), async (value) => (await views()).blockText(value)),
      )
    );
}

export function blocksCommand() {
  return new Command("blocks")
    .description("the newest blocks")
    .option("-l, --limit <count>", "how many at most", wholeNumber(1, 200), 10)
    .action(({ limit }, command) =>
      runClient(command, async ({ client }) =>
        show(
          await client.blocks({ limit }),
          async (value) => (await views()).blocksText(value),
        ))
    );
}

export function nodesCommand() {
  return new Command("nodes")
    .description("the nodes of the network and how well each is reached")
    .action((_options, command) =>
      runClient(command, async ({ client }) =>
        show(
          await client.ring(),
          async (value) => (await views()).nodesText(value, Date.now()),
        ))
    );
}

export function dashboardCommand() {
  return new Command("dashboard")
    .description("print a link to the node's explorer that may pay; it opens once")
    .action((_options, command) =>
      runClient(command, async ({ client, url }) => {
        const made = await client.pageLink();
        if (!made.ok) return made;
        const link = `${url}/explorer#open=${made.value.code}`;
        return show({ ok: true, value: { link } }, () => link);
      })
    );
}

export function statusCommand() {
  return new Command("status")
    .description("who the node is, how far it is, where its chain stands")
    .action((_options, command) =>
      runClient(
        command,
        async ({ client }) =>
          show(await client.status(), async (value) => (await views()).statusText(value)),
      )
    );
}

export function mempoolCommand() {
  return new Command("mempool")
    .description("transactions that wait for a block")
    .option("-l, --limit <count>", "how many at most", wholeNumber(1, 1000), 20)
    .option("--after <txid>", "go on behind this transaction of the list")
    .action(({ limit, after }, command) =>
      runClient(command, async ({ client }) =>
        show(
          await client.mempool({ limit, ...(after === undefined ? {} : { after }) }),
          async (value) => (await views()).mempoolText(value),
        ))
    );
}

export function tipsCommand() {
  return new Command("tips")
    .description("the ends of all known branches")
    .action((_options, command) =>
      runClient(
        command,
        async ({ client }) =>
          show(await client.tips(), async (value) => (await views()).tipsText(value)),
      )
    );
}

export function watchCommand() {
  return new Command("watch")
    .description("print what happens at the node, a line of JSON each, until interrupted")
    .action((_options, command) =>
      runClient(command, async ({ client }) => {
        const events = await client.events();
        if (!events.ok) return events;
        for await (const event of events.value) console.log(JSON.stringify(event));
        return show(
          { ok: true, value: { ended: true } },
          () => "The node has ended the stream",
        );
      })
    );
}
