/**
 * The dashboard's picture of the node: read once, then again whenever the event stream says that
 * something changed.
 *
 * ```
 * event → what it makes stale → read anew, at most once in 150 ms → listeners
 * ```
 *
 * The stream reconnects by itself; after a gap everything is read again. While a node is not ready, or
 * cannot be reached, the last picture stands and says so.
 *
 * @module
 */
import type { BlockListJson, MempoolJson, TipsJson } from "../../wire/api_chain.ts";
import type { ApiEventJson, ApiEventType } from "../../wire/api_events.ts";
import type { RingJson, StatusJson } from "../../wire/api_network.ts";
import type { BalanceListJson } from "../../wire/api_wallet.ts";
import { document } from "./browser.ts";

/** How many blocks the chain view shows. */
export const BLOCKS_SHOWN = 40;
const WAITING_SHOWN = 12;
/** What the page has room for. */
const WALLETS_READ = 40;
const EVENTS_SHOWN = 30;
const READ_INTERVAL_MS_MIN = 150;
const COSTLY_INTERVAL_MS_MIN = 1_000;
const RECONNECT_DELAY_MS = 2_000;
/** The ring's health and the rates change without an event. */
const REFRESH_INTERVAL_MS = 2_000;

export interface NodeData {
  readonly isConnected: boolean;
  readonly status: StatusJson | undefined;
  readonly ring: RingJson | undefined;
  readonly blocks: BlockListJson | undefined;
  readonly tips: TipsJson | undefined;
  readonly mempool: MempoolJson | undefined;
  readonly balances: BalanceListJson | undefined;
  /** The newest first. */
  readonly events: readonly ApiEventJson[];
}

type Part = "status" | "ring" | "blocks" | "tips" | "mempool" | "balances";

const PATHS: Readonly<Record<Part, string>> = {
  status: "/status",
  ring: "/ring",
  blocks: `/blocks?limit=${BLOCKS_SHOWN}`,
  tips: "/tips",
  mempool: `/mempool?limit=${WAITING_SHOWN}`,
  balances: `/balances?limit=${WALLETS_READ}`,
};
const ALL_PARTS = Object.keys(PATHS) as Part[];

const STALE_AFTER: Readonly<Record<ApiEventType, readonly Part[]>> = {
  "phase": ALL_PARTS,
  "block": ["status", "blocks", "tips", "mempool", "balances"],
  "side-block": ["status", "tips"],
  "reorg": ["status", "blocks", "tips", "mempool", "balances"],
  "transaction": ["mempool", "balances"],
  "transaction-removed": ["mempool", "balances"],
  "peer": ["ring", "status"],
  "transactions-seen": ["mempool", "balances"],
  "lagged": ALL_PARTS,
};

/** Starts to watch the node that the page came from; calls back with each new picture. */
export function watchNode(onData: (data: NodeData) => void): void {
  let data: NodeData = {
    isConnected: false,
    status: undefined,
    ring: undefined,
    blocks: undefined,
    tips: undefined,
    mempool: undefined,
    balances: undefined,
    events: [],
  };
  const stale = new Set<Part>();
  let isReading = false;
  const readAtMs = new Map<Part, number>();

  function change(part: Partial<NodeData>): void {
    data = { ...data, ...part };
    onData(data);
  }

  async function readStale(): Promise<void> {
    if (isReading) return;
    isReading = true;
    while (stale.size > 0) {
      const parts = [...stale].filter((part) => mayRead(part));
      for (const part of parts) stale.delete(part);
      const read = await Promise.all(parts.map(readPart));
      change(Object.fromEntries(read.filter((entry) => entry !== undefined)));
      await new Promise((resolve) => setTimeout(resolve, READ_INTERVAL_MS_MIN));
    }
    isReading = false;
  }

  /** What walks much of a ledger is read once a second, however fast things happen. */
  function mayRead(part: Part): boolean {
    const restMs = part === "balances" || part === "tips" ? COSTLY_INTERVAL_MS_MIN : 0;
    if (Date.now() < (readAtMs.get(part) ?? 0) + restMs) return false;
    readAtMs.set(part, Date.now());
    return true;
  }

  function markStale(parts: readonly Part[]): void {
    for (const part of parts) stale.add(part);
    void readStale();
  }

  function listen(): void {
    const stream = new EventSource("/api/v1/events");
    stream.addEventListener("open", () => {
      change({ isConnected: true });
      markStale(ALL_PARTS);
    });
    stream.addEventListener("error", () => {
      change({ isConnected: false });
      // A browser tries again by itself when a connection breaks, but not after a refusal.
      if (stream.readyState === EventSource.CLOSED) setTimeout(listen, RECONNECT_DELAY_MS);
    });
    for (const type of Object.keys(STALE_AFTER) as ApiEventType[]) {
      stream.addEventListener(type, (message: MessageEvent<string>) => {
        const event = JSON.parse(message.data) as ApiEventJson;
        change({ events: [event, ...data.events].slice(0, EVENTS_SHOWN) });
        markStale(STALE_AFTER[type]);
      });
    }
  }

  listen();
  setInterval(() => {
    if (data.isConnected && !document.hidden) markStale(["status", "ring"]);
  }, REFRESH_INTERVAL_MS);
  onData(data);
}

/** Reads one part; nothing when the node cannot answer now. */
async function readPart(part: Part): Promise<[Part, unknown] | undefined> {
  try {
    const response = await fetch(`/api/v1${PATHS[part]}`);
    return response.ok ? [part, await response.json()] : undefined;
  } catch {
    return undefined;
  }
}
