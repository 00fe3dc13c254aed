/**
 * A victim that has a chain to catch up with, one peer that misleads it, and two honest ones that are
 * further away: what hostile peers are scripted against.
 *
 * The times are those of a real node. Everything that the victim keeps for others is measured after every
 * event, and what it says to the hostile peer is counted.
 *
 * @module
 */
import { healthOf } from "../node/queries.ts";
import { DEFAULT_TIMING } from "../node/state.ts";
import { invariant } from "../result.ts";
import { HostilePeer, type Lies } from "../attack/hostile_peer.ts";
import { Scenario } from "./scenario.ts";
import type { AdversaryContext, SimNode } from "../simulation/sim_node.ts";

/** Who is who. */
const VICTIM = 0;
const HONEST = [1, 2] as const;
const HOSTILE = 3;

/** How long the honest ones mine while the victim is cut off: about fifteen blocks. */
const ABSENCE_MS = 25_000;
/** The hostile peer is heard before all others. */
const HOSTILE_LATENCY_MS = 1;

/** The most that the victim has kept at a time. */
export interface Kept {
  /** Checked headers whose blocks are fetched. */
  wanted: number;
  /** Blocks that the hostile peer was asked for and has not given. */
  inFlight: number;
  orphanBlocks: number;
  partialBlocks: number;
  orphanTransactions: number;
  /** Peers that are asked for headers next. */
  askNext: number;
  peers: number;
}

export class Siege {
  readonly scenario: Scenario;
  readonly hostile: HostilePeer;
  readonly kept: Kept = {
    wanted: 0,
    inFlight: 0,
    orphanBlocks: 0,
    partialBlocks: 0,
    orphanTransactions: 0,
    askNext: 0,
    peers: 0,
  };
  /** When the victim first left the hostile peer alone, since it could hear it again. */
  leftAfterMs = Infinity;
  readonly #healedAtMs: number;

  /**
   * @param makeLies called when the honest chain stands and the victim lacks it
   * @param options.hasAlly the second honest peer tells the same lies
   */
  constructor(makeLies: (siege: Siege) => Lies, options: { readonly hasAlly?: boolean } = {}) {
    const ally = options.hasAlly === true ? [HONEST[1]] : [];
    const nodes = Array.from({ length: 4 }, () => ({ timing: DEFAULT_TIMING }));
    const scenario = new Scenario({
      params: { nodes: 4, emptyBlocks: true, difficulty: 1 },
      nodes,
      intervalMs: 1000,
      liars: [HOSTILE, ...ally],
    });
    this.scenario = scenario;
    scenario.untilReady();
    scenario.until("one tip", () => new Set(scenario.tips()).size === 1);
    scenario.control(VICTIM, { kind: "pause-mining" });
    scenario.split([VICTIM]);
    scenario.pass(ABSENCE_MS);
    this.pauseMining();
    const ahead = [...HONEST, HOSTILE].map((index) => scenario.network(index));
    scenario.until(
      "one honest tip",
      () => new Set(ahead.map(({ chain }) => chain.tip.hash)).size === 1,
    );
    const lead = this.honestHeight - scenario.network(VICTIM).chain.height;
    invariant(lead > 8, `The victim is far behind: ${lead} blocks`);

    const lies = makeLies(this);
    this.hostile = new HostilePeer(this.victim, lies);
    this.node.adversary = this.hostile;
    for (const index of ally) {
      scenario.node(index).adversary = new HostilePeer(this.victim, lies);
    }
    for (const [from, to] of [[HOSTILE, VICTIM], [VICTIM, HOSTILE]] as const) {
      scenario.world.links.setLatency(from, to, HOSTILE_LATENCY_MS);
    }
    scenario.heal();
    this.#healedAtMs = scenario.world.nowMs;
  }

  get victim(): SimNode {
    return this.scenario.node(VICTIM);
  }

  /** The node that the hostile peer is wrapped around. */
  get node(): SimNode {
    return this.scenario.node(HOSTILE);
  }

  get context(): AdversaryContext {
    return { world: this.scenario.world, node: this.node };
  }

  get honestHeight(): number {
    return this.scenario.network(HONEST[0]).chain.height;
  }

  /** Lets time pass until the victim stands where the honest ones do; how long that took. */
  untilRelieved(): number {
    const { scenario } = this;
    return scenario.until("the victim on the honest tip", () => {
      this.#measure();
      const { hash } = scenario.network(HONEST[0]).chain.tip;
      return [VICTIM, HONEST[1]].every((index) => scenario.network(index).chain.tip.hash === hash);
    });
  }

  /** Lets time pass, and looks on. */
  pass(forMs: number): void {
    const untilMs = this.scenario.world.nowMs + forMs;
    this.scenario.world.run(untilMs, () => {
      this.#measure();
      return false;
    });
  }

  pauseMining(): void {
    for (const index of [...HONEST, HOSTILE]) {
      this.scenario.control(index, { kind: "pause-mining" });
    }
  }

  resumeMining(): void {
    for (const index of HONEST) this.scenario.control(index, { kind: "resume-mining" });
  }

  /** What the victim has left the hostile peer alone for, each time. */
  charges(): string[] {
    const key = this.node.config.keyPair.publicKey;
    return this.scenario.effects.flatMap(({ node, effect }) => {
      const isCharge = node === VICTIM && effect.type === "event" && effect.event.type === "peer" &&
        effect.event.publicKey === key && effect.event.change === "backed-off";
      return isCharge ? [String(effect.event.detail)] : [];
    });
  }

  /** What the victim's table of peers says of the hostile one. */
  health(): string {
    const { state, config } = this.victim;
    const peer = state?.peers.get(this.node.config.keyPair.publicKey);
    invariant(state !== undefined && peer !== undefined, `${config.record.url} knows its peers`);
    return healthOf(state, peer, this.scenario.world.clockOf(this.victim));
  }

  #measure(): void {
    const { kept } = this;
    const { sync, orphanBlocks, partialBlocks, orphanTransactions } = this.scenario.network(VICTIM);
    const key = this.node.config.keyPair.publicKey;
    let inFlight = 0;
    for (const { peer } of sync.inFlight.values()) if (peer === key) inFlight++;
    if (this.leftAfterMs === Infinity && this.health() === "backed-off") {
      this.leftAfterMs = this.scenario.world.nowMs - this.#healedAtMs;
    }
    kept.wanted = Math.max(kept.wanted, sync.wanted.size);
    kept.inFlight = Math.max(kept.inFlight, inFlight);
    kept.orphanBlocks = Math.max(kept.orphanBlocks, orphanBlocks.size);
    kept.partialBlocks = Math.max(kept.partialBlocks, partialBlocks.size);
    kept.orphanTransactions = Math.max(kept.orphanTransactions, orphanTransactions.size);
    kept.askNext = Math.max(kept.askNext, sync.askNext.size);
    kept.peers = Math.max(kept.peers, this.victim.state?.peers.size ?? 0);
  }
}
