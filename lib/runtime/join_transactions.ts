/**
 * Transactions that one batch of steps passes on, joined into fewer messages.
 *
 * Under load a batch holds hundreds of payments, each a message to every peer; encoding, sealing and
 * taking in a message costs more than what is in it. What goes to one peer is joined at the place of its
 * first part: nothing overtakes a block that was announced before it, and transactions may come before
 * the block that confirms them. Peers that get the same are given one message object.
 *
 * @module
 */
import type { Message, TransactionsMessage } from "../wire/message.ts";
import { messagesOfTransactions } from "../wire/transaction_messages.ts";
import type { OutwardEffect } from "./outward_effect.ts";

type Send = Extract<OutwardEffect, { readonly type: "send" }>;

interface Group {
  readonly effect: Send;
  readonly parts: TransactionsMessage[];
}

/** The same effects, in order, with what is passed on joined. */
export function joinTransactions(effects: readonly OutwardEffect[]): readonly OutwardEffect[] {
  const groups = new Map<string, Group>();
  const kept: (OutwardEffect | Group)[] = [];
  for (const effect of effects) {
    if (!isPassingOn(effect)) {
      kept.push(effect);
      continue;
    }
    const key = effect.publicKey ?? effect.url;
    const group = groups.get(key);
    // Another address is another way: what was sent there before stays before.
    if (group !== undefined && group.effect.url === effect.url) {
      group.parts.push(effect.message);
      continue;
    }
    const begun: Group = { effect, parts: [effect.message] };
    groups.set(key, begun);
    kept.push(begun);
  }
  if (kept.length === effects.length) return effects;

  const known: {
    readonly parts: readonly TransactionsMessage[];
    readonly joined: readonly Message[];
  }[] = [];
  return kept.flatMap((each) => {
    if (!("parts" in each)) return [each];
    const { effect, parts } = each;
    let same = known.find((other) => isSame(other.parts, parts));
    if (same === undefined) {
      same = {
        parts,
        joined: messagesOfTransactions(parts.flatMap(({ transactions }) => transactions)),
      };
      known.push(same);
    }
    return same.joined.map((message): Send => ({ ...effect, message }));
  });
}

function isPassingOn(
  effect: OutwardEffect,
): effect is Send & { readonly message: TransactionsMessage } {
  return effect.type === "send" && effect.message.type === "transactions";
}

function isSame(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((part, index) => part === b[index]);
}
