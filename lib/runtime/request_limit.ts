/**
 * Bounds how many requests are open at a time, in all and for each remote address, so that one caller
 * cannot take all of a node's memory and attention.
 *
 * A stream counts until it has begun; streams have bounds of their own. What is refused is answered at
 * once, before anything is read.
 *
 * @module
 */

type Handler = (request: Request, address: string) => Response | Promise<Response>;

export interface RequestLimits {
  readonly openMax: number;
  readonly openPerAddressMax: number;
}

/** Ten nodes, a load generator and a dashboard on one machine stay far below. */
export const DEFAULT_REQUEST_LIMITS: RequestLimits = { openMax: 2048, openPerAddressMax: 1024 };

/** Wraps a handler; the address is the caller's. */
export function limitRequests(
  handle: Handler,
  { openMax, openPerAddressMax }: RequestLimits = DEFAULT_REQUEST_LIMITS,
): (request: Request, address: string) => Promise<Response> {
  const openByAddress = new Map<string, number>();
  let openCount = 0;

  return async (request, address) => {
    const open = openByAddress.get(address) ?? 0;
    if (openCount >= openMax || open >= openPerAddressMax) return tooMany();

    openCount++;
    openByAddress.set(address, open + 1);
    try {
      return await handle(request, address);
    } finally {
      openCount--;
      const left = (openByAddress.get(address) ?? 1) - 1;
      if (left > 0) openByAddress.set(address, left);
      else openByAddress.delete(address);
    }
  };
}

function tooMany(): Response {
  const message = "Cannot answer: got too many requests at a time, wanted fewer";
  return Response.json(
    { error: { code: "node-busy", message, evidence: {} } },
    { status: 503, headers: { "retry-after": "1" } },
  );
}
