/** The published vectors are what the code makes, and the code reads them back. */
import assert from "node:assert/strict";
import { bytesOfHex, formatHex } from "../lib/bytes.ts";
import { decodeBlock, encodeBlock } from "../lib/primitives/block.ts";
import { choiceOf, decodeParams, encodeParams } from "../lib/params.ts";
import { decodeMessage, encodeMessage } from "../lib/wire/codec.ts";
import { makeVectors } from "./protocol_vectors.ts";

const TEXT = Deno.readTextFileSync(new URL("../docs/protocol/vectors.json", import.meta.url));

Deno.test("docs/protocol/vectors.json is what the code makes", async () => {
  assert.equal(TEXT, await makeVectors(), "run: deno run -A scripts/protocol_vectors.ts");
});

Deno.test("every published message and block is read and written back byte by byte", () => {
  const { messages, blocks } = JSON.parse(TEXT);
  assert(messages.length >= 18);
  for (const { type, bytes } of messages) {
    const message = decodeMessage(bytesOfHex(bytes));
    assert.equal(message?.type, type);
    assert.equal(formatHex(encodeMessage(message!)), bytes);
  }
  const block = decodeBlock(bytesOfHex(blocks[0].bytes));
  assert.equal(formatHex(encodeBlock(block!)), blocks[0].bytes);
});

Deno.test("the published parameters of variants are read and written back, and name another genesis", () => {
  const { parameters, variants } = JSON.parse(TEXT);
  assert.deepEqual(variants.map(({ bytes }: { bytes: string }) => bytes.length / 2), [82, 90, 90]);
  const hashes = new Set<string>();
  for (const { bytes, meaning } of [parameters, ...variants]) {
    const params = decodeParams(bytesOfHex(bytes));
    assert(params !== undefined);
    assert.equal(formatHex(encodeParams(params)), bytes);
    hashes.add(params.genesis.hash);
    const { genesisHash = params.genesis.hash, ...chosen } = meaning;
    assert.equal(genesisHash, params.genesis.hash);
    assert.deepEqual({ ...choiceOf(params) }, { ...choiceOf(params), ...chosen });
  }
  assert.equal(hashes.size, 4);
});
