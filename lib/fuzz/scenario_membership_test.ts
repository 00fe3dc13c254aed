import assert from "node:assert/strict";
import { numberedKeyPair } from "../crypto/numbered_key_pair.ts";
import { testParams } from "../testing/test_params.ts";
import { PERFECT_LINKS } from "../simulation/link_model.ts";
import { Scenario } from "../testing/scenario.ts";
import { urlOfNode } from "../simulation/sim_node.ts";
import type { Expectations } from "../wire/message.ts";

const bootstrapUrl = urlOfNode(0);

Deno.test("N01 a join whose answer is lost is asked again and gets the same id", () => {
  const links = { ...PERFECT_LINKS, lossProbability: 0.6, duplicateProbability: 0.3 };
  for (let seed = 1; seed <= 5; seed++) {
    const scenario = new Scenario({ seed, params: { nodes: 4 }, links });
    scenario.untilReady();
    const { ring } = scenario.network(0).membership;
    assert.equal(ring?.publicKeys.length, 4);
    assert.deepEqual(scenario.balances(), [100, 100, 100, 100]);
  }
});

Deno.test("N02 all join within a millisecond: ids unique, dense, and one ring everywhere", () => {
  const nodes = Array.from({ length: 10 }, (_, index) => ({ startAtMs: index === 0 ? 0 : 5 }));
  const scenario = new Scenario({ params: { nodes: 10 }, nodes });
  scenario.pass(6);
  scenario.untilReady();
  const ids = scenario.world.nodes.map(({ index }) => scenario.network(index).membership.id);
  assert.deepEqual(ids.toSorted(), Array.from({ length: 10 }, (_, id) => id));
  const rings = scenario.world.nodes.map(({ index }) =>
    scenario.network(index).membership.ring?.publicKeys.join()
  );
  assert.equal(new Set(rings).size, 1);
});

Deno.test("N03 a node too many is refused, and nobody hears of it", () => {
  const nodes = [{}, {}, {}, { startAtMs: Infinity }];
  const scenario = new Scenario({ params: { nodes: 3 }, nodes });
  scenario.untilReady();
  const before = scenario.effects.length;
  scenario.world.start(scenario.node(3));
  scenario.until("the refusal", () => scenario.node(3).hasGivenUp);
  const gaveUp = scenario.effects.find(({ effect }) => effect.type === "give-up")?.effect;
  assert(gaveUp?.type === "give-up" && gaveUp.code === "ring-full");
  const key = scenario.key(3).publicKey;
  const told = scenario.effects.slice(before).filter(({ effect }) =>
    effect.type === "send" && effect.message.type === "records" &&
    effect.message.records.some(({ publicKey }) => publicKey === key)
  );
  assert.deepEqual(told, []);
  assert.equal(scenario.network(1).membership.ring?.publicKeys.includes(key), false);
});

Deno.test("N04 the bootstrap node dies at any moment of the start-up: 100 each, exactly once", () => {
  for (let atMs = 5; atMs < 1200; atMs += 35) {
    const kinds = ["before-durable", "after-durable"] as const;
    for (const kind of kinds) {
      const scenario = new Scenario({ seed: atMs, params: { nodes: 4, capacity: 2 } });
      const bootstrap = scenario.node(0);
      scenario.pass(atMs);
      if (kind === "before-durable") scenario.world.crash(bootstrap, { kind });
      else scenario.world.crash(bootstrap, { kind, effectsDone: atMs % 3 });
      scenario.pass(300);
      bootstrap.crashAt = undefined;
      scenario.world.start(bootstrap);
      scenario.until(
        "all ready",
        () => scenario.world.nodes.every(({ state }) => state?.phase === "ready"),
      );
      assert.deepEqual(scenario.balances(), [100, 100, 100, 100], `${kind} at ${atMs} ms`);
    }
  }
});

Deno.test("N04 nobody is paid before everybody has the ring, however late the last one is", () => {
  const nodes = [{}, {}, {}, { startAtMs: 8_000 }];
  const scenario = new Scenario({ params: { nodes: 4, capacity: 2 }, nodes });
  scenario.pass(7_990);
  const { chain, mempool, membership } = scenario.network(0);
  assert.deepEqual([chain.height, mempool.size, membership.ring], [0, 0, undefined]);
  // It joins, and every ring that is sent to it is lost.
  let isDeaf = true;
  scenario.node(3).adversary = {
    intake: (input) =>
      isDeaf && input.type === "message" && input.message.type === "ring" ? [] : [input],
  };
  scenario.until("the ring", () => scenario.network(0).membership.ring !== undefined);
  scenario.pass(10_000);
  assert.deepEqual([chain.height, mempool.size], [0, 0]);
  isDeaf = false;
  scenario.untilReady();
  assert.deepEqual(scenario.balances(), [100, 100, 100, 100]);
});

Deno.test("N05 five nodes and ten transactions a block: the first coins are confirmed, strict or not", () => {
  for (const strict of [false, true]) {
    const scenario = new Scenario({ params: { nodes: 5, capacity: 10, strict } });
    assert(scenario.untilReady() < 30_000);
    assert.deepEqual(scenario.balances(), [100, 100, 100, 100, 100]);
  }
});

Deno.test("N06 a node that starts before the bootstrap node waits for it without haste", () => {
  const nodes = [{ startAtMs: 20_000 }, {}, {}];
  const scenario = new Scenario({ params: { nodes: 3 }, nodes });
  scenario.pass(19_000);
  const attempts =
    scenario.effects.filter(({ node, effect }) =>
      node === 1 && effect.type === "send" && effect.message.type === "join"
    ).length;
  assert(attempts >= 10 && attempts <= 40, `${attempts} attempts in 19 s`);
  scenario.pass(1001);
  scenario.untilReady();
});

Deno.test("N07 B06 a node whose flags contradict the network is refused, with the flag's name", () => {
  const wrong: readonly (readonly [flag: string, Expectations])[] = [
    ["--capacity 7", { capacity: 7 }],
    ["--nodes 9", { nodes: 9 }],
    ["--difficulty 3", { difficulty: 3 }],
    ["--coins 99", { coinsPerNode: 99 }],
    ["--reward 1", { reward: 1 }],
    ["--fee 1", { nodes: 2, fee: 1 }],
    ["--block-wait 7ms", { blockWaitMs: 7 }],
    ["--strict", { strict: true }],
    ["--empty-blocks", { emptyBlocks: true }],
    ["--fork-choice ghost", { forkChoice: "ghost" }],
    ["--difficulty-adjustment lwma", { difficultyAdjustment: "lwma" }],
    ["--block-interval 5000ms", { blockIntervalMs: 5000 }],
    ["--adjustment-window 3", { adjustmentWindow: 3 }],
  ];
  for (const [flag, expectations] of wrong) {
    const nodes = [{}, { role: { kind: "member", bootstrapUrl, expectations } as const }];
    const scenario = new Scenario({ params: { nodes: 2 }, nodes });
    scenario.until("the refusal", () => scenario.node(1).hasGivenUp);
    const gaveUp = scenario.effects.find(({ effect }) => effect.type === "give-up")?.effect;
    assert(gaveUp?.type === "give-up" && gaveUp.code === "params-contradicted");
    assert(gaveUp.text.includes(`got ${flag}`), gaveUp.text);
    assert.equal(scenario.network(0).membership.joined.length, 1, "it has no place in the ring");
  }
});

Deno.test("B06 a peer of another genesis is left alone; its blocks and a second genesis are refused", () => {
  const scenario = new Scenario({ params: { nodes: 2 }, liars: [1] });
  scenario.untilReady();
  const foreign = testParams({ nodes: 2, capacity: 3, genesisTimeMs: 1 });
  const tip = scenario.network(0).chain.tip;
  const give = (message: Parameters<typeof scenario.world.sendMessage>[2]) =>
    scenario.world.give(scenario.node(0), {
      type: "message",
      from: scenario.key(1).publicKey,
      message,
    });
  const { hash, header } = foreign.genesis;
  give({ type: "compact-block", hash, header, txids: [], prefilled: [] });
  assert.equal(scenario.network(0).chain.entry(hash), undefined);
  give({
    type: "status",
    protocolVersion: 2,
    genesisHash: hash,
    hasRing: true,
    tipHash: hash,
    tipHeight: 1000 as never,
    tipWork: (tip.work * 1000n) as never,
    poolSize: 0,
    poolDigest: 0n,
    clockMs: 0,
  });
  assert.equal(scenario.network(0).chain.tip.hash, tip.hash);
  const peer = scenario.node(0).state?.peers.get(scenario.key(1).publicKey);
  assert((peer?.backedOffUntilMs ?? 0) > scenario.world.clockOf(scenario.node(0)));
});

Deno.test("N08 a node that advertises a wrong address is told so, and hangs nobody", () => {
  // What the transport says when the advertised address belongs to somebody else.
  const scenario = new Scenario({ params: { nodes: 3 } });
  scenario.untilReady();
  const publicKey = numberedKeyPair(1).publicKey;
  scenario.world.give(scenario.node(0), {
    type: "peer-failed",
    url: urlOfNode(1),
    publicKey,
    code: "identity-mismatch",
  });
  const told = scenario.effects.some(({ effect }) =>
    effect.type === "event" && effect.event.type === "peer" &&
    effect.event.change === "unreachable" && effect.event.detail === "identity-mismatch"
  );
  assert(told);
  assert(scenario.pay(0, 2, 5)?.ok);
  scenario.untilAtRest();
});

Deno.test("N09 what needs coins is refused with a code before the node is ready", () => {
  const scenario = new Scenario({ params: { nodes: 2 }, nodes: [{}, { startAtMs: 10_000 }] });
  scenario.pass(100);
  const reply = scenario.pay(0, 1, 5);
  assert(reply?.ok === false && reply.error.code === "not-ready");
});

Deno.test("N10 networks of one and of two nodes work", () => {
  for (const count of [1, 2]) {
    const scenario = new Scenario({ params: { nodes: count, capacity: 2 } });
    scenario.untilReady();
    for (let round = 0; round < 5; round++) {
      assert(scenario.pay(round % count, (round + 1) % count, 3)?.ok);
    }
    scenario.untilAtRest();
    assert(scenario.network(0).chain.height > 1);
    assert.equal(scenario.balances().reduce((sum, balance) => sum + balance, 0), 100 * count);
  }
});
