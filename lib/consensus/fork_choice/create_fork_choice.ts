/**
 * The fork choice that a network's parameters name.
 *
 * One of one's own is one file beside this one, and one line here and in `parameter_table.ts`.
 *
 * @module
 */
import type { Params } from "../../params.ts";
import type { BlockEntry } from "../block_tree.ts";
import type { ForkChoice } from "./fork_choice.ts";
import { Ghost } from "./ghost.ts";
import { LONGEST } from "./longest.ts";
import { LOWER_HASH } from "./lower_hash.ts";
import { MOST_WORK } from "./most_work.ts";
import { forkChoiceOf } from "./tip_order.ts";

/** Those that compare tips remember nothing: all chains of a process share them. */
const MOST_WORK_CHOICE = forkChoiceOf(MOST_WORK);
const LONGEST_CHOICE = forkChoiceOf(LONGEST);
const LOWER_HASH_CHOICE = forkChoiceOf(LOWER_HASH);

const CHOICES: Readonly<Record<Params["forkChoice"], (genesis: BlockEntry) => ForkChoice>> = {
  "most-work": () => MOST_WORK_CHOICE,
  "longest": () => LONGEST_CHOICE,
  "ghost": (genesis) => new Ghost(genesis),
  "lower-hash": () => LOWER_HASH_CHOICE,
};

/** A fork choice for a tree that has nothing but genesis yet. */
export function createForkChoice(params: Params, genesis: BlockEntry): ForkChoice {
  return CHOICES[params.forkChoice](genesis);
}
