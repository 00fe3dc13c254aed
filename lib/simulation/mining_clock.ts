/**
 * Mining in a simulated world: a Poisson clock at each node's hash rate, and the nonce that it finds.
 *
 * @module
 */
import { targetHexOf } from "../consensus/check_block.ts";
import type { Params } from "../params.ts";
import { hashHeader, type Header } from "../primitives/header.ts";
import { type CompactTarget, targetOfCompact, workOfTarget } from "../primitives/target.ts";
import { invariant } from "../result.ts";
import type { SimNode } from "./sim_node.ts";

/** Really searches, so that the block meets its target like any other. */
export function searchNonce(
  { miningStream }: SimNode,
  header: Omit<Header, "nonce">,
  { params, wallMs }: { readonly params: Params; readonly wallMs: number },
): Pick<Header, "timestampMs" | "nonce"> {
  const targetHex = targetHexOf(header.compactTarget, params);
  const timestampMs = Math.max(header.timestampMs, wallMs) as typeof header.timestampMs;
  let nonce = miningStream.u32();
  while (hashHeader({ ...header, timestampMs, nonce }) > targetHex) nonce = (nonce + 1) >>> 0;
  return { timestampMs, nonce };
}

/** Sets a node's clock anew; when it strikes, a node that mines has found a block. */
export function windUp(node: SimNode, nowMs: number): void {
  const waitMs = node.miningStream.exponential(1 / node.plan.blocksPerMs) * node.strikeWork;
  node.strikeAtMs = nowMs + waitMs;
}

/**
 * A node mines at another difficulty: what is left until its clock strikes grows or shrinks with the work.
 *
 * @returns whether it strikes at another time now
 */
export function retarget(node: SimNode, compactTarget: CompactTarget, nowMs: number): boolean {
  const params = node.state?.network?.params;
  if (params === undefined || params.difficultyAdjustment === "none") return false;
  const target = targetOfCompact(compactTarget);
  invariant(target !== undefined, "A template has a target");
  const work = Number(workOfTarget(target)) / Number(params.workPerBlock);
  if (work === node.strikeWork || !(node.plan.blocksPerMs > 0)) return false;
  const leftMs = (node.strikeAtMs - nowMs) * work / node.strikeWork;
  node.strikeWork = work;
  node.strikeAtMs = nowMs + leftMs;
  return true;
}
