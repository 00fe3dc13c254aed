/**
 * What to mine, and whether to mine at all.
 *
 * - `capacity` transactions wait: a full block, at once.
 * - Fewer wait: a partly filled one when the oldest has waited for the network's block wait, when an
 *   operator says so, or when the start-up payouts are in it; in a strict network only the last.
 * - No transaction waits: nothing is mined, unless the network has empty blocks.
 *
 * A new tip is mined on at once. Transactions that come in while a job is under way are added to it
 * together, not each by itself, so a transaction costs the same however many wait.
 *
 * Also settles ties at rest (D4): while this node mines, the tip that it saw first stands; when it mines
 * nothing, the lowest hash among the heaviest wins at once. All nodes have the same rule, and each change
 * lowers the hash, so a quiet network ends on one tip and nothing flaps.
 *
 * @module
 */
import { medianTimePast } from "../consensus/check_block.ts";
import type { BlockError } from "../consensus/rule_table.ts";
import { solveTemplate, TemplateDraft } from "../mining/template.ts";
import { FUTURE_TIME_MS_MAX, startupHeight } from "../params.ts";
import { changeChain, storeBlock, takeBlock, youngInPool } from "./doors.ts";
import type { Suspect } from "./peer.ts";
import { penalise, SCORE_MAX } from "./peer_table.ts";
import { RecentTemplates } from "./recent_templates.ts";
import { needsStages, putOff } from "./staged_block.ts";
import type { Ledger, LedgerView, NodeState, StagedPart, WorkPart, WorkState } from "./state.ts";
import {
  type DoorTurn,
  log,
  type PeersTurn,
  type SpeakingTurn,
  type TimedTurn,
  type Turn,
  wakeBy,
  wallMsOf,
} from "./turn.ts";

/** A template that is not full is searched for so long before what came in meanwhile is added to it. */
const TEMPLATE_AGE_MS_MIN = 50;

/** Looks whether this node is far enough to mine, and says what is to be mined. */
type WorkTurn = SpeakingTurn & { readonly node: Readonly<Pick<NodeState, "phase">> };

export function newWorkState(): WorkState {
  return {
    lastJobId: 0,
    current: undefined,
    recent: new RecentTemplates(),
    isPaused: false,
    flushBlocks: 0,
  };
}

/** Takes in a solution; one for an old template becomes a side block, never lost (F07). */
export function onMined(
  turn: DoorTurn,
  network: Ledger & WorkPart & StagedPart,
  solution: { readonly jobId: number; readonly timestampMs: number; readonly nonce: number },
): void {
  const { work } = network;
  const template = work.recent.take(solution.jobId);
  if (template === undefined) return;
  if (work.current?.jobId === solution.jobId) work.current = undefined;
  turn.isWorkStale = true;

  const block = solveTemplate(template, solution);
  const { hash, header, transactions } = block;
  if (!needsStages(turn, network, { hash, header, transactionCount: transactions.length })) {
    const taken = takeBlock(turn, network, block, undefined);
    return taken.ok ? undefined : logOwnRefusal(turn, taken.error);
  }
  const stored = storeBlock(turn, network, block);
  if (!stored.ok) return logOwnRefusal(turn, stored.error);
  turn.found = { hash, young: youngInPool(network, transactions, wallMsOf(turn)) };
  const entry = stored.value;
  putOff(turn, network, { stage: "stored", entry, from: undefined, isAnnounced: true });
}

/** Says that an own block is refused, unless that is nobody's fault. */
export function logOwnRefusal(turn: Pick<Turn, "effects">, error: BlockError): void {
  const { code } = error;
  // An operator may have invalidated the parent meanwhile, or the clock was set back.
  const isNobodysFault = code === "block-already-known" || code === "block-parent-invalid" ||
    code === "block-time-too-new";
  if (!isNobodysFault) {
    log(turn, "error", "The own miner made a block that is refused", { ...error });
  }
}

/** Starts, changes or stops the mining, as tip and pool want it. Called at the end of a turn. */
export function reviewWork(
  turn: WorkTurn & Readonly<Pick<DoorTurn, "newTip">>,
  network: LedgerView & WorkPart & StagedPart,
): void {
  const { mempool, params, work } = network;
  if (network.staged !== undefined) return stopWork(turn, work);
  if (countToMine(turn, network) === undefined) return stopWork(turn, work);
  const open = turn.newTip === undefined ? openDraft(network) : undefined;
  if (open === undefined) {
    const draft = new TemplateDraft(network.chain.tip, params);
    if (mempool.size > 0) draft.add(mempool.transactions());
    return startJob(turn, network, draft);
  }
  const { draft, madeAtMs } = open;
  if (draft.isFull || draft.transactionCount === mempool.size) return;
  // More came in. A full block is mined at once, a fuller one after a while: many come in a row.
  const dueAtMs = madeAtMs + TEMPLATE_AGE_MS_MIN;
  if (mempool.size < params.capacity && turn.nowMs < dueAtMs) return wakeBy(turn, dueAtMs);
  draft.add(mempool.transactions(draft.last?.txid));
  startJob(turn, network, draft);
}

/** What is being mined, if more can be added to it: same tip, and nothing of it has left the pool. */
function openDraft(
  { chain, mempool, work: { current } }: LedgerView & WorkPart,
): WorkState["current"] {
  if (current?.draft.tip !== chain.tip) return undefined;
  return current.poolRevision === mempool.revision ? current : undefined;
}

function startJob(
  turn: SpeakingTurn,
  { mempool, work }: LedgerView & WorkPart,
  draft: TemplateDraft,
): void {
  const { nowMs } = turn;
  const miner = turn.node.config.keyPair.publicKey;
  const template = draft.template({ miner, nowMs: wallMsOf(turn) });
  const jobId = ++work.lastJobId;
  work.current = { jobId, template, draft, poolRevision: mempool.revision, madeAtMs: nowMs };
  work.recent.add(jobId, template);
  turn.effects.push({ type: "mine", jobId, template });
}

/** A clock that is hours behind the chain cannot date a block that its own node would take. */
function mayDate(turn: TimedTurn, { chain }: LedgerView): boolean {
  return medianTimePast(chain.tip) < wallMsOf(turn) + FUTURE_TIME_MS_MAX;
}

/** What is mined is made anew, even if neither tip nor pool changed: it bears another date now. */
export function discardTemplate(network: WorkPart): void {
  network.work.current = undefined;
}

/** How many transactions this node wants to mine now; `undefined` when it is at rest. */
function countToMine(turn: WorkTurn, network: LedgerView & WorkPart): number | undefined {
  const { node: { config, phase } } = turn;
  const { work } = network;
  const wanted = wantedCount(turn, network);
  // Everything that waited is mined, and the order holds for nothing that comes later.
  if (wanted === undefined) work.flushBlocks = 0;
  const isMiner = config.isMining && (!work.isPaused || work.flushBlocks > 0) &&
    (phase === "ready" || phase === "starting-up") && mayDate(turn, network);
  return isMiner ? wanted : undefined;
}

/** How many transactions the next block is to have, whoever mines it; `undefined` for none yet. */
function wantedCount(turn: WorkTurn, network: LedgerView & WorkPart): number | undefined {
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

  // After a clock was set back, a payment waits for at most one more block wait.
  const wallMs = wallMsOf(turn);
  const waitsMs = wallMs - oldest.arrivedAtMs;
  if (waitsMs >= params.blockWaitMs || waitsMs < -params.blockWaitMs) return mempool.size;
  wakeBy(turn, turn.nowMs + params.blockWaitMs - waitsMs);
  return undefined;
}

function stopWork(turn: Pick<Turn, "effects">, work: WorkState): void {
  if (work.current === undefined) return;
  work.current = undefined;
  turn.effects.push({ type: "stop-mining" });
}

/** The main chain has another tip: one block of those that an operator ordered is there. */
export function countOrderedBlock({ work }: WorkPart): void {
  if (work.flushBlocks > 0) work.flushBlocks--;
}

/**
 * While this node mines nothing, the lowest hash among equally heavy blocks wins. True when the tip
 * changed; what the losing block had confirmed waits again then, so there may be something to mine.
 * A rival that breaks a rule is found out here, and costs the one who brought it as if it had been heavier.
 */
export function settleTie(
  turn: DoorTurn & WorkTurn & PeersTurn<Suspect>,
  network: Ledger & WorkPart & StagedPart,
): boolean {
  if (network.staged !== undefined) return false;
  if (network.chain.rivals.length === 0 || countToMine(turn, network) !== undefined) return false;
  const isSettled = changeChain(turn, network, undefined, (chain, change) => {
    const isSettled = chain.settleTie(change);
    for (const entry of change.marked) {
      const invalidCode = chain.invalidCodeOf(entry);
      const source = network.rivalSources.get(entry.hash);
      const peer = source === undefined ? undefined : turn.node.peers.get(source);
      if (peer !== undefined && invalidCode !== undefined) {
        penalise(turn, peer, SCORE_MAX, invalidCode);
      }
    }
    return isSettled;
  });
  if (isSettled) {
    log(turn, "debug", "Settled a tie for the lower hash", { tip: network.chain.tip.hash });
  }
  return isSettled;
}
