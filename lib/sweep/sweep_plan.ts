/**
 * A sweep: a plan that decides its results, cut into parts that are run one by one, anywhere.
 *
 * A part has a key, and its result is a function of the plan and the key. So parts may be run by any
 * number of workers and machines, in any order, and come out the same.
 *
 * @module
 */
import { utf8Bytes } from "../bytes.ts";
import { sha256Hex } from "../crypto/hash.ts";
import type { AttackChoice } from "./attack_sweep.ts";
import type { FuzzChoice } from "./fuzz_sweep.ts";
import type { NetworkSweepChoice } from "./network_sweep.ts";
import type { VariantChoice } from "./variant_sweep.ts";

export type SweepPlan =
  | { readonly kind: "attack"; readonly choice: AttackChoice }
  | { readonly kind: "network"; readonly choice: NetworkSweepChoice }
  | { readonly kind: "variants"; readonly choice: VariantChoice }
  | { readonly kind: "fuzz"; readonly choice: FuzzChoice };

/** What can be written as JSON and read again as it was. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [name: string]: Json };

/** What a plan is called by: equal for equal plans, whatever the order of their fields. */
export function hashOfPlan(plan: SweepPlan): string {
  return sha256Hex(utf8Bytes(canonicalJson(plan as unknown as Json)));
}

/** JSON with the names of each object in order. */
export function canonicalJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item)).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).filter(([, field]) => field !== undefined)
    .sort(([a], [b]) => a < b ? -1 : 1);
  return `{${
    fields.map(([name, field]) => `${JSON.stringify(name)}:${canonicalJson(field)}`).join(",")
  }}`;
}

/**
 * The fields in which two plans differ, as paths.
 *
 * @example
 * ```ts
 * import { differencesOf } from "./sweep_plan.ts";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(differencesOf({ a: 1, b: { c: 2 } }, { a: 1, b: { c: 3 } }), ["b.c"]);
 * ```
 */
export function differencesOf(a: Json, b: Json, path = ""): string[] {
  if (canonicalJson(a) === canonicalJson(b)) return [];
  if (!isRecord(a) || !isRecord(b)) return [path];
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
  return names.flatMap((name) =>
    differencesOf(a[name] ?? null, b[name] ?? null, path === "" ? name : `${path}.${name}`)
  );
}

function isRecord(value: Json): value is { readonly [name: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
