/**
 * Payments from a text, a line each: `id2 5`, `2 5` or `nbc1… 5`; blank lines and what follows a `#` are
 * skipped. Read as a whole before anything is paid, then sent in lists.
 *
 * Called by `noobcash client send --file`.
 *
 * @module
 */
import { parsePaymentAmount } from "../primitives/amount.ts";
import { err, ok, type Result } from "../result.ts";
import { PAYMENT_LIST_MAX, type PaymentRequestJson } from "../wire/api_wallet.ts";
import { parseWalletName } from "../wire/names.ts";
import type { ApiClient, ClientError } from "./api_client.ts";
import { payOnce } from "./pay_once.ts";

/** The most characters of a text: about half a million payments. */
export const PAYMENT_TEXT_SIZE_MAX = 16 * 1024 * 1024;

/** The first line that is no payment. */
export interface PaymentLineError {
  readonly lineNumber: number;
  readonly text: string;
}

/** What came of a whole list. */
export interface PaidList {
  readonly offered: number;
  readonly accepted: number;
  /** How many were refused, by code. */
  readonly refused: Readonly<Record<string, number>>;
  readonly payments: readonly {
    readonly to: string | number;
    readonly amount: number;
    readonly txid: string | null;
    readonly code: string | null;
  }[];
}

/** Reads all payments of a text. */
export function parsePaymentList(
  text: string,
): Result<readonly PaymentRequestJson[], PaymentLineError> {
  const payments: PaymentRequestJson[] = [];
  for (const [index, line] of text.replace(/^\uFEFF/, "").split(/\r\n|\n|\r/).entries()) {
    const content = line.replace(/#.*$/, "").trim();
    if (content === "") continue;
    const [to = "", amountText = "", ...more] = content.split(/[ \t]+/);
    const amount = parsePaymentAmount(amountText);
    if (parseWalletName(to) === undefined || amount === undefined || more.length > 0) {
      return err({ lineNumber: index + 1, text: content.slice(0, 60) });
    }
    payments.push({ to, amount });
  }
  return ok(payments);
}

/** Reads a file, or stdin where it is called `-`; the reason where that cannot be done. */
export async function readPaymentText(path: string): Promise<Result<string, string>> {
  try {
    const file = path === "-" ? Deno.stdin : await Deno.open(path);
    let text = "";
    for await (const part of file.readable.pipeThrough(new TextDecoderStream())) {
      text += part;
      if (text.length > PAYMENT_TEXT_SIZE_MAX) return err("it has more than 16 MiB");
    }
    return ok(text);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return err("there is no such file");
    if (error instanceof Deno.errors.IsADirectory) return err("it is a folder");
    if (error instanceof Deno.errors.PermissionDenied) return err("there is no permission for it");
    throw error;
  }
}

/**
 * Pays all of them, list after list; ends early only when the node cannot be asked any more.
 *
 * @param name begins the keys under which the lists are paid once
 */
export async function payList(
  client: Pick<ApiClient, "payAll">,
  payments: readonly PaymentRequestJson[],
  onProgress: (done: number) => void,
  name: string = crypto.randomUUID(),
): Promise<Result<PaidList, ClientError>> {
  const done: PaidList["payments"][number][] = [];
  const refused = new Map<string, number>();
  while (done.length < payments.length) {
    const part = payments.slice(done.length, done.length + PAYMENT_LIST_MAX);
    const from = done.length;
    const answer = await payOnce(
      `${name}/${from}`,
      (key) => client.payAll(part, key),
      { repeatWith: name },
    );
    if (!answer.ok) {
      const message = `${answer.error.message} (${done.length} of ${payments.length} payments ` +
        "had their answer before)";
      return err({ ...answer.error, message });
    }
    for (const [index, { to, amount }] of part.entries()) {
      const each = answer.value.answers[index];
      const txid = each !== undefined && "txid" in each ? each.txid : null;
      const code = each !== undefined && "error" in each ? each.error.code : null;
      if (code !== null) refused.set(code, (refused.get(code) ?? 0) + 1);
      done.push({ to, amount, txid, code });
    }
    onProgress(done.length);
  }
  return ok({
    offered: payments.length,
    accepted: done.filter(({ txid }) => txid !== null).length,
    refused: Object.fromEntries([...refused].sort(([a], [b]) => a < b ? -1 : 1)),
    payments: done,
  });
}
