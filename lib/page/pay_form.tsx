/**
 * The form for a payment, in the control room and on a node's own page: who may pay differs, the form does
 * not.
 *
 * @module
 */
import { useState } from "hono/jsx/dom";
import type { Language } from "../translation.ts";
import { valueOf } from "./browser.ts";
import type { ReadResult } from "./read_result.ts";
import { refusalText } from "./texts/refusal_texts.ts";
import type { Texts } from "./texts/texts.ts";

export interface Payment {
  readonly from: number;
  readonly to: string;
  readonly amount: number;
}

export interface PayFormProps {
  readonly text: Texts;
  readonly language: Language;
  readonly note?: string;
  readonly to?: string;
  /** Nobody takes orders just now; what is typed stays. */
  readonly isOffline?: boolean;
  /** Who can pay, when the reader may choose. */
  readonly senders?: {
    readonly count: number;
    readonly chosen: number;
    readonly onChoose: (node: number) => void;
  };
  readonly pay: (payment: Payment) => Promise<ReadResult<{ readonly txid: string }>>;
  /** It was answered, one way or the other. */
  readonly onAnswered: () => void;
}

export function PayForm(
  { text, language, note, to = "", isOffline = false, senders, pay, onAnswered }: PayFormProps,
) {
  const [receiver, setReceiver] = useState(to);
  const [amount, setAmount] = useState("1");
  const [outcome, setOutcome] = useState<{ isPaid: boolean; text: string } | undefined>(undefined);
  /** Whoever sees nothing happen clicks again, and would pay twice. */
  const [isPaying, setPaying] = useState(false);

  async function submit(event: { preventDefault(): void }): Promise<void> {
    event.preventDefault();
    if (isOffline || isPaying) return;
    setPaying(true);
    const paid = await pay({
      from: senders?.chosen ?? 0,
      to: receiver,
      amount: Number(amount),
    });
    setPaying(false);
    setOutcome(
      paid.ok ? { isPaid: true, text: text("wallets.sent", { txid: paid.value.txid }) } : {
        isPaid: false,
        text: text("wallets.refused", { reason: refusalText(language, paid) }),
      },
    );
    onAnswered();
  }

  return (
    <section class="panel" aria-labelledby="pay-title">
      <header>
        <h2 id="pay-title">{text("wallets.pay")}</h2>
        {note !== undefined && <span class="hint">{note}</span>}
      </header>
      <form class="orders pay" onSubmit={submit}>
        {senders !== undefined && (
          <label class="field">
            {text("wallets.from")}
            <select
              name="from"
              onChange={(event: Event) => senders.onChoose(Number(valueOf(event)))}
            >
              {Array.from(
                { length: senders.count },
                (_, node) => (
                  <option
                    key={String(node)}
                    value={String(node)}
                    selected={node === senders.chosen}
                  >
                    {text("node", { n: node })}
                  </option>
                ),
              )}
            </select>
          </label>
        )}
        <label class="field grow">
          {text("wallets.to")}
          <input
            name="to"
            value={receiver}
            placeholder={text("wallets.to.hint")}
            onInput={(event: Event) => setReceiver(valueOf(event))}
          />
        </label>
        <label class="field narrow">
          {text("wallets.amount")}
          <input
            name="amount"
            inputmode="numeric"
            value={amount}
            onInput={(event: Event) => setAmount(valueOf(event))}
          />
        </label>
        <button type="submit" class="primary" disabled={isOffline || isPaying}>
          {text("wallets.send")}
        </button>
      </form>
      <p class={`outcome small ${outcome?.isPaid === false ? "bad" : ""}`} role="status">
        {outcome?.text ?? ""}
      </p>
    </section>
  );
}
