/**
 * Which blocks of a picture are the main chain, and what that says of their transactions.
 *
 * @module
 */
import { type NetworkView, parentOf, tipsOf, type ViewBlock } from "./network_view.ts";
import { secondAt } from "./view_seconds.ts";

/** The main chain: of the tip that most nodes have, the highest among equals, the first seen then. */
export function choosePath(view: NetworkView, at: number): void {
  let best: ViewBlock | undefined;
  let bestCount = 0;
  for (const [id, nodes] of tipsOf(view)) {
    const block = view.blocks.get(id);
    if (block === undefined) continue;
    const isBetter = best === undefined || block.height > best.height ||
      (block.height === best.height &&
        (nodes.length > bestCount || (nodes.length === bestCount && block.at < best.at)));
    // A node that is one block ahead leads; one that is alone on a lower branch does not.
    if (isBetter) {
      best = block;
      bestCount = nodes.length;
    }
  }
  if (best === undefined || best.id === view.best) return;
  view.best = best.id;

  const added: ViewBlock[] = [];
  for (let block: ViewBlock | undefined = best; block !== undefined && !block.isMain;) {
    added.push(block);
    block = parentOf(view, block);
  }
  const lowest = added[added.length - 1] ?? best;
  const keepBelow = added.length === 0 ? best.height + 1 : lowest.height;
  for (let height = view.main.length - 1; height >= keepBelow; height--) {
    const block = view.blocks.get(view.main[height] ?? "");
    if (block === undefined) continue;
    block.isMain = false;
    block.wasMain = true;
    settle(view, block, { at, isOn: false });
  }
  view.main.length = Math.min(view.main.length, keepBelow);
  for (const block of added.reverse()) {
    block.isMain = true;
    view.main[block.height] = block.id;
    settle(view, block, { at, isOn: true });
  }
}

/** A block came onto the main chain or left it: so did its transactions, in the second of the block. */
function settle(
  view: NetworkView,
  block: ViewBlock,
  { at, isOn }: { readonly at: number; readonly isOn: boolean },
): void {
  if (block.height === 0) return;
  const second = secondAt(view, block.at);
  const sign = isOn ? 1 : -1;
  second.confirmed += sign * block.transactions;
  view.confirmedCount += sign * block.transactions;
  settleTransactions(view, block, { at, isOn });
}

/** Its transactions are confirmed by a block, or fell out with it. */
export function settleTransactions(
  view: NetworkView,
  block: ViewBlock,
  { at, isOn }: { readonly at: number; readonly isOn: boolean },
): void {
  for (const id of block.txids ?? []) {
    const transaction = view.transactions.get(id);
    if (transaction === undefined) continue;
    if (isOn) {
      transaction.block = block.id;
      transaction.confirmedAt = at;
      transaction.refusedCode = undefined;
    } else {
      transaction.fellOut++;
      transaction.block = undefined;
      transaction.confirmedAt = undefined;
    }
  }
}
