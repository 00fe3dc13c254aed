/**
 * What an operator is told of a running node: events at their levels, and what it has been waiting for.
 *
 * Nothing is said twice in a row. A node that waits for long says for what, and what stands in the way:
 * nobody has to guess from silence (N06, N08).
 *
 * @module
 */
import type { Logger } from "@logtape/logtape";
import type { NodeEvent } from "../node/effect.ts";
import { joinedCountOf } from "../node/queries.ts";
import type { NodeState } from "../node/state.ts";
import type { HandshakeCode } from "../peers/link_error.ts";
import type { PeerFailure } from "../peers/peer_transport.ts";

export interface NodeWatch {
  event(event: NodeEvent): void;
  peerFailed(failure: PeerFailure): void;
  /** Somebody who called was turned away. */
  callerRefused(code: HandshakeCode): void;
  close(): void;
}

/**
 * How long a node waits before it says so at the level of warnings, how often after that, and how often it
 * says that callers were turned away for one reason.
 */
const DEFAULT_PATIENCE = { warnAfterMs: 5_000, warnEveryMs: 60_000, refusalEveryMs: 10_000 };

export function watchNode(
  node: NodeState,
  logger: Logger,
  { warnAfterMs, warnEveryMs, refusalEveryMs } = DEFAULT_PATIENCE,
): NodeWatch {
  let lastFailure: PeerFailure | undefined;
  let reportedCode: string | undefined;
  const refusals = new Map<HandshakeCode, { saidAtMs: number; unsaidCount: number }>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  waitFor(warnAfterMs);

  return {
    event,
    peerFailed,
    callerRefused,
    close: () => clearTimeout(timer),
  };

  function event(event: NodeEvent): void {
    const { type, ...properties } = event;
    switch (event.type) {
      case "phase":
        logger.info("The node is now: {phase}", properties);
        if (event.phase === "ready") clearTimeout(timer);
        return;
      case "block":
        return logger.debug("Block {height} is the tip", properties);
      case "reorg":
        return logger.info("The main chain changed above block {forkHeight}", properties);
      case "peer":
        return logger.info("Peer {publicKey}: {change}", properties);
      case "transaction":
        return logger.debug("Took in a transaction", { txid: event.transaction.txid });
      default:
        return logger.debug(type, properties);
    }
  }

  function peerFailed(failure: PeerFailure): void {
    lastFailure = failure;
    const { code } = failure;
    logger.debug("Cannot reach a peer", { ...failure });
    const isOwnMistake = code === "address-unproven" || code === "identity-mismatch" ||
      code === "protocol-version-unsupported";
    if (!isOwnMistake || code === reportedCode) return;
    reportedCode = code;
    const { url } = node.config.record;
    logger.error(MISTAKES[code], { code, peer: failure.url, advertised: url });
  }

  /** The first is said at once, those that follow are counted: who is turned away may come again and again. */
  function callerRefused(code: HandshakeCode): void {
    const nowMs = performance.now();
    const known = refusals.get(code) ?? { saidAtMs: -Infinity, unsaidCount: 0 };
    refusals.set(code, known);
    known.unsaidCount++;
    if (nowMs - known.saidAtMs < refusalEveryMs) return;
    logger.warning("Turned a caller away: {code}, {times} times since this was last said", {
      code,
      times: known.unsaidCount,
    });
    known.saidAtMs = nowMs;
    known.unsaidCount = 0;
  }

  function waitFor(delayMs: number): void {
    timer = setTimeout(() => {
      logger.warning(waitingText(), {
        phase: node.phase,
        ...(lastFailure !== undefined && { lastFailure }),
      });
      waitFor(warnEveryMs);
    }, delayMs);
  }

  function waitingText(): string {
    const { role } = node.config;
    switch (node.phase) {
      case "joining":
        return role.kind === "bootstrap"
          ? "Still founding the network"
          : `Still waiting for the bootstrap node at ${role.bootstrapUrl}`;
      case "waiting-for-ring": {
        const nodes = node.network?.params.nodes ?? "all";
        return `Still waiting for the ring: ${joinedCountOf(node)} of ${nodes} nodes have joined`;
      }
      default:
        return "Still waiting for the start-up payouts to be confirmed";
    }
  }
}

const MISTAKES = {
  "address-unproven":
    "Cannot talk to a peer: it does not reach this node at its advertised address (--advertise)",
  "identity-mismatch":
    "Cannot talk to a peer: another node answers at the address that one of the two advertises",
  "protocol-version-unsupported": "Cannot talk to a peer: it speaks another protocol version",
} as const;
