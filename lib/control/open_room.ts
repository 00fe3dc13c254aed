/**
 * Opens the control room of a cluster: the server, the recorder, and what watches and breaks the nodes.
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
import type { FeedHead, MarkKind } from "../page/feed.ts";
import type { Result } from "../result.ts";
import { removeControlFile, writeControlFile } from "./control_file.ts";
import { decodeRecording, encodeRecording } from "./recording.ts";
import { Recorder } from "./recorder.ts";
import { sharedPage } from "./share_page.ts";
import { VERSION } from "../../build/build_info.ts";
import { LiveCluster, tenths } from "./live_cluster.ts";
import { ORDER_DELAY_MS } from "./merge_feed.ts";
import type { Order } from "./order.ts";
import { Room } from "./room.ts";
import { createRoomApp } from "./room_app.ts";
import type { Refusal } from "./room_refusal.ts";
import { secretText, Sessions } from "./session.ts";

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
  /** Told of a part that does not work while the rest does. */
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

/** How long an event takes into a recording: nodes report in batches, and events wait to be put in order. */
const RECORDING_DELAY_MS = ORDER_DELAY_MS + 1_000;

export function openRoom(options: RoomOptions): OpenRoom {
  const head: FeedHead = {
    origin: "cluster",
    originMs: Math.floor(steadyMs()),
    ...options.network,
  };
  const nowMs = () => tenths(steadyMs() - head.originMs);
  const room = new Room(head, { onMessagesWanted: (areWanted) => live.watchMessages(areWanted) });
  const sessions = new Sessions(() => Date.now());
  const controlToken = sessions.createToken();
  const secret = secretText();
  const recorder = new Recorder(room, head);

  const app = createRoomApp({
    mode: "live",
    head,
    sessions,
    language: options.language,
    onInternalError: options.onInternalError,
    follow: (detail) => room.follow(detail),
    setDetail: (follower, detail) => room.setDetail(follower, detail),
    order: (order) => live.order(order),
    pay: (payment) => live.pay(payment),
    network: () => live.network(),
    older: (from, to) => live.older(from, to),
    nodeUrl: (node) => live.nodeUrl(node),
    bookmark: (text) => live.mark("bookmark", text),
    ...(options.onGoOn !== undefined && { goOn: options.onGoOn }),
    recorder,
    sharePage,
  });
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: options.port ?? 0, onListen: () => {} },
    app.fetch,
  );
  const url = `http://127.0.0.1:${server.addr.port}`;
  // After the server, which throws when the port is taken: until then there is nothing to close.
  const live = new LiveCluster({ head, room, secret, nowMs, steadyMs });
  if (options.isRecorded === true) recorder.start();
  const controlPath = leaveControlFile();

  return {
    room,
    head,
    url,
    secret,
    createLink: () => `${url}/#open=${sessions.createCode()}`,
    nowMs,
    attach: (cluster) => live.attach(cluster),
    order: (order) => live.order(order),
    mark: (mark, text, nodes) => live.mark(mark, text, nodes),
    async recording() {
      if (recorder.status().isRunning) {
        // What has just happened is still on its way here, and waits to be put in order.
        await new Promise((resolve) => setTimeout(resolve, RECORDING_DELAY_MS));
      }
      return await recorder.file();
    },
    async close() {
      await live.close();
      if (controlPath !== undefined) removeControlFile(controlPath);
      room.close();
      await server.shutdown();
    },
  };

  /** Where the file cannot be written there is still a room, only without `noobcash cluster control`. */
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

  /** The page of what was recorded; of what is seen now when nothing was. */
  async function sharePage(): Promise<Result<string, Refusal>> {
    const bytes = await recorder.file() ??
      await encodeRecording({ head, events: room.snapshot() }, VERSION);
    const recording = await decodeRecording(bytes);
    return recording.ok ? await sharedPage(recording.value, options.language) : recording;
  }
}

/** The machine's monotonic time in ms, with fractions. */
function steadyMs(): number {
  return performance.timeOrigin + performance.now();
}
