/**
 * Measures how many payments a second this load generator can make at most (E03).
 *
 * The same clients in the same number replay lines against a server in this process that accepts
 * everything at once. It shares the processor with the clients, so the true limit is rather higher.
 *
 * @module
 */
import { createListPayer } from "../cluster/cluster_load.ts";
import { createApiPayer } from "../cluster/cluster_payer.ts";
import { createApiClient } from "../client/api_client.ts";
import type { Amount } from "../primitives/amount.ts";
import { runLoad } from "../workload/run_load.ts";
import { replayClosedLoop } from "../workload/replay_closed_loop.ts";
import type { PaymentLine } from "../workload/workload_file.ts";

/** The first requests compile code and open connections, so they do not count. */
const WARM_UP_MS = 150;
const MEASURE_MS = 250;

/** Payments a second that a load of so many clients can make, in lists. */
export async function measureLoadLimit(
  { clients, concurrency }: { readonly clients: number; readonly concurrency: number },
): Promise<number> {
  const answer = { txid: "00".repeat(32) };
  const texts = new Map<number, string>();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const count = (await request.text()).split("{").length - 1;
      const text = texts.get(count) ?? JSON.stringify({
        accepted: count,
        refused: 0,
        answers: Array.from({ length: count }, () => answer),
      });
      texts.set(count, text);
      const headers = { "Content-Type": "application/json" };
      return new Response(text, { status: 207, headers });
    },
  );
  try {
    const url = `http://127.0.0.1:${server.addr.port}`;
    const startMs = performance.now();
    let answered = 0;
    await runLoad(
      Array.from({ length: clients }, (_, nodeId) => ({
        nodeId,
        pay: createListPayer(createApiClient({ url }), 0),
      })),
      {
        durationMs: WARM_UP_MS + MEASURE_MS,
        ratePerSecond: null,
        concurrency,
        now: () => performance.now(),
        signal: new AbortController().signal,
        onHeldBack: () => {},
        onPayment() {
          if (performance.now() - startMs >= WARM_UP_MS) answered++;
        },
      },
    );
    return answered * 1000 / (performance.now() - startMs - WARM_UP_MS);
  } finally {
    await server.shutdown();
  }
}

/** Payments a second of so many clients with so many lines under way each. */
export async function measureGeneratorLimit(
  { clients, concurrency, leadLines }: {
    readonly clients: number;
    readonly concurrency: number;
    readonly leadLines: number;
  },
): Promise<number> {
  const wallet = { address: "nbc1generator", nodeId: 0 };
  const hash = "00".repeat(32);
  const accepted = JSON.stringify({
    txid: hash,
    known: false,
    toSelf: true,
    transaction: {
      txid: hash,
      sender: wallet,
      receiver: wallet,
      amount: 1,
      total: 1,
      change: 0,
      fee: 0,
      inputs: [{ txid: hash, index: 0 }],
      outputs: [{ owner: wallet, amount: 1 }],
      signature: hash + hash,
    },
  });
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      await request.text();
      return new Response(accepted, { headers: { "Content-Type": "application/json" } });
    },
  );
  try {
    const url = `http://127.0.0.1:${server.addr.port}`;
    const line: PaymentLine = {
      kind: "payment",
      lineNumber: 1,
      receiverId: 0,
      amount: 1 as Amount,
    };
    const lines = Array.from({ length: 100_000 }, () => line);
    const stop = new AbortController();
    let answered = 0;
    const startMs = performance.now();
    await replayClosedLoop(
      Array.from({ length: clients }, (_, nodeId) => ({
        payer: createApiPayer({ nodeId, client: createApiClient({ url }) }, {
          count: () => 0,
          onArrival: () => () => {},
        }),
        lines,
      })),
      {
        concurrency,
        leadLines,
        retry: false,
        patienceMs: 0,
        impossible: new Set(),
        now: () => performance.now(),
        signal: stop.signal,
        onRecord() {
          const elapsedMs = performance.now() - startMs;
          if (elapsedMs < WARM_UP_MS) return;
          answered++;
          if (elapsedMs >= WARM_UP_MS + MEASURE_MS) stop.abort();
        },
      },
    );
    return answered * 1000 / (performance.now() - startMs - WARM_UP_MS);
  } finally {
    await server.shutdown();
  }
}
