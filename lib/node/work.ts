/**
 * What to mine, and whether to mine at all.
 *
 * - `capacity` transactions wait: a full block, at once.
 * - Fewer wait: a partly filled one when the oldest has waited for the network's block wait, when an
 *   operator says so, or when the start-up payouts are in it; in a strict network only the last.
 * - None wait: nothing, but in a network with empty blocks.
 *
 * Also settles ties at rest (D4): when this node mines nothing and another block is as heavy as the tip,
 * the lower hash wins after a while, so that a quiet network ends on one tip.
 *
 * @module
 */
import { noChange } from "../consensus/chain_change.ts";
import { createTemplate, selectTransactions, solveTemplate } from "../mining/template.ts";
import { startupHeight } from "../params.ts";
import { followChain, takeBlock } from "./doors.ts";
import type { Network, WorkState } from "./state.ts";
import { log, type Turn, wakeBy } from "./turn.ts";

/** Templates that a late solution may belong to. */
const RECENT_TEMPLATES_MAX = 8;

export function newWorkState(): WorkState {
  return {
    lastJobId: 0,
    current: undefined,
    recent: new Map(),
    isPaused: false,
    flushBlocks: 0,
    tieSinceMs: undefined,
  };
}

/** Takes in a solution; one for an old template becomes a side block, never lost (F07). */
export function onMined(
  turn: Turn,
  network: Network,
  solution: { readonly jobId: number; readonly timestampMs: number; readonly nonce: number },
): void {
  const { work } = network;
  const template = work.recent.get(solution.jobId);
  if (template === undefined) return;
  work.recent.delete(solution.jobId);
  if (work.current?.jobId === solution.jobId) work.current = undefined;
  turn.isWorkStale = true;

  const taken = takeBlock(turn, network, solveTemplate(template, solution), undefined);
  if (taken.ok) return;
  const { code } = taken.error;
  // An operator may have invalidated the parent meanwhile.
  if (code !== "block-already-known" && code !== "block-parent-invalid") {
    log(turn, "error", "The own miner made a block that is refused", { ...taken.error });
  }
}

/** Starts, changes or stops the mining, as tip and pool want it. Called at the end of a turn. */
export function reviewWork(turn: Turn, network: Network): void {
  const { node } = turn;
  const { work } = network;
  if (turn.newTip !== undefined && work.flushBlocks > 0) work.flushBlocks--;
  const wanted = wantedCount(turn, network);
  // What waits is mined: the order holds for nothing that comes later.
  if (wanted === undefined) work.flushBlocks = 0;
  const isMiner = node.config.isMining && (!work.isPaused || work.flushBlocks > 0) &&
    (node.phase === "ready" || node.phase === "starting-up");
  const count = isMiner ? wanted : undefined;
  settleTieAtRest(turn, network, count);
  if (count === undefined) return stopWork(turn, work);

  const { chain, mempool, params } = network;
  const current = work.current;
  if (current !== undefined && current.template.header.previousHash === chain.tip.hash) {
    if (current.isFull || current.template.transactions.length === count) return;
  }

  const transactions = selectTransactions(mempool.entries(), params);
  const template = createTemplate(chain.tip, transactions, {
    params,
    miner: node.config.keyPair.publicKey,
    nowMs: turn.nowMs,
  });
  const jobId = ++work.lastJobId;
  const isFull = transactions.length === params.capacity || transactions.length < count;
  work.current = { jobId, template, isFull };
  work.recent.set(jobId, template);
  for (const oldest of work.recent.keys()) {
    if (work.recent.size <= RECENT_TEMPLATES_MAX) break;
    work.recent.delete(oldest);
  }
  turn.effects.push({ type: "mine", jobId, template });
}

/** The mining is looked at anew even if neither tip nor pool size changed. */
export function discardTemplate(network: Network): void {
  network.work.current = undefined;
}

/** How many transactions the next block is to have, whoever mines it; `undefined` for none yet. */
function wantedCount(turn: Turn, network: Network): number | undefined {
  const { chain, mempool, params, work } = network;
  if (mempool.size >= params.capacity) return params.capacity;

  const nextHeight = chain.height + 1;
  const startup = startupHeight(params);
  if (params.strict) {
    return mempool.size > 0 && nextHeight === startup ? mempool.size : undefined;
  }
  if (params.emptyBlocks) return mempool.size;
  const oldest = mempool.oldest;
  if (oldest === undefined) return undefined;
  if (work.flushBlocks > 0 || nextHeight <= startup) return mempool.size;

  const dueAtMs = oldest.arrivedAtMs + params.blockWaitMs;
  if (turn.nowMs >= dueAtMs) return mempool.size;
  wakeBy(turn, dueAtMs);
  return undefined;
}

function stopWork(turn: Turn, work: WorkState): void {
  if (work.current === undefined) return;
  work.current = undefined;
  turn.effects.push({ type: "stop-mining" });
}

/** A tie stands and this node mines nothing: after a while the lower hash wins. */
function settleTieAtRest(turn: Turn, network: Network, count: number | undefined): void {
  const { chain, work } = network;
  const isTie = chain.rivals.some((rival) => rival.hash < chain.tip.hash);
  if (!isTie || count !== undefined) {
    work.tieSinceMs = undefined;
    return;
  }
  if (turn.newTip !== undefined) work.tieSinceMs = undefined;
  work.tieSinceMs ??= turn.nowMs;
  const dueAtMs = work.tieSinceMs + turn.node.config.timing.tieSettleMs;
  if (turn.nowMs < dueAtMs) return wakeBy(turn, dueAtMs);

  const change = noChange();
  chain.settleTie(change);
  followChain(turn, network, change, undefined);
  work.tieSinceMs = undefined;
  wakeBy(turn, turn.nowMs);
  log(turn, "info", "Settled a tie for the lower hash", { tip: chain.tip.hash });
}
