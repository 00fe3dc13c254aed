/**
 * The payments that stand in a chain, and how one of them is named, so that lists of them can be compared.
 *
 * @module
 */
import type { BlockView } from "./normalise.ts";

/** The payments between nodes in a chain, without genesis and the bootstrap node's payments at the start. */
export function paymentsIn(chain: readonly BlockView[], coins: number): readonly ChainPayment[] {
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
