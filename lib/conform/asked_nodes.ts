/**
 * The nodes of an implementation as the tests ask them: each operation by the adapter, each answer in one
 * shape whatever the implementation's own is.
 *
 * Wallets are node indexes, amounts whole numbers. Whatever goes out and comes in is written down by the
 * {@link Caller}.
 *
 * @module
 */
import type { Adapter, CallSpec, Operation } from "./adapter_schema.ts";
import { awakeMs } from "./awake_time.ts";
import type { CallOutcome } from "./call.ts";
import { Caller } from "./caller.ts";
import { demandKnownWallets } from "./chain_payments.ts";
import { machineSlowness } from "./machine_load.ts";
import type { NetworkWish } from "./network_wish.ts";
import type { NodeUnderTest } from "./node_under_test.ts";
import {
  type BlockView,
  blockView,
  type PaymentView,
  paymentView,
  wholeNumberOf,
} from "./normalise.ts";
import type { Variables } from "./template.ts";
import { Failure, NotApplicable, Trouble } from "./trouble.ts";
import { WalletNames } from "./wallet_names.ts";
import type { Workplace } from "./workplace.ts";

/** What an answer to a payment or to a forgery was. */
export type Answer = "accepted" | "refused" | "crashed" | "silent";

const PATIENCE_MS = 20_000;
/** The first looks; each next one is half as far again from the last. */
const LOOK_MS = 50;
const LOOK_MS_MAX = 1_000;
/** A chain that is read block by block ends somewhere. */
const BLOCKS_MAX = 10_000;

export class AskedNodes {
  readonly wish: NetworkWish;
  readonly adapter: Adapter;
  readonly nodes: NodeUnderTest[] = [];
  readonly names = new WalletNames();
  readonly caller: Caller;

  constructor(workplace: Workplace, wish: NetworkWish) {
    this.wish = wish;
    this.adapter = workplace.adapter;
    this.caller = new Caller(workplace);
  }

  has(operation: Operation): boolean {
    return this.adapter.operations[operation] !== undefined;
  }

  get hasChain(): boolean {
    return this.has("chain") || this.has("block");
  }

  /** The id that the implementation gave to the node that was started as number `index`. */
  idOf(index: number): number {
    return this.names.idOf(index);
  }

  addressOf(index: number): string | undefined {
    return this.names.addressOf(index);
  }

  /** Whose wallet a text names: a node's index; `undefined` for nobody's. */
  walletOf(wallet: unknown): number | undefined {
    return this.names.indexOf(wallet, this.nodes.length);
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
    return await this.#answered(from, () => this.call(from, "pay", { spec, more }));
  }

  /** Hands bytes to one of a node's doors, whatever it makes of them. */
  async sendRaw(
    index: number,
    path: string,
    { contentType, body }: { readonly contentType: string; readonly body: string },
  ): Promise<Answer> {
    const http = { method: "POST", path, headers: { "content-type": contentType }, body } as const;
    return await this.#answered(index, () => this.call(index, "raw", { spec: { http } }));
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
    const shown = listOf(value, "lastTransactions").map((item) =>
      paymentView(item, (wallet) => this.walletOf(wallet))
    );
    demandKnownWallets(shown, this.adapter);
    return shown;
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
    for (let height = 0; height < BLOCKS_MAX; height++) {
      const outcome = await this.ask(index, "block", { height });
      if (!outcome.accepted || outcome.value === null || outcome.value === undefined) break;
      blocks.push(blockView(outcome.value, height, (wallet) => this.walletOf(wallet)));
    }
    return blocks;
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

  /** Does an operation of the adapter at a node. */
  async ask(index: number, operation: Operation, more: Variables = {}): Promise<CallOutcome> {
    const spec = this.adapter.operations[operation];
    if (spec === undefined) throw new NotApplicable(`the adapter has no operation "${operation}"`);
    return await this.call(index, operation, { spec, more });
  }

  get patienceMs(): number {
    return this.adapter.patience ?? PATIENCE_MS;
  }

  /** Waits until a condition holds; what it says is why it does not yet. */
  async until(
    condition: () => Promise<string | undefined>,
    { patienceMs = this.patienceMs }: { readonly patienceMs?: number } = {},
  ): Promise<void> {
    const startedAtMs = awakeMs();
    for (let waitMs = LOOK_MS;; waitMs = Math.min(LOOK_MS_MAX, waitMs * 1.5)) {
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
      const elapsedMs = awakeMs() - startedAtMs;
      if (elapsedMs > patienceMs * machineSlowness()) {
        if (trouble !== undefined) throw trouble;
        throw new Failure(`after ${(elapsedMs / 1000).toFixed(1)} s, ${why}`);
      }
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  }

  /** What templates know of a receiver. */
  receiverOf(to: number): Variables {
    const node = this.nodes[to];
    return {
      to: this.idOf(to),
      toAddress: this.addressOf(to),
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
      await this.nodes[index]?.letEnd();
      this.nodes[index]?.demandRunning();
      return "silent";
    }
  }

  /** How nodes are told of to an adapter's program, and to templates. */
  #introductions(): readonly Variables[] {
    return this.nodes.map((node) => ({
      ...node.variables(),
      id: this.idOf(node.index),
      address: this.addressOf(node.index),
    }));
  }

  /** Makes a call at a node; throws {@link Trouble} when there is no answer. */
  async call(
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

function listOf(value: unknown, what: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (value === undefined || value === null) return [];
  if (typeof value === "object") return [value];
  throw new Trouble("garbage", `${what}: got ${brief(value)}, wanted a list`);
}

function brief(value: unknown): string {
  return (JSON.stringify(value) ?? "nothing").slice(0, 120);
}
