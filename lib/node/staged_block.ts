/**
 * Blocks of many transactions, taken in by stages, one a turn.
 *
 * ```
 * announced: header → stop mining │ body put together │ checked │ stored │ against the coins … │ connected │ settled …
 * own:       checked, stored → announced                                  │ against the coins … │ connected │ settled …
 * ```
 *
 * Looking at a header takes microseconds, taking in a block of thousands takes as long as others need to
 * find a rival. So what must not wait comes first: a miner leaves the old tip as soon as a header with valid
 * work stands on it, and the maker of a block tells of it as soon as the disk has it. What comes between two
 * stages is either unconcerned, as payments are, or waits until the block is done: nobody sees half of one.
 *
 * With the turn that connects it the block is the tip for everybody. What that leaves to be done is seen by
 * nobody, and done a piece at a time while the mining goes on.
 *
 * A header costs its maker a block's work, and stops the mining for no longer than its block is looked at:
 * with a body that does not come, or breaks a rule, the mining goes on at once.
 *
 * @module
 */
import { checkHeaderAgainstParent, checkHeaderWork } from "../consensus/check_block.ts";
import { nextCompactTarget } from "../consensus/difficulty/next_target.ts";
import type { BlockHash, Header } from "../primitives/header.ts";
import type { NodeInput } from "./input.ts";
import type {
  LedgerView,
  NodeState,
  RelayPart,
  StagedBlock,
  StagedPart,
  SyncPart,
} from "./state.ts";
import { type DoorTurn, wallMsOf } from "./turn.ts";

/** A block of fewer transactions is taken in at once. */
export const STAGED_TRANSACTIONS_MIN = 64;

/** Tells whether a block is to be taken in by stages: it is large, and as far as its header says the next one. */
export function needsStages(
  turn: DoorTurn,
  { chain, staged, params }: LedgerView & StagedPart,
  block: {
    readonly hash: BlockHash;
    readonly header: Header;
    readonly transactionCount: number;
  },
): boolean {
  const { stagedTransactionsMin = STAGED_TRANSACTIONS_MIN } = turn.node.config;
  if (block.transactionCount < stagedTransactionsMin || staged !== undefined) return false;
  const { hash, header } = block;
  return header.previousHash === chain.tip.hash && chain.entry(hash) === undefined &&
    checkHeaderWork(header, hash, params).ok &&
    checkHeaderAgainstParent(header, chain.tip, wallMsOf(turn), params).ok;
}

/**
 * Tells whether an input is taken before all that waits, because others mine on an old tip meanwhile: a solution of
 * the own miner, and a block that will be taken in by stages. The transactions that wait before it come between.
 * A header comes first only once, as it stops the mining, and only with all the work that its parent demands: what
 * comes first is not to be had for less.
 */
export function comesFirst(
  { config, network }: Readonly<Pick<NodeState, "config" | "network">>,
  input: NodeInput,
): boolean {
  if (input.type === "mined") return true;
  const isBlock = input.type === "message" && input.message.type === "compact-block";
  if (!isBlock || network === undefined || network.staged !== undefined) return false;
  const { hash, header, txids } = input.message;
  const { chain, params } = network;
  const { stagedTransactionsMin = STAGED_TRANSACTIONS_MIN } = config;
  return txids.length >= stagedTransactionsMin &&
    header.previousHash === chain.tip.hash && chain.entry(hash) === undefined &&
    !isTried(network, hash) && header.compactTarget === nextCompactTarget(chain.tip, params) &&
    checkHeaderWork(header, hash, params).ok;
}

/**
 * Tells whether a block's body was looked for already: its header has stopped the mining once, and would do so
 * with every message that repeats it.
 */
export function isTried({ partialBlocks, sync }: RelayPart & SyncPart, hash: BlockHash): boolean {
  return partialBlocks.has(hash) || sync.wanted.has(hash);
}

/** Leaves the rest of a block to a later turn. Nothing is mined until then. */
export function putOff(turn: DoorTurn, network: StagedPart, staged: StagedBlock): void {
  network.staged = staged;
  turn.isWorkStale = true;
  turn.effects.push({ type: "continue" });
}

/** Tells whether an input may come between the stages of a block: it neither reads nor changes the chain; time waits. */
export function mayInterrupt(input: NodeInput): boolean {
  switch (input.type) {
    case "pay":
    case "submit":
    case "tick":
      return true;
    case "message":
      return input.message.type === "transactions";
    default:
      return false;
  }
}
