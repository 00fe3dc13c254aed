/** The node's page asks for no more than it shows, however fast things happen. */
import assert from "node:assert/strict";
import { watchNode } from "./node_data.ts";

const SECONDS = 1.6;

/** The stream of events, as a browser would give it. */
class Stream extends EventTarget {
  static readonly CLOSED = 2;
  static last: Stream | undefined;
  readonly readyState = 1;

  constructor() {
    super();
    Stream.last = this;
  }
}

Deno.test({
  name:
    "X04 the page asks for pages of what it shows, and for balances and tips once a second at most",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const real = { fetch, EventSource: globalThis.EventSource, setInterval };
    const asked: URL[] = [];
    Object.assign(globalThis, {
      fetch: (path: string) => {
        asked.push(new URL(path, "http://n"));
        return Promise.resolve(Response.json({}));
      },
      EventSource: Stream,
      setInterval: () => 0,
    });
    const startMs = performance.now();
    try {
      watchNode(() => {});
      const stream = Stream.last;
      assert(stream !== undefined);
      stream.dispatchEvent(new Event("open"));
      while (performance.now() - startMs < SECONDS * 1000) {
        for (const type of ["block", "transaction", "reorg"]) {
          stream.dispatchEvent(new MessageEvent(type, { data: JSON.stringify({ type }) }));
        }
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    } finally {
      Object.assign(globalThis, real);
    }
    const seconds = (performance.now() - startMs) / 1000;
    const countOf = (path: string) => asked.filter(({ pathname }) => pathname === path).length;
    for (const path of ["/api/v1/balances", "/api/v1/tips"]) {
      const count = countOf(path);
      assert(count >= 1 && count <= seconds + 1, `${path}: ${count} in ${seconds} s`);
    }
    assert(countOf("/api/v1/blocks") <= seconds / 0.15 + 1);
    for (const path of ["/api/v1/blocks", "/api/v1/mempool", "/api/v1/balances"]) {
      const limits = asked.filter(({ pathname }) => pathname === path)
        .map(({ searchParams }) => Number(searchParams.get("limit")));
      assert(limits.length > 0 && limits.every((limit) => limit >= 1 && limit <= 40), path);
    }
    // Nothing but what it shows.
    const shown = ["balances", "blocks", "mempool", "ring", "status", "tips"];
    assert.deepEqual(
      [...new Set(asked.map(({ pathname }) => pathname))].sort(),
      shown.map((name) => `/api/v1/${name}`),
    );
  },
});
