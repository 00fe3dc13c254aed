/**
 * Answers that strangers share while more of them ask than there is time for: the same question a moment later
 * gets the same bytes, which costs next to nothing and leaves no garbage.
 *
 * They are as old as a stranger may have waited anyway. Kept is what has an entity tag, so what is meant to be
 * read again; the oldest goes first. Nobody who shows the token, and nobody who asks while there is time, gets
 * any of this.
 *
 * Called by `request_limit.ts`.
 *
 * @module
 */
import { plainAnswer, plainPartsOf } from "../http/plain_answer.ts";

/** How old a shared answer may be. */
export const SHARED_MS_MAX = 5_000;
/** How many are kept, and how large they are together. */
export const SHARED_ANSWERS_MAX = 16;
export const SHARED_SIZE_BYTES_MAX = 4 * 1024 * 1024;

interface SharedAnswer {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array<ArrayBuffer>;
  readonly madeAtMs: number;
}

export class SharedAnswers {
  /** By the whole URL, so by the host that was called; the oldest first. */
  readonly #answers = new Map<string, SharedAnswer>();
  #sizeBytes = 0;

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** What was answered to that question a moment ago. */
  at({ method, url, headers }: Request, nowMs: number): Response | undefined {
    const answer = method === "GET" ? this.#answers.get(url) : undefined;
    if (answer === undefined) return undefined;
    if (nowMs - answer.madeAtMs >= SHARED_MS_MAX) return void this.#forget(url, answer);
    const isKnown = headers.get("if-none-match") === answer.headers["etag"];
    return isKnown ? new Response(null, { status: 304, headers: answer.headers }) : whole(answer);
  }

  /** Keeps an answer if it may be shared; gives it back in a form that can still be read. */
  async keep({ method, url }: Request, response: Response, nowMs: number): Promise<Response> {
    const mayBeShared = method === "GET" && response.status === 200 && response.headers.has("etag");
    if (!mayBeShared) return response;
    const parts = plainPartsOf(response);
    const { headers, body } = parts !== undefined && typeof parts.body !== "string"
      ? { headers: parts.headers, body: parts.body }
      : {
        headers: Object.fromEntries(response.headers),
        body: new Uint8Array(await response.arrayBuffer()),
      };
    const answer = { headers, body, madeAtMs: nowMs };
    const known = this.#answers.get(url);
    if (known !== undefined) this.#forget(url, known);
    if (body.length <= SHARED_SIZE_BYTES_MAX) {
      this.#answers.set(url, answer);
      this.#sizeBytes += body.length;
    }
    for (const [oldestUrl, oldest] of this.#answers) {
      const isInBounds = this.#answers.size <= SHARED_ANSWERS_MAX &&
        this.#sizeBytes <= SHARED_SIZE_BYTES_MAX;
      if (isInBounds) break;
      this.#forget(oldestUrl, oldest);
    }
    return whole(answer);
  }

  #forget(url: string, { body }: SharedAnswer): void {
    this.#answers.delete(url);
    this.#sizeBytes -= body.length;
  }
}

function whole({ headers, body }: SharedAnswer): Response {
  return body.length === 0
    ? new Response(null, { headers })
    : plainAnswer({ status: 200, headers, body });
}
