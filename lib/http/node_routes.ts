/**
 * Routes about the node itself and its network: status, parameters, ring, health, readiness, metrics.
 *
 * These answer before the node is ready, too: somebody wants to know what it waits for.
 *
 * @module
 */
import { createRoute } from "@hono/zod-openapi";
import { difficultyOf } from "../consensus/check_block.ts";
import { clockAheadOfPeersMs, leftBehindBy } from "../node/clock.ts";
import { blockCountOf, healthOf, joinedCountOf, ringKeysOf } from "../node/queries.ts";
import type { NodeState } from "../node/state.ts";
import { PROTOCOL_VERSION } from "../params.ts";
import {
  healthSchema,
  paramsSchema,
  readySchema,
  type RingJson,
  ringSchema,
  type StatusJson,
  statusSchema,
} from "../wire/api_network.ts";
import { createRoutes, ledgerOf, responses } from "./context.ts";
import { metricsText } from "./metrics_text.ts";
import type { ApiPorts } from "./ports.ts";
import { paramsJson, walletNamesOf } from "./present.ts";
import { refuse } from "./refuse.ts";

const statusRoute = createRoute({
  method: "get",
  path: "/status",
  tags: ["node"],
  summary: "Who the node is, how far it is, where its chain stands",
  responses: responses(statusSchema, "The node's status"),
});
const paramsRoute = createRoute({
  method: "get",
  path: "/params",
  tags: ["node"],
  summary: "What all nodes of the network agree on",
  responses: responses(paramsSchema, "The network's parameters"),
});
const ringRoute = createRoute({
  method: "get",
  path: "/ring",
  tags: ["node"],
  summary: "The nodes of the network and how well each is reached",
  responses: responses(ringSchema, "The ring"),
});
const healthRoute = createRoute({
  method: "get",
  path: "/health",
  tags: ["node"],
  summary: "Whether the process works",
  responses: {
    ...responses(healthSchema, "It works"),
    503: {
      description: "It does not",
      content: { "application/json": { schema: healthSchema } },
    },
  },
});
const readyRoute = createRoute({
  method: "get",
  path: "/ready",
  tags: ["node"],
  summary:
    "Whether the node has its place, its ring and its first coins, and can follow its network",
  responses: responses(readySchema, "It is ready"),
});

export function nodeRoutes(ports: ApiPorts) {
  const { node } = ports;
  return createRoutes()
    .openapi(statusRoute, (c) => c.json(statusJson(ports), 200))
    .openapi(paramsRoute, (c) => {
      const context = ledgerOf(ports);
      if (!context.ok) return refuse(c, context.error);
      return c.json(paramsJson(context.value.ledger.params), 200);
    })
    .openapi(ringRoute, (c) => c.json(ringJson(node, ports.nowMs()), 200))
    .openapi(healthRoute, (c) => {
      const reason = ports.sickness();
      return reason === undefined
        ? c.json({ healthy: true, reason: null }, 200)
        : c.json({ healthy: false, reason }, 503);
    })
    .openapi(readyRoute, (c) => {
      const { phase } = node;
      if (phase !== "ready") return refuse(c, { code: "not-ready", phase });
      const behind = node.network && leftBehindBy(node, node.network);
      if (behind !== undefined) return refuse(c, { code: "clock-behind", ...behind });
      return c.json({ ready: true as const, phase }, 200);
    })
    .get("/metrics", (c) => {
      c.header("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
      return c.body(metricsText(ports));
    });
}

function statusJson(ports: ApiPorts): StatusJson {
  const { node, version, startedAtMs } = ports;
  const { config, network, phase } = node;
  const { publicKey } = config.keyPair;
  const nowMs = ports.nowMs();
  const mining = ports.mining();
  const peers = [...node.peers.values()];
  return {
    version,
    protocolVersion: PROTOCOL_VERSION,
    role: config.role.kind,
    phase,
    wallet: walletNamesOf(node)(publicKey),
    publicKey,
    url: config.record.url,
    startedAtMs,
    nowMs: nowMs + node.wallOffsetMs,
    clock: { aheadOfPeersMs: clockAheadOfPeersMs(node) ?? null, isFar: node.isClockFar },
    warnings: warningsOf(ports),
    nodesJoined: joinedCountOf(node),
    peersConnected: peers.filter((peer) => healthOf(node, peer, nowMs) === "connected").length,
    params: network === undefined ? null : paramsJson(network.params),
    chain: network === undefined ? null : {
      height: network.chain.height,
      tipHash: network.chain.tip.hash,
      tipTimestampMs: network.chain.tip.header.timestampMs,
      tipDifficulty: difficultyOf(network.chain.tip.header.compactTarget, network.params),
      work: String(network.chain.tip.work),
      blockCount: blockCountOf(network),
      transactionsWaiting: network.mempool.size,
      poolDigest: network.mempool.digest.toString(16).padStart(16, "0"),
    },
    mining: {
      enabled: config.isMining && !(network?.work.isPaused ?? false),
      active: mining.isSearching,
      hashesPerSecond: mining.hashesPerSecond,
    },
  };
}

/** What a person has to do something about, in words. */
function warningsOf({ node, sickness }: ApiPorts): StatusJson["warnings"] {
  const warnings: StatusJson["warnings"] = [];
  if (sickness() === "store-failed") {
    const text = "This node cannot write to its disk: it takes no payments, and goes on by " +
      "itself once it can";
    warnings.push({ code: "store-failed", text });
  }
  if (node.isClockFar) {
    const aheadMs = clockAheadOfPeersMs(node) ?? 0;
    const seconds = Math.round(Math.abs(aheadMs) / 1000);
    const text = `This machine's clock is ${seconds} s ${aheadMs < 0 ? "behind" : "ahead of"} ` +
      "the clocks of its peers: set it right";
    warnings.push({ code: "clock-far", text });
  }
  const behind = node.network && leftBehindBy(node, node.network);
  if (behind !== undefined) {
    const { height, peersHeight } = behind;
    const text = `This node cannot follow its network, which is at block ${peersHeight}: by its ` +
      `clock those after ${height} are of the future; it catches up once the clock is right`;
    warnings.push({ code: "chain-behind", text });
  }
  return warnings;
}

/** The ring in the order of the ids, then whoever else is known: observers. */
function ringJson(node: NodeState, nowMs: number): RingJson {
  const walletOf = walletNamesOf(node);
  const self = node.config.keyPair.publicKey;
  const ring = ringKeysOf(node);
  const inRing = new Set(ring);
  const others = [...node.peers.keys()].filter((publicKey) => !inRing.has(publicKey));
  const records = node.network?.membership.records ?? [];
  const urls = new Map(records.map((record) => [record.publicKey, record.url]));

  return {
    complete: node.network?.membership.ring !== undefined,
    nodesWanted: node.network?.params.nodes ?? null,
    nodes: [...ring, ...others].map((publicKey) => {
      const peer = node.peers.get(publicKey);
      const isSelf = publicKey === self;
      const own = { url: node.config.record.url, tipHeight: node.network?.chain.height ?? null };
      return {
        wallet: walletOf(publicKey),
        publicKey,
        url: isSelf ? own.url : peer?.url ?? urls.get(publicKey) ?? null,
        self: isSelf,
        health: isSelf ? "self" : peer === undefined ? "unknown" : healthOf(node, peer, nowMs),
        tipHeight: isSelf ? own.tipHeight : peer?.status?.tipHeight ?? null,
        heardAtMs: peer === undefined || peer.heardAtMs === 0
          ? null
          : peer.heardAtMs + node.wallOffsetMs,
        score: peer?.score ?? null,
      };
    }),
  };
}
