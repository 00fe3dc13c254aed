/**
 * Chain parameters for tests: a small network whose blocks cost about one hash.
 *
 * @module
 */
import { createParams, DEFAULT_PARAMS, type Params, type ParamsChoice } from "../params.ts";
import { invariant } from "../result.ts";
import { numberedKeyPair } from "../crypto/numbered_key_pair.ts";

/** When test networks begin: 2024-01-01 00:00 UTC. */
export const TEST_GENESIS_TIME_MS = 1_704_067_200_000;

/**
 * Five nodes of 100 NBC, at most ten transactions a block, difficulty 0 (every hash passes); all coins
 * belong to {@link numberedKeyPair}(0) at genesis. Name what differs.
 *
 * @example
 * ```ts
 * import { testParams } from "./test_params.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(testParams({ nodes: 3 }).nodes, 3);
 * ```
 */
export function testParams(choice: Partial<ParamsChoice> = {}): Params {
  const params = createParams({
    ...DEFAULT_PARAMS,
    nodes: 5,
    capacity: 10,
    difficulty: 0,
    coinsPerNode: 100,
    genesisTimeMs: TEST_GENESIS_TIME_MS,
    bootstrapKey: numberedKeyPair(0).publicKey,
    ...choice,
  });
  invariant(params.ok, `Cannot make test parameters: got ${JSON.stringify(choice)}`);
  return params.value;
}
