/**
 * A whole network of an implementation: started as a test wishes, waited for, cut in two, ended.
 *
 * How it comes up is told in `network_start.ts`, how it is asked in `asked_nodes.ts`.
 *
 * @module
 */
import type { RandomStream } from "../random/random_stream.ts";
import { AskedNodes } from "./asked_nodes.ts";
import { learnNodes, startNodes } from "./network_start.ts";
import { difficultyOf, type NetworkWish } from "./network_wish.ts";
import { NodeUnderTest } from "./node_under_test.ts";
import { SeparateHosts } from "./separate_hosts.ts";
import type { CallRecord } from "./call.ts";
import { NotApplicable } from "./trouble.ts";
import type { Workplace } from "./workplace.ts";

let runCount = 0;

/** What a network that did not come up has left as evidence, on the error that says so. */
export interface StartEvidence {
  logs?: readonly string[];
  calls?: readonly CallRecord[];
}

export class NetworkUnderTest extends AskedNodes {
  readonly capacity: number;
  readonly difficulty: number;
  readonly #workplace: Workplace;
  readonly #hosts: SeparateHosts | undefined;
  readonly #seed: number;
  #isClosed = false;

  private constructor(
    workplace: Workplace,
    wish: NetworkWish,
    hosts: SeparateHosts | undefined,
    seed: number,
  ) {
    super(workplace, wish);
    const { parameters } = workplace.adapter;
    this.#workplace = workplace;
    this.#hosts = hosts;
    this.#seed = seed;
    this.capacity = parameters.capacity === "any" ? wish.capacity : parameters.capacity;
    this.difficulty = difficultyOf(workplace.adapter, wish.difficulty);
  }

  /**
   * Starts all nodes and learns their ids and addresses.
   *
   * @param triedMs as {@link learnNodes} takes it
   */
  static async start(
    workplace: Workplace,
    wish: NetworkWish,
    random: RandomStream,
    triedMs?: number,
  ): Promise<NetworkUnderTest> {
    if (wish.nodes > workplace.adapter.nodes.max) {
      throw new NotApplicable(
        `the adapter says at most ${workplace.adapter.nodes.max} nodes, the test wants ${wish.nodes}`,
      );
    }
    const wantsHosts = workplace.adapter.network === "addresses" && workplace.mode !== "none";
    // One more host than nodes: for a node that comes when the ring is full.
    const hosts = wantsHosts ? await SeparateHosts.open(wish.nodes + 1) : undefined;
    const network = new NetworkUnderTest(
      workplace,
      wish,
      hosts,
      random.integer(0, 2 ** 31 - 1),
    );
    try {
      for (let index = 0; index < wish.nodes; index++) network.nodes.push(network.#makeNode(index));
      await startNodes(network, random);
      await learnNodes(network, triedMs);
      return network;
    } catch (error) {
      const failed = error as StartEvidence;
      failed.logs = network.nodes.map(({ log }) => log);
      failed.calls = network.caller.calls;
      await network.close();
      throw error;
    }
  }

  /** Starts one node more than the network has. */
  async startExtra(): Promise<NodeUnderTest> {
    const node = this.#makeNode(this.nodes.length);
    this.nodes.push(node);
    await node.launch();
    return node;
  }

  async removeExtra(node: NodeUnderTest): Promise<void> {
    await node.kill();
    this.nodes.splice(this.nodes.indexOf(node), 1);
  }

  /** It has been ended. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  get canCut(): boolean {
    return this.#hosts !== undefined;
  }

  async cut(group: readonly number[]): Promise<void> {
    await this.#hosts?.cut(group);
  }

  async mend(): Promise<void> {
    await this.#hosts?.mend();
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await Promise.all(this.nodes.map((node) => node.kill()));
    await this.caller.close();
    await this.#hosts?.close();
    for (const { folder } of this.nodes) {
      await Deno.remove(folder, { recursive: true }).catch(() => {});
    }
  }

  #makeNode(index: number): NodeUnderTest {
    const { adapter, mode, job } = this.#workplace;
    const bootstrapHost = this.#hosts?.addressOf(0) ?? "127.0.0.1";
    const base = adapter.firstPort ?? (mode === "none" ? 21_000 + (job % 40) * 1_000 : 5_000);
    const portOf = (at: number) => base + at * adapter.ports;
    return new NodeUnderTest(this.#workplace, {
      index,
      host: this.#hosts?.addressOf(index) ?? "127.0.0.1",
      port: portOf(index),
      networkOf: this.#hosts?.processOf(index),
      user: usersOf(this.#workplace.root) + (job % 20) * 40 + index,
      variables: {
        nodes: this.wish.nodes,
        capacity: this.capacity,
        difficulty: this.difficulty,
        coins: adapter.parameters.coins,
        seed: this.#seed,
        bootstrapHost,
        bootstrapPort: portOf(0),
        bootstrapPort2: portOf(0) + 1,
        bootstrapPort3: portOf(0) + 2,
        bootstrapPort4: portOf(0) + 3,
        bootstrapUrl: `http://${bootstrapHost}:${portOf(0)}`,
      },
    }, `net-${job}-${++runCount}-node-${index}`);
  }
}

/** Runs side by side have users of their own, since processes are counted by user: by the folder's name. */
function usersOf(root: string): number {
  return (Number.parseInt(root.slice(-4), 16) || 0) * 1_000;
}
