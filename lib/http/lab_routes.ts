/**
 * The doors of a node that a cluster started: faults in, a trace out. Other nodes do not have them.
 *
 * Every call wants the secret that the cluster gave the node in its environment. The trace is bounded:
 * whoever listens too slowly is told how much was lost.
 *
 * @module
 */
import { timingSafeEqual } from "node:crypto";
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { stream } from "hono/streaming";
import { utf8Bytes } from "../bytes.ts";
import { sha256 } from "../crypto/hash.ts";
import {
  type LabBlock,
  type LabBlocks,
  labBlocksQuerySchema,
  type LabDetail,
  labDetailSchema,
  type LabFaults,
  labFaultsSchema,
  type LabLine,
} from "../wire/lab.ts";

/** What the doors need of the node behind them. The runtime implements it. */
export interface LabPorts {
  readonly secret: string;
  readonly stopping: AbortSignal;
  clockMs(): number;
  faults(): LabFaults;
  apply(faults: LabFaults): Promise<void>;
  /** Begins to listen; who listened before hears no more. */
  listen(detail: LabDetail): LabListener;
  /** Blocks of these heights, of all branches. */
  blocksBetween(from: number, to: number): readonly LabBlock[];
  /** Whoever listens wants to hear more, or less. */
  setDetail(detail: LabDetail): void;
}

export interface LabListener {
  /** What has happened since, a little later at the earliest; `undefined` once it is over. */
  next(): Promise<LabLine | undefined>;
  close(): void;
}

/** The largest order. */
export const BODY_SIZE_BYTES_MAX = 256 * 1024;

export function labRoutes(ports: LabPorts): Hono {
  const wanted = sha256(utf8Bytes(ports.secret));
  const app = new Hono();
  app.use(async (c, next) => {
    const given = /^Bearer ([\x21-\x7e]+)$/.exec(c.req.header("authorization") ?? "")?.[1] ?? "";
    if (!timingSafeEqual(sha256(utf8Bytes(given)), wanted)) {
      return c.json(
        problem("token-wrong", "Cannot answer: the request does not bring this cluster's secret"),
        401,
      );
    }
    await next();
  });

  app.get("/clock", (c) => c.json({ nowMs: ports.clockMs() }));
  app.get("/faults", (c) => c.json(ports.faults()));
  app.post("/faults", bodyLimit({ maxSize: BODY_SIZE_BYTES_MAX }), async (c) => {
    const parsed = labFaultsSchema.safeParse(await c.req.json().catch(() => undefined));
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      const text = `Cannot set faults: ${issue?.path.join(".")}: ${issue?.message}`;
      return c.json(problem("request-malformed", text), 400);
    }
    await ports.apply(parsed.data);
    return c.json({ done: true });
  });

  app.post("/detail", bodyLimit({ maxSize: BODY_SIZE_BYTES_MAX }), async (c) => {
    const parsed = labDetailSchema.safeParse(await c.req.json().catch(() => undefined));
    if (!parsed.success) {
      return c.json(
        problem("request-malformed", "Cannot set the detail: the body has another shape"),
        400,
      );
    }
    ports.setDetail(parsed.data);
    return c.json({ done: true });
  });

  app.get("/blocks", (c) => {
    const parsed = labBlocksQuerySchema.safeParse(c.req.query());
    if (!parsed.success) {
      const text = `Cannot tell blocks: ${parsed.error.issues[0]?.message}`;
      return c.json(problem("request-malformed", text), 400);
    }
    const { from, to } = parsed.data;
    return c.json({ blocks: ports.blocksBetween(from, to) } satisfies LabBlocks);
  });

  app.get("/feed", (c) => {
    const listener = ports.listen({ messages: c.req.query("messages") === "true" });
    const close = () => listener.close();
    ports.stopping.addEventListener("abort", close, { once: true });
    c.header("Content-Type", "application/x-ndjson");
    return stream(c, async (out) => {
      out.onAbort(close);
      for (let line = await listener.next(); line; line = await listener.next()) {
        await out.write(JSON.stringify(line) + "\n");
      }
      ports.stopping.removeEventListener("abort", close);
    });
  });
  return app;
}

function problem(code: string, message: string) {
  return { error: { code, message, evidence: {} } };
}
