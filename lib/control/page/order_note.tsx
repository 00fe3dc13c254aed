/**
 * Gives an order and says what came of it.
 *
 * @module
 */
import { refusalText } from "../../page/texts/refusal_texts.ts";
import { language, text } from "./common.tsx";
import { call } from "./room_client.ts";

export interface OrderOutcome {
  readonly isDone: boolean;
  readonly text: string;
}

export async function giveOrder(
  order: unknown,
  onOutcome: (outcome: OrderOutcome) => void,
): Promise<void> {
  const answer = await call<{ readonly done: string }>("/room/orders", order);
  onOutcome(
    answer.ok
      ? { isDone: true, text: text("order.done", { what: answer.value.done }) }
      : { isDone: false, text: text("order.failed", { reason: refusalText(language, answer) }) },
  );
}

export function OrderNote({ outcome }: { readonly outcome: OrderOutcome | undefined }) {
  return (
    <span class={`order-note small ${outcome?.isDone === false ? "bad" : "quiet"}`} role="status">
      {outcome?.text ?? ""}
    </span>
  );
}
