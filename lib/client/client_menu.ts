/**
 * The client's menu on a terminal: new transaction, view last transactions, balance, help, exit.
 *
 * ```
 * connect? → choose → ask what is missing → call the node → show → choose again
 * ```
 *
 * A refusal is shown and the menu goes on; only a node that is gone at the start ends it. Loaded only when
 * it is opened: the prompts read the terminal as soon as they are imported.
 *
 * @module
 */
import { cancel, intro, isCancel, log, note, outro, select, spinner, text } from "@clack/prompts";
import type { ApiClient, ClientError } from "./api_client.ts";
import { payOnce } from "./pay_once.ts";
import { waitConfirmed } from "./wait_confirmed.ts";
import { addressProblem } from "../crypto/address.ts";
import { parsePaymentAmount } from "../primitives/amount.ts";
import type { Result } from "../result.ts";
import { parseWalletName } from "../wire/names.ts";
import { type Connection, reportError } from "./client_run.ts";
import {
  balanceText,
  confirmedText,
  lastTransactionsText,
  tableText,
  walletText,
} from "./client_views.ts";

/** How long the menu waits for a confirmation before it goes on without. */
const CONFIRMATION_WAIT_MS_MAX = 15_000;

const HELP: readonly (readonly [string, string])[] = [
  ["new transaction", "pay another node or address from this node's wallet"],
  ["view last transactions", "what the last confirmed block holds"],
  ["balance", "this node's coins: confirmed, pending, available"],
  ["exit", "leave; the node goes on"],
  ["without the menu", "noobcash client send 1 5 | view | balance | nodes | --help"],
];

/** Runs the menu until the user leaves it. */
export async function runMenu(connection: Connection): Promise<void> {
  const { client, url } = connection;
  const status = await client.status();
  if (!status.ok) return await reportError(status.error, connection);
  intro(`Noobcash node ${walletText(status.value.wallet)} at ${url}`);

  for (;;) {
    const choice = await select({
      message: "What do you want to do?",
      options: [
        { value: "pay", label: "New transaction" },
        { value: "view", label: "View last transactions" },
        { value: "balance", label: "Balance" },
        { value: "help", label: "Help" },
        { value: "exit", label: "Exit" },
      ],
    });
    if (isCancel(choice) || choice === "exit") return outro("Bye");
    switch (choice) {
      case "pay":
        await pay(client);
        break;
      case "view":
        showAnswer(await client.lastTransactions(), "Last transactions", lastTransactionsText);
        break;
      case "balance":
        showAnswer(await client.balance(), "Balance", balanceText);
        break;
      case "help":
        note(tableText(["Choice", "What it does"], HELP), "Help");
        break;
    }
  }
}

async function pay(client: ApiClient): Promise<void> {
  const recipient = await text({
    message: "Recipient",
    placeholder: "a node id (1 or id1) or an address (nbc1…)",
    validate: (value) => {
      const name = (value ?? "").trim();
      if (parseWalletName(name) !== undefined) return undefined;
      const problem = addressProblem(name);
      return problem === undefined
        ? "A node id such as 1 or id1, or an address that begins with nbc1"
        : `This address has ${problem}`;
    },
  });
  if (isCancel(recipient)) return cancel("No payment");
  const amountText = await text({
    message: "Amount in NBC",
    placeholder: "a whole number",
    validate: (value) =>
      parsePaymentAmount((value ?? "").trim()) === undefined
        ? "A whole number from 1 on"
        : undefined,
  });
  if (isCancel(amountText)) return cancel("No payment");
  const amount = parsePaymentAmount(amountText.trim());
  if (amount === undefined) return cancel("No payment");

  const sinceMs = performance.now();
  const accepted = await payOnce(undefined, (key) => client.pay(recipient.trim(), amount, key));
  if (!accepted.ok) return log.error(errorLine(accepted.error));

  const waiting = spinner();
  waiting.start(`Sent ${amount} NBC to ${walletText(accepted.value.transaction.receiver)}`);
  const confirmed = await waitConfirmed(client, accepted.value.txid, {
    timeoutMs: CONFIRMATION_WAIT_MS_MAX,
  });
  if (confirmed.ok) {
    const [line = "", ...rest] = confirmedText(confirmed.value, performance.now() - sinceMs)
      .split("\n");
    waiting.stop(line);
    log.message(rest.join("\n"));
  } else if (confirmed.error.code === "wait-timeout") {
    waiting.stop("Sent, and still waiting for a block");
    log.message(accepted.value.txid);
  } else {
    waiting.error(errorLine(confirmed.error));
  }
}

function showAnswer<T>(
  answer: Result<T, ClientError>,
  title: string,
  textOf: (value: T) => string,
): void {
  if (answer.ok) note(textOf(answer.value), title);
  else log.error(errorLine(answer.error));
}

function errorLine({ message, code }: ClientError): string {
  return `${message} (${code})`;
}
