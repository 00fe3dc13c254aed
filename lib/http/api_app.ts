/**
 * The whole HTTP side of a node: the API with its guards, its description, and what peers call.
 *
 * ```
 * request → /p2p/v2 (peers: no page, encrypted, never spends)
 *         → host → /api/v1 → body size → POST: origin, token → shape → route → JSON
 * ```
 *
 * Payments that nothing speaks against go a shorter way (`payment_door.ts`).
 *
 * Every refusal, the framework's own ones included, has the one JSON shape of `refuse.ts`.
 *
 * @module
 */
import { OpenAPIHono } from "@hono/zod-openapi";
import type { Hono } from "hono";
import { methodNotAllowed } from "hono/method-not-allowed";
import { API_PATH } from "../wire/api_basics.ts";
import { P2P_PATH } from "../wire/handshake.ts";
import { LAB_PATH } from "../wire/lab.ts";
import { chainRoutes } from "./chain_routes.ts";
import { controlRoutes } from "./control_routes.ts";
import { dashboardRoutes } from "./dashboard_routes.ts";
import { docsRoutes } from "./docs_routes.ts";
import { eventRoutes } from "./event_routes.ts";
import { createGate, guardBody, guardHost, guardOrders } from "./guards.ts";
import { nodeRoutes } from "./node_routes.ts";
import { pageLinkRoutes, PageLinks, pageSessionRoutes } from "./page_links.ts";
import { ANSWER_HEADERS, paymentDoor, type PayPlainly, plainPayments } from "./payment_door.ts";
import type { ApiPorts } from "./ports.ts";
import { refuse, refuseThrown } from "./refuse.ts";
import { tagged } from "./tagged.ts";
import { walletRoutes } from "./wallet_routes.ts";

/** What is read again and again and changes less often: whoever has it already gets 304 without a body. */
const TAGGED_PATHS = [
  ...["/balances", "/audit", "/tips", "/blocks", "/blocks/raw", "/mempool", "/ring", "/params"],
];

export interface AppOptions {
  /** What peers call. */
  readonly peerRoutes?: Hono;
  /** What the cluster that started this node calls; mounted at `/lab/v1`. Other nodes have none. */
  readonly labRoutes?: Hono;
  /** How one talks to this node in a terminal of its machine, as in `noobcash client --port 5000`. */
  readonly clientHint?: string;
  /** Told of errors that are our own. */
  readonly onInternalError: (thrown: unknown) => void;
}

export interface ApiApp extends Pick<OpenAPIHono, "request" | "routes"> {
  /** @param env what comes along with a request: the caller's address, where it is known */
  fetch(request: Request, env?: object): Response | Promise<Response>;
  /** The shortest way of a payment, for a server that has its text. */
  readonly payPlainly: PayPlainly;
}

/** Builds the application that `Deno.serve` runs, and that tests call without a socket. */
export function createApiApp(ports: ApiPorts, options: AppOptions): ApiApp {
  const app = new OpenAPIHono();
  app.notFound((c) => refuse(c, { code: "route-unknown", got: c.req.path }));
  app.onError((thrown, c) => refuseThrown(c, thrown, options.onInternalError));
  app.use(methodNotAllowed({
    app,
    onMethodNotAllowed: (c, allowed) => {
      c.header("Allow", allowed.join(", "));
      return refuse(c, { code: "method-not-allowed", got: c.req.method, allowed });
    },
  }));
  // Around all else that says anything about an answer: it makes the answer that is sent.
  for (const path of TAGGED_PATHS) app.use(`${API_PATH}${path}`, tagged);
  app.use(async (c, next) => {
    await next();
    // A header that the framework adds makes another answer of it, with a body that is read bit by bit.
    for (const [name, value] of Object.entries(ANSWER_HEADERS)) c.res.headers.set(name, value);
  });

  const gate = createGate(ports);
  app.use(guardHost(gate));
  if (options.labRoutes !== undefined) app.route(LAB_PATH, options.labRoutes);
  app.use(`${API_PATH}/*`, guardBody);
  app.use(`${API_PATH}/*`, guardOrders(gate));
  const links = new PageLinks();
  app.route("/", pageSessionRoutes(ports, links));
  app
    .route("/", dashboardRoutes(options.clientHint))
    .route(API_PATH, pageLinkRoutes(ports, links))
    .route(API_PATH, nodeRoutes(ports))
    .route(API_PATH, chainRoutes(ports))
    .route(API_PATH, walletRoutes(ports))
    .route(API_PATH, controlRoutes(ports))
    .route(API_PATH, eventRoutes(ports))
    .route(API_PATH, docsRoutes(ports, () => app));
  const door = paymentDoor(ports, { gate, whole: app });
  door.onError((thrown, c) => refuseThrown(c, thrown, options.onInternalError));
  // What strangers send most of goes the short way, too; the answer that opens a WebSocket stays as it is.
  if (options.peerRoutes !== undefined) door.route(P2P_PATH, options.peerRoutes);
  const payPlainly = plainPayments(ports, gate, options.onInternalError);
  const routes = [...door.routes, ...app.routes];
  return { fetch: door.fetch, request: door.request, routes, payPlainly };
}
