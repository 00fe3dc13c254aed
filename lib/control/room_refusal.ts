/**
 * How the room refuses a request, and how it reads one.
 *
 * @module
 */
import type { Context } from "hono";
import type { z } from "zod";
import type { Result } from "../result.ts";

export interface Refusal {
  readonly code: string;
  readonly message: string;
}

export const NOT_HERE: Refusal = {
  code: "not-here",
  message: "Cannot do that: no network runs here",
};

export async function readBody<Schema extends z.ZodType>(
  c: Context,
  schema: Schema,
): Promise<Result<z.infer<Schema>, Refusal>> {
  const parsed = schema.safeParse(await c.req.json().catch(() => undefined));
  if (parsed.success) return { ok: true, value: parsed.data };
  const [issue] = parsed.error.issues;
  const place = issue?.path.join(".") ?? "";
  const message = `Cannot read the request: its shape is wrong${
    place === "" ? "" : ` at ${place}`
  }: ${issue?.message}`;
  return { ok: false, error: { code: "request-malformed", message } };
}

export function refuse(
  c: Context,
  status: 400 | 401 | 403 | 404 | 409 | 413 | 500 | 502 | 503,
  { code, message }: Refusal,
): Response {
  return c.json({ error: { code, message, evidence: {} } }, status);
}
