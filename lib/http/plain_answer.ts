/**
 * Answers whose body is at hand: a server that can write it sends it at once, head and body in one piece,
 * instead of taking the answer apart again.
 *
 * To everybody else such an answer is a `Response` like any other. Made by `payment_door.ts` and by what
 * refuses strangers, looked at by `http_server.ts`.
 *
 * @module
 */

/** What a plain answer was made of. */
export interface PlainParts {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array<ArrayBuffer>;
}

const partsByAnswer = new WeakMap<Response, PlainParts>();

/** Makes an answer of a body that is not empty. */
export function plainAnswer(parts: PlainParts): Response {
  const { status, headers, body } = parts;
  const answer = new Response(body, { status, headers });
  partsByAnswer.set(answer, parts);
  return answer;
}

/** What an answer was made of; `undefined` for any that is no plain one or has been read. */
export function plainPartsOf(answer: Response): PlainParts | undefined {
  return answer.bodyUsed ? undefined : partsByAnswer.get(answer);
}
