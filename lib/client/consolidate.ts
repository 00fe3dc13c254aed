/**
 * Joins a wallet's coins: it pays itself, as many coins at a time as a payment may spend, until all it
 * can spend lies in one coin.
 *
 * Each payment takes the coin that the one before it made, so none of them waits for a block.
 *
 * @module
 */
import { err, ok, type Result } from "../result.ts";
import type { ApiClient, ClientError } from "./api_client.ts";

/** What came of it. */
export interface Consolidated {
  readonly coinsBefore: number;
  readonly coins: number;
  readonly available: number;
  readonly payments: readonly string[];
}

/** How far the joining has come. */
export interface ConsolidateProgress {
  readonly coinsBefore: number;
  readonly coins: number;
}

/** Only a wallet that receives coins faster than they are joined needs more payments than this. */
const PAYMENTS_MAX = 10_000;

export async function consolidate(
  client: Pick<ApiClient, "balance" | "params" | "pay">,
  onProgress: (progress: ConsolidateProgress) => void,
): Promise<Result<Consolidated, ClientError>> {
  const params = await client.params();
  if (!params.ok) return params;
  const payments: string[] = [];
  let coinsBefore: number | undefined;
  for (;;) {
    const balance = await client.balance();
    if (!balance.ok) return balance;
    const { coins, available } = balance.value;
    coinsBefore ??= coins;
    onProgress({ coinsBefore, coins });
    if (coins <= 1 || payments.length >= PAYMENTS_MAX) {
      return ok({ coinsBefore, coins, available, payments });
    }
    const paid = await payAtMost(client, available - params.value.fee);
    if (!paid.ok) return paid;
    payments.push(paid.value);
  }
}

/** Pays itself an amount, or as much as so many coins are worth. */
async function payAtMost(
  client: Pick<ApiClient, "pay">,
  amount: number,
): Promise<Result<string, ClientError>> {
  const all = await client.pay("self", Math.max(1, amount));
  if (all.ok) return ok(all.value.txid);
  const { error } = all;
  if (error.kind !== "refused" || error.code !== "too-many-coins-needed") return err(error);
  const part = await client.pay("self", Math.max(1, Number(error.evidence.payable)));
  return part.ok ? ok(part.value.txid) : err(part.error);
}
