/**
 * Finds out what a text names: a height, a hash or its beginning, an address, a node.
 *
 * @module
 */
import type { ExplorerProps } from "./parts.tsx";

export async function findName(
  read: ExplorerProps["read"],
  name: string,
): Promise<string | undefined> {
  const word = name.trim();
  const plain = word.toLowerCase();
  if (plain === "mempool" || plain === "rules") return plain;
  const node = /^(?:id|node\s*)(\d+)$/.exec(plain)?.[1];
  const candidates = node !== undefined
    ? [`wallet/id${node}`]
    : plain.startsWith("nbc1")
    ? [`wallet/${plain}`]
    : /^\d{1,9}$/.test(plain)
    ? [`block/${plain}`, `tx/${plain}`]
    : /^[0-9a-f]{1,64}$/.test(plain)
    ? [`tx/${plain}`, `block/${plain}`]
    : [];
  for (const place of candidates) {
    const [kind = "", id = ""] = place.split("/");
    const path = kind === "block" ? "blocks" : kind === "tx" ? "transactions" : "balances";
    if ((await read(`/${path}/${id}`)).ok) return place;
  }
  return undefined;
}
