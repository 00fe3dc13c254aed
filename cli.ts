/**
 * `noobcash client`: speaks HTTP to one node, for a person or a script.
 *
 * Knows the API and nothing behind it. Each subcommand asks one thing and shows the answer, as text or
 * with `--json`; without a subcommand, on a terminal, a menu asks what to do.
 *
 * @module
 */
import { Command } from "@commander-js/extra-typings";
import type { Command as PlainCommand } from "commander";
import { connectionOf, connectionOptions } from "./lib/client/client_run.ts";
import { failCommand } from "./lib/terminal/fail_command.ts";
import { languageOption, terminalLanguage } from "./lib/terminal/terminal_language.ts";
import type { Language } from "./lib/translation.ts";
import { consolidateCommand, sendCommand } from "./lib/client/payment_commands.ts";
import {
  balanceCommand,
  blockCommand,
  blocksCommand,
  dashboardCommand,
  historyCommand,
  mempoolCommand,
  nodesCommand,
  statusCommand,
  tipsCommand,
  transactionCommand,
  viewCommand,
  watchCommand,
} from "./lib/client/reading_commands.ts";
import {
  dropCommand,
  invalidateCommand,
  mineCommand,
  miningCommand,
  peersCommand,
  reconsiderCommand,
} from "./lib/client/operator_commands.ts";

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

/** The menu, where there is somebody to answer it; help otherwise. */
async function openMenu(command: PlainCommand): Promise<void> {
  if (command.args.length > 0) {
    return (command as unknown as { unknownCommand(): void }).unknownCommand();
  }
  if (!Deno.stdin.isTerminal() || !Deno.stdout.isTerminal()) {
    return failCommand(
      "usage",
      'Cannot open the menu without a terminal: name a subcommand such as "client balance" ' +
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
