/**
 * Breaks a cluster of real processes, by order, and mends it again.
 *
 * Owns what is wrong on purpose: each node's faults and each link's. A node that is frozen or down gets
 * them when it comes back. What cannot be done is an error with a code. An order is carried out wholly or
 * not at all, unless a node dies in the middle of it.
 *
 * @module
 */
import type { Cluster, ClusterNode } from "../cluster/start_cluster.ts";
import {
  type FeedEvent,
  type LinkFault,
  NO_NODE_FAULTS,
  type NodeFaults,
  type NodeRunState,
} from "../page/feed.ts";
import { err, ok, type Result } from "../result.ts";
import { LAB_PATH, type LabFaults } from "../wire/lab.ts";
import { type NodeOrder, nodesOfOrder, type Order, orderText } from "./order.ts";

export interface OrderError {
  readonly code:
    | "node-unknown"
    | "node-down"
    | "node-frozen"
    | "node-runs"
    | "groups-overlap"
    | "link-to-itself"
    | "node-failed";
  readonly message: string;
}

export interface FaultConsoleOptions {
  readonly cluster: Cluster;
  readonly secret: string;
  /** Tells what happened; whoever hears it adds the time. */
  readonly tell: (event: Untimed<FeedEvent>) => void;
  /** A node's clock was moved. */
  readonly onClockMoved: (node: number) => void;
}

/** An event without its time. */
export type Untimed<Event> = Event extends FeedEvent ? Omit<Event, "at"> : never;

interface Controlled {
  readonly node: ClusterNode;
  run: NodeRunState;
  faults: NodeFaults;
}

const CALL_MS_MAX = 5_000;

export class FaultConsole {
  readonly #options: FaultConsoleOptions;
  readonly #nodes: readonly Controlled[];
  #links: readonly LinkFault[] = [];
  /** One order after the other. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: FaultConsoleOptions) {
    this.#options = options;
    this.#nodes = options.cluster.nodes.map((node) => ({
      node,
      run: "up",
      faults: NO_NODE_FAULTS,
    }));
  }

  /** Notes that a node's process has ended although nobody ordered it to. */
  noteLost(id: number): void {
    const each = this.#nodes[id];
    if (each === undefined || each.run === "down") return;
    each.run = "down";
    this.#tellNode(each);
    this.#options.tell({ kind: "mark", mark: "node", text: `ended ${id}`, nodes: [id] });
  }

  get links(): readonly LinkFault[] {
    return this.#links;
  }

  runOf(id: number): NodeRunState | undefined {
    return this.#nodes[id]?.run;
  }

  latencyMs(from: number, to: number): number {
    return this.#links.find((link) => link.from === from && link.to === to)?.latencyMs ?? 0;
  }

  /** Carries an order out; resolves with the order in words, or with the reason why not. */
  order(order: Order): Promise<Result<string, OrderError>> {
    const turn = this.#turn.then(() => this.#do(order));
    this.#turn = turn.catch(() => {});
    return turn;
  }

  async #do(order: Order): Promise<Result<string, OrderError>> {
    for (const id of nodesOfOrder(order)) {
      if (this.#nodes[id] === undefined) {
        return refused(
          "node-unknown",
          `got node ${id}, wanted one of 0 to ${this.#nodes.length - 1}`,
        );
      }
    }
    const problem = this.#problemOf(order);
    if (problem !== undefined) return problem;
    const text = orderText(order);
    this.#options.tell({ kind: "mark", mark: "order", text, nodes: nodesOfOrder(order) });
    try {
      await this.#perform(order);
      return ok(text);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return refused("node-failed", reason);
    }
  }

  #problemOf(order: Order): Result<never, OrderError> | undefined {
    switch (order.kind) {
      case "partition": {
        const nodes = order.groups.flat();
        if (new Set(nodes).size !== nodes.length) {
          return refused("groups-overlap", "got a node in two groups, wanted each in one");
        }
        return undefined;
      }
      case "link":
        return order.from !== null && order.from === order.to
          ? refused("link-to-itself", `got node ${order.from} twice, wanted two nodes`)
          : undefined;
      case "heal":
        return undefined;
      case "node":
        return this.#first(order.nodes, (each) => problemOfNode(order.order, each));
      case "limit":
      case "skew":
        return this.#first(
          order.nodes,
          ({ node, run }) =>
            run === "stopped"
              ? refused("node-frozen", `got node ${node.id}, which is frozen`)
              : undefined,
        );
    }
  }

  #first(
    nodes: readonly number[],
    problemOf: (each: Controlled) => Result<never, OrderError> | undefined,
  ): Result<never, OrderError> | undefined {
    for (const id of nodes) {
      const problem = problemOf(this.#nodes[id] as Controlled);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }

  async #perform(order: Order): Promise<void> {
    switch (order.kind) {
      case "partition": {
        const groupOf = new Map(
          order.groups.flatMap((group, index) => group.map((node) => [node, index] as const)),
        );
        const left = order.groups.length;
        return await this.#setLinks((from, to, fault) => ({
          ...fault,
          isCut: (groupOf.get(from) ?? left) !== (groupOf.get(to) ?? left),
        }));
      }
      case "heal":
        return await this.#setLinks((_from, _to, fault) => ({
          ...fault,
          isCut: false,
          latencyMs: 0,
          loss: 0,
        }));
      case "link": {
        const { from, to, isBoth, isCut, latencyMs, loss } = order;
        const isMeant = (a: number, b: number) =>
          (from === null || from === a) && (to === null || to === b);
        return await this.#setLinks((a, b, fault) =>
          isMeant(a, b) || (isBoth && isMeant(b, a)) ? { ...fault, isCut, latencyMs, loss } : fault
        );
      }
      case "limit":
        return await this.#change(order.nodes, { hashRateLimit: order.hashRate });
      case "skew":
        return await this.#change(order.nodes, { clockSkewMs: order.skewMs });
      case "node":
        for (const id of order.nodes) {
          await this.#performOn(this.#nodes[id] as Controlled, order.order);
        }
    }
  }

  async #performOn(each: Controlled, order: NodeOrder): Promise<void> {
    const { node } = each;
    switch (order) {
      case "kill":
        each.run = "down";
        await this.#options.cluster.kill(node);
        return this.#tellNode(each);
      case "restart":
        each.run = "starting";
        this.#tellNode(each);
        try {
          await this.#options.cluster.restart(node, this.#labFaultsOf(node.id));
        } catch (error) {
          each.run = "down";
          this.#tellNode(each);
          throw error;
        }
        each.run = "up";
        if (each.faults.isMiningPaused) await node.client.pauseMining();
        return this.#tellNode(each);
      case "freeze":
        node.process.signal("SIGSTOP");
        each.run = "stopped";
        return this.#tellNode(each);
      case "continue":
        node.process.signal("SIGCONT");
        each.run = "up";
        this.#tellNode(each);
        return await this.#send(each);
      case "pause":
      case "resume": {
        const answer = order === "pause"
          ? await node.client.pauseMining()
          : await node.client.resumeMining();
        if (!answer.ok) throw new Error(answer.error.message);
        each.faults = { ...each.faults, isMiningPaused: order === "pause" };
        return this.#tellNode(each);
      }
      case "withhold":
      case "release":
        return await this.#change([node.id], { isWithholding: order === "withhold" });
      case "mine": {
        const answer = await node.client.mineNow(1);
        if (!answer.ok) throw new Error(answer.error.message);
      }
    }
  }

  async #change(nodes: readonly number[], change: Partial<NodeFaults>): Promise<void> {
    for (const id of nodes) {
      const each = this.#nodes[id] as Controlled;
      each.faults = { ...each.faults, ...change };
      await this.#send(each);
      if (change.clockSkewMs !== undefined) this.#options.onClockMoved(id);
      this.#tellNode(each);
    }
  }

  async #setLinks(
    faultOf: (from: number, to: number, fault: LinkFault) => LinkFault,
  ): Promise<void> {
    const before = new Map(this.#links.map((link) => [`${link.from} ${link.to}`, link]));
    const links: LinkFault[] = [];
    for (let from = 0; from < this.#nodes.length; from++) {
      for (let to = 0; to < this.#nodes.length; to++) {
        if (from === to) continue;
        const whole = { from, to, isCut: false, latencyMs: 0, loss: 0 };
        const fault = faultOf(from, to, before.get(`${from} ${to}`) ?? whole);
        if (fault.isCut || fault.latencyMs > 0 || fault.loss > 0) links.push(fault);
      }
    }
    this.#links = links;
    this.#options.tell({ kind: "links", links });
    const sent = await Promise.allSettled(this.#nodes.map((each) => this.#send(each)));
    const failed = sent.find((each) => each.status === "rejected");
    if (failed !== undefined) throw failed.reason;
  }

  /** Sends a node its faults, if it runs now. */
  async #send({ node, run }: Controlled): Promise<void> {
    if (run !== "up") return;
    const response = await fetch(`${node.url}${LAB_PATH}/faults`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${this.#options.secret}`,
        "content-type": "application/json",
      },
      body: JSON.stringify(this.#labFaultsOf(node.id)),
      signal: AbortSignal.timeout(CALL_MS_MAX),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`Cannot set faults of node ${node.id}: got ${text}`);
  }

  #labFaultsOf(id: number): LabFaults {
    const { hashRateLimit, clockSkewMs, isWithholding } = (this.#nodes[id] as Controlled).faults;
    return {
      links: this.#links.filter(({ from }) => from === id)
        .map(({ to, isCut, latencyMs, loss }) => ({ to, isCut, latencyMs, loss })),
      hashRateLimit,
      clockSkewMs,
      isWithholding,
    };
  }

  #tellNode({ node, run, faults }: Controlled): void {
    this.#options.tell({ kind: "node", node: node.id, run, faults });
  }
}

function problemOfNode(
  order: NodeOrder,
  { node, run }: Controlled,
): Result<never, OrderError> | undefined {
  const isDown = run === "down" || run === "starting";
  switch (order) {
    case "restart":
      return isDown && run === "down"
        ? undefined
        : refused("node-runs", `got node ${node.id}, which is not down, wanted one that is`);
    case "kill":
      return isDown ? refused("node-down", `got node ${node.id}, which is down`) : undefined;
    case "continue":
      return run === "stopped"
        ? undefined
        : refused("node-runs", `got node ${node.id}, which is not frozen, wanted one that is`);
    default:
      if (isDown) return refused("node-down", `got node ${node.id}, which is down`);
      return run === "stopped"
        ? refused("node-frozen", `got node ${node.id}, which is frozen`)
        : undefined;
  }
}

function refused(code: OrderError["code"], got: string): Result<never, OrderError> {
  const message = code === "node-failed" ? got : `Cannot do that: ${got}`;
  return err({ code, message });
}
