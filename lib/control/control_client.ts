/**
 * Speaks to a control room that runs on this machine, with the token that its file holds.
 *
 * @module
 */
import { z } from "zod";
import { err, ok, type Result } from "../result.ts";
import type { ControlFile } from "./control_file.ts";
import type { Order } from "./order.ts";

export interface ControlError {
  readonly kind: "refused" | "unreachable" | "unexpected" | "usage";
  readonly code: string;
  readonly message: string;
}

const CALL_MS_MAX = 30_000;

const faultsSchema = z.object({
  isMiningPaused: z.boolean(),
  hashRateLimit: z.number().nullable(),
  clockSkewMs: z.number(),
  isWithholding: z.boolean(),
});
const recorderSchema = z.object({
  isRunning: z.boolean(),
  events: z.int(),
  isFull: z.boolean(),
});
const statusSchema = z.object({
  nodes: z.array(z.object({
    id: z.int(),
    run: z.enum(["starting", "up", "stopped", "down"]),
    height: z.int().nullable(),
    tip: z.string().nullable(),
    faults: faultsSchema,
  })),
  links: z.array(z.object({
    from: z.int(),
    to: z.int(),
    isCut: z.boolean(),
    latencyMs: z.number(),
    loss: z.number(),
  })),
  recorder: recorderSchema.nullable(),
});
export type ControlStatus = z.infer<typeof statusSchema>;

export type ControlAnswer<T> = Promise<Result<T, ControlError>>;

export function createControlClient({ url, token }: ControlFile) {
  async function call<Schema extends z.ZodType>(
    schema: Schema,
    path: string,
    body?: unknown,
  ): ControlAnswer<z.infer<Schema>> {
    let response: Response;
    let json: unknown;
    try {
      response = await fetch(`${url}${path}`, {
        method: body === undefined ? "GET" : "POST",
        headers: {
          authorization: `Bearer ${token}`,
          ...(body !== undefined && { "content-type": "application/json" }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        redirect: "error",
        signal: AbortSignal.timeout(CALL_MS_MAX),
      });
      json = await response.json().catch(() => undefined);
    } catch {
      return unreachable();
    }
    if (!response.ok) return refused(json, response.status);
    const parsed = schema.safeParse(json);
    return parsed.success ? ok(parsed.data) : err({
      kind: "unexpected",
      code: "answer-unexpected",
      message: `Cannot understand ${url}: got something else, wanted a cluster's answer`,
    });
  }

  async function readBytes(path: string): ControlAnswer<Uint8Array> {
    try {
      const response = await fetch(`${url}${path}`, {
        headers: { authorization: `Bearer ${token}` },
        redirect: "error",
        signal: AbortSignal.timeout(CALL_MS_MAX),
      });
      if (response.ok) return ok(new Uint8Array(await response.arrayBuffer()));
      return refused(await response.json().catch(() => undefined), response.status);
    } catch {
      return unreachable();
    }
  }

  function unreachable(): Result<never, ControlError> {
    return err({
      kind: "unreachable",
      code: "cluster-unreachable",
      message: `Cannot reach the cluster at ${url}: nobody answers there`,
    });
  }

  return {
    status: () => call(statusSchema, "/room/status"),
    order: (order: Order) => call(z.object({ done: z.string() }), "/room/orders", order),
    pay: (payment: { readonly from: number; readonly to: string; readonly amount: number }) =>
      call(z.object({ txid: z.string() }), "/room/payments", payment),
    /** A new link that opens the page once. */
    open: () => call(z.object({ code: z.string() }), "/room/link", {}),
    startRecording: () => call(recorderSchema, "/room/recording/start", {}),
    stopRecording: () => call(recorderSchema, "/room/recording/stop", {}),
    /** What was recorded so far, as a file. */
    recording: () => readBytes("/room/recording"),
    bookmark: (text: string) =>
      call(z.object({ done: z.literal(true) }), "/room/bookmarks", { text }),
  };
}

function refused(json: unknown, status: number): Result<never, ControlError> {
  const refusal = refusalSchema.safeParse(json);
  return err({
    kind: "refused",
    code: refusal.data?.error.code ?? String(status),
    message: refusal.data?.error.message ?? `Cannot do that: got status ${status}`,
  });
}

const refusalSchema = z.object({
  error: z.object({ code: z.string(), message: z.string() }),
});
