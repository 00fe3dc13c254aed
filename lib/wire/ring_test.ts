import assert from "node:assert/strict";
import { numberedKeyPair } from "../crypto/numbered_key_pair.ts";
import { testParams } from "../testing/test_params.ts";
import { isNodeUrl, signRecord, signRing, verifyRecord, verifyRing } from "./ring.ts";

const params = testParams({ nodes: 3 });
const [bootstrap, first, second, stranger] = [0, 1, 2, 3].map(numberedKeyPair) as [
  ReturnType<typeof numberedKeyPair>,
  ReturnType<typeof numberedKeyPair>,
  ReturnType<typeof numberedKeyPair>,
  ReturnType<typeof numberedKeyPair>,
];
const keys = [bootstrap, first, second].map((keyPair) => keyPair.publicKey);
const ring = signRing(keys, bootstrap, params);

Deno.test("verifyRing() takes the bootstrap node's complete ring", () => {
  assert.equal(verifyRing(ring, params), true);
});

Deno.test("N01 N03 verifyRing() refuses another number of nodes and a node that stands twice", () => {
  const rings = {
    "too few": keys.slice(0, 2),
    "too many": [...keys, stranger.publicKey],
    "one twice": [keys[0]!, keys[1]!, keys[1]!],
    "bootstrap node not first": [keys[1]!, keys[0]!, keys[2]!],
  };
  for (const [name, publicKeys] of Object.entries(rings)) {
    assert.equal(verifyRing(signRing(publicKeys, bootstrap, params), params), false, name);
  }
});

Deno.test("verifyRing() refuses another order, another signer and another network", () => {
  const { signature } = ring;
  const swapped = [keys[0]!, keys[2]!, keys[1]!];
  assert.equal(verifyRing({ publicKeys: swapped, signature }, params), false);
  assert.equal(verifyRing(signRing(keys, first, params), params), false);
  const elsewhere = testParams({ nodes: 3, coinsPerNode: 99 });
  assert.equal(verifyRing(ring, elsewhere), false);
});

Deno.test("verifyRecord() takes a node's own word only", () => {
  const record = signRecord({ url: "http://127.0.0.1:5000", sequence: 7 }, first);
  assert.equal(verifyRecord(record), true);
  assert.equal(verifyRecord({ ...record, url: "http://127.0.0.1:5001" }), false);
  assert.equal(verifyRecord({ ...record, sequence: 8 }), false);
  assert.equal(verifyRecord({ ...record, publicKey: second.publicKey }), false);
});

Deno.test("N08 verifyRecord() refuses a URL that cannot be called, signed or not", () => {
  for (
    const url of [
      "127.0.0.1:5000",
      "http://127.0.0.1:5000/",
      "http://127.0.0.1:5000/path",
      "http://user:pass@127.0.0.1:5000",
      "http://127.0.0.1:99999",
      "file:///etc/passwd",
      "javascript:alert(1)",
      "ws://127.0.0.1:5000",
      "HTTP://EXAMPLE.ORG:80",
      `http://${"a".repeat(260)}:5000`,
    ]
  ) {
    assert.equal(isNodeUrl(url), false, url);
    assert.equal(verifyRecord(signRecord({ url, sequence: 1 }, first)), false, url);
  }
  assert.equal(isNodeUrl(""), false);
  for (
    const url of ["", "http://127.0.0.1:5000", "https://node.example:8443", "http://[::1]:5000"]
  ) {
    assert.equal(verifyRecord(signRecord({ url, sequence: 1 }, first)), true, url);
  }
});
