/**
 * The API of one node of a {@link TestWorld}, without a socket: its ports, and the application.
 *
 * @module
 */
import assert from "node:assert/strict";
import { createApiApp } from "../http/api_app.ts";
import type { ApiPorts } from "../http/ports.ts";
import type { NodeEvent } from "../node/effect.ts";
import type { NodeInput } from "../node/input.ts";
import { invariant } from "../result.ts";
import { errorSchema } from "../wire/api_basics.ts";
import { networkOf, type TestNode, TestWorld, type TestWorldOptions } from "./test_world.ts";

/** The token of every test's node. */
export const TEST_TOKEN = "a-token-for-tests";

export interface TestApi {
  readonly world: TestWorld;
  readonly node: TestNode;
  readonly ports: ApiPorts;
  readonly app: ReturnType<typeof createApiApp>;
  /** The server's own errors; a test expects that there are none. */
  readonly internalErrors: unknown[];
  /** Tells the listeners of the event stream. */
  emit(event: NodeEvent): void;
  /** GETs a path under `/api/v1`. */
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  /** POSTs JSON with the token. */
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>;
  stop(): void;
}

/** Starts a ring, or with `isReady: false` its bootstrap node alone. */
export function createTestApi(
  { isReady = true, ...options }: TestWorldOptions & { readonly isReady?: boolean } = {},
): TestApi {
  const world = new TestWorld(options);
  if (isReady) world.addAll();
  else world.add();
  const node = world.nodes[0];
  invariant(node !== undefined, "A network has a node");
  return testApiOf(world, node);
}

/** The API of one node of a network that runs already. */
export function testApiOf(world: TestWorld, node: TestNode): TestApi {
  const stopping = new AbortController();
  const listeners = new Set<(event: NodeEvent) => void>();
  const internalErrors: unknown[] = [];
  const ask = (inputOf: (requestId: number) => NodeInput) =>
    Promise.resolve(world.ask(node, inputOf));

  const ports: ApiPorts = {
    get node() {
      return node.state;
    },
    version: "1.2.3",
    startedAtMs: world.nowMs,
    token: TEST_TOKEN,
    hostNames: ["node.example"],
    stopping: stopping.signal,
    nowMs: () => world.nowMs,
    pay: (payment) => ask((requestId) => ({ type: "pay", requestId, ...payment })),
    submit: (transaction) => ask((requestId) => ({ type: "submit", requestId, transaction })),
    submitBlock: (block) => ask((requestId) => ({ type: "submit-block", requestId, block })),
    control: (command) => Promise.resolve(world.control(node, command)),
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    mining: () => ({ isSearching: node.job !== undefined, hashesPerSecond: 0 }),
    metrics: () => [{
      name: "noobcash_refusals_total",
      help: "What was stopped, by code",
      type: "counter",
      samples: [{ labels: { code: "tx-overspends" }, value: 4 }],
    }],
    sickness: () => undefined,
  };
  const app = createApiApp(ports, { onInternalError: (thrown) => internalErrors.push(thrown) });

  return {
    world,
    node,
    ports,
    app,
    internalErrors,
    emit: (event) => listeners.forEach((listener) => listener(event)),
    get: async (path, headers = {}) => await app.request(`/api/v1${path}`, { headers }),
    post: async (path, body, headers = {}) =>
      await app.request(`/api/v1${path}`, {
        method: "POST",
        headers: {
          "Authorization": `Bearer ${TEST_TOKEN}`,
          ...(body === undefined ? {} : { "Content-Type": "application/json" }),
          ...headers,
        },
        ...(body === undefined
          ? {}
          : { body: typeof body === "string" ? body : JSON.stringify(body) }),
      }),
    stop: () => stopping.abort(),
  };
}

/** Demands a refusal in the API's one shape, with a sentence for people, and gives its code. */
export async function assertRefused(response: Response, status: number): Promise<string> {
  const text = await response.text();
  assert.equal(response.status, status, text);
  assert.match(response.headers.get("content-type") ?? "", /^application\/json/);
  const { error } = errorSchema.strict().parse(JSON.parse(text));
  assert.match(error.message, /^Cannot .+: .+[^.]$/);
  return error.code;
}

/** What a payment would change: to be the same before and after a refusal. */
export function ledgerStateOf({ node }: TestApi): unknown {
  const { chain, mempool } = networkOf(node);
  return [chain.tip.hash, mempool.size, chain.utxos.size];
}
