/**
 * A transaction's life in words: made, seen, fallen out, back, in a block, refused.
 *
 * Who looks at one node, at a whole network or at a recording knows more or less of it; the words are the
 * same. Pure.
 *
 * @module
 */
import type { Language } from "../../translation.ts";
import type { TransactionStateJson } from "../../wire/api_chain.ts";
import { codeText } from "../texts/refusal_texts.ts";
import type { Texts } from "../texts/texts.ts";

/** What is known of a life. */
export interface Life {
  readonly madeAt?: number | undefined;
  readonly seenBy?: { readonly nodes: number; readonly of: number } | undefined;
  /** How often it fell out of the chain. */
  readonly fellOut?: number | undefined;
  readonly now:
    | { readonly state: "confirmed"; readonly height: number; readonly confirmations: number }
    | { readonly state: "pending" }
    | { readonly state: "failed"; readonly code: string };
}

/** What one node tells of it. */
export function stepsOf(state: TransactionStateJson): Life {
  switch (state.state) {
    case "confirmed": {
      const { height, confirmations } = state;
      return { now: { state: "confirmed", height: height ?? 0, confirmations } };
    }
    case "pending":
      return { now: { state: "pending" } };
    case "failed":
      return { now: { state: "failed", code: state.reasonCode ?? "?" } };
  }
}

export function lifeSteps(text: Texts, language: Language, life: Life): readonly string[] {
  const { madeAt, seenBy, fellOut = 0, now } = life;
  return [
    ...(madeAt === undefined ? [] : [text("tx.life.made", { node: text("node", { n: madeAt }) })]),
    ...(seenBy === undefined || seenBy.nodes === 0
      ? []
      : [text("tx.life.seen", { n: seenBy.nodes, total: seenBy.of })]),
    ...(fellOut > 0 ? [text("tx.life.fell", { n: fellOut })] : []),
    ...(fellOut > 0 && now.state === "confirmed" ? [text("tx.life.back")] : []),
    ...endOf(text, language, now),
  ];
}

function endOf(text: Texts, language: Language, now: Life["now"]): readonly string[] {
  switch (now.state) {
    case "confirmed":
      return [
        text("tx.life.block", { height: now.height }),
        text("tx.life.confirmed", { n: now.confirmations }),
      ];
    case "pending":
      return [text("tx.life.waiting")];
    case "failed":
      return [text("tx.life.refused", { code: codeText(language, now.code) })];
  }
}
