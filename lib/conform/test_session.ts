/**
 * What a test works with: a network, and what its balances have to be.
 *
 * The grader keeps its own ledger: it knows what it asked for and what was accepted, so it knows every
 * balance exactly. {@link TestSession.settle} waits until the whole network says the same, and fails when
 * it never does.
 *
 * @module
 */
import type { RandomStream } from "../random/random_stream.ts";
import type { Operation } from "./adapter_schema.ts";
import type { Answer } from "./asked_nodes.ts";
import { awakeMs } from "./awake_time.ts";
import { machineSlowness } from "./machine_load.ts";
import type { NetworkUnderTest } from "./network_under_test.ts";
import type { NetworkWish } from "./network_wish.ts";
import { paymentsIn } from "./chain_payments.ts";
import type { Variables } from "./template.ts";
import { Failure, NotApplicable, Trouble } from "./trouble.ts";

/** A payment that the implementation accepted. */
export interface AcceptedPayment {
  readonly from: number;
  readonly to: number;
  readonly amount: number;
}

const FILLER_MS = 1_500;
/** How long a payment that had to be refused has to show what it does. */
const EFFECT_MS = 4_000;
const EFFECT_LOOK_MS = 200;
const TIE_PUSHES_MAX = 30;

export class TestSession {
  readonly net: NetworkUnderTest;
  /** Everything that was accepted on this network, in order. */
  readonly accepted: AcceptedPayment[] = [];
  /** What every node has to have; empty until {@link begin}. */
  expected: number[] = [];
  /** Results that several tests of one network look at. */
  readonly shared = new Map<string, Promise<unknown>>();
  random: RandomStream;
  notes: string[] = [];

  readonly #open: (wish: NetworkWish) => Promise<NetworkUnderTest>;

  constructor(
    net: NetworkUnderTest,
    random: RandomStream,
    open: (wish: NetworkWish) => Promise<NetworkUnderTest>,
  ) {
    this.net = net;
    this.random = random;
    this.#open = open;
  }

  /** Does something on another network. This one is ended first, so that its ports are free. */
  async elsewhere<T>(
    wish: NetworkWish,
    work: (session: TestSession) => Promise<T>,
  ): Promise<T> {
    await this.net.close();
    const net = await this.#open(wish);
    try {
      return await work(new TestSession(net, this.random, this.#open));
    } finally {
      this.net.caller.calls.push(...net.caller.calls);
      await net.close();
    }
  }

  get count(): number {
    return this.net.wish.nodes;
  }

  get indexes(): readonly number[] {
    return Array.from({ length: this.count }, (_, index) => index);
  }

  get supply(): number {
    return this.count * this.net.adapter.parameters.coins;
  }

  /** Something that the score sheet shows beside the verdict. */
  note(text: string): void {
    this.notes.push(text);
  }

  need(...operations: Operation[]): void {
    for (const operation of operations) {
      if (!this.net.has(operation)) {
        throw new NotApplicable(`the adapter has no operation "${operation}"`);
      }
    }
  }

  needChain(): void {
    if (!this.net.hasChain) {
      throw new NotApplicable('the adapter has no operation "chain" or "block"');
    }
  }

  /** Begins the ledger with the balances as they are, once for a network. */
  async begin(): Promise<void> {
    this.need("pay", "balance");
    if (this.expected.length > 0) return;
    const found: number[] = [];
    for (const index of this.indexes) found.push(await this.net.balance(index));
    const sum = found.reduce((a, b) => a + b, 0);
    if (sum !== this.supply) {
      throw new Failure(
        `before anything was paid, the nodes have ${
          found.join(", ")
        }: ${sum} together, wanted ${this.supply}`,
      );
    }
    this.expected = found;
  }

  /** Pays; fails if the payment is not accepted. */
  async pay(from: number, to: number, amount: number): Promise<void> {
    const answer = await this.tryPay(from, to, amount);
    if (answer !== "accepted") {
      throw new Failure(
        `node ${from} has ${
          this.expected[from]
        } and pays ${amount} to node ${to}: got "${answer}", wanted it accepted`,
      );
    }
  }

  /** Pays; writes the payment into the ledger if it is accepted. */
  async tryPay(from: number, to: number, amount: number): Promise<Answer> {
    const answer = await this.net.pay(from, to, amount);
    if (answer === "accepted") this.record(from, to, amount);
    return answer;
  }

  /** Writes an accepted payment into the ledger. */
  record(from: number, to: number, amount: number): void {
    this.accepted.push({ from, to, amount });
    this.expected[from] = (this.expected[from] ?? 0) - amount;
    this.expected[to] = (this.expected[to] ?? 0) + amount;
  }

  /** Asks for what must not be done. */
  async mustRefuse(
    from: number,
    receiver: Variables,
    amount: unknown,
    what: string,
  ): Promise<void> {
    const answer = await this.net.payTo(from, receiver, amount);
    this.note(`${what}: ${answer}`);
    if (answer === "accepted") {
      throw new Failure(`${what} was accepted; ${await this.#whatCameOfIt()}`);
    }
  }

  /** Whether a payment that had to be refused moves coins, or whoever made it was only told so. */
  async #whatCameOfIt(): Promise<string> {
    const byMs = awakeMs() + EFFECT_MS * machineSlowness();
    try {
      do {
        const got: number[] = [];
        for (const index of this.indexes) got.push(await this.net.balance(index));
        if (got.join() !== this.expected.join()) {
          return `the balances went from ${this.expected.join(", ")} to ${got.join(", ")}`;
        }
        await new Promise((resolve) => setTimeout(resolve, EFFECT_LOOK_MS));
      } while (awakeMs() < byMs);
      return "the balances stayed as they were: it said yes and did not do it";
    } catch (error) {
      if (!(error instanceof Trouble)) throw error;
      return error.message;
    }
  }

  receiver(to: number): Variables {
    const { net } = this;
    return {
      to: net.idOf(to),
      toAddress: net.addressOf(to),
      toHost: "127.0.0.1",
      toPort: 1,
      toUrl: net.nodes[to]?.url,
    };
  }

  /** Shows that the network lives and that all balances are exact: one honest payment arrives. */
  async probe(): Promise<void> {
    const from = this.expected.findIndex((balance) => balance >= 1);
    await this.pay(from, (from + 1) % this.count, 1);
    await this.settle();
  }

  /** Waits until every node tells the balances of the ledger. */
  async settle({ among = this.indexes, patienceMs = this.net.patienceMs }: {
    readonly among?: readonly number[];
    readonly patienceMs?: number;
  } = {}): Promise<void> {
    let filledAtMs = performance.now();
    await this.net.until(async () => {
      const why = await this.#difference(among);
      if (why !== undefined && performance.now() - filledAtMs > FILLER_MS) {
        filledAtMs = performance.now();
        await this.#fill(among);
      }
      return why;
    }, { patienceMs });
  }

  /** Waits until every accepted payment stands in the chain of every node. */
  async untilConfirmed(
    among: readonly number[] = this.indexes,
    patienceMs = this.net.patienceMs,
  ): Promise<void> {
    this.needChain();
    let filledAtMs = performance.now();
    await this.net.until(async () => {
      for (const index of among) {
        const got = paymentsIn(await this.net.chain(index), this.net.adapter).length;
        if (got >= this.accepted.length) continue;
        if (performance.now() - filledAtMs > FILLER_MS) {
          filledAtMs = performance.now();
          await this.#fill(among);
        }
        return `node ${index} has ${got} of ${this.accepted.length} accepted payments in its chain`;
      }
      return undefined;
    }, { patienceMs });
  }

  /**
   * Waits until all nodes have the same last block.
   *
   * Two blocks at one height may stand until the next is found: the assignment's rule. So where a tie
   * stands, some more payments are made.
   */
  async untilOneTip(among: readonly number[] = this.indexes): Promise<void> {
    let pushedAtMs = performance.now();
    let pushes = 0;
    await this.net.until(async () => {
      const tips = await Promise.all(among.map(async (index) => {
        const last = (await this.net.chain(index)).at(-1);
        return `${last?.height}:${last?.hash}`;
      }));
      if (tips.every((one) => one === tips[0])) return undefined;
      if (performance.now() - pushedAtMs > FILLER_MS && pushes < TIE_PUSHES_MAX) {
        pushes++;
        for (let count = 0; count < this.net.capacity; count++) await this.#payAny(among);
        pushedAtMs = performance.now();
      }
      return `the nodes' last blocks differ: ${tips.map(shortTip).join(", ")}`;
    });
  }

  async #difference(among: readonly number[]): Promise<string | undefined> {
    const wanted = this.expected;
    for (const index of among) {
      const got = await this.net.balance(index);
      if (got !== wanted[index]) {
        return `node ${index} tells balance ${got}, wanted ${wanted[index]}`;
      }
    }
    if (!this.net.has("balances")) return undefined;
    for (const index of among) {
      const got = await this.net.balances(index);
      if (among.length === this.count && got.join() !== wanted.join()) {
        return `node ${index} tells balances ${got.join(", ")}, wanted ${wanted.join(", ")}`;
      }
    }
    return undefined;
  }

  /** Where only full blocks are mined, one more payment may be what is missing. */
  async #fill(among: readonly number[]): Promise<void> {
    const { partialBlocks } = this.net.adapter.parameters;
    if (!partialBlocks && this.net.capacity > 1) await this.#payAny(among);
  }

  async #payAny(among: readonly number[]): Promise<void> {
    const from = among.find((index) => (this.expected[index] ?? 0) >= 1);
    const to = among.find((index) => index !== from);
    if (from === undefined || to === undefined) return;
    try {
      await this.tryPay(from, to, 1);
    } catch (error) {
      if (!(error instanceof Trouble)) throw error;
    }
  }
}

function shortTip(tip: string): string {
  const [height, hash = ""] = tip.split(":");
  return `${height} ${hash.slice(0, 12)}`;
}
