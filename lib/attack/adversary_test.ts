import assert from "node:assert/strict";
import { FORGERY_KINDS } from "../fuzz/forgery.ts";
import { Liar } from "../fuzz/liar.ts";
import { DEFAULT_NETWORK_CHOICE, planNetwork, runNetwork } from "../simulation/network_plan.ts";
import { NetworkStatistics } from "../simulation/network_statistics.ts";
import { randomStream } from "../random/random_stream.ts";
import { Scenario } from "../testing/scenario.ts";
import { Withholder } from "./withholder.ts";
import type { SimNode } from "../simulation/sim_node.ts";
import type { World } from "../simulation/world.ts";

Deno.test("a miner that withholds its blocks gets nothing and slows the chain by its share", () => {
  const statistics: NetworkStatistics = new NetworkStatistics((): World => planned.world);
  const planned = planNetwork({
    ...DEFAULT_NETWORK_CHOICE,
    nodes: 6,
    topology: { kind: "full" },
    latency: { kind: "constant", value: 10 },
    intervalMs: 10_000,
  }, { hashPowers: [14, 14, 14, 14, 14, 30], observers: [statistics] });
  const withholder = planned.world.nodes[5] as SimNode;
  withholder.adversary = new Withholder();
  runNetwork(planned, 600);
  const { revenueShares, meanIntervalMs } = statistics.figures();
  assert.equal(revenueShares[5], 0);
  // Seven tenths of the power: 10 s / 0.7, with three standard errors.
  const wanted = 10_000 / 0.7;
  assert(Math.abs(meanIntervalMs - wanted) < 3 * wanted / Math.sqrt(594), `${meanIntervalMs} ms`);
});

Deno.test("an eclipsed victim stays behind, and catches up through one honest link", () => {
  // A line: honest part - attacker - victim, and later one link past the attacker.
  const planned = planNetwork({
    ...DEFAULT_NETWORK_CHOICE,
    nodes: 5,
    topology: { kind: "given", topology: [[1, 2], [0, 2, 4], [0, 1, 3], [2, 4], [1, 3]] },
    latency: { kind: "constant", value: 10 },
    intervalMs: 10_000,
  }, { hashPowers: [50, 30, 20, 0, 0] });
  const { world } = planned;
  const [honest, , attacker, victim, gate] = world.nodes as [
    SimNode,
    SimNode,
    SimNode,
    SimNode,
    SimNode,
  ];
  attacker.adversary = new Withholder((index) => index === victim.index);
  gate.adversary = new Withholder((index) => index === victim.index);
  const heightOf = ({ state }: SimNode) => state?.network?.chain.height ?? 0;
  runNetwork(planned, 40);
  assert.equal(heightOf(victim), 0);

  // The gate becomes honest: its tip reaches the victim, who asks for the rest.
  const released = gate.adversary as Withholder;
  released.release({ world, node: gate });
  world.run(world.nowMs + 60_000);
  assert(heightOf(victim) >= 40, `the victim is at ${heightOf(victim)} of ${heightOf(honest)}`);
});

Deno.test("a flood of forgeries changes nothing, and the flooder is left alone", () => {
  const scenario = new Scenario({
    params: { nodes: 4, emptyBlocks: true, difficulty: 0.5, fee: 1 },
    intervalMs: 1000,
    liars: [3],
  });
  scenario.untilReady();
  const liar = new Liar(randomStream(1, "liar"));
  const node = scenario.node(3);
  node.adversary = liar;
  // Each forgery meets the checkers at its victim after every event.
  for (const [index, forgery] of [...FORGERY_KINDS, ...FORGERY_KINDS].entries()) {
    liar.attack(scenario.world, { node, to: scenario.node(index % 3), forgery });
    scenario.pay(index % 3, (index + 1) % 3, 1);
    scenario.pass(300);
  }
  liar.isQuiet = true;
  const honest = [0, 1, 2];
  scenario.until(
    "one tip among the honest",
    () => new Set(honest.map((index) => scenario.network(index).chain.tip.hash)).size === 1,
  );
  const backedOff = scenario.effects.filter(({ effect }) =>
    effect.type === "event" && effect.event.type === "peer" && effect.event.change === "backed-off"
  );
  assert(backedOff.length > 10, `${backedOff.length} times`);
});
