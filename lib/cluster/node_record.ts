/**
 * What a node spent on a run: the difference of its counters, and where it stands at the end. Pure.
 *
 * @module
 */
import type { NodeRecord } from "../measure/run_record.ts";
import type { AuditJson } from "../wire/api_chain.ts";
import type { NodeCounters } from "./node_counters.ts";

export function nodeRecord(
  id: number,
  { before, after, audit, reorgDepths }: {
    readonly before: NodeCounters;
    readonly after: NodeCounters;
    readonly audit: AuditJson;
    readonly reorgDepths: readonly number[];
  },
): NodeRecord {
  return {
    id,
    hashes: after.hashes - before.hashes,
    miningMs: after.miningMs - before.miningMs,
    cpuMs: after.cpuMs - before.cpuMs,
    memoryBytes: after.memoryBytes,
    messagesSent: after.messagesSent - before.messagesSent,
    bytesSent: after.bytesSent - before.bytesSent,
    reorgDepths,
    tipHash: audit.tipHash,
    supply: audit.supply,
    utxoCommitment: audit.utxoCommitment,
    balance: audit.balances.find(({ wallet }) => wallet.nodeId === id)?.confirmed ?? 0,
  };
}
