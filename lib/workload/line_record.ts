/**
 * What became of one workload line: the raw record that every count and latency of a replay comes from.
 *
 * Times are milliseconds since 1970 with fractions, all of one clock: the replaying process's.
 *
 * @module
 */
import type { WorkloadLine } from "./workload_file.ts";

/** One line's record. Malformed lines were never submitted and are rejected with their own code. */
export interface LineRecord {
  readonly nodeId: number;
  readonly lineNumber: number;
  readonly receiverId: number | null;
  readonly amount: number | null;

  /** When the open loop wanted it to go out; null in a closed loop. */
  readonly scheduledAtMs: number | null;

  /** When its first attempt went out. */
  readonly submittedAtMs: number | null;

  /** When the answer that counts was there. */
  readonly answeredAtMs: number | null;

  /** How often it was sent: more than once only with retries. */
  readonly attempts: number;
  readonly outcome: "accepted" | "rejected";

  /** Why it was rejected: the node's code, or the file's. */
  readonly code: string | null;
  readonly txid: string | null;
}

/** Offered = accepted + rejected, by code. */
export interface LineCounts {
  readonly offered: number;
  readonly accepted: number;
  readonly rejected: Readonly<Record<string, number>>;
}

/** Counts records; the codes in alphabetical order. */
export function countLines(records: readonly LineRecord[]): LineCounts {
  const rejected = new Map<string, number>();
  let accepted = 0;
  for (const { outcome, code } of records) {
    if (outcome === "accepted") accepted++;
    else rejected.set(code ?? "unknown", (rejected.get(code ?? "unknown") ?? 0) + 1);
  }
  return {
    offered: records.length,
    accepted,
    rejected: Object.fromEntries([...rejected].sort(([a], [b]) => a < b ? -1 : 1)),
  };
}

/** What is known of a line before it is sent. */
export function unsentRecord(nodeId: number, line: WorkloadLine): LineRecord {
  return {
    nodeId,
    lineNumber: line.lineNumber,
    receiverId: line.kind === "payment" ? line.receiverId : null,
    amount: line.kind === "payment" ? line.amount : null,
    scheduledAtMs: null,
    submittedAtMs: null,
    answeredAtMs: null,
    attempts: 0,
    outcome: "rejected",
    code: line.kind === "malformed" ? line.code : null,
    txid: null,
  };
}
