/**
 * Doors for plain requests: what a node answers before the whole server has to look at it.
 *
 * Payments are the owner's alone: whoever shows no token, or a wrong one, is told so by the whole server.
 * Openings are anybody's; half of one that is the first of its connection rests until it is whole or the connection
 * has to go. A page of a browser is told off by the whole server, too.
 *
 * Pure: the runtime has the connections (`first_look.ts` there).
 *
 * @module
 */
import { API_BODY_SIZE_BYTES_MAX } from "../wire/api_basics.ts";
import { OPENING_SIZE_BYTES, P2P_PATH } from "../wire/handshake.ts";
import { PAYMENTS_PATH } from "./payment_door.ts";
import type { PlainParts } from "./plain_answer.ts";
import type { Asked } from "./plain_request.ts";

/** A plain request that is there as a whole. */
export interface PlainRequest {
  readonly asked: Asked;
  /** The body, a copy. */
  bytes(): Uint8Array<ArrayBuffer>;
  /** The body as a text. */
  text(): string;
}

/** Answers plain requests to one path. */
export interface PlainDoor {
  readonly path: string;
  readonly bodySizeBytesMax: number;
  /** Tells whether the rest of a body is waited for, once. */
  waitsFor(asked: Asked): boolean;
  /** Tells whether half of a connection's first request may rest like a connection that has said nothing. */
  mayRest?(asked: Asked): boolean;
  /** Nothing: the whole server has to look at it. */
  answer(request: PlainRequest, address: string): Promise<PlainParts> | undefined;
}

/** @param pay what is not the owner's may come here, too: nothing comes of it */
export function paymentsDoor(
  isOwner: (asked: Asked) => boolean,
  pay: (asked: Asked, text: string, address: string) => Promise<PlainParts> | undefined,
): PlainDoor {
  return {
    path: PAYMENTS_PATH,
    bodySizeBytesMax: API_BODY_SIZE_BYTES_MAX,
    waitsFor: isOwner,
    answer: (request, address) => pay(request.asked, request.text(), address),
  };
}

export function openingsDoor(
  open: (opening: Uint8Array<ArrayBuffer>, address: string) => Promise<PlainParts> | undefined,
): PlainDoor {
  return {
    path: `${P2P_PATH}/handshake`,
    bodySizeBytesMax: OPENING_SIZE_BYTES,
    waitsFor: () => false,
    mayRest: isNodes,
    answer: (request, address) =>
      isNodes(request.asked) ? open(request.bytes(), address) : undefined,
  };
}

/** Neither a page's nor an owner's. */
function isNodes({ headers }: Asked): boolean {
  return headers.get("origin") === null && headers.get("authorization") === null;
}
