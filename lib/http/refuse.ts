/**
 * Refusals as responses: one JSON shape for every reason, whoever found it.
 *
 * @module
 */
import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import { type ErrorJson, errorSchema } from "../wire/api_basics.ts";
import { type ApiError, ERROR_STATUSES, type ErrorStatus, statusOfCode } from "./api_error.ts";
import { errorText } from "./error_text.ts";

/** Answers with a refusal. */
export function refuse(c: Context, error: ApiError) {
  const status = statusOfCode(error.code);
  if (status === 401) c.header("WWW-Authenticate", 'Bearer realm="noobcash"');
  if (status === 503) c.header("Retry-After", "1");
  return c.json(errorJson(error), status);
}

/** The JSON of a refusal. */
export function errorJson(error: ApiError): ErrorJson {
  const { code, ...evidence } = error;
  return { error: { code, message: errorText(error), evidence } };
}

/** Answers for what a handler or the framework threw. Our own mistakes are told to `report`. */
export function refuseThrown(
  c: Context,
  thrown: unknown,
  report: (thrown: unknown) => void,
): Response {
  if (thrown instanceof HTTPException) {
    if (thrown.status === 415) {
      return refuse(c, {
        code: "media-type-unsupported",
        got: c.req.header("content-type") ?? "",
      });
    }
    if (thrown.status === 400) return refuse(c, { code: "json-malformed" });
  }
  // Whoever breaks off within its request has made no mistake of ours, and reads no answer.
  if (isBrokenOff(thrown)) return refuse(c, { code: "json-malformed" });
  report(thrown);
  return refuse(c, { code: "internal" });
}

/** Whether a body was not to be read because its connection has ended. */
function isBrokenOff(thrown: unknown): boolean {
  return thrown instanceof Error && "code" in thrown && thrown.code === "ECONNRESET";
}

/** What a route documents beside its success. */
export const errorResponses = Object.fromEntries(
  ERROR_STATUSES.map((status) => [status, {
    description: descriptionOf(status),
    content: { "application/json": { schema: errorSchema } },
  }]),
) as Record<
  ErrorStatus,
  { description: string; content: { "application/json": { schema: typeof errorSchema } } }
>;

function descriptionOf(status: ErrorStatus): string {
  switch (status) {
    case 400:
      return "The request has another shape";
    case 401:
      return "The token is missing or wrong";
    case 403:
      return "Another site's page asks";
    case 404:
      return "There is no such thing";
    case 405:
      return "Another method is wanted";
    case 409:
      return "The state of the ledger does not allow it";
    case 413:
      return "The body is too large";
    case 415:
      return "Another content type is wanted";
    case 421:
      return "The node is called by a name that is not its own";
    case 422:
      return "A rule is broken";
    case 500:
      return "The node made a mistake";
    case 503:
      return "Not now: not ready, busy or stopping";
  }
}
