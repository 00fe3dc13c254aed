/**
 * Opens the control room of a cluster: the server, what watches the nodes, and what breaks them.
 *
 * ```
 * server → (page can be opened) → cluster ready → attach: watch every node → feed → browsers
 * ```
 *
 * Listens on loopback alone. Called by `noobcash cluster` and by lessons; whoever opens it closes it.
 *
 * @module
 */
import type { Cluster } from "../cluster/start_cluster.ts";
import type { FeedEvent, FeedHead, MarkKind } from "../page/feed.ts";
import { err, ok, type Result } from "../result.ts";
import { readOlderBlocks } from "./older_blocks.ts";
import { removeControlFile, writeControlFile } from "./control_file.ts";
import { decodeRecording, encodeRecording } from "./recording.ts";
import { Recorder } from "./recorder.ts";
import { sharedPage } from "./share_page.ts";
import { VERSION } from "../../build/build_info.ts";
import { FaultConsole, type Untimed } from "./fault_console.ts";
import { FeedMerger, ORDER_DELAY_MS } from "./merge_feed.ts";
import type { Order } from "./order.ts";
import { Room } from "./room.ts";
import { createRoomApp } from "./room_app.ts";
import type { Refusal } from "./room_refusal.ts";
import { secretText, Sessions } from "./session.ts";
import { type NodeWatch, watchNode } from "./watch_node.ts";

export interface RoomOptions {
  /** How the network was asked for. */
  readonly network: Pick<FeedHead, "title" | "capacity" | "difficulty" | "nodes">;
  /** Any free port when left out. */
  readonly port?: number;
  readonly language?: string | undefined;
  /** Of a lesson: a reader of the page wants the next step. */
  readonly onGoOn?: () => void;
  /** Records from the beginning; {@link OpenRoom.recording} gives it. */
  readonly isRecorded?: boolean;
  readonly onInternalError: (thrown: unknown) => void;
  /** Told what does not work, while the rest does. */
  readonly onWarning?: (text: string) => void;
}

export interface OpenRoom {
  readonly room: Room;
  readonly head: FeedHead;
  /** `http://127.0.0.1:port` */
  readonly url: string;
  /** What the cluster's nodes have to be started with. */
  readonly secret: string;
  /** A link that opens the page once. */
  createLink(): string;
  /** Milliseconds of the feed's clock. */
  nowMs(): number;
  /** Begins to watch a network that is up. Resolves when each node that answers tells what it does. */
  attach(cluster: Cluster): Promise<void>;
  /** Gives an order as the page would. */
  order(order: Order): Promise<Result<string, Refusal>>;
  /** Puts a mark into the feed: a lesson's step, a checker's verdict. */
  mark(mark: MarkKind, text: string, nodes?: readonly number[]): void;
  /** What was recorded so far, as a file; `undefined` when nothing was. */
  recording(): Promise<Uint8Array<ArrayBuffer> | undefined>;
  close(): Promise<void>;
}

const FLUSH_INTERVAL_MS = 100;
const CLOCKS_INTERVAL_MS = 2_000;
/** How long a network waits for a room that listens to it. */
const ATTACH_MS_MAX = 2_000;
/** How long what has happened takes into a recording: the nodes' own delay, the order's, and flushes. */
const RECORDING_DELAY_MS = ORDER_DELAY_MS + 1_000;

export function openRoom(options: RoomOptions): OpenRoom {
  let watches: readonly NodeWatch[] = [];
  const originMs = steadyMs();
  const head: FeedHead = { origin: "cluster", originMs: Math.floor(originMs), ...options.network };
  const nowMs = () => Math.round(10 * (steadyMs() - head.originMs)) / 10;
  const room = new Room(head, {
    onMessagesWanted(areWanted) {
      for (const watch of watches) watch.watchMessages(areWanted);
    },
  });
  const sessions = new Sessions(() => Date.now());
  const controlToken = sessions.createToken();
  const secret = secretText();
  let faults: FaultConsole | undefined;
  let cluster: Cluster | undefined;
  let clocksAt = 0;

  const merger = new FeedMerger({
    head,
    latencyMs: (from, to) => faults?.latencyMs(from, to) ?? 0,
  });
  for (let node = 0; node < head.nodes; node++) {
    room.tell([{
      kind: "node",
      at: 0,
      node,
      run: "starting",
      faults: room.view.nodes[node]?.faults as NonNullable<
        typeof room.view.nodes[number]
      >["faults"],
    }]);
  }

  const recorder = new Recorder(room, head);
  if (options.isRecorded === true) recorder.start();
  const app = createRoomApp({
    mode: "live",
    head,
    sessions,
    language: options.language,
    onInternalError: options.onInternalError,
    follow: (detail) => room.follow(detail),
    setDetail: (follower, detail) => room.setDetail(follower, detail),
    order,
    pay,
    network: () => ({
      nodes: room.view.nodes.map(({ run, faults, tip }, id) => ({
        id,
        run,
        height: room.view.blocks.get(tip ?? "")?.height ?? null,
        tip: tip ?? null,
        faults,
      })),
      links: faults?.links ?? room.view.links,
    }),
    older: (from, to) =>
      readOlderBlocks(room.view, {
        from,
        to,
        source: {
          secret,
          urls: cluster?.nodes.filter(({ id }) => faults?.runOf(id) === "up")
            .map(({ url }) => url) ?? [],
        },
      }),
    nodeUrl: (node) => cluster?.nodes[node]?.url,
    bookmark: (text) => mark("bookmark", text),
    ...(options.onGoOn !== undefined && { goOn: options.onGoOn }),
    recorder,
    sharePage,
  });
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: options.port ?? 0, onListen: () => {} },
    app.fetch,
  );
  const url = `http://127.0.0.1:${server.addr.port}`;
  const controlPath = leaveControlFile();
  const timer = setInterval(flush, FLUSH_INTERVAL_MS);

  return {
    room,
    head,
    url,
    secret,
    createLink: () => `${url}/#open=${sessions.createCode()}`,
    nowMs,
    attach,
    order,
    mark,
    async recording() {
      if (recorder.status().isRunning) {
        // What has just happened is still on its way here, and waits to be put in order.
        await new Promise((resolve) => setTimeout(resolve, RECORDING_DELAY_MS));
      }
      return await recorder.file();
    },
    close,
  };

  /** A machine that lets nothing be written there still has a room, without orders on the command line. */
  function leaveControlFile(): string | undefined {
    try {
      return writeControlFile({
        pid: Deno.pid,
        url,
        token: controlToken,
        nodes: head.nodes,
        startedAtMs: head.originMs,
      });
    } catch (error) {
      const got = error instanceof Error ? error.message : String(error);
      options.onWarning?.(`Cannot leave a file for noobcash cluster control: ${got}`);
      return undefined;
    }
  }

  async function attach(started: Cluster): Promise<void> {
    cluster = started;
    faults = new FaultConsole({
      cluster: started,
      secret,
      tell,
      onClockMoved: (node) => {
        watches[node]?.clock.reset();
        watches[node]?.measure();
      },
    });
    started.watchLost(({ id }) => faults?.noteLost(id));
    watches = started.nodes.map(({ url }, node) =>
      watchNode({
        url,
        secret,
        nowMs: steadyMs,
        hasMessages: room.areMessagesWanted,
        onEvent: (event) => merger.take(node, event),
        onLost: (messages) => merger.add({ kind: "unseen", at: nowMs(), messages }),
        onClock: (meter) => merger.align(node, meter.best()?.offsetMs ?? 0),
      })
    );
    for (let node = 0; node < head.nodes; node++) {
      const { faults } = room.view.nodes[node] as typeof room.view.nodes[number];
      tell({ kind: "node", node, run: "up", faults });
    }
    const patience = Promise.withResolvers<void>();
    const timer = setTimeout(patience.resolve, ATTACH_MS_MAX);
    await Promise.race([Promise.all(watches.map(({ begun }) => begun)), patience.promise]);
    clearTimeout(timer);
  }

  function flush(): void {
    const now = nowMs();
    if (now - clocksAt > CLOCKS_INTERVAL_MS && watches.length > 0) {
      clocksAt = now;
      const offsets = watches.map(({ clock }) => {
        const best = clock.best();
        return best === undefined ? null : [round(best.offsetMs), round(best.errorMs)] as const;
      });
      tell({ kind: "clocks", offsets });
    }
    room.tell(merger.flush(now));
  }

  function tell(event: Untimed<FeedEvent>): void {
    if (event.kind === "node" && event.run === "down") merger.forgetGauge(event.node);
    merger.add({ ...event, at: nowMs() } as FeedEvent);
  }

  function mark(kind: MarkKind, text: string, nodes: readonly number[] = []): void {
    tell({ kind: "mark", mark: kind, text, nodes });
  }

  async function order(order: Order): Promise<Result<string, Refusal>> {
    if (faults === undefined) return NOT_UP;
    return await faults.order(order);
  }

  async function pay(
    { from, to, amount }: { from: number; to: string | number; amount: number },
  ): Promise<Result<{ txid: string }, Refusal>> {
    const node = cluster?.nodes[from];
    if (node === undefined) return NOT_UP;
    const paid = await node.client.pay(to, amount);
    return paid.ok ? ok({ txid: paid.value.txid }) : err(paid.error);
  }

  /** The page of what was recorded; of what is seen now when nothing was. */
  async function sharePage(): Promise<Result<string, Refusal>> {
    const bytes = await recorder.file() ??
      await encodeRecording({ head, events: room.snapshot() }, VERSION);
    const recording = await decodeRecording(bytes);
    return recording.ok ? await sharedPage(recording.value, options.language) : recording;
  }

  async function close(): Promise<void> {
    clearInterval(timer);
    flush();
    await Promise.all(watches.map((watch) => watch.close()));
    if (controlPath !== undefined) removeControlFile(controlPath);
    room.close();
    await server.shutdown();
  }
}

const NOT_UP: Result<never, Refusal> = err({
  code: "not-up",
  message: "Cannot do that: the network is still starting",
});

/** The machine's time, which nobody can set back, with fractions. */
function steadyMs(): number {
  return performance.timeOrigin + performance.now();
}

function round(ms: number): number {
  return Math.round(10 * ms) / 10;
}
