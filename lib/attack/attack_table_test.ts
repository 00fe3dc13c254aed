/** Every attack against its own theory: small runs, tolerances by their own spread. */
import assert from "node:assert/strict";
import { distanceOfMean, distanceOfShare } from "../statistics/interval.ts";
import type { AttackCell } from "./attack.ts";
import { attackOf, ATTACKS } from "./attack_table.ts";
import { type AttackSetting, followersFor } from "./race_network.ts";
import { expectedLoss } from "./partition_attack.ts";

const SETTING: AttackSetting = {
  honest: 6,
  topology: { kind: "full" },
  latency: { kind: "constant", value: 10 },
  intervalMs: 600_000,
  blocks: 300,
  trials: 40,
};

const CELLS: readonly (readonly [name: string, cell: AttackCell])[] = [
  ["selfish", { share: 0.35, gamma: 0.3 }],
  ["stubborn", { share: 0.4, gamma: 0.6, variant: "L" }],
  ["stubborn", { share: 0.35, gamma: 0.5, variant: "F" }],
  ["stubborn", { share: 0.35, gamma: 0.2, variant: "T1" }],
  ["double-spend", { share: 0.3, confirmations: 2 }],
  ["withhold", { share: 0.4 }],
  ["eclipse", { share: 0.3, victim: 0.2 }],
  ["majority", { share: 0.7, depth: 4 }],
  ["partition", { share: 0.4, depth: 12 }],
];

for (const [name, cell] of CELLS) {
  Deno.test(`the ${name} attack agrees with its theory at ${JSON.stringify(cell)}`, () => {
    const attack = attackOf(name);
    assert(attack !== undefined);
    assert.equal(attack.problemOf(cell, SETTING), undefined);
    const runs = [1, 2, 3, 4, 5, 6, 7, 8].map((seed) =>
      attack.run(cell, { setting: SETTING, seed, strategy: undefined })
    );
    const exact = attack.theory(cell, SETTING, {}).find(({ isExact }) => isExact);
    assert(exact !== undefined);
    const { figure } = attack;
    const values = runs.map((figures) => figures[figure.name] ?? NaN);
    // One in a thousand: the seeds stand, so it holds or it does not.
    const { isInside, errors } = figure.kind === "mean"
      ? distanceOfMean(values, exact.value, 0.999)
      : distanceOfShare(
        {
          successes: runs.reduce((sum, { successes = 0 }) => sum + successes, 0),
          trials: runs.length * SETTING.trials,
        },
        exact.value,
        0.999,
      );
    assert(isInside, `${errors} standard errors off ${exact.value}: ${values.join(" ")}`);
  });
}

Deno.test("every attack has a cell above and refuses shares that make no sense", () => {
  assert.deepEqual(new Set(CELLS.map(([name]) => name)), new Set(ATTACKS.map(({ name }) => name)));
  const refused: readonly (readonly [string, AttackCell])[] = [
    ["double-spend", { share: 0.5, confirmations: 1 }],
    ["majority", { share: 0.5, depth: 1 }],
    ["eclipse", { share: 0.6, victim: 0.4 }],
    ["eclipse", { share: 0.1, victim: 0.5 }],
    ["partition", { share: 0, depth: 1 }],
    ["stubborn", { share: 0.3, gamma: 0, variant: "Q" }],
  ];
  for (const [name, cell] of refused) {
    assert.notEqual(attackOf(name)?.problemOf(cell, SETTING), undefined, name);
  }
});

Deno.test("followersFor() makes the γ that was asked for, as far as so many nodes can", () => {
  for (const honest of [3, 10, 50]) {
    for (const gamma of [0, 0.1, 0.5, 0.6, 1 - 1 / honest]) {
      const { powers, favoured, gamma: had } = followersFor(gamma, honest);
      assert.equal(powers.length, honest);
      assert(Math.abs(powers.reduce((sum, power) => sum + power, 0) - 1) < 1e-9);
      const power = powers.slice(0, favoured).reduce((sum, each) => sum + each, 0);
      const squares = powers.slice(0, favoured).reduce((sum, each) => sum + each * each, 0);
      assert(Math.abs(power - squares - had) < 1e-9, `${honest}, ${gamma}`);
      assert(Math.abs(had - gamma) < 1e-9, `${honest}, ${gamma}: had ${had}`);
    }
  }
  assert.equal(followersFor(1, 4).gamma, 0.75);
});

Deno.test("expectedLoss() agrees with sums worked by hand", () => {
  assert(Math.abs(expectedLoss(0.5, 2) - 0.25) < 1e-12);
  assert(Math.abs(expectedLoss(0.3, 3) - (3 * 0.3 * 0.49 + 3 * 0.09 * 0.7) / 3) < 1e-12);
});
