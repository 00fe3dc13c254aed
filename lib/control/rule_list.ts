/**
 * Every rule and policy that can stop something, for the page's table.
 *
 * @module
 */
import { BLOCK_RULES, TRANSACTION_RULES } from "../consensus/rule_table.ts";

export interface RuleText {
  readonly code: string;
  readonly when: string;
}

export function ruleList(): readonly RuleText[] {
  return Object.entries({ ...TRANSACTION_RULES, ...BLOCK_RULES })
    .map(([code, { when }]) => ({ code, when }));
}
