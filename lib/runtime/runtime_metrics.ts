/**
 * What the runtime counts, as metrics: the queue, steps, disk, messages, hashes.
 *
 * @module
 */
import { resourceUsage } from "node:process";
import type { Metric } from "../http/ports.ts";
import type { MinerStats } from "../miner/miner.ts";
import type { IgnoredCounts } from "../node/ignored.ts";
import type { PeerStats } from "../peers/peer_transport.ts";
import type { TrafficCount } from "../peers/traffic.ts";
import type { LoopStats } from "./node_loop.ts";
import type { PaymentGateStats } from "./payment_gate.ts";

export function runtimeMetrics(
  { loop, gate, peers, miner, ignored, refusals }: {
    readonly loop: LoopStats;
    readonly gate: PaymentGateStats;
    readonly peers: PeerStats;
    readonly miner: MinerStats | undefined;
    readonly ignored: IgnoredCounts;
    /** How often each code stopped something. */
    readonly refusals: ReadonlyMap<string, number>;
  },
): Metric[] {
  const { userCPUTime, systemCPUTime, maxRSS } = resourceUsage();
  return [
    counter(
      "noobcash_processor_milliseconds_total",
      "Processor time of the process, of all threads",
      Math.round((userCPUTime + systemCPUTime) / 1000),
    ),
    gauge("noobcash_memory_bytes_max", "The most memory that was resident", 1024 * maxRSS),
    gauge("noobcash_queue_length", "Inputs that wait for the node", loop.queueLength),
    counter("noobcash_steps_total", "Inputs that the node has taken", loop.steps),
    counter("noobcash_batches_total", "Batches of inputs", loop.batches),
    counter("noobcash_step_milliseconds_total", "Time in steps of the node", loop.stepMs),
    counter("noobcash_commit_milliseconds_total", "Time in the store", loop.commitMs),
    counter("noobcash_perform_milliseconds_total", "Time in effects", loop.performMs),
    gauge("noobcash_batch_milliseconds_max", "The longest batch so far", loop.longestBatchMs),
    gauge("noobcash_peer_lag_milliseconds", "How far most members are behind", gate.lagMs),
    counter("noobcash_payments_delayed_total", "Payments that waited for peers", gate.delayed),
    counter(
      "noobcash_payments_delayed_milliseconds_total",
      "For how long they waited together",
      gate.delayedMs,
    ),
    gauge("noobcash_links_open", "Streams that this node has opened", peers.linksOpen),
    gauge("noobcash_streams_open", "Streams that peers have opened", peers.streamsOpen),
    counter(
      "noobcash_addresses_probed_total",
      "Addresses of joiners that were called",
      peers.addressesProbed,
    ),
    {
      name: "noobcash_handshakes_refused_total",
      help: "Handshakes refused, by code",
      type: "counter",
      samples: Object.entries(peers.handshakesRefused).map(([code, value]) => ({
        labels: { code },
        value,
      })),
    },
    traffic("noobcash_messages_sent_total", "Messages sent, by type", peers.sent, "messages"),
    traffic("noobcash_bytes_sent_total", "Bytes of messages sent, by type", peers.sent, "bytes"),
    traffic(
      "noobcash_messages_received_total",
      "Messages received, by type",
      peers.received,
      "messages",
    ),
    traffic(
      "noobcash_bytes_received_total",
      "Bytes of messages received, by type",
      peers.received,
      "bytes",
    ),
    counter("noobcash_frames_sent_total", "Frames sent", peers.framesSent),
    counter("noobcash_frames_received_total", "Frames received", peers.framesReceived),
    counter(
      "noobcash_messages_dropped_total",
      "Messages dropped before they were sent",
      peers.messagesDropped,
    ),
    counter("noobcash_frames_lost_total", "Frames taken by injected faults", peers.framesLost),
    {
      name: "noobcash_refusals_total",
      help: "What rules, policies and the node's state have stopped, by code",
      type: "counter",
      samples: [...refusals].map(([code, value]) => ({ labels: { code }, value })),
    },
    {
      name: "noobcash_messages_ignored_total",
      help: "Answers to no question, and what was known already",
      type: "counter",
      samples: Object.entries(ignored).map(([kind, value]) => ({ labels: { kind }, value })),
    },
    counter("noobcash_hashes_total", "Hashes tried", miner?.hashes ?? 0),
    gauge("noobcash_hashes_per_second", "Hash rate while mining", miner?.hashesPerSecond ?? 0),
    counter("noobcash_mining_milliseconds_total", "Time spent mining", miner?.activeMs ?? 0),
  ];
}

function counter(name: string, help: string, value: number): Metric {
  return { name, help, type: "counter", samples: [{ value }] };
}

function gauge(name: string, help: string, value: number): Metric {
  return { name, help, type: "gauge", samples: [{ value }] };
}

function traffic(
  name: string,
  help: string,
  counts: PeerStats["sent"],
  field: keyof TrafficCount,
): Metric {
  const samples = Object.entries(counts).map(([type, count]) => ({
    labels: { type },
    value: count[field],
  }));
  return { name, help, type: "counter", samples };
}
