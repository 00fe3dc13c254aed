/** The client of a node's API, against a real server on a free port. */
import assert from "node:assert/strict";
import { createTestApi, TEST_TOKEN, type TestApi } from "../testing/test_api.ts";
import { type ApiClient, createApiClient } from "./api_client.ts";
import { waitConfirmed } from "./wait_confirmed.ts";

type Handler = (
  request: Request,
  info: Deno.ServeHandlerInfo<Deno.NetAddr>,
) => Response | Promise<Response>;

/** Serves a handler while a test looks at it. */
async function serving(handler: Handler, test: (url: string) => Promise<void>): Promise<void> {
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, handler);
  try {
    await test(`http://127.0.0.1:${server.addr.port}`);
  } finally {
    await server.shutdown();
  }
}

async function withNode(
  test: (client: ApiClient, api: TestApi) => Promise<void>,
): Promise<void> {
  const api = createTestApi();
  await serving((request) => api.app.fetch(request), async (url) => {
    await test(createApiClient({ url, token: TEST_TOKEN, timeoutMs: 5_000 }), api);
    api.stop();
  });
}

Deno.test("the client reads and pays", async () => {
  await withNode(async (client, api) => {
    const status = await client.status();
    assert(status.ok);
    assert.equal(status.value.wallet.nodeId, 0);
    const paid = await client.pay("id1", 5);
    assert(paid.ok);
    assert.equal(paid.value.transaction.amount, 5);
    api.world.run(1_000);
    const balance = await client.balance("1");
    assert(balance.ok);
    assert.equal(balance.value.confirmed, 105);
    const raw = await client.rawBlocks({ from: 1 });
    assert(raw.ok && raw.value.length > 500);
    for (
      const answer of [
        await client.ready(),
        await client.params(),
        await client.ring(),
        await client.blocks({ from: 0, limit: 5 }),
        await client.block("tip"),
        await client.lastTransactions(),
        await client.mempool(),
        await client.tips(),
        await client.audit(),
        await client.balances(),
        await client.history({ wallet: "id1", limit: 1 }),
        await client.pauseMining(),
        await client.resumeMining(),
        await client.disconnectPeers(["id1"]),
        await client.reconnectPeers(),
      ]
    ) assert(answer.ok);
  });
});

Deno.test("the client gives a refusal with the node's own code", async () => {
  await withNode(async (client) => {
    const refused = await client.pay(1, 1_000);
    assert(!refused.ok);
    assert.equal(refused.error.kind, "refused");
    assert.equal(refused.error.code, "insufficient-funds");
    assert.deepEqual(
      refused.error.kind === "refused" && refused.error.evidence,
      { have: 100, want: 1_000 },
    );
    const unknown = await client.block("999");
    assert.equal(!unknown.ok && unknown.error.code, "block-not-found");
  });
});

Deno.test("the client tells a missing token, a gone node, a stranger and a silent one apart", async () => {
  await withNode(async (client) => {
    const stranger = await createApiClient({ url: client.url }).pay(1, 1);
    assert.equal(!stranger.ok && stranger.error.kind, "unauthorised");
    assert.equal(!stranger.ok && stranger.error.code, "token-missing");
  });

  let gone = "";
  await serving(() => new Response("<h1>hello</h1>"), async (url) => {
    gone = url;
    const web = await createApiClient({ url }).status();
    assert.equal(!web.ok && web.error.kind, "unexpected");
  });
  const nobody = await createApiClient({ url: gone }).status();
  assert.equal(!nobody.ok && nobody.error.kind, "unreachable");
  assert.equal(!nobody.ok && nobody.error.code, "node-unreachable");

  const { promise, resolve } = Promise.withResolvers<Response>();
  await serving(() => promise, async (url) => {
    const silent = await createApiClient({ url, timeoutMs: 50 }).status();
    assert.equal(!silent.ok && silent.error.code, "node-timeout");
    resolve(new Response());
  });
});

Deno.test("waitConfirmed() ends with the block that confirms", async () => {
  await withNode(async (client, api) => {
    const paid = await client.pay("id2", 7);
    assert(paid.ok);
    const waiting = waitConfirmed(client, paid.value.txid, { timeoutMs: 20_000 });
    const from = api.node.events.length;
    api.world.run(1_000);
    const pump = setInterval(() => {
      for (const event of api.node.events.slice(from)) api.emit(event);
    }, 20);
    const confirmed = await waiting;
    clearInterval(pump);
    assert(confirmed.ok);
    assert.equal(confirmed.value.height, 2);
  });
});

Deno.test("waitConfirmed() ends with the reason when the payment fails", async () => {
  await withNode(async (client) => {
    await client.pauseMining();
    const paid = await client.pay("id2", 7);
    assert(paid.ok);
    await client.dropTransaction(paid.value.txid);
    const failed = await waitConfirmed(client, paid.value.txid, { timeoutMs: 20_000 });
    assert.equal(!failed.ok && failed.error.code, "dropped-by-operator");
  });
});

Deno.test("waitConfirmed() does not wait for ever", async () => {
  await withNode(async (client) => {
    await client.pauseMining();
    const paid = await client.pay("id2", 7);
    assert(paid.ok);
    const late = await waitConfirmed(client, paid.value.txid, { timeoutMs: 100 });
    assert.equal(!late.ok && late.error.code, "wait-timeout");
  });
});

Deno.test("a client with connections of its own shares none with the others", async () => {
  const portsOf = new Map<string, Set<number>>();
  await serving((request, { remoteAddr }) => {
    const path = new URL(request.url).pathname;
    portsOf.set(path, (portsOf.get(path) ?? new Set()).add(remoteAddr.port));
    return Response.json({ error: { code: "node-not-ready", message: "x", evidence: {} } }, {
      status: 503,
    });
  }, async (url) => {
    const client = createApiClient({ url, timeoutMs: 5_000 });
    const payments = createApiClient({ url, timeoutMs: 5_000, hasOwnConnections: true });
    for (let count = 0; count < 3; count++) {
      assert.equal((await client.status()).ok, false);
      assert.equal((await payments.pay(1, 1)).ok, false);
    }
    payments.close();
  });
  const [status, paid] = ["status", "payments"].map((name) => portsOf.get(`/api/v1/${name}`));
  assert(status !== undefined && paid !== undefined);
  assert.equal(paid.size, 1);
  assert(paid.isDisjointFrom(status));
});
