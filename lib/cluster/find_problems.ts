/**
 * Decides whether a replay's result counts (E05): all nodes agree, every coin is there, every accepted
 * transaction is confirmed, and nothing was missed in watching. Pure.
 *
 * @module
 */
import type { Finding, TransactionRecord } from "../measure/run_record.ts";
import type { AuditJson } from "../wire/api_chain.ts";

type Audit = Pick<AuditJson, "tipHash" | "supply" | "supplyExpected" | "utxoCommitment" | "height">;

/** Why the result does not count; empty when it does. */
export function findProblems(
  { hasSettled, audits, transactions, waitingMax, missedEvents }: {
    readonly hasSettled: boolean;
    readonly audits: readonly Audit[];
    readonly transactions: readonly Pick<TransactionRecord, "outcome" | "confirmedAtMs">[];

    /** How many accepted transactions a strict network may leave waiting. */
    readonly waitingMax: number;
    readonly missedEvents: number;
  },
): readonly Finding[] {
  const problems: Finding[] = [];
  const tips = new Set(audits.map(({ tipHash }) => tipHash));
  const commitments = new Set(audits.map(({ utxoCommitment }) => utxoCommitment));
  const wrongSupply = audits.findIndex(({ supply, supplyExpected }) => supply !== supplyExpected);
  const accepted = transactions.filter(({ outcome }) => outcome === "accepted");
  const waiting = accepted.filter(({ confirmedAtMs }) => confirmedAtMs === null).length;

  if (!hasSettled) add("not-settled", "Nothing moved any more, but transactions waited");
  if (tips.size > 1) add("not-converged", `The nodes ended on ${tips.size} tips`);
  else if (commitments.size > 1) {
    add("states-differ", `At one tip the nodes hold ${commitments.size} sets of unspent outputs`);
  }
  if (wrongSupply >= 0) {
    const { supply, supplyExpected } = audits[wrongSupply] as Audit;
    add("supply-wrong", `Node ${wrongSupply} has ${supply} coins, not ${supplyExpected}`);
  }
  if (waiting > waitingMax) {
    add("not-confirmed", `${waiting} accepted transactions were not confirmed`);
  }
  if (missedEvents > 0) {
    add("events-missed", `The nodes could not send ${missedEvents} events in time`);
  }
  return problems;

  function add(code: string, text: string): void {
    problems.push({ code, text });
  }
}
