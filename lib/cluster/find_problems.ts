/**
 * Decides whether a replay's result counts (E05): all nodes agree, every coin is there, every accepted
 * transaction is confirmed. What was not seen in time spoils times, not results: it is a warning. Pure.
 *
 * @module
 */
import type { Finding, TransactionRecord } from "../measure/run_record.ts";
import type { AuditJson } from "../wire/api_chain.ts";

type Audit = Pick<AuditJson, "tipHash" | "supply" | "supplyExpected" | "utxoCommitment" | "height">;

export interface Findings {
  /** Why the result does not count; empty when it does. */
  readonly problems: readonly Finding[];
  readonly warnings: readonly Finding[];
}

export function findProblems(
  { hasSettled, audits, transactions, waiting, waitingMax, missedEvents }: {
    readonly hasSettled: boolean;
    readonly audits: readonly Audit[];
    readonly transactions: readonly Pick<
      TransactionRecord,
      "outcome" | "blockHeight" | "confirmedAtMs"
    >[];

    /** How many accepted transactions do not stand on the chain; counted from the records if not given. */
    readonly waiting?: number;

    /** How many accepted transactions a strict network may leave waiting. */
    readonly waitingMax: number;
    readonly missedEvents: number;
  },
): Findings {
  const problems: Finding[] = [];
  const warnings: Finding[] = [];
  const tips = new Set(audits.map(({ tipHash }) => tipHash));
  const commitments = new Set(audits.map(({ utxoCommitment }) => utxoCommitment));
  const wrongSupply = audits.findIndex(({ supply, supplyExpected }) => supply !== supplyExpected);
  const accepted = transactions.filter(({ outcome }) => outcome === "accepted");
  const unconfirmed = waiting ?? accepted.filter(({ blockHeight }) => blockHeight === null).length;
  const timeless =
    accepted.filter((each) => each.blockHeight !== null && each.confirmedAtMs === null).length;

  if (!hasSettled) add("not-settled", "Nothing moved any more, but transactions waited");
  if (tips.size > 1) add("not-converged", `The nodes ended on ${tips.size} tips`);
  else if (commitments.size > 1) {
    add("states-differ", `At one tip the nodes hold ${commitments.size} sets of unspent outputs`);
  }
  if (wrongSupply >= 0) {
    const { supply, supplyExpected } = audits[wrongSupply] as Audit;
    add("supply-wrong", `Node ${wrongSupply} has ${supply} coins, not ${supplyExpected}`);
  }
  if (unconfirmed > waitingMax) {
    add("not-confirmed", `${unconfirmed} accepted transactions were not confirmed`);
  }
  if (missedEvents > 0) {
    warnings.push({
      code: "events-missed",
      text: `${missedEvents} events or more were not heard in time; reorganisations may lack`,
    });
  }
  if (timeless > 0) {
    warnings.push({
      code: "times-missing",
      text:
        `When ${timeless} transactions were confirmed is not known; latencies are those of the ` +
        "others",
    });
  }
  return { problems, warnings };

  function add(code: string, text: string): void {
    problems.push({ code, text });
  }
}
