/**
 * The payments that stand in a chain, and how one of them is named, so that lists of them can be compared.
 *
 * @module
 */
import type { Adapter } from "./adapter_schema.ts";
import type { BlockView, PaymentView } from "./normalise.ts";
import { NotApplicable } from "./trouble.ts";

/** Where nobody can tell whose the wallets are, nothing about payments can be judged. */
export function demandKnownWallets(
  payments: readonly PaymentView[],
  { operations }: Pick<Adapter, "operations">,
): void {
  const isNobodys = ({ sender, receiver }: PaymentView) =>
    sender === undefined && receiver === undefined;
  if (operations.address !== undefined || !payments.some(isNobodys)) return;
  throw new NotApplicable(
    'payments name wallets that are no ids, and the adapter has no operation "address" to know them by',
  );
}

/** The payments between nodes in a chain, without genesis and the bootstrap node's payments at the start. */
export function paymentsIn(
  chain: readonly BlockView[],
  { operations, parameters: { coins } }: Pick<Adapter, "operations" | "parameters">,
): readonly ChainPayment[] {
  const behindGenesis = chain.filter(({ height }) => height > 0);
  demandKnownWallets(behindGenesis.flatMap(({ transactions }) => transactions), { operations });
  const paidOut = new Set<string>();
  return chain.flatMap(({ transactions }) => transactions).flatMap(
    ({ id, sender, receiver, amount }) => {
      const key = paymentKey({ from: sender, to: receiver, amount });
      const isPayout = sender === 0 && receiver !== 0 && amount === coins && !paidOut.has(key);
      if (isPayout) paidOut.add(key);
      return sender === undefined || isPayout ? [] : [{ id, key }];
    },
  );
}

export interface ChainPayment {
  readonly id: string | undefined;
  readonly key: string;
}

export function paymentKey(
  { from, to, amount }: { from: number | undefined; to: number | undefined; amount: number },
): string {
  return `node ${from} → node ${to}: ${amount}`;
}
