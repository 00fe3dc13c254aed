/**
 * What an attack is, for the commands: its parameters, one run of it, what theory says, how it is shown.
 *
 * @module
 */
import type { Strategy } from "./strategy.ts";
import type { AttackSetting } from "./race_network.ts";

/** One point of a sweep: a value for each parameter that the attack takes. */
export interface AttackCell {
  /** The attacker's share of all hash power. */
  readonly share: number;
  /** The share of honest power that follows the attacker in a race; absent where a topology makes it. */
  readonly gamma?: number;
  readonly confirmations?: number;
  readonly depth?: number;
  /** The victim's share of all hash power. */
  readonly victim?: number;
  readonly variant?: string;
}

export type AxisName = keyof AttackCell;

export const AXIS_NAMES: readonly AxisName[] = [
  "variant",
  "share",
  "gamma",
  "confirmations",
  "depth",
  "victim",
];

/** What one run gives. */
export type AttackFigures = Readonly<Record<string, number>>;

/** What theory says of a cell. */
export interface Theory {
  readonly name: string;
  readonly value: number;
  /** The value that the simulation is held to; others are drawn for comparison. */
  readonly isExact: boolean;
}

export interface Attack {
  readonly name: string;
  readonly description: string;
  /** The parameters that it takes, beside the share. */
  readonly axes: readonly AxisName[];
  /** The parts of the setting that it reads. */
  readonly uses: ReadonlySet<keyof AttackSetting | "strategy">;
  /** The figure that is compared with theory. */
  readonly figure: {
    readonly name: string;
    readonly title: string;
    /** `share`: `successes` of `trials`; `mean`: one number a run. */
    readonly kind: "share" | "mean";
  };
  /** Theory takes tenths of a second for each point, so no line is drawn through many points. */
  readonly isTheoryDear?: boolean;
  /** Why a cell makes no sense; `undefined` when it does. */
  problemOf(cell: AttackCell, setting: AttackSetting): string | undefined;
  run(cell: AttackCell, context: AttackContext): AttackFigures;
  /** @param measured the means of what the runs gave, for what a topology makes by itself */
  theory(cell: AttackCell, setting: AttackSetting, measured: AttackFigures): readonly Theory[];
}

export interface AttackContext {
  readonly setting: AttackSetting;
  readonly seed: number;
  /** The user's own strategy, in place of the attack's. */
  readonly strategy: Strategy | undefined;
}
