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
import { refusalText } from "../page/texts/refusal_texts.ts";
import type { Result } from "../result.ts";
import { createTexts, type Language } from "../translation.ts";
import { selfName } from "../terminal/self_command.ts";
import { parseWalletName } from "../wire/names.ts";
import { type Connection, reportError } from "./client_run.ts";
import { CLIENT_TEXTS, type ClientTexts } from "./texts.ts";
import { balanceText, confirmedText, lastTransactionsText, walletText } from "./client_views.ts";
import { tableText } from "./table_text.ts";

/** How long the menu waits for a confirmation before it goes on without. */
const CONFIRMATION_WAIT_MS_MAX = 15_000;

/** Runs the menu until the user leaves it. */
export async function runMenu(connection: Connection, language: Language): Promise<void> {
  const { client, url } = connection;
  const told = createTexts(CLIENT_TEXTS, language);
  const status = await client.status();
  if (!status.ok) return await reportError(status.error, connection);
  intro(told("intro", { node: walletText(status.value.wallet), url }));

  for (;;) {
    const choice = await select({
      message: told("ask"),
      options: [
        { value: "pay", label: told("pay") },
        { value: "view", label: told("view") },
        { value: "balance", label: told("balance") },
        { value: "help", label: told("help") },
        { value: "exit", label: told("exit") },
      ],
    });
    if (isCancel(choice) || choice === "exit") return outro(told("bye"));
    switch (choice) {
      case "pay":
        await pay(client, told, language);
        break;
      case "view":
        showAnswer(await client.lastTransactions(), {
          title: told("view.title"),
          language,
          textOf: (value) => lastTransactionsText(value, told),
        });
        break;
      case "balance":
        showAnswer(await client.balance(), {
          title: told("balance"),
          language,
          textOf: (value) => balanceText(value, told),
        });
        break;
      case "help":
        note(helpText(told), told("help"));
        break;
    }
  }
}

function helpText(told: ClientTexts): string {
  const rows = (["pay", "view", "balance", "exit"] as const)
    .map((choice) => [told(choice), told(`help.${choice}`)] as const);
  const without = `${selfName()} client send 1 5 | view | balance | nodes | --help`;
  return tableText([told("help.choice"), told("help.does")], [
    ...rows,
    [told("help.without"), without],
  ]);
}

async function pay(client: ApiClient, told: ClientTexts, language: Language): Promise<void> {
  const recipient = await text({
    message: told("recipient"),
    placeholder: told("recipient.hint"),
    validate: (value) => {
      const name = (value ?? "").trim();
      if (parseWalletName(name) !== undefined) return undefined;
      const problem = addressProblem(name);
      return problem === undefined
        ? told("recipient.wrong")
        : told("recipient.mistyped", { problem });
    },
  });
  if (isCancel(recipient)) return cancel(told("cancelled"));
  const amountText = await text({
    message: told("amount"),
    placeholder: told("amount.hint"),
    validate: (value) =>
      parsePaymentAmount((value ?? "").trim()) === undefined ? told("amount.wrong") : undefined,
  });
  if (isCancel(amountText)) return cancel(told("cancelled"));
  const amount = parsePaymentAmount(amountText.trim());
  if (amount === undefined) return cancel(told("cancelled"));

  const sinceMs = performance.now();
  const accepted = await payOnce(undefined, (key) => client.pay(recipient.trim(), amount, key));
  if (!accepted.ok) return log.error(errorLine(accepted.error, language));

  const waiting = spinner();
  waiting.start(
    told("sent", { amount, receiver: walletText(accepted.value.transaction.receiver) }),
  );
  const confirmed = await waitConfirmed(client, accepted.value.txid, {
    timeoutMs: CONFIRMATION_WAIT_MS_MAX,
  });
  if (confirmed.ok) {
    const [line = "", ...rest] = confirmedText(confirmed.value, performance.now() - sinceMs, told)
      .split("\n");
    waiting.stop(line);
    log.message(rest.join("\n"));
  } else if (confirmed.error.code === "wait-timeout") {
    waiting.stop(told("waiting"));
    log.message(accepted.value.txid);
  } else {
    waiting.error(errorLine(confirmed.error, language));
  }
}

function showAnswer<T>(
  answer: Result<T, ClientError>,
  { title, language, textOf }: {
    readonly title: string;
    readonly language: Language;
    readonly textOf: (value: T) => string;
  },
): void {
  if (answer.ok) note(textOf(answer.value), title);
  else log.error(errorLine(answer.error, language));
}

/** A refusal in the menu's language, with its code. */
function errorLine({ message, code }: ClientError, language: Language): string {
  return language === "en" ? `${message} (${code})` : refusalText(language, { code, message });
}
