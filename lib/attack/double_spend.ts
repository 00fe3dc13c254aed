/**
 * The double spend, played out: an attacker pays a merchant, mines a branch of its own in which the coins
 * go elsewhere, and shows it when it is longer.
 *
 * The race is the one that Rosenfeld calculates: the attacker has one block before the payment, the
 * merchant waits for `z` confirmations, the attacker must get strictly ahead. Each trial is a world of its
 * own with real nodes, blocks and conflicting transactions; a won race counts only if the merchant's node
 * then really has the other transaction and not the payment.
 *
 * @module
 */
import { invariant } from "../result.ts";
import { payment } from "../simulation/sign_transaction.ts";
import { numberedKeyPair } from "../crypto/numbered_key_pair.ts";
import { DEFAULT_NETWORK_CHOICE, planNetwork } from "../simulation/network_plan.ts";
import { Withholder } from "./withholder.ts";
import type { SimNode } from "../simulation/sim_node.ts";

export interface DoubleSpendChoice {
  readonly seed: number;
  /** The attacker's share of all hash power. */
  readonly attackerShare: number;
  readonly confirmations: number;
  readonly trials: number;
}

/** An attacker gives up as soon as the chance to catch up is below this. */
const COME_BACK_MIN = 1e-5;
const GIVE_UP_BLOCKS_MIN = 14;

/** How many of the trials the attacker wins. */
export function playDoubleSpends(choice: DoubleSpendChoice): number {
  let won = 0;
  for (let trial = 0; trial < choice.trials; trial++) if (playDoubleSpend(choice, trial)) won++;
  return won;
}

function playDoubleSpend(choice: DoubleSpendChoice, trial: number): boolean {
  const { attackerShare: q, confirmations: z } = choice;
  invariant(q < 0.5, `Cannot play a double spend: got a share of ${q}, wanted below 0.5`);
  const { world, params } = planNetwork({
    ...DEFAULT_NETWORK_CHOICE,
    seed: choice.seed * 1_000_003 + trial,
    nodes: 2,
    topology: { kind: "full" },
    latency: { kind: "constant", value: 1 },
    intervalMs: 60_000,
  }, { hashPowers: [q, 1 - q] });
  const [attacker, merchant] = world.nodes as [SimNode, SimNode];
  const withholder = new Withholder();
  attacker.adversary = withholder;
  const heightOf = (node: SimNode) => node.state?.network?.chain.height ?? 0;

  // One block before the payment, for the attacker alone.
  world.run(0);
  control(merchant, "pause-mining");
  world.run(Infinity, () => heightOf(attacker) >= 1);
  control(merchant, "resume-mining");

  const from = numberedKeyPair(0);
  const [coin] = merchant.state?.network?.chain.utxos.coinsOf(from.publicKey) ?? [];
  invariant(coin !== undefined, "The attacker has coins to spend twice");
  const pay = (to: number) =>
    payment([coin], { params, from, to: numberedKeyPair(to).publicKey, amount: 10 });
  const paid = pay(1);
  const instead = pay(2);
  submit(merchant, paid);
  submit(attacker, instead);

  // From k behind one gets ahead with probability (q / p)^(k + 1).
  const giveUpBlocks = Math.max(
    GIVE_UP_BLOCKS_MIN,
    Math.ceil(Math.log(COME_BACK_MIN) / Math.log(q / (1 - q))),
  );
  let hasWon = false;
  world.run(Infinity, () => {
    const honest = heightOf(merchant);
    const secret = heightOf(attacker);
    hasWon = honest >= z && secret > honest;
    return hasWon || honest - secret >= giveUpBlocks;
  });
  if (!hasWon) return false;

  withholder.release({ world, node: attacker });
  const secretTip = attacker.state?.network?.chain.tip.hash;
  invariant(secretTip !== undefined, "The attacker has a branch to show");
  world.run(
    world.nowMs + 1000,
    () => merchant.state?.network?.chain.entry(secretTip) !== undefined,
  );
  return isOnMain(merchant, instead.txid) && !isOnMain(merchant, paid.txid);

  function control(node: SimNode, kind: "pause-mining" | "resume-mining"): void {
    world.request(node, (requestId) => ({ type: "control", requestId, command: { kind } }));
  }

  function submit(node: SimNode, transaction: ReturnType<typeof pay>): void {
    world.request(node, (requestId) => ({ type: "submit", requestId, transaction }));
  }
}

function isOnMain(node: SimNode, txid: string): boolean {
  const chain = node.state?.network?.chain;
  for (let height = 1; chain !== undefined && height <= chain.height; height++) {
    const entry = chain.atHeight(height);
    const block = entry && chain.block(entry.hash);
    if (block?.transactions.some((transaction) => transaction.txid === txid)) return true;
  }
  return false;
}
