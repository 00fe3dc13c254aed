import assert from "node:assert/strict";
import { numberedKeyPair } from "../crypto/numbered_key_pair.ts";
import { linkIdentityOf } from "../wire/handshake.ts";
import { signRecord } from "../wire/ring.ts";
import { AddressProofs } from "./address_proofs.ts";
import { PeerBudgets } from "./peer_budgets.ts";

/** Proofs of addresses at which nobody is called, since the node is about to stop; each takes a minute to age. */
async function withProofs(
  body: (proofs: AddressProofs, prove: (port: number) => Promise<string>) => Promise<void>,
): Promise<void> {
  const keyPair = numberedKeyPair(1);
  const own = linkIdentityOf(keyPair, signRecord({ url: "http://a:1", sequence: 1 }, keyPair), "");
  const client = Deno.createHttpClient({});
  const clock = { nowMs: 0 };
  const proofs = new AddressProofs({
    caller: { own, client, nextNumber: () => 1 },
    // A second passes before each call, so that no budget is spent.
    budgets: new PeerBudgets(() => "stranger", () => clock.nowMs += 1_000),
    signal: AbortSignal.abort(),
    nowMs: () => 0,
    patienceMs: 1_000,
  });
  const record = signRecord({ url: "http://a:1", sequence: 1 }, keyPair);
  const prove = (port: number) => proofs.prove({ ...record, url: `http://a:${port}` }, "10.0.0.1");
  try {
    await body(proofs, prove);
  } finally {
    client.close();
  }
}

Deno.test("X01 an address is called once for each key", async () => {
  await withProofs(async (proofs, prove) => {
    for (let count = 0; count < 3; count++) assert.equal(await prove(1), "address-unproven");
    assert.equal(proofs.callCount, 1);
    await prove(2);
    assert.equal(proofs.callCount, 2);
  });
});

Deno.test("X03 1,024 proofs are remembered, the oldest is forgotten first", async () => {
  await withProofs(async (proofs, prove) => {
    for (let port = 1; port <= 1_024; port++) await prove(port);
    await prove(1);
    assert.equal(proofs.callCount, 1_024);
    await prove(1_025);
    await prove(1_025);
    await prove(2);
    assert.equal(proofs.callCount, 1_025, "the second is remembered");
    await prove(1);
    assert.equal(proofs.callCount, 1_026, "the first was forgotten");
  });
});
