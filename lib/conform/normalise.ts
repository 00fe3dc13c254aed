/**
 * Brings an implementation's answers into one shape.
 *
 * @module
 */
import { Trouble } from "./trouble.ts";

/** A payment as `view` shows it. */
export interface PaymentView {
  readonly id: string | undefined;
  /** A node's index; `undefined` when it is no node's wallet. */
  readonly sender: number | undefined;
  readonly receiver: number | undefined;
  readonly amount: number;
  readonly raw: unknown;
}

export interface BlockView {
  readonly height: number;
  readonly hash: string;
  readonly previousHash: string;
  readonly nonce: string;
  readonly timestampMs: number | undefined;
  /** What the hash is of, as hex (`preimageHex`) or as text (`preimage`), where the adapter can tell. */
  readonly preimage: Uint8Array<ArrayBuffer> | undefined;
  readonly transactions: readonly PaymentView[];
  /** The block as the implementation writes it, for forging. */
  readonly raw: unknown;
}

type WalletOf = (wallet: unknown) => number | undefined;

export function wholeNumberOf(value: unknown, what: string): number {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  if (typeof number !== "number" || !Number.isFinite(number)) {
    throw new Trouble(
      "garbage",
      `${what}: got ${(JSON.stringify(value) ?? "nothing").slice(0, 120)}, wanted a number`,
    );
  }
  return number;
}

export function paymentView(value: unknown, walletOf: WalletOf): PaymentView {
  const fields = objectOf(value, "transaction");
  return {
    id: fields["id"] === undefined || fields["id"] === null ? undefined : String(fields["id"]),
    sender: walletOf(fields["sender"]),
    receiver: walletOf(fields["receiver"]),
    amount: wholeNumberOf(fields["amount"], "transaction amount"),
    raw: fields["raw"] ?? value,
  };
}

export function blockView(value: unknown, place: number, walletOf: WalletOf): BlockView {
  const fields = objectOf(value, "block");
  const { transactions } = fields;
  const list = Array.isArray(transactions)
    ? transactions
    : transactions === undefined
    ? []
    : [transactions];
  const height = fields["height"] === undefined
    ? place
    : wholeNumberOf(fields["height"], "block height");
  return {
    height,
    hash: textOf(fields["hash"]),
    previousHash: textOf(fields["previousHash"]),
    nonce: textOf(fields["nonce"]),
    timestampMs: timeOf(fields["timestamp"]),
    preimage: preimageOf(fields),
    transactions: list.map((item) => paymentView(item, walletOf)).map((payment) =>
      // Genesis is paid by nobody, though its "wallet 0" reads like node 0.
      height === 0 ? { ...payment, sender: undefined } : payment
    ),
    raw: fields["raw"] ?? value,
  };
}

function preimageOf(
  { preimage, preimageHex }: Record<string, unknown>,
): Uint8Array<ArrayBuffer> | undefined {
  if (typeof preimageHex === "string" && /^(?:[0-9a-f]{2})*$/i.test(preimageHex)) {
    return Uint8Array.fromHex(preimageHex);
  }
  return typeof preimage === "string" ? new TextEncoder().encode(preimage) : undefined;
}

/** Seconds and milliseconds are told apart by their size; texts are dates. */
function timeOf(value: unknown): number | undefined {
  const number = typeof value === "string" && /^[0-9.]+$/.test(value) ? Number(value) : value;
  if (typeof number === "number") return number < 1e11 ? number * 1000 : number;
  const parsed = typeof value === "string" ? Date.parse(value) : NaN;
  return Number.isFinite(parsed) ? parsed : undefined;
}

function objectOf(value: unknown, what: string): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw new Trouble(
    "garbage",
    `${what}: got ${(JSON.stringify(value) ?? "nothing").slice(0, 120)}, wanted an object`,
  );
}

function textOf(value: unknown): string {
  return value === undefined || value === null ? "" : String(value);
}
