/**
 * A whole network of an implementation: started as a test wishes, asked through the adapter, ended.
 *
 * Answers come back in one shape whatever the implementation's own is: wallets are node indexes, amounts
 * whole numbers. Whatever goes out and comes in is written down by the {@link Caller}.
 *
 * @module
 */
import type { Adapter, CallSpec, Operation } from "./adapter_schema.ts";
import type { CallOutcome } from "./call.ts";
import { Caller } from "./caller.ts";
import { NodeUnderTest } from "./node_under_test.ts";
import { machineSlowness } from "./machine_load.ts";
import {
  type BlockView,
  blockView,
  type PaymentView,
  paymentView,
  wholeNumberOf,
} from "./normalise.ts";
import { SeparateHosts } from "./separate_hosts.ts";
import type { Variables } from "./template.ts";
import { Failure, NotApplicable, Trouble } from "./trouble.ts";
import type { Workplace } from "./workplace.ts";
import type { RandomStream } from "../random/random_stream.ts";

/** What a test wants of its network. */
export interface NetworkWish {
  readonly nodes: number;
  readonly capacity: number;
  readonly difficulty: "usual" | "easy" | "hard";
  /**
   * `bootstrap-last` starts the others before the node that they call; `one-twice` kills a node that has
   * joined and starts it again, before the last ones come.
   */
  readonly order?: "bootstrap-first" | "bootstrap-last" | "one-twice";
}

/** What an answer to a payment or to a forgery was. */
export type Answer = "accepted" | "refused" | "crashed" | "silent";

const PATIENCE_MS = 20_000;
const LOOK_MS = 100;
/** How long a node has to join that does not tell whether it has. */
const JOIN_MS = 3_000;
let runCount = 0;

export class NetworkUnderTest {
  readonly wish: NetworkWish;
  readonly adapter: Adapter;
  readonly nodes: NodeUnderTest[] = [];
  readonly capacity: number;
  readonly difficulty: number;
  readonly caller: Caller;
  readonly #workplace: Workplace;
  readonly #hosts: SeparateHosts | undefined;
  readonly #seed: number;
  #isClosed = false;
  #ids: (number | undefined)[] = [];
  #addresses: (string | undefined)[] = [];

  private constructor(
    workplace: Workplace,
    wish: NetworkWish,
    hosts: SeparateHosts | undefined,
    seed: number,
  ) {
    const { parameters } = workplace.adapter;
    this.#workplace = workplace;
    this.adapter = workplace.adapter;
    this.caller = new Caller(workplace);
    this.wish = wish;
    this.#hosts = hosts;
    this.#seed = seed;
    this.capacity = parameters.capacity === "any" ? wish.capacity : parameters.capacity;
    this.difficulty = difficultyOf(workplace.adapter, wish.difficulty);
  }

  /** Starts all nodes and learns their ids and addresses. */
  static async start(
    workplace: Workplace,
    wish: NetworkWish,
    random: RandomStream,
  ): Promise<NetworkUnderTest> {
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
      await network.#startAll(random);
      return network;
    } catch (error) {
      const failed = error as Error & { logs?: readonly string[] };
      failed.logs = network.nodes.map(({ log }) => log);
      await network.close();
      throw error;
    }
  }

  has(operation: Operation): boolean {
    return this.adapter.operations[operation] !== undefined;
  }

  get patienceMs(): number {
    return this.adapter.patience ?? PATIENCE_MS;
  }

  /** The id that the implementation gave to the node that was started as number `index`. */
  idOf(index: number): number {
    return this.#ids[index] ?? index;
  }

  /** The node that has an id. */
  indexOfId(id: number): number | undefined {
    const found = this.nodes.findIndex(({ index }) => this.idOf(index) === id);
    return found < 0 ? undefined : found;
  }

  addressOf(index: number): string | undefined {
    return this.#addresses[index];
  }

  async pay(from: number, to: number, amount: unknown): Promise<Answer> {
    return await this.payTo(from, this.receiverOf(to), amount);
  }

  /** Pays to what is perhaps no node at all. */
  async payTo(from: number, receiver: Variables, amount: unknown): Promise<Answer> {
    const text = typeof amount === "number" || typeof amount === "string" ? amount : String(amount);
    return await this.#answerOf(from, "pay", { ...receiver, amount: text });
  }

  /** Pays by another call than the adapter's. */
  async payBy(
    spec: CallSpec,
    from: number,
    { to, amount }: { readonly to: number; readonly amount: number },
  ): Promise<Answer> {
    const more = { ...this.receiverOf(to), amount };
    return await this.#answered(from, () => this.#call(from, "pay", { spec, more }));
  }

  /** Hands bytes to one of a node's doors, whatever it makes of them. */
  async sendRaw(
    index: number,
    path: string,
    { contentType, body }: { readonly contentType: string; readonly body: string },
  ): Promise<Answer> {
    const http = { method: "POST", path, headers: { "content-type": contentType }, body } as const;
    return await this.#answered(index, () => this.#call(index, "raw", { spec: { http } }));
  }

  /** What templates know of a call at a node. */
  variablesOf(index: number, more: Variables = {}): Variables {
    return { ...this.#introductions()[index], ...more };
  }

  async balance(index: number): Promise<number> {
    const { value } = await this.ask(index, "balance");
    return wholeNumberOf(value, "balance");
  }

  /** All balances in the eyes of one node, by index. */
  async balances(index: number): Promise<readonly number[]> {
    const { value } = await this.ask(index, "balances");
    const entries: [string, unknown][] = Array.isArray(value)
      ? value.map((item, id) => {
        const isObject = typeof item === "object" && item !== null;
        const { wallet, balance } = (isObject ? item : { balance: item }) as Record<
          string,
          unknown
        >;
        return [String(wallet ?? id), balance];
      })
      : typeof value === "object" && value !== null
      ? Object.entries(value)
      : [];
    const found: number[] = Array.from({ length: this.wish.nodes }, () => 0);
    for (const [wallet, amount] of entries) {
      const owner = this.walletOf(wallet);
      if (owner !== undefined && owner < found.length) {
        found[owner] = wholeNumberOf(amount, "balances");
      }
    }
    if (entries.length === 0) {
      throw new Trouble("garbage", `balances: got ${brief(value)}, wanted a list`);
    }
    return found;
  }

  async lastTransactions(index: number): Promise<readonly PaymentView[]> {
    const { value } = await this.ask(index, "lastTransactions");
    return listOf(value, "lastTransactions").map((item) =>
      paymentView(item, (wallet) => this.walletOf(wallet))
    );
  }

  /** All blocks of a node from genesis on. */
  async chain(index: number): Promise<readonly BlockView[]> {
    if (this.has("chain")) {
      const { value } = await this.ask(index, "chain");
      return listOf(value, "chain").map((item, height) =>
        blockView(item, height, (wallet) => this.walletOf(wallet))
      );
    }
    const blocks: BlockView[] = [];
    for (let height = 0; height < 10_000; height++) {
      const outcome = await this.ask(index, "block", { height });
      if (!outcome.accepted || outcome.value === null || outcome.value === undefined) break;
      blocks.push(blockView(outcome.value, height, (wallet) => this.walletOf(wallet)));
    }
    return blocks;
  }

  get hasChain(): boolean {
    return this.has("chain") || this.has("block");
  }

  async id(index: number): Promise<number> {
    return wholeNumberOf((await this.ask(index, "id")).value, "id");
  }

  /** How many nodes a node knows. */
  async peerCount(index: number): Promise<number> {
    const { value } = await this.ask(index, "peers");
    return Array.isArray(value) ? value.length : wholeNumberOf(value, "peers");
  }

  /** Makes a thing by the adapter's program and hands it to a node. */
  async forge(index: number, what: string, more: Variables = {}): Promise<Answer> {
    return await this.#answerOf(index, "forge", { what, ...more });
  }

  /** Hands in a changed thing of the chain. */
  async submit(
    index: number,
    operation: "submitTransaction" | "submitBlock",
    thing: unknown,
  ): Promise<Answer> {
    const name = operation === "submitBlock" ? "block" : "transaction";
    return await this.#answerOf(index, operation, { [name]: JSON.stringify(thing) });
  }

  /** Asks a node; throws {@link Trouble} when there is no answer. */
  async ask(index: number, operation: Operation, more: Variables = {}): Promise<CallOutcome> {
    const spec = this.adapter.operations[operation];
    if (spec === undefined) throw new NotApplicable(`the adapter has no operation "${operation}"`);
    return await this.#call(index, operation, { spec, more });
  }

  /** Whose wallet a text names: a node's index; `undefined` for nobody's. */
  walletOf(wallet: unknown): number | undefined {
    const text = String(wallet);
    const byAddress = this.#addresses.findIndex((address) =>
      address !== undefined && address === text
    );
    if (byAddress >= 0) return byAddress;
    const id = /^(?:id|node)?\s*([0-9]{1,4})$/.exec(text)?.[1];
    return id === undefined ? undefined : this.indexOfId(Number(id));
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

  get canCut(): boolean {
    return this.#hosts !== undefined;
  }

  async cut(group: readonly number[]): Promise<void> {
    await this.#hosts?.cut(group);
  }

  async mend(): Promise<void> {
    await this.#hosts?.mend();
  }

  /** Waits until a condition holds; what it says is why it does not yet. */
  async until(
    condition: () => Promise<string | undefined>,
    { patienceMs = this.patienceMs }: { readonly patienceMs?: number } = {},
  ): Promise<void> {
    const startedAtMs = performance.now();
    for (let waitMs = LOOK_MS / 2;; waitMs = Math.min(1_000, waitMs * 1.5)) {
      let why: string | undefined;
      let trouble: Trouble | undefined;
      try {
        why = await condition();
      } catch (error) {
        // A node may be busy for a moment; one that has ended will not come back.
        if (!(error instanceof Trouble) || error.code === "ended-early") throw error;
        trouble = error;
      }
      if (why === undefined && trouble === undefined) return;
      // One that came too many may go.
      for (const node of this.nodes.slice(0, this.wish.nodes)) node.demandRunning();
      const elapsedMs = performance.now() - startedAtMs;
      if (elapsedMs > patienceMs * machineSlowness()) {
        if (trouble !== undefined) throw trouble;
        throw new Failure(`after ${(elapsedMs / 1000).toFixed(1)} s, ${why}`);
      }
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
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

  async #startAll(random: RandomStream): Promise<void> {
    const { adapter, wish } = this;
    if (wish.nodes > adapter.nodes.max) {
      throw new NotApplicable(
        `the adapter says at most ${adapter.nodes.max} nodes, the test wants ${wish.nodes}`,
      );
    }
    for (let index = 0; index < wish.nodes; index++) this.nodes.push(this.#makeNode(index));
    const [bootstrap, ...others] = this.nodes as [NodeUnderTest, ...NodeUnderTest[]];
    const shuffled = random.shuffle(others);
    if (wish.order === "bootstrap-last") {
      for (const node of shuffled) await node.launch();
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      await bootstrap.start();
      await Promise.all(others.map((node) => node.untilReady()));
    } else {
      await bootstrap.start();
      if (wish.order === "one-twice") await this.#startTwice(others[0] as NodeUnderTest);
      if (adapter.order === "one-by-one") {
        for (const node of others) if (!node.isRunning) await node.start();
      } else {
        await Promise.all(
          shuffled.filter((node) => !node.isRunning).map((node) => node.launch()),
        );
        await Promise.all(others.map((node) => node.untilReady()));
      }
    }
    if (adapter.afterStart !== undefined) {
      await this.#call(0, "afterStart", { spec: adapter.afterStart });
    }
    await this.#learnWallets();
    await this.#untilWhole();
  }

  /** A node that joins, is killed, and joins again from the same folder. */
  async #startTwice(node: NodeUnderTest): Promise<void> {
    await node.start();
    const joinedBy = performance.now() + JOIN_MS * machineSlowness();
    // One that tells its id has joined; the others get the time.
    while (performance.now() < joinedBy) {
      if (this.has("id") && await this.#tellsId(node.index)) break;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    await node.kill();
    await node.start();
  }

  async #tellsId(index: number): Promise<boolean> {
    try {
      return await this.id(index) >= 0;
    } catch (error) {
      if (error instanceof Trouble) return false;
      throw error;
    }
  }

  /** Learns the nodes' ids; where an implementation does not tell, they follow the order of starting. */
  async #learnWallets(): Promise<void> {
    if (this.has("id")) {
      await this.until(async () => {
        this.#ids = [];
        for (const { index } of this.nodes) this.#ids[index] = await this.id(index);
        return undefined;
      }).catch((error) => this.#asStartTrouble(error));
    }
    if (this.has("address")) {
      await this.until(async () => {
        for (const { index } of this.nodes) {
          const { value } = await this.ask(index, "address");
          if (value === undefined || value === null || value === "") {
            return `node ${index} tells no address`;
          }
          this.#addresses[index] = String(value);
        }
        return undefined;
      }).catch((error) => this.#asStartTrouble(error));
    }
  }

  /** Gives the start-up payments time to arrive; tests say what is wrong when they have not. */
  async #untilWhole(): Promise<void> {
    if (!this.has("balance")) return;
    const { coins } = this.adapter.parameters;
    await this.until(async () => {
      for (const { index } of this.nodes) {
        const got = await this.balance(index);
        if (got !== coins) return `node ${index} has ${got}`;
      }
      return undefined;
    }).catch((error) => {
      if (!(error instanceof Failure)) throw error;
    });
  }

  #asStartTrouble(error: unknown): never {
    if (error instanceof Failure) throw new Trouble("never-ready", error.message);
    throw error;
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

  /** What templates know of a receiver. */
  receiverOf(to: number): Variables {
    const node = this.nodes[to];
    return {
      to: this.idOf(to),
      toAddress: this.#addresses[to],
      toHost: node?.place.host,
      toPort: node?.place.port,
      toUrl: node?.url,
    };
  }

  async #answerOf(index: number, operation: Operation, more: Variables): Promise<Answer> {
    return await this.#answered(index, () => this.ask(index, operation, more));
  }

  /** Silence is an answer, too, of a node that runs. */
  async #answered(index: number, ask: () => Promise<CallOutcome>): Promise<Answer> {
    try {
      const { accepted, isCrash } = await ask();
      return accepted ? "accepted" : isCrash ? "crashed" : "refused";
    } catch (error) {
      if (!(error instanceof Trouble) || error.code !== "no-answer") throw error;
      this.nodes[index]?.demandRunning();
      return "silent";
    }
  }

  /** How nodes are told of to an adapter's program, and to templates. */
  #introductions(): readonly Variables[] {
    return this.nodes.map((node) => ({
      ...node.variables(),
      id: this.idOf(node.index),
      address: this.#addresses[node.index],
    }));
  }

  async #call(
    index: number,
    operation: string,
    { spec, more = {} }: { readonly spec: CallSpec; readonly more?: Variables },
  ): Promise<CallOutcome> {
    const node = this.nodes[index];
    if (node === undefined) throw new Trouble("no-answer", `there is no node ${index}`);
    return await this.caller.call(operation, {
      spec,
      node,
      more,
      nodes: this.#introductions(),
    });
  }
}

/** The number of zeros for a wish, as this implementation can have it. */
export function difficultyOf(
  { parameters: { difficulty } }: Adapter,
  wish: NetworkWish["difficulty"],
): number {
  if (wish === "easy") return difficulty.easy ?? difficulty.usual;
  if (wish === "hard") return difficulty.hard ?? difficulty.usual;
  return difficulty.usual;
}

function listOf(value: unknown, what: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (value === undefined || value === null) return [];
  if (typeof value === "object") return [value];
  throw new Trouble("garbage", `${what}: got ${brief(value)}, wanted a list`);
}

function brief(value: unknown): string {
  return (JSON.stringify(value) ?? "nothing").slice(0, 120);
}

/** Runs side by side have users of their own, since processes are counted by user: by the folder's name. */
function usersOf(root: string): number {
  return (Number.parseInt(root.slice(-4), 16) || 0) * 1_000;
}
