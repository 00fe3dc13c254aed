import assert from "node:assert/strict";
import * as fc from "fast-check";
import type { Utxo, UtxoDelta } from "../consensus/utxo.ts";
import { commitmentOf, EMPTY_COMMITMENT } from "../consensus/utxo_commitment.ts";
import { numberedKeyPair } from "../crypto/numbered_key_pair.ts";
import type { Amount } from "../primitives/amount.ts";
import type { BlockHash, Height } from "../primitives/header.ts";
import { type Outpoint, outpointOf, type Txid } from "../primitives/outpoint.ts";
import { LaggingCommitment } from "./lagging_commitment.ts";

const utxo: Utxo = {
  owner: numberedKeyPair(0).publicKey,
  amount: 1 as Amount,
  height: 1 as Height,
};

/** How many of the oldest coins a block spends, how many it creates, or that the tip is taken back. */
const arbitraryActs = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.record({ spends: fc.nat(4), creates: fc.nat(6) }) },
    { weight: 2, arbitrary: fc.constant(undefined) },
  ),
  { maxLength: 30, size: "max" },
);

Deno.test("LaggingCommitment is a block's that is named, and the tip's once all is added", () => {
  fc.assert(
    fc.property(arbitraryActs, fc.integer({ min: 1, max: 5 }), (acts, slice) => {
      const size = 10;
      const genesis = "g" as BlockHash;
      const commitment = new LaggingCommitment(
        { value: EMPTY_COMMITMENT, hash: genesis },
        { slice, size },
      );
      const coins = new Map<Outpoint, Utxo>();
      const wanted = new Map([[genesis, EMPTY_COMMITMENT]]);
      const chain: { readonly hash: BlockHash; readonly delta: UtxoDelta }[] = [];
      let made = 0;
      for (const act of acts) {
        if (act === undefined) {
          const block = chain.pop();
          if (block === undefined) continue;
          const { delta } = block;
          for (const [outpoint] of delta.created) coins.delete(outpoint);
          for (const [outpoint, each] of delta.spent) coins.set(outpoint, each);
          commitment.disconnect(block, chain.at(-1)?.hash ?? genesis);
        } else {
          const hash = String(++made) as BlockHash;
          const spent = [...coins].slice(0, act.spends);
          const created = Array.from({ length: act.creates }, (_, index) => {
            const txid = made.toString(16).padStart(64, "0") as Txid;
            return [outpointOf(txid, index), utxo] as const;
          });
          for (const [outpoint] of spent) coins.delete(outpoint);
          for (const [outpoint, each] of created) coins.set(outpoint, each);
          chain.push({ hash, delta: { spent, created } });
          commitment.connect(hash, { spent, created });
          wanted.set(hash, commitmentOf(coins));
        }
        commitment.addSome();
        assert(commitment.pendingCoins <= size, "What it lacks is bounded");
        const { value, hash } = commitment.mark;
        assert.equal(value, wanted.get(hash));
        const isOnMain = hash === genesis || chain.some((block) => block.hash === hash);
        assert(isOnMain, "Its block is the tip or below, where the undo data is");
      }
      commitment.addAll();
      assert.equal(commitment.mark.value, commitmentOf(coins));
      assert.equal(commitment.mark.hash, chain.at(-1)?.hash ?? genesis);
    }),
    { numRuns: 200 },
  );
});

Deno.test("LaggingCommitment leaves the newest block alone: what loses a tie was not added", () => {
  const genesis = { value: EMPTY_COMMITMENT, hash: "g" as BlockHash };
  const commitment = new LaggingCommitment(genesis, { slice: 100, size: 100 });
  const blocks = ["a", "b"].map((name) => {
    const outpoint = outpointOf(name.repeat(64) as Txid, 0);
    return { hash: name as BlockHash, delta: { spent: [], created: [[outpoint, utxo] as const] } };
  });
  const [first, second] = [blocks[0]!, blocks[1]!];
  commitment.connect(first.hash, first.delta);
  commitment.addSome();
  assert.deepEqual(commitment.mark, genesis);
  commitment.connect(second.hash, second.delta);
  commitment.addSome();
  const value = commitmentOf(first.delta.created);
  assert.deepEqual(commitment.mark, { value, hash: first.hash });
  commitment.disconnect(second, first.hash);
  assert.equal(commitment.pendingCoins, 0);
  assert.deepEqual(commitment.mark, { value, hash: first.hash });
});
