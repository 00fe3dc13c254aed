/**
 * Finds out what a text names: a height, a hash or its beginning, an address, a node.
 *
 * @module
 */
import { isMissing, type Read, type ReadRefusal } from "../read_result.ts";

/** The fewest characters that stand for a whole hash, as `lib/wire/names.ts` has it: pages bring no code from there. */
export const HASH_PREFIX_SIZE_MIN = 6;

/** Where the thing of that name is, or why nothing is shown. */
export type Found =
  | { readonly kind: "place"; readonly place: string }
  | { readonly kind: "missing" | "ambiguous" | "short" }
  /** Nobody could say. */
  | { readonly kind: "failed"; readonly refusal: ReadRefusal };

export async function findName(read: Read, name: string): Promise<Found> {
  const plain = name.trim().toLowerCase();
  if (plain === "mempool" || plain === "rules") return { kind: "place", place: plain };
  let isAmbiguous = false;
  for (const place of placesOf(plain)) {
    const [kind = "", id = ""] = place.split("/");
    const path = kind === "block" ? "blocks" : kind === "tx" ? "transactions" : "balances";
    const answer = await read(`/${path}/${id}`);
    if (answer.ok) return { kind: "place", place };
    if (!isMissing(answer)) return { kind: "failed", refusal: answer };
    if (answer.code === "prefix-ambiguous") isAmbiguous = true;
  }
  if (isAmbiguous) return { kind: "ambiguous" };
  return { kind: isShortPrefix(plain) ? "short" : "missing" };
}

/** Whether a text may begin a hash, but is too short to stand for one. */
function isShortPrefix(plain: string): boolean {
  return /^[0-9a-f]+$/.test(plain) && plain.length < HASH_PREFIX_SIZE_MIN;
}

/** What a text may name, the likeliest first. */
function placesOf(plain: string): readonly string[] {
  const node = /^(?:id|node\s*)(\d+)$/.exec(plain)?.[1];
  if (node !== undefined) return [`wallet/id${node}`];
  if (plain.startsWith("nbc1")) return [`wallet/${plain}`];
  if (/^\d{1,9}$/.test(plain)) return [`block/${plain}`, `tx/${plain}`];
  return /^[0-9a-f]{1,64}$/.test(plain) ? [`tx/${plain}`, `block/${plain}`] : [];
}
