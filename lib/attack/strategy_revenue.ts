/**
 * What a strategy earns, exactly: the stationary distribution of the Markov chain that it makes.
 *
 * A state is the two branches' lengths, and whether honest miners are split. With the strategy's share α
 * of the hash power the next block is its own; an honest one, in a race, stands on its branch with
 * probability γ. Blocks are earned when both branches agree on them (Sapirstein, Sompolinsky and Zohar
 * 2016 use the same states and rewards). For the selfish strategy the result is Eyal and Sirer's formula;
 * for stubborn ones no formula is published that covers all of them, and their authors' thresholds come
 * from chains like this one.
 *
 * Knows neither nodes nor time: blocks arrive one after the other and everybody hears at once.
 *
 * @module
 */
import { invariant } from "../result.ts";
import { type Move, problemOfMove, type Strategy } from "./strategy.ts";

/**
 * A lead that is larger is shown at once: at α = 0.45 one in ten million is.
 */
const LEAD_MAX = 80;
/**
 * Of an honest branch that is longer the lowest level is settled in expectation, by the chance that the
 * own branch wins. Exact for strategies that look at the lead alone from here on.
 */
const HONEST_MAX = 24;
const SWEEPS_MAX = 20_000;
const PRECISION = 1e-10;

interface Step {
  readonly to: number;
  readonly probability: number;
  /** Blocks that both branches agree on now. */
  readonly own: number;
  readonly honest: number;
  /** Who has earned the levels that were open; `undefined` while they are still open. */
  readonly winner: "own" | "honest" | undefined;
  /** Levels that are settled in expectation. */
  readonly foreseen: number;
}

interface State {
  readonly own: number;
  readonly honest: number;
  readonly isRace: boolean;
}

const START: State = { own: 0, honest: 0, isRace: false };

/**
 * The share of the main chain that a strategy gets in the long run.
 *
 * @example
 * ```ts
 * import { SELFISH_STRATEGY } from "./strategies/selfish_strategy.ts";
 * import { strategyRevenue } from "./strategy_revenue.ts";
 * import assert from "node:assert/strict";
 *
 * const revenue = strategyRevenue(SELFISH_STRATEGY, { alpha: 1 / 3, gamma: 0 });
 * assert(Math.abs(revenue - 1 / 3) < 1e-6);
 * ```
 */
export function strategyRevenue(
  strategy: Strategy,
  { alpha, gamma }: { readonly alpha: number; readonly gamma: number },
): number {
  const states: State[] = [];
  const indexes = new Map<string, number>();
  const steps: Step[][] = [];
  const indexOf = (state: State): number => {
    const key = `${state.own},${state.honest},${state.isRace}`;
    let index = indexes.get(key);
    if (index === undefined) {
      index = states.length;
      states.push(state);
      indexes.set(key, index);
    }
    return index;
  };
  indexOf(START);
  for (let index = 0; index < states.length; index++) {
    steps.push(stepsFrom(states[index] as State));
  }
  return rewardShare(steps);

  function stepsFrom({ own, honest, isRace }: State): Step[] {
    const found = [after({ own: own + 1, honest, isRace }, "own", { probability: alpha })];
    const followed = isRace ? gamma : 0;
    if (followed > 0) {
      // The shown branch of that length is everybody's; the new block is the honest branch above it.
      found.push(after({ own: own - honest, honest: 1, isRace: false }, "honest", {
        probability: (1 - alpha) * followed,
        settled: honest,
      }));
    }
    if (followed < 1) {
      found.push(after({ own, honest: honest + 1, isRace: false }, "honest", {
        probability: (1 - alpha) * (1 - followed),
      }));
    }
    return found;
  }

  function after(
    state: State,
    found: "own" | "honest",
    { probability, settled = 0 }: { readonly probability: number; readonly settled?: number },
  ): Step {
    const { own, honest } = state;
    const view = { ...state, found };
    const isTooLong = own - honest >= LEAD_MAX;
    const move: Move = isTooLong ? "override" : strategy.react(view);
    const problem = problemOfMove(move, view);
    invariant(problem === undefined, `Cannot tell what ${strategy.name} earns: ${problem}`);
    const isSettled = settled > 0;
    if (move === "override") {
      const to = indexOf({ own: own - honest - 1, honest: 0, isRace: false });
      return { to, probability, own: settled + honest + 1, honest: 0, winner: "own", foreseen: 0 };
    }
    if (move === "adopt") {
      const winner = isSettled ? "own" : "honest";
      return { to: indexOf(START), probability, own: settled, honest, winner, foreseen: 0 };
    }
    const isRace = honest > 0 && (move === "match" || state.isRace);
    const foreseen = honest > HONEST_MAX ? 1 : 0;
    return {
      to: indexOf({ own: own - foreseen, honest: honest - foreseen, isRace }),
      probability,
      own: settled,
      honest: 0,
      winner: isSettled ? "own" : undefined,
      foreseen,
    };
  }
}

/** From which share of the hash power on a strategy earns more than its share; found by halving. */
export function strategyThreshold(strategy: Strategy, gamma: number): number {
  let [low, high] = [0, 0.5];
  for (let step = 0; step < 14; step++) {
    const alpha = (low + high) / 2;
    if (strategyRevenue(strategy, { alpha, gamma }) > alpha) high = alpha;
    else low = alpha;
  }
  return (low + high) / 2;
}

/** Lets a distribution over the states flow until it stands still, and counts what is earned. */
function rewardShare(steps: readonly (readonly Step[])[]): number {
  const chances = winningChances(steps);
  let weights = new Float64Array(steps.length);
  weights[0] = 1;
  let share = NaN;
  for (let sweep = 0; sweep < SWEEPS_MAX; sweep++) {
    const next = new Float64Array(steps.length);
    let own = 0;
    let honest = 0;
    for (let from = 0; from < steps.length; from++) {
      const weight = weights[from] as number;
      if (weight === 0) continue;
      for (const step of steps[from] as readonly Step[]) {
        const flow = weight * step.probability;
        const foreseen = step.foreseen * (chances[step.to] as number);
        next[step.to] = (next[step.to] as number) + flow;
        own += flow * (step.own + foreseen);
        honest += flow * (step.honest + step.foreseen - foreseen);
      }
    }
    // Keeps half of the old distribution: a chain of period two would swing for ever.
    let moved = 0;
    for (let index = 0; index < next.length; index++) {
      const mixed = (weights[index] as number) / 2 + (next[index] as number) / 2;
      moved += Math.abs(mixed - (weights[index] as number));
      next[index] = mixed;
    }
    weights = next;
    share = own / (own + honest);
    if (moved < PRECISION) break;
  }
  return share;
}

/** For each state the chance that the levels that are open now end as own blocks. */
function winningChances(steps: readonly (readonly Step[])[]): Float64Array {
  const chances = new Float64Array(steps.length);
  for (let sweep = 0; sweep < SWEEPS_MAX; sweep++) {
    let moved = 0;
    for (let from = steps.length - 1; from >= 0; from--) {
      let chance = 0;
      for (const { to, probability, winner } of steps[from] as readonly Step[]) {
        if (winner === "own") chance += probability;
        else if (winner === undefined) chance += probability * (chances[to] as number);
      }
      moved = Math.max(moved, Math.abs(chance - (chances[from] as number)));
      chances[from] = chance;
    }
    if (moved < PRECISION) break;
  }
  return chances;
}
