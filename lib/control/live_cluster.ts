/**
 * The cluster behind a room: what its nodes tell goes into the room, orders and payments go to the nodes.
 *
 * ```
 * node → watch → put in order, held back a moment → room → browsers
 * page → order → fault console → nodes
 * ```
 *
 * Before a cluster is attached every node is starting, and orders are refused.
 *
 * @module
 */
import type { Cluster } from "../cluster/start_cluster.ts";
import type { FeedEvent, FeedHead, MarkKind } from "../page/feed.ts";
import type { OlderBlocks } from "../page/older_blocks.ts";
import { err, ok, type Result } from "../result.ts";
import { FaultConsole, type Untimed } from "./fault_console.ts";
import { FeedMerger } from "./merge_feed.ts";
import { readOlderBlocks } from "./older_blocks.ts";
import type { Order } from "./order.ts";
import type { Room } from "./room.ts";
import type { RoomPorts } from "./room_app.ts";
import type { Refusal } from "./room_refusal.ts";
import { type NodeWatch, watchNode } from "./watch_node.ts";

const FLUSH_INTERVAL_MS = 100;
const CLOCKS_INTERVAL_MS = 2_000;
/** How long a network waits for a room that listens to it. */
const ATTACH_MS_MAX = 2_000;

export interface LiveClusterOptions {
  readonly head: FeedHead;
  readonly room: Room;
  /** What the nodes were started with. */
  readonly secret: string;
  /** Milliseconds of the feed's clock. */
  readonly nowMs: () => number;
  /** The same clock from its own origin, with fractions. */
  readonly steadyMs: () => number;
}

export class LiveCluster {
  readonly #options: LiveClusterOptions;
  readonly #merger: FeedMerger;
  readonly #timer: ReturnType<typeof setInterval>;
  #cluster: Cluster | undefined;
  #faults: FaultConsole | undefined;
  #watches: readonly NodeWatch[] = [];
  #clocksToldMs = 0;

  constructor(options: LiveClusterOptions) {
    const { head, room } = options;
    this.#options = options;
    this.#merger = new FeedMerger({
      head,
      latencyMs: (from, to) => this.#faults?.latencyMs(from, to) ?? 0,
    });
    for (const [node, { faults }] of room.view.nodes.entries()) {
      room.tell([{ kind: "node", at: 0, node, run: "starting", faults }]);
    }
    this.#timer = setInterval(() => this.#flush(), FLUSH_INTERVAL_MS);
  }

  /** Begins to watch a network that is up. Resolves when each node that answers tells what it does. */
  async attach(cluster: Cluster): Promise<void> {
    const { room, secret, nowMs, steadyMs } = this.#options;
    this.#cluster = cluster;
    this.#faults = new FaultConsole({
      cluster,
      secret,
      tell: (event) => this.#tell(event),
      onClockMoved: (node) => {
        this.#watches[node]?.clock.reset();
        this.#watches[node]?.measure();
      },
    });
    cluster.watchLost(({ id }) => this.#faults?.noteLost(id));
    this.#watches = cluster.nodes.map(({ url }, node) =>
      watchNode({
        url,
        secret,
        nowMs: steadyMs,
        hasMessages: room.areMessagesWanted,
        onEvent: (event) => this.#merger.take(node, event),
        onLost: (messages) => this.#merger.add({ kind: "unseen", at: nowMs(), messages }),
        onClock: (meter) => this.#merger.align(node, meter.best()?.offsetMs ?? 0),
      })
    );
    for (const [node, { faults }] of room.view.nodes.entries()) {
      this.#tell({ kind: "node", node, run: "up", faults });
    }
    const patience = Promise.withResolvers<void>();
    const timer = setTimeout(patience.resolve, ATTACH_MS_MAX);
    await Promise.race([Promise.all(this.#watches.map(({ begun }) => begun)), patience.promise]);
    clearTimeout(timer);
  }

  /** Asks the nodes to tell every message, or to stop. */
  watchMessages(areWanted: boolean): void {
    for (const watch of this.#watches) watch.watchMessages(areWanted);
  }

  mark(kind: MarkKind, text: string, nodes: readonly number[] = []): void {
    this.#tell({ kind: "mark", mark: kind, text, nodes });
  }

  async order(order: Order): Promise<Result<string, Refusal>> {
    return await this.#faults?.order(order) ?? NOT_UP;
  }

  async pay(
    { from, to, amount }: { from: number; to: string | number; amount: number },
  ): Promise<Result<{ txid: string }, Refusal>> {
    const node = this.#cluster?.nodes[from];
    if (node === undefined) return NOT_UP;
    const paid = await node.client.pay(to, amount);
    return paid.ok ? ok({ txid: paid.value.txid }) : err(paid.error);
  }

  nodeUrl(node: number): string | undefined {
    return this.#cluster?.nodes[node]?.url;
  }

  /** Blocks that the room no longer has come from a node that runs. */
  async older(from: number, to: number): Promise<OlderBlocks> {
    const { room, secret } = this.#options;
    const urls = this.#cluster?.nodes.filter(({ id }) => this.#faults?.runOf(id) === "up")
      .map(({ url }) => url) ?? [];
    return await readOlderBlocks(room.view, { from, to, source: { secret, urls } });
  }

  /** A summary of the nodes and links. */
  network(): ReturnType<NonNullable<RoomPorts["network"]>> {
    const { view } = this.#options.room;
    return {
      nodes: view.nodes.map(({ run, faults, tip }, id) => ({
        id,
        run,
        height: view.blocks.get(tip ?? "")?.height ?? null,
        tip: tip ?? null,
        faults,
      })),
      links: this.#faults?.links ?? view.links,
    };
  }

  /** Puts what waits into the room, and stops listening to the nodes. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#flush();
    await Promise.all(this.#watches.map((watch) => watch.close()));
  }

  #flush(): void {
    const now = this.#options.nowMs();
    if (now - this.#clocksToldMs > CLOCKS_INTERVAL_MS && this.#watches.length > 0) {
      this.#clocksToldMs = now;
      const offsets = this.#watches.map(({ clock }) => {
        const best = clock.best();
        return best === undefined ? null : [tenths(best.offsetMs), tenths(best.errorMs)] as const;
      });
      this.#tell({ kind: "clocks", offsets });
    }
    this.#options.room.tell(this.#merger.flush(now));
  }

  #tell(event: Untimed<FeedEvent>): void {
    if (event.kind === "node" && event.run === "down") this.#merger.forgetGauge(event.node);
    this.#merger.add({ ...event, at: this.#options.nowMs() } as FeedEvent);
  }
}

const NOT_UP: Result<never, Refusal> = err({
  code: "not-up",
  message: "Cannot do that: the network is still starting",
});

/** Tenths of a millisecond are as exact as clocks are compared. */
export function tenths(ms: number): number {
  return Math.round(10 * ms) / 10;
}
