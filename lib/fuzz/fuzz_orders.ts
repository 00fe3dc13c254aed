/**
 * What the hands at a fuzzed network do: an operator's orders to a node, and an owner who signs elsewhere.
 *
 * @module
 */
import type { KeyPair } from "../crypto/keys.ts";
import type { ControlCommand } from "../node/input.ts";
import type { Params } from "../params.ts";
import { payment } from "../simulation/sign_transaction.ts";
import type { SimNode } from "../simulation/sim_node.ts";
import type { World } from "../simulation/world.ts";
import type { Happening } from "./fuzz_plan.ts";

/** Gives a node an operator's order. */
export function order(world: World, node: SimNode, command: ControlCommand): void {
  world.request(node, (requestId) => ({ type: "control", requestId, command }));
}

export function dropOldestTransaction(world: World, node: SimNode, params: Params): void {
  const oldest = node.state?.network?.mempool.oldest;
  if (oldest === undefined) return;
  const { txid, sender, outputs } = oldest.transaction;
  // First coins that an operator throws away are no bug of the node.
  const isPayout = sender === params.bootstrapKey && outputs[0]?.amount === params.coinsPerNode;
  if (!isPayout) order(world, node, { kind: "drop-transaction", txid });
}

export function invalidateTip(world: World, node: SimNode): void {
  const tip = node.state?.network?.chain.tip;
  if (tip === undefined || tip.header.height === 0) return;
  order(world, node, { kind: "invalidate-block", hash: tip.hash });
}

/** Lifts the marks from all blocks that an operator has invalidated. */
export function reconsiderAll(world: World, node: SimNode): void {
  const chain = node.state?.network?.chain;
  const hashes = [...chain?.entries() ?? []]
    .filter((entry) => chain?.invalidCodeOf(entry) === "invalidated-by-operator")
    .map(({ hash }) => hash);
  for (const hash of hashes) order(world, node, { kind: "reconsider-block", hash });
}

export function reconnectAll(world: World, node: SimNode): void {
  order(world, node, { kind: "reconnect-peers", publicKeys: [] });
}

/** The owner of a wallet signs at another machine, from the coins that the node shows. */
export function spendElsewhere(
  world: World,
  { wallet, amount, at: places }: Happening & { readonly kind: "spend-elsewhere" },
  { params, ringSize, keyOf }: {
    readonly params: Params;
    readonly ringSize: number;
    readonly keyOf: (index: number) => KeyPair;
  },
): void {
  const keyPair = keyOf(wallet);
  const network = world.nodes[wallet]?.state?.network;
  if (network === undefined) return;
  const [coin] = network.chain.utxos.coinsOf(keyPair.publicKey);
  if (coin === undefined || coin[1].amount < amount + params.fee) return;
  places.forEach((at, index) => {
    const to = keyOf((at + index) % ringSize).publicKey;
    const transaction = payment([coin], { params, from: keyPair, to, amount });
    world.request(world.nodes[at] as SimNode, (requestId) => ({
      type: "submit",
      requestId,
      transaction,
    }));
  });
}
