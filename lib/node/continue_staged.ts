/**
 * The later stages of a block that is taken in by stages: its body put together, checked and stored, looked
 * at against the coins, connected.
 *
 * @module
 */
import type { BlockEntry } from "../consensus/block_tree.ts";
import { peerVerdictOf } from "../consensus/rule_table.ts";
import { assembleBlock } from "../primitives/block.ts";
import { unreachable } from "../result.ts";
import { type AssembledBlock, judgeBody, takeCompactBlock } from "./compact_block.ts";
import { adoptBlock, settleSome, storeBlock } from "./doors.ts";
import type { NodeInput } from "./input.ts";
import { penalise, SCORE_MAX } from "./peer_table.ts";
import { mayInterrupt, putOff } from "./staged_block.ts";
import type { Ledger, Network, RelayPart, StagedBlock, StagedPart, SyncPart } from "./state.ts";
import type { DoorTurn, PeersTurn, Turn } from "./turn.ts";
import { logOwnRefusal } from "./work.ts";

/** So many transactions are held against the coins in a turn: well under two milliseconds. */
const CHECKED_TRANSACTIONS = 512;

/**
 * Goes on with a staged block: by one turn, or to its end before anything that it concerns. Where there is none,
 * does some of what the last one has left, if it is asked to.
 */
export function continueStaged(
  turn: Turn,
  network: Network,
  input: NodeInput,
): void {
  const isAsked = input.type === "continue";
  if (network.staged === undefined) {
    if (isAsked && settleSome(network)) turn.effects.push({ type: "continue" });
    return;
  }
  if (!isAsked && mayInterrupt(input)) return;
  do {
    const { staged } = network;
    if (staged === undefined) return;
    network.staged = undefined;
    turn.isWorkStale = true;
    takeStage(turn, network, { staged, isOneTurn: isAsked });
  } while (!isAsked);
}

function takeStage(
  turn: Turn,
  network: Network,
  { staged, isOneTurn }: { readonly staged: StagedBlock; readonly isOneTurn: boolean },
): void {
  switch (staged.stage) {
    case "announced": {
      const { from, message } = staged;
      const peer = turn.node.peers.get(from);
      if (peer !== undefined) takeCompactBlock(turn, network, { peer, message });
      return;
    }
    case "assembled":
      return examineStagedBlock(turn, network, staged);
    case "sound":
      return storeStagedBlock(turn, network, staged);
    case "stored":
      if (!isOneTurn) return connectStagedBlock(turn, network, staged);
      return putOff(turn, network, checkSome(network, staged));
    case "checked":
      return connectStagedBlock(turn, network, staged);
    default:
      return unreachable(staged);
  }
}

/** Checks some more of a block that is on disk against the coins. */
function checkSome(
  { chain }: Pick<Ledger, "chain">,
  staged: Extract<StagedBlock, { readonly entry: BlockEntry }>,
): StagedBlock {
  const hasMore = chain.prepare(staged.entry, CHECKED_TRANSACTIONS);
  return hasMore ? staged : { ...staged, stage: "checked" };
}

/** Checks the body of a staged block. */
function examineStagedBlock(
  turn: DoorTurn & PeersTurn,
  network: Ledger & SyncPart & RelayPart & StagedPart,
  { header, hash, transactions, from }: AssembledBlock,
): void {
  const block = assembleBlock(header, transactions, hash);
  const examined = network.chain.examine(block);
  if (examined.ok) return putOff(turn, network, { stage: "sound", block, from });
  judgeBody(turn, network, { block, from, taken: examined });
}

/** Keeps a staged block whose body was checked. */
function storeStagedBlock(
  turn: DoorTurn & PeersTurn,
  network: Ledger & SyncPart & RelayPart & StagedPart,
  { block, from }: Extract<StagedBlock, { readonly stage: "sound" }>,
): void {
  const stored = storeBlock(turn, network, block);
  if (stored.ok) {
    putOff(turn, network, { stage: "stored", entry: stored.value, from, isAnnounced: false });
  }
  judgeBody(turn, network, { block, from, taken: stored });
}

/** Connects a staged block that is on disk. */
function connectStagedBlock(
  turn: DoorTurn & PeersTurn,
  network: Ledger,
  { entry, from, isAnnounced }: Extract<StagedBlock, { readonly entry: BlockEntry }>,
): void {
  if (isAnnounced) turn.announced = entry.hash;
  const taken = adoptBlock(turn, network, entry, from);
  turn.effects.push({ type: "continue" });
  if (taken.ok) return;
  const { code } = taken.error;
  if (from === undefined) return logOwnRefusal(turn, taken.error);
  const peer = turn.node.peers.get(from);
  if (peer !== undefined && peerVerdictOf(code) === "reject") penalise(turn, peer, SCORE_MAX, code);
}
