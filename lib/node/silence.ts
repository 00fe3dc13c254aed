/**
 * What it means that an answer did not come: the peer's silence, or a node that did not listen.
 *
 * ```
 * deadline noticed late ──→ this node overslept: the wait begins anew, once
 * deadline noticed in time → the peer is charged, and left alone in the end, but never the last one
 * ```
 *
 * One silence is one fault, however much was asked. A node that is behind with its own work finds answers
 * in its queue after their deadlines; if it charged its peers for that it would leave all of them alone, and
 * mine by itself.
 *
 * @module
 */
import type { PublicKey } from "../crypto/keys.ts";
import { isUsable, penalise, SCORE_MAX, scoreAt } from "./peer_table.ts";
import type { Wait } from "./state.ts";
import { type PeersTurn, type SpeakingTurn, wakeBy } from "./turn.ts";

/** What it costs a peer not to answer. */
export const STALL_POINTS = 20;
/** A deadline that is noticed later than this was overslept. */
export const OVERSLEPT_MS = 250;

/** Begins to wait for an answer. */
export function beginWait(turn: SpeakingTurn): Wait {
  return waitFrom(turn, false);
}

/**
 * Looks at the clock.
 *
 * @returns the wait to go on with: the same, or one that begins anew because this node overslept its end,
 * which it does once; `undefined` when it is over
 */
export function goOnWaiting(turn: SpeakingTurn, wait: Wait): Wait | undefined {
  if (wait.deadlineMs > turn.nowMs) {
    wakeBy(turn, wait.deadlineMs);
    return wait;
  }
  if (wait.isRenewed || !isOverslept(turn, wait)) return undefined;
  return waitFrom(turn, true);
}

/**
 * Counts a question that was not answered in time. What was asked before a silence was charged belongs to
 * it: a link that fails for a moment loses all that is open at once, and the whole costs what the dearest
 * of its questions does. Costs nothing where this node was late itself, and never the last peer that can be
 * asked: a slow one is better than none.
 */
export function penaliseStall(
  turn: PeersTurn,
  publicKey: PublicKey,
  { wait, points }: {
    readonly wait: Pick<Wait, "askedAtMs" | "deadlineMs">;
    readonly points: number;
  },
): void {
  const { node, nowMs } = turn;
  const peer = node.peers.get(publicKey);
  if (peer === undefined || isOverslept(turn, wait)) return;
  const { silence } = peer;
  // A clock that was put back excuses nobody.
  const isSame = wait.askedAtMs < silence.chargedAtMs && silence.chargedAtMs <= nowMs;
  if (!isSame) peer.silence = { chargedAtMs: nowMs, points };
  else if (points > silence.points) peer.silence = { ...silence, points };
  const owed = isSame ? points - silence.points : points;
  if (owed <= 0) return;
  const pointsMax = hasOther(turn, publicKey) ? owed : SCORE_MAX - 1 - scoreAt(peer, nowMs);
  penalise(turn, peer, Math.max(0, Math.min(owed, pointsMax)), "peer-stalls");
}

function waitFrom(turn: SpeakingTurn, isRenewed: boolean): Wait {
  const askedAtMs = turn.nowMs;
  const deadlineMs = askedAtMs + turn.node.config.timing.requestTimeoutMs;
  wakeBy(turn, deadlineMs);
  return { askedAtMs, deadlineMs, isRenewed };
}

function isOverslept(
  { nowMs }: SpeakingTurn,
  { deadlineMs }: Pick<Wait, "deadlineMs">,
): boolean {
  return nowMs - deadlineMs > OVERSLEPT_MS;
}

/** Tells whether anybody else can be asked. */
function hasOther({ node, nowMs }: PeersTurn, publicKey: PublicKey): boolean {
  for (const peer of node.peers.values()) {
    if (peer.publicKey !== publicKey && isUsable(peer, nowMs)) return true;
  }
  return false;
}
