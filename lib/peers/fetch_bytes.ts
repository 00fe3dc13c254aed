/**
 * One HTTP call to another node: timed out, bounded, never redirected.
 *
 * @module
 */
import { concatBytes } from "../bytes.ts";

/** What came back, or why nothing did. */
export type FetchOutcome =
  | { readonly kind: "answer"; readonly status: number; readonly bytes: Uint8Array }
  | { readonly kind: "unreachable" }
  | { readonly kind: "timeout" }
  | { readonly kind: "oversized" };

export interface FetchOptions {
  readonly client: Deno.HttpClient;
  readonly timeoutMs: number;
  readonly sizeBytesMax: number;
  /** Ends the call early. */
  readonly signal: AbortSignal;
  readonly body?: Uint8Array<ArrayBuffer>;
}

/** Calls a URL: with a body it is a POST. */
export async function fetchBytes(url: string, options: FetchOptions): Promise<FetchOutcome> {
  const { client, body, sizeBytesMax } = options;
  const deadline = new AbortController();
  const abort = () => deadline.abort();
  let isTimeout = false;
  const timer = setTimeout(() => {
    isTimeout = true;
    abort();
  }, options.timeoutMs);
  options.signal.addEventListener("abort", abort);

  try {
    options.signal.throwIfAborted();
    const response = await fetch(url, {
      client,
      signal: deadline.signal,
      redirect: "error",
      ...(body !== undefined && {
        method: "POST",
        body,
        headers: { "content-type": "application/octet-stream" },
      }),
    });
    const bytes = await readBounded(response, sizeBytesMax);
    if (bytes === undefined) return { kind: "oversized" };
    return { kind: "answer", status: response.status, bytes };
  } catch {
    return { kind: isTimeout ? "timeout" : "unreachable" };
  } finally {
    clearTimeout(timer);
    options.signal.removeEventListener("abort", abort);
  }
}

async function readBounded(
  response: Response,
  sizeBytesMax: number,
): Promise<Uint8Array | undefined> {
  if (response.body === null) return new Uint8Array(0);
  const parts: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const part of response.body) {
    sizeBytes += part.length;
    if (sizeBytes > sizeBytesMax) return undefined;
    parts.push(part);
  }
  return concatBytes(parts);
}
