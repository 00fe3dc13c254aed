import assert from "node:assert/strict";
import * as fc from "fast-check";
import { formatHex } from "../bytes.ts";
import { sha256Hex } from "../crypto/hash.ts";
import { numberedKeyPair } from "../crypto/numbered_key_pair.ts";
import {
  decodeHello,
  decodeHelloAnswer,
  decodeIdentity,
  encodeHello,
  encodeHelloAnswer,
  encodeIdentity,
  type Hello,
  HELLO_SIZE_BYTES_MAX,
} from "./handshake.ts";

const alice = numberedKeyPair(1);
const bob = numberedKeyPair(2);
const nonce = "a1".repeat(32);
const challenge = "b2".repeat(32);
const session = "c3".repeat(32);
const hello: Hello = {
  protocolVersion: 1,
  publicKey: alice.publicKey,
  url: "http://127.0.0.1:5001",
  recipient: bob.publicKey,
  nonce,
};

Deno.test("decodeHello() gives back what was signed, with and without a recipient", () => {
  assert.deepEqual(decodeHello(encodeHello(hello, alice)), { ok: true, value: hello });
  const open = { ...hello, recipient: undefined };
  assert.deepEqual(decodeHello(encodeHello(open, alice)), { ok: true, value: open });
});

Deno.test("encodeHello() writes the pinned bytes", () => {
  const bytes = encodeHello(hello, alice);
  assert.equal(
    formatHex(bytes.subarray(0, bytes.length - 64)),
    "00000001" + alice.publicKey + "00000015687474703a2f2f3132372e302e302e313a35303031" +
      bob.publicKey + nonce,
  );
  assert.equal(
    sha256Hex(bytes),
    "118588322e6054247b05d3231707cfbfc0fdc281dbdfb73b42e3e3ae31cc2ed5",
  );
  const identity = encodeIdentity({ challenge, nonce, url: hello.url }, alice);
  assert.equal(
    sha256Hex(identity),
    "1d4fad2bb8019908411003869a33fc0b2c1d69c819848c9fc29bda2789517e36",
  );
  const answer = encodeHelloAnswer({ nonce, sender: alice.publicKey, session }, bob);
  assert.equal(
    sha256Hex(answer),
    "673788d13333e8a1efb3568fbede7d63de700bf42583fb36af8da9693490bec1",
  );
});

Deno.test("decodeHello() refuses every changed bit, every truncation and another's signature", () => {
  const bytes = encodeHello(hello, alice);
  fc.assert(fc.property(fc.nat(8 * bytes.length - 1), (bit) => {
    const changed = bytes.slice();
    changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
    assert.equal(decodeHello(changed).ok, false);
    assert.equal(decodeHello(bytes.subarray(0, bit >> 3)).ok, false);
  }));
  const forged = decodeHello(encodeHello(hello, bob));
  assert.deepEqual(forged, { ok: false, error: { code: "hello-bad-signature" } });
});

Deno.test("decodeHello() refuses another protocol version and a URL that cannot be called", () => {
  const newer = decodeHello(encodeHello({ ...hello, protocolVersion: 2 }, alice));
  assert.deepEqual(newer, { ok: false, error: { code: "protocol-version-unsupported" } });
  for (const url of ["file:///etc/passwd", "http://127.0.0.1:5001/path", "nonsense"]) {
    const result = decodeHello(encodeHello({ ...hello, url }, alice));
    assert.deepEqual(result, { ok: false, error: { code: "hello-malformed" } });
  }
});

Deno.test("HELLO_SIZE_BYTES_MAX is the size of a hello with the longest URL", () => {
  const url = `http://${"a".repeat(256 - 7)}`;
  assert.equal(encodeHello({ ...hello, url }, alice).length, 424);
  assert.equal(HELLO_SIZE_BYTES_MAX, 424);
});

Deno.test("decodeIdentity() takes an answer for its own challenge and hello only", () => {
  const bytes = encodeIdentity({ challenge, nonce, url: hello.url }, alice);
  assert.deepEqual(
    decodeIdentity(bytes, { challenge, nonce }),
    { publicKey: alice.publicKey, url: hello.url },
  );
  assert.equal(decodeIdentity(bytes, { challenge: nonce, nonce }), undefined);
  assert.equal(decodeIdentity(bytes, { challenge, nonce: challenge }), undefined);
  assert.equal(decodeIdentity(bytes.subarray(1), { challenge, nonce }), undefined);
});

Deno.test("decodeHelloAnswer() takes an answer for its own hello and sender only", () => {
  const sender = alice.publicKey;
  const bytes = encodeHelloAnswer({ nonce, sender, session }, bob);
  const answer = { publicKey: bob.publicKey, session };
  assert.deepEqual(decodeHelloAnswer(bytes, { nonce, sender }), answer);
  assert.equal(decodeHelloAnswer(bytes, { nonce: challenge, sender }), undefined);
  assert.equal(decodeHelloAnswer(bytes, { nonce, sender: bob.publicKey }), undefined);
  assert.equal(decodeHelloAnswer(bytes.subarray(0, 100), { nonce, sender }), undefined);
});
