import assert from "node:assert/strict";
import { newMembership } from "../node/membership_record.ts";
import { numberedKeyPair } from "../crypto/numbered_key_pair.ts";
import { testParams } from "../testing/test_params.ts";
import { BLOCKED_PORTS, ownUrlOf, type RoleChoice, roleOf } from "./node_options.ts";

const CHOICE: RoleChoice = {
  isBootstrap: false,
  isObserver: false,
  bootstrapUrl: undefined,
  founding: {},
};
const founder = numberedKeyPair(0).publicKey;
const member = numberedKeyPair(1).publicKey;
const membership = newMembership(testParams(), { id: 1, joined: [], records: [] });
const NOW_MS = 1_704_067_200_000;

function roleWith(
  choice: Partial<RoleChoice>,
  own: Parameters<typeof roleOf>[1] = { publicKey: member, membership: undefined },
) {
  return roleOf({ ...CHOICE, ...choice }, own, NOW_MS);
}

function refusalOf(...args: Parameters<typeof roleWith>): string {
  const role = roleWith(...args);
  assert(!role.ok);
  return role.error.text;
}

Deno.test("roleOf() founds a network with the defaults and what was chosen", () => {
  const role = roleWith({ isBootstrap: true, founding: { nodes: 3, difficulty: 4.5 } });
  assert(role.ok && role.value.kind === "bootstrap");
  const { params } = role.value;
  assert.equal(params.nodes, 3);
  assert.equal(params.capacity, 10);
  assert.equal(params.difficulty, 4.5);
  assert.equal(params.blockWaitMs, 1000);
  assert.equal(params.genesisTimeMs, NOW_MS);
  assert.equal(params.bootstrapKey, member);
});

Deno.test("roleOf() joins, with the flags as expectations and the bootstrap URL's default", () => {
  const founding = { nodes: 3, capacity: 5, difficulty: 4 };
  assert.deepEqual(roleWith({ founding }), {
    ok: true,
    value: { kind: "member", bootstrapUrl: "http://127.0.0.1:5000", expectations: founding },
  });
  assert.deepEqual(roleWith({ isObserver: true, bootstrapUrl: "http://h:1" }), {
    ok: true,
    value: { kind: "observer", bootstrapUrl: "http://h:1", expectations: {} },
  });
});

Deno.test("roleOf() states every parameter's flag in advance, and refuses what no network can have", () => {
  const founding = {
    fee: 1,
    strict: true,
    blockWaitMs: 500,
    forkChoice: "ghost",
    difficultyAdjustment: "lwma",
    adjustmentWindow: 30,
  } as const;
  const role = roleWith({ founding });
  assert(role.ok && role.value.kind === "member");
  assert.deepEqual(role.value.expectations, founding);
  assert.equal(
    refusalOf({ founding: { blockWaitMs: 7_200_000_000 } }),
    "Cannot join: got --block-wait 7200000000, wanted 0 to 3600000",
  );
});

Deno.test("roleOf() goes on with what the data folder remembers", () => {
  const role = roleWith({}, { publicKey: founder, membership });
  assert(role.ok && role.value.kind === "bootstrap");
  assert.equal(role.value.params, membership.params);
  const joined = roleWith({ founding: { capacity: 10 } }, { publicKey: member, membership });
  assert(joined.ok && joined.value.kind === "member");
});

Deno.test("N07 roleOf() refuses flags that contradict each other or the data folder", () => {
  assert.match(refusalOf({ isBootstrap: true, isObserver: true }), /--bootstrap and --observer/);
  assert.match(
    refusalOf({ isBootstrap: true, bootstrapUrl: "http://h:1" }),
    /--bootstrap and --bootstrap-url/,
  );
  const own = { publicKey: member, membership };
  assert.match(refusalOf({ isBootstrap: true }, own), /data folder of another node/);
  assert.match(refusalOf({ isObserver: true }, own), /data folder of node 1/);
  for (
    const founding of [
      { nodes: 4 },
      { capacity: 9 },
      { difficulty: 1 },
      { blockWaitMs: 5 },
      { strict: true },
      { reward: 1 },
      { fee: 1 },
      { emptyBlocks: true },
    ]
  ) {
    assert.match(refusalOf({ founding }, own), /^Cannot go on: got --[a-z-]+ (true|\d+), wanted /);
  }
  assert.match(refusalOf({ isBootstrap: true, founding: { reward: -1 } }), /--reward -1/);
});

Deno.test("ownUrlOf() takes the listening address unless it is told another one", () => {
  const at = (host: string, advertise?: string) => {
    const url = ownUrlOf({ host, port: 5001, advertise }, () => ["10.0.0.7", "10.0.0.8"]);
    return url.ok ? url.value : url.error.code;
  };
  assert.equal(at("127.0.0.1"), "http://127.0.0.1:5001");
  assert.equal(at("0.0.0.0"), "http://10.0.0.7:5001");
  assert.equal(at("::1"), "http://[::1]:5001");
  assert.equal(at("0.0.0.0", "node1"), "http://node1:5001");
  assert.equal(at("0.0.0.0", "node1:6001"), "http://node1:6001");
  assert.equal(at("0.0.0.0", "node1:6000"), "option-out-of-range");
  assert.equal(at("0.0.0.0", "https://node1"), "https://node1");
  assert.equal(at("0.0.0.0", "http://node1:80/path"), "option-out-of-range");
  assert.equal(at("0.0.0.0", "a b"), "option-out-of-range");
});

Deno.test("BLOCKED_PORTS are ports that fetch() refuses to call", async () => {
  for (const port of BLOCKED_PORTS) {
    await assert.rejects(fetch(`http://127.0.0.1:${port}/`), /port [0-9]+ are blocked/);
  }
});

Deno.test("roleOf() refuses an observer's data folder without --observer", () => {
  const observed = newMembership(testParams(), { id: undefined, joined: [], records: [] });
  const own = { publicKey: member, membership: observed };
  const wanted = "Cannot start: got the data folder of an observer, wanted it with --observer";
  assert.equal(refusalOf({}, own), wanted);
  assert.equal(refusalOf({ bootstrapUrl: "http://h:1" }, own), wanted);
  assert(roleWith({ isObserver: true }, own).ok);
  // The founder's place is known by its key.
  assert(roleWith({}, { publicKey: founder, membership: observed }).ok);
});
