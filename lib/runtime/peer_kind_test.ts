import assert from "node:assert/strict";
import { utf8Bytes } from "../bytes.ts";
import { sha256 } from "../crypto/hash.ts";
import { keyPairOfSeed } from "../crypto/keys.ts";
import { type TestNode, TestWorld } from "../testing/test_world.ts";
import { peerKindOf } from "./peer_kind.ts";

Deno.test("X02 whoever has a place in the ring is a member, wherever it is; nobody else is", () => {
  const world = new TestWorld({ nodes: 3 });
  world.addAll();
  const observer = world.add({
    role: { kind: "observer", bootstrapUrl: "http://n0.sim:5000", expectations: {} },
    isMining: false,
  });
  const [founder, member, other] = world.nodes as [TestNode, TestNode, TestNode];
  world.runUntil(() => member.state.peers.has(observer.keyPair.publicKey));
  const stranger = keyPairOfSeed(sha256(utf8Bytes("a stranger"))).publicKey;
  const kinds = () =>
    [founder.keyPair.publicKey, other.keyPair.publicKey, observer.keyPair.publicKey, stranger]
      .map((publicKey) => peerKindOf(member.state, publicKey));
  assert.deepEqual(kinds(), ["member", "member", "observer", "stranger"]);
  // A node that comes back without anybody's address.
  member.state.peers.clear();
  assert.deepEqual(kinds(), ["member", "member", "stranger", "stranger"]);
});
