/**
 * How messages travel in a simulated world: over a link, into a processor, to a node; and what is left out
 * because nothing would come of it.
 *
 * @module
 */
import type { PublicKey } from "../crypto/keys.ts";
import type { Commit } from "../node/persistence.ts";
import type { NodeInput } from "../node/input.ts";
import { invariant } from "../result.ts";
import { decodeMessage, encodeMessage } from "../wire/codec.ts";
import type { Message } from "../wire/message.ts";
import { sizeOfMessageBytes } from "./message_size.ts";
import { type Announcement, OldNews } from "./old_news.ts";
import { processingMs } from "./processing.ts";
import type { PassedMessage, SimNode, SimWorld, WorldObserver } from "./sim_node.ts";
import type { WorldOptions } from "./world_options.ts";

/** A message on its way. What is read of old news comes first: it lies together. */
export interface Delivery {
  readonly kind: "deliver";
  readonly message: Message;
  /** Its receiver's number. */
  readonly to: number;
  readonly node: SimNode;
  readonly life: number;
  readonly fromKey: PublicKey;
  readonly from: SimNode;
  readonly fromLife: number;
  /** 0 where nobody looks on at messages. */
  readonly sentAtMs: number;
  readonly sizeBytes: number;
}

/** What happens to a message later. */
export type MailEvent =
  | Delivery
  /** A message's processor time is spent. */
  | { readonly kind: "handle"; readonly delivery: Delivery };

/** What mail asks of its world. */
export interface MailPorts {
  push(timeMs: number, event: MailEvent): void;
  takeIn(node: SimNode, input: NodeInput): void;
  /** A session opens, where there is none yet. */
  shakeHands(from: SimNode, fromLife: number, node: SimNode): void;
}

export class Mail {
  readonly #world: SimWorld;
  readonly #options: WorldOptions;
  readonly #ports: MailPorts;
  readonly #oldNews: OldNews<Delivery> | undefined;
  /** Those who look on at messages. */
  readonly #observers: readonly WorldObserver[];

  constructor(world: SimWorld, options: WorldOptions, ports: MailPorts) {
    this.#world = world;
    this.#options = options;
    this.#ports = ports;
    this.#observers = (options.observers ?? []).filter(({ onMessage }) => onMessage !== undefined);
    // With processor time even old news cost some.
    const skipsOldNews = options.skipsOldNews === true && options.processing === undefined;
    if (skipsOldNews) this.#oldNews = new OldNews(options.nodes.length);
  }

  /** Old news are left out: the nodes stay those that the world was made with. */
  get isFixed(): boolean {
    return this.#oldNews !== undefined;
  }

  /**
   * Tells whether a message that is sent now is left out: its receiver has the block, or will have it by then,
   * and no lot is drawn for it. Of one that is wrapped nothing is known, so it hears everything.
   */
  leavesOut(from: SimNode, to: number, message: Message): boolean {
    const news = this.#oldNews;
    if (news === undefined || message.type !== "compact-block") return false;
    const { links, nowMs } = this.#world;
    if (!links.isSteady || from.adversary !== undefined || !links.isReachable(from.index, to)) {
      return false;
    }
    if (news.isKnown(to, message.hash)) return true;
    const arrivalMs = links.steadyArrivalMs(from.index, to, nowMs);
    return arrivalMs !== undefined && news.isLate(to, message, arrivalMs);
  }

  /** Sends a message as if `from` had sent it. */
  send(from: SimNode, to: SimNode, message: Message): void {
    const { links, nowMs } = this.#world;
    const isNews = this.#oldNews !== undefined && message.type === "compact-block" &&
      to.adversary === undefined && from.adversary === undefined;
    const isKnown = isNews && this.#oldNews.isKnown(to.index, message.hash);
    // Where no lot is drawn, nothing comes of it for anybody.
    if (isKnown && links.isSteady) return;
    const sizeBytes = this.#sizeBytesOf(message);
    const steadyMs = links.steadyArrivalMs(from.index, to.index, nowMs);
    if (steadyMs !== undefined) {
      return this.#plan({ from, to, message, sizeBytes }, steadyMs, isNews);
    }

    const arrivalsMs = links.send({ from: from.index, to: to.index, sizeBytes, nowMs });
    // The link and its random numbers go on as if it had been sent: all else stays the same.
    if (isKnown) return;
    if (arrivalsMs.length === 0) {
      this.#tellMessage({ from, to, message, sentAtMs: nowMs, isLost: true });
    }
    for (const arrivalMs of arrivalsMs) {
      this.#plan({ from, to, message, sizeBytes }, arrivalMs, isNews);
    }
  }

  /** An arrival becomes an event, unless it would be old news. */
  #plan(
    { from, to, message, sizeBytes }: {
      readonly from: SimNode;
      readonly to: SimNode;
      readonly message: Message;
      readonly sizeBytes: number;
    },
    arrivalMs: number,
    isNews: boolean,
  ): void {
    const news = isNews ? message as Announcement : undefined;
    const due = news === undefined
      ? "event"
      : this.#oldNews?.plan({ node: to.index, news, arrivalMs }) ?? "event";
    if (due === "never") return;
    const delivery: Delivery = {
      kind: "deliver",
      message: this.#options.isEncoded === true ? recode(message) : message,
      to: to.index,
      node: to,
      life: to.life,
      fromKey: from.config.keyPair.publicKey,
      from,
      fromLife: from.life,
      sentAtMs: this.#observers.length === 0 ? 0 : this.#world.nowMs,
      sizeBytes,
    };
    if (due === "event" || news === undefined) this.#ports.push(arrivalMs, delivery);
    else this.#oldNews?.hold(to.index, news, { arrivalMs, delivery });
  }

  /** Where nothing depends on it, a size is not computed. */
  #sizeBytesOf(message: Message): number {
    const { processing, blockSizeBytes } = this.#options;
    const isWanted = this.#world.links.profile.uplink !== undefined ||
      (processing?.kilobyteUs ?? 0) > 0;
    return isWanted ? sizeOfMessageBytes(message, blockSizeBytes) : 0;
  }

  #tellMessage(passed: Omit<PassedMessage, "atMs">): void {
    for (const observer of this.#observers) {
      observer.onMessage?.({ ...passed, atMs: this.#world.nowMs });
    }
  }

  /** A message has come to its receiver's machine. */
  arrive(event: Delivery): void {
    if (this.#isSettled(event)) return;
    const { node, message } = event;
    const isLost = node.state === undefined || node.life !== event.life;
    if (this.#observers.length > 0) {
      const { from, sentAtMs } = event;
      this.#tellMessage({ from, to: node, message, sentAtMs, isLost });
    }
    if (isLost) return;
    const { processing } = this.#options;
    if (processing === undefined) return this.handle(event);
    const costMs = processingMs(message, event.sizeBytes, processing);
    node.busyUntilMs = Math.max(this.#world.nowMs, node.busyUntilMs) + costMs;
    // What is known already costs its time, and nothing comes of it.
    if (this.#options.hasSessions !== true && this.#isKnownTo(node, message)) return;
    this.#ports.push(node.busyUntilMs, { kind: "handle", delivery: event });
  }

  /** Old news that nobody looks on at: nothing of the receiver is read for them. */
  #isSettled({ message, to }: Delivery): boolean {
    const news = this.#oldNews;
    if (news === undefined || message.type !== "compact-block") return false;
    if (this.#observers.length > 0 || this.#options.hasSessions === true) return false;
    if (!news.isKnown(to, message.hash)) return false;
    news.settle(to, message.hash);
    return true;
  }

  #isKnownTo(node: SimNode, message: Message): boolean {
    return message.type === "compact-block" && node.adversary === undefined &&
      node.state?.network?.chain.entry(message.hash) !== undefined;
  }

  /** Its receiver's processor is through with it. */
  handle(event: Delivery): void {
    const { node, message } = event;
    if (node.asleepSinceMs !== undefined || node.life !== event.life) return;
    const hasSession = this.#options.hasSessions === true || message.type === "join";
    if (hasSession) this.#ports.shakeHands(event.from, event.fromLife, node);
    const isNews = this.#oldNews !== undefined && message.type === "compact-block";
    const isOld = isNews && node.adversary === undefined && !hasSession &&
      this.#oldNews.isKnown(node.index, message.hash);
    if (!isOld) {
      this.#ports.takeIn(node, { type: "message", from: event.fromKey, message });
    }
    if (!isNews) return;
    const after = this.#oldNews.settle(node.index, message.hash);
    if (after.length === 0) return;
    for (const { arrivalMs, delivery } of after) this.#ports.push(arrivalMs, delivery);
  }

  /** A node has these blocks now: nobody has to bring them any more. */
  noteStored(node: SimNode, { stored }: Commit): void {
    // Whoever wraps a node sees all that comes in.
    if (this.#oldNews === undefined || node.adversary !== undefined) return;
    for (const { block } of stored) this.#oldNews.note(node.index, block.hash);
  }
}

/** A message as the other side reads it. */
function recode(message: Message): Message {
  const decoded = decodeMessage(encodeMessage(message));
  invariant(decoded !== undefined, `A message survives its encoding: ${message.type}`);
  return decoded;
}
