/**
 * `noobcash client`: speaks HTTP to one node, for a person or a script.
 *
 * Knows the API and nothing behind it. Each subcommand asks one thing and shows the answer, as text or
 * with `--json`; without a subcommand, on a terminal, a menu asks what to do.
 *
 * @module
 */
import { Argument, Command } from "@commander-js/extra-typings";
import type { Command as PlainCommand } from "commander";
import {
  type CommandResult,
  connectionOf,
  connectionOptions,
  runClient,
  show,
  usageError,
} from "./lib/client/client_run.ts";
import type { ApiClient } from "./lib/client/api_client.ts";
import { EXIT_CODES, failCommand } from "./lib/terminal/fail_command.ts";
import { createProgressLine, progressBar } from "./lib/terminal/progress_line.ts";
import { wholeNumber } from "./lib/terminal/option_values.ts";
import { waitConfirmed } from "./lib/client/wait_confirmed.ts";
import { addressProblem } from "./lib/crypto/address.ts";
import { languageOption, terminalLanguage } from "./lib/terminal/terminal_language.ts";
import type { Language } from "./lib/translation.ts";
import { parsePaymentAmount } from "./lib/primitives/amount.ts";
import { parseWalletName } from "./lib/wire/names.ts";

export function clientCommand(): Command {
  const command = new Command("client")
    .description("talk to a node: pay, look at balances, blocks and the network")
    .usage("[options] [command]")
    .helpCommand(true)
    .argument("[name...]")
    .action((_names, _options, command) => openMenu(command as unknown as PlainCommand));
  for (const option of connectionOptions({ isShown: true })) command.addOption(option);
  command.addOption(languageOption("language of the menu"));

  const subcommands: readonly unknown[] = [
    sendCommand(),
    consolidateCommand(),
    viewCommand(),
    balanceCommand(),
    historyCommand(),
    transactionCommand(),
    blockCommand(),
    blocksCommand(),
    nodesCommand(),
    statusCommand(),
    dashboardCommand(),
    mempoolCommand(),
    tipsCommand(),
    watchCommand(),
    miningCommand(),
    mineCommand(),
    peersCommand(),
    dropCommand(),
    invalidateCommand(),
    reconsiderCommand(),
  ];
  for (const subcommand of subcommands) {
    addConnectionOptions(subcommand as PlainCommand);
    command.addCommand(subcommand as Command);
  }
  return command as unknown as Command;
}

const views = () => import("./lib/client/client_views.ts");

function sendCommand() {
  return new Command("send")
    .alias("t")
    .description("pay from the node's wallet")
    .argument("[recipient]", "node id (3 or id3) or address")
    .argument("[amount]", "whole NBC")
    .option("-f, --file <path>", "pay every line of a file, as in id2 5; - for stdin")
    .option("--key <text>", "asked again under the same key, the node pays once")
    .option("-w, --wait", "wait until a block confirms it", false)
    .option("--wait-max <seconds>", "how long to wait", wholeNumber(1, 86_400), 60)
    .action((recipient, amountText, { file, key, wait, waitMax }, command) =>
      runClient(command, async ({ client }) => {
        if (file !== undefined) {
          return recipient !== undefined
            ? usageError(
              "options-contradicted",
              "Cannot pay: got --file with a recipient, wanted one of them",
            )
            : await sendFile(client, { path: file, key, waitMs: wait ? 1000 * waitMax : null });
        }
        if (recipient === undefined || amountText === undefined) {
          return usageError(
            "argument-missing",
            `Cannot pay: got no ${recipient === undefined ? "recipient" : "amount"}, wanted ` +
              "<recipient> <amount> or --file <path>",
          );
        }
        if (parseWalletName(recipient) === undefined) {
          const problem = addressProblem(recipient);
          return problem === undefined
            ? usageError(
              "recipient-malformed",
              `Cannot pay: got recipient "${recipient}", wanted a node id (3 or id3) or an address`,
            )
            : usageError(
              "address-malformed",
              `Cannot pay: got an address with ${problem}, wanted it as its owner wrote it`,
            );
        }
        const amount = parsePaymentAmount(amountText);
        if (amount === undefined) {
          return usageError(
            "amount-invalid",
            `Cannot pay: got amount "${amountText}", wanted a whole number of NBC from 1 on`,
          );
        }

        const sinceMs = performance.now();
        const { payOnce } = await import("./lib/client/pay_once.ts");
        const accepted = await payOnce(key, (key) => client.pay(recipient, amount, key));
        if (!wait || !accepted.ok) {
          return show(accepted, async (value) => (await views()).acceptedText(value));
        }
        const { txid } = accepted.value;
        const confirmed = await waitConfirmed(client, txid, { timeoutMs: 1000 * waitMax });
        return show(
          confirmed,
          async (state) => (await views()).confirmedText(state, performance.now() - sinceMs),
        );
      })
    );
}

/** Pays every line of a file, in lists; then, if it is to, waits for the blocks that confirm them. */
async function sendFile(
  client: ApiClient,
  { path, key, waitMs }: {
    readonly path: string;
    readonly key: string | undefined;
    readonly waitMs: number | null;
  },
): Promise<CommandResult> {
  const { parsePaymentList, payList, readPaymentText } = await import(
    "./lib/client/payment_list.ts"
  );
  const text = await readPaymentText(path);
  if (text === undefined) {
    return usageError(
      "file-unreadable",
      `Cannot read "${path}": got none, wanted a text of at most 16 MiB`,
    );
  }
  const payments = parsePaymentList(text);
  if (!payments.ok) {
    const { lineNumber, text: line } = payments.error;
    return usageError(
      "line-malformed",
      `Cannot pay: got ${
        JSON.stringify(line)
      } in line ${lineNumber}, wanted "<recipient> <amount>"`,
    );
  }
  const progress = createProgressLine();
  const total = payments.value.length;
  const paid = await payList(
    client,
    payments.value,
    (done) => progress.update(`${progressBar(done / total)} ${done} of ${total} payments`),
    key,
  );
  progress.clear();
  if (!paid.ok || waitMs === null) {
    if (paid.ok && paid.value.accepted < total) Deno.exitCode = EXIT_CODES.refused;
    return show(paid, async (value) => (await views()).paidListText(value));
  }

  const { confirmList } = await import("./lib/client/wait_list.ts");
  const sinceMs = performance.now();
  const { accepted } = paid.value;
  const confirmed = await confirmList(client, paid.value, {
    timeoutMs: waitMs,
    onProgress: (done) =>
      progress.update(`${progressBar(done / accepted)} ${done} of ${accepted} confirmed`),
  });
  progress.clear();
  if (confirmed.ok && confirmed.value.confirmed < total) Deno.exitCode = EXIT_CODES.refused;
  return show(
    confirmed,
    async (value) => (await views()).confirmedListText(value, performance.now() - sinceMs),
  );
}

function consolidateCommand() {
  return new Command("consolidate")
    .description("join the wallet's coins into one, so that it can pay large amounts at once")
    .action((_options, command) =>
      runClient(command, async ({ client }) => {
        const { consolidate } = await import("./lib/client/consolidate.ts");
        const progress = createProgressLine();
        const joined = await consolidate(client, ({ coinsBefore, coins }) => {
          const done = coinsBefore <= 1 ? 1 : (coinsBefore - coins) / (coinsBefore - 1);
          progress.update(`${progressBar(done)} ${coins} of ${coinsBefore} coins left`);
        });
        progress.clear();
        return show(joined, async (value) => (await views()).consolidatedText(value));
      })
    );
}

function viewCommand() {
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

function balanceCommand() {
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

function historyCommand() {
  return new Command("history")
    .description("a wallet's transactions, the newest first")
    .argument("[wallet]", "node id or address; the node's own when not given", "self")
    .option("-l, --limit <count>", "how many at most", wholeNumber(1, 1000), 20)
    .action((wallet, { limit }, command) =>
      runClient(command, async ({ client }) =>
        show(
          await client.history({ wallet, limit }),
          async (value) => (await views()).historyText(value),
        ))
    );
}

function transactionCommand() {
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

function blockCommand() {
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

function blocksCommand() {
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

function nodesCommand() {
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

function dashboardCommand() {
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

function statusCommand() {
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

function mempoolCommand() {
  return new Command("mempool")
    .description("transactions that wait for a block")
    .option("-l, --limit <count>", "how many at most", wholeNumber(1, 1000), 20)
    .action(({ limit }, command) =>
      runClient(command, async ({ client }) =>
        show(
          await client.mempool({ limit }),
          async (value) => (await views()).mempoolText(value),
        ))
    );
}

function tipsCommand() {
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

function watchCommand() {
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

function miningCommand() {
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

function mineCommand() {
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

function peersCommand() {
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

function dropCommand() {
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

function invalidateCommand() {
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

function reconsiderCommand() {
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

/** The menu, where there is somebody to answer it; help otherwise. */
async function openMenu(command: PlainCommand): Promise<void> {
  if (command.args.length > 0) {
    return (command as unknown as { unknownCommand(): void }).unknownCommand();
  }
  if (!Deno.stdin.isTerminal() || !Deno.stdout.isTerminal()) {
    return failCommand(
      "usage",
      'Cannot open the menu: got no terminal, wanted a subcommand such as "client balance" ' +
        '(see "client --help")',
    );
  }
  const { runMenu } = await import("./lib/client/client_menu.ts");
  const lang = command.getOptionValue("lang") as Language | undefined;
  await runMenu(await connectionOf(command), terminalLanguage(lang));
}

function addConnectionOptions(command: PlainCommand): void {
  for (const option of connectionOptions({ isShown: false })) {
    command.addOption(option as unknown as Parameters<PlainCommand["addOption"]>[0]);
  }
}
