/**
 * What a restart would find, compared with the node that runs.
 *
 * @module
 */
import { createNode, step } from "../node/node.ts";
import type { Network } from "../node/state.ts";
import type { SimNode } from "../simulation/sim_node.ts";
import { demand } from "./violation.ts";

/**
 * Starts a second node from the same disk and compares it with the one that runs; gives what the second
 * one knows.
 *
 * @param nowMs the node's own clock
 */
export function auditRestart(node: SimNode, nowMs: number): Network | undefined {
  const live = node.state?.network;
  const snapshot = node.plan.disk.load();
  if (live === undefined) return undefined;
  demand(snapshot !== undefined, "disk-empty", () => `node ${node.index}`);
  const { verifier } = live;
  const second = createNode(node.config, node.plan.disk, {
    snapshot,
    verifierOf: () => verifier,
  });
  const again = second.network as Network;
  const fail = (what: string) => () => `node ${node.index}: ${what}`;
  demand(again.chain.tip.hash === live.chain.tip.hash, "restart-tip", fail("another tip"));
  demand(again.chain.size === live.chain.size, "restart-tree", fail("another tree"));
  for (const entry of live.chain.entries()) {
    const stored = again.chain.entry(entry.hash);
    const [kept, known] = [stored && again.chain.recordOf(stored), live.chain.recordOf(entry)];
    demand(
      kept?.status === known.status && kept.sequence === known.sequence &&
        kept.invalidCode === known.invalidCode && stored?.work === entry.work,
      "restart-entry",
      fail(`${entry.hash} ${kept?.status} ${known.status}`),
    );
  }
  demand(
    again.membership.id === live.membership.id &&
      again.membership.payoutsMade === live.membership.payoutsMade &&
      (again.membership.ring === undefined) === (live.membership.ring === undefined),
    "restart-membership",
    fail("another membership"),
  );
  demand(
    snapshot.pool.length + live.unwritten.size === live.mempool.size &&
      snapshot.pool.every(({ transaction: { txid } }) =>
        live.mempool.has(txid) && !live.unwritten.has(txid)
      ),
    "disk-pool",
    fail(
      `got ${snapshot.pool.length} transactions and ${live.unwritten.size} that are not written, ` +
        `wanted ${live.mempool.size}`,
    ),
  );
  const ownKey = node.config.keyPair.publicKey;
  for (const { transaction: { txid, sender } } of live.unwritten.values()) {
    demand(live.mempool.has(txid), "disk-pool", fail(`${txid} is to be written and does not wait`));
    demand(sender !== ownKey, "disk-own-payment", fail(`own payment ${txid} is not on the disk`));
  }

  step(second, { type: "start" }, nowMs);
  // Whether a node mines is not kept: one that mined on the first of a tie may be at rest now (D4).
  const { tip } = again.chain;
  const { staged } = live;
  if (staged?.stage === "stored" || staged?.stage === "checked") {
    const { hash } = staged.entry;
    const stored = again.chain.entry(hash);
    demand(
      tip.hash === hash || stored === undefined || again.chain.statusOf(stored) === "invalid",
      "restart-unconnected",
      fail(`${hash} lies on the disk and was not connected`),
    );
    return undefined;
  }
  if (tip !== again.chain.entry(live.chain.tip.hash)) {
    demand(
      live.chain.rivals.some(({ hash }) => hash === tip.hash) && tip.hash < live.chain.tip.hash,
      "restart-tip",
      fail("another tip after its start"),
    );
    return again;
  }
  for (const txid of live.mempool.txids()) {
    const isThere = again.mempool.has(txid) || live.unwritten.has(txid);
    demand(isThere, "restart-pool", fail(`lost ${txid}`));
  }
  for (const txid of again.mempool.txids()) {
    demand(live.mempool.has(txid), "restart-pool", fail(`found ${txid}`));
  }
  const failed = (network: Network) => [...network.failed.keys()].sort().join();
  demand(
    failed(again) === failed(live),
    "restart-failed",
    fail(`got ${failed(again)}, wanted ${failed(live)}`),
  );
  return again;
}
