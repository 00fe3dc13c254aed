/**
 * What spends at the command line: a payment, a list of them, and joining coins.
 *
 * Each parses, asks the node once and shows its answer.
 *
 * @module
 */
import { Command } from "@commander-js/extra-typings";
import { type CommandResult, runClient, show, usageError } from "./client_run.ts";
import type { ApiClient } from "./api_client.ts";
import { EXIT_CODES } from "../terminal/fail_command.ts";
import { createProgressLine, progressBar } from "../terminal/progress_line.ts";
import { wholeNumber } from "../terminal/option_values.ts";
import { waitConfirmed } from "./wait_confirmed.ts";
import { addressProblem } from "../crypto/address.ts";
import { parsePaymentAmount } from "../primitives/amount.ts";
import { parseWalletName } from "../wire/names.ts";

const views = () => import("./client_views.ts");

export function sendCommand() {
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
            `Cannot pay: the ${
              recipient === undefined ? "recipient" : "amount"
            } is missing, wanted ` +
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
        const { payOnce } = await import("./pay_once.ts");
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
    "./payment_list.ts"
  );
  const text = await readPaymentText(path);
  if (!text.ok) {
    return usageError("file-unreadable", `Cannot read "${path}": ${text.error}`);
  }
  const payments = parsePaymentList(text.value);
  if (!payments.ok) {
    const { lineNumber, text: line } = payments.error;
    return usageError(
      "line-malformed",
      `Cannot pay: got ${
        JSON.stringify(line)
      } in line ${lineNumber}, wanted "<recipient> <amount>"`,
    );
  }
  if (payments.value.length === 0) {
    return usageError("list-empty", `Cannot pay: got no payments in "${path}"`);
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

  const { confirmList } = await import("./wait_list.ts");
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

export function consolidateCommand() {
  return new Command("consolidate")
    .description("join the wallet's coins into one, so that it can pay large amounts at once")
    .action((_options, command) =>
      runClient(command, async ({ client }) => {
        const { consolidate } = await import("./consolidate.ts");
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
