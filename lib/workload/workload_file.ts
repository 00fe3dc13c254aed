/**
 * A workload's files: what each node pays to whom, one payment a line, in order.
 *
 * `transactions<id>.txt` holds the lines of the node with that id. A line is `id2 5` or `2 5`: pay 5 NBC
 * to node 2. Lines end with CRLF, LF or the end of the file; blank lines and what follows a `#` are
 * skipped; spaces and tabs around and between the words do not count. Ids and amounts are plain decimal
 * numbers without a sign, an exponent or zeros in front. A line of any other shape is kept as malformed
 * with its number, so that offered = accepted + rejected holds for it, too.
 *
 * Pure: text in, lines out. Who is in the network and what a wallet holds is not known here.
 *
 * Called by lint, by the generator and by whoever reads files for a replay.
 *
 * @module
 */
import { type Amount, parsePaymentAmount } from "../primitives/amount.ts";

/** A line that pays. */
export interface PaymentLine {
  readonly kind: "payment";
  readonly lineNumber: number;
  readonly receiverId: number;
  readonly amount: Amount;
}

export type MalformedCode = "line-malformed" | "receiver-malformed" | "amount-malformed";

/** A line that cannot be read. */
export interface MalformedLine {
  readonly kind: "malformed";
  readonly lineNumber: number;
  readonly code: MalformedCode;

  /** The line, cut where it is very long. */
  readonly text: string;
}

export type WorkloadLine = PaymentLine | MalformedLine;

/** What one node is to pay. */
export interface WorkloadFile {
  readonly nodeId: number;
  readonly fileName: string;
  readonly lines: readonly WorkloadLine[];
}

/** The files of nodes 0, 1, … in that order. */
export type Workload = readonly WorkloadFile[];

const SHOWN_CHARACTERS_MAX = 60;

export function workloadFileName(nodeId: number): string {
  return `transactions${nodeId}.txt`;
}

/**
 * Reads the text of one file.
 *
 * @example
 * ```ts
 * import { parseWorkloadFile } from "./workload_file.ts";
 * import assert from "node:assert/strict";
 *
 * const { lines } = parseWorkloadFile(0, "id2 5\r\n\r\n10 7");
 * assert.deepEqual(lines.map((line) => line.kind === "payment" && line.receiverId), [2, 10]);
 * assert.equal(lines[1]?.lineNumber, 3);
 * ```
 */
export function parseWorkloadFile(nodeId: number, text: string): WorkloadFile {
  const lines: WorkloadLine[] = [];
  const texts = text.replace(/^\uFEFF/, "").split(/\r\n|\n|\r/);
  for (const [index, lineText] of texts.entries()) {
    const line = parseLine(index + 1, lineText);
    if (line !== undefined) lines.push(line);
  }
  return { nodeId, fileName: workloadFileName(nodeId), lines };
}

/** Writes payments as the course's files have them: `id2 5`, CRLF at every line's end. */
export function formatWorkloadFile(
  payments: readonly Pick<PaymentLine, "receiverId" | "amount">[],
): string {
  return payments.map(({ receiverId, amount }) => `id${receiverId} ${amount}\r\n`).join("");
}

/** Says of a malformed line what was got and wanted. */
export function describeMalformed(fileName: string, line: MalformedLine): string {
  const wanted = {
    "line-malformed": `"id<receiver> <amount>"`,
    "receiver-malformed": `a node id such as "id2" or "2"`,
    "amount-malformed": "a whole number of coins, at least 1",
  }[line.code];
  return `Cannot read ${fileName}:${line.lineNumber}: got ${
    JSON.stringify(line.text)
  }, wanted ${wanted}`;
}

function parseLine(lineNumber: number, text: string): WorkloadLine | undefined {
  const content = text.replace(/#.*$/, "").trim();
  if (content === "") return undefined;

  const [receiverText, amountText, ...more] = content.split(/[ \t]+/);
  if (receiverText === undefined || amountText === undefined || more.length > 0) {
    return malformed("line-malformed");
  }
  const receiverMatch = /^(?:id)?(0|[1-9][0-9]{0,5})$/.exec(receiverText);
  if (receiverMatch === null) return malformed("receiver-malformed");
  const amount = parsePaymentAmount(amountText);
  if (amount === undefined) return malformed("amount-malformed");
  return { kind: "payment", lineNumber, receiverId: Number(receiverMatch[1]), amount };

  function malformed(code: MalformedCode): MalformedLine {
    const shown = content.length > SHOWN_CHARACTERS_MAX
      ? content.slice(0, SHOWN_CHARACTERS_MAX) + "…"
      : content;
    return { kind: "malformed", lineNumber, code, text: shown };
  }
}
