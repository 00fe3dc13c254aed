/**
 * Pays through a node's API, for a replay.
 *
 * @module
 */
import type { ApiClient, ClientError } from "../client/api_client.ts";
import { INSUFFICIENT_FUNDS, type Payer, type PaymentAnswer } from "../workload/payer.ts";

/** Where a payer learns of payments to its own wallet. */
export interface Arrivals {
  count(): number;
  onArrival(listener: () => void): () => void;
}

export function createApiPayer(
  { nodeId, client }: { readonly nodeId: number; readonly client: Pick<ApiClient, "pay"> },
  arrivals: Arrivals,
): Payer {
  return {
    nodeId,
    async pay(receiverId, amount) {
      const answer = await client.pay(receiverId, amount);
      return answer.ok ? { kind: "accepted", txid: answer.value.txid } : refusalOf(answer.error);
    },
    arrivals: arrivals.count,
    onArrival: arrivals.onArrival,
  };
}

function refusalOf(error: ClientError): PaymentAnswer {
  const { code } = error;
  if (error.kind !== "refused" || code !== INSUFFICIENT_FUNDS) return { kind: "refused", code };
  const { have, want } = error.evidence;
  return typeof have === "number" && typeof want === "number"
    ? { kind: "refused", code, lacking: want - have }
    : { kind: "refused", code };
}
