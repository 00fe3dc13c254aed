/**
 * Paying once although the answer may get lost: the request carries a key, and is sent again under it.
 *
 * @module
 */
import { err, type Result } from "../result.ts";
import type { ClientError } from "./api_client.ts";

/** How long is waited before each further attempt. */
const PAUSES_MS = [200, 1_000];

/**
 * Asks until there is an answer, always under one key.
 *
 * @param key a key of its own if left out; who repeats a payment by hand gives the one of the first time
 * @param ask sends the request under the key
 */
export async function payOnce<T>(
  key: string | undefined,
  ask: (key: string) => Promise<Result<T, ClientError>>,
  { pausesMs = PAUSES_MS, repeatWith = key }: {
    readonly pausesMs?: readonly number[];
    /** What `--key` has to be given to ask for the same again. */
    readonly repeatWith?: string | undefined;
  } = {},
): Promise<Result<T, ClientError>> {
  const name = key ?? crypto.randomUUID();
  for (const pauseMs of [...pausesMs, undefined]) {
    const answer = await ask(name);
    if (answer.ok || answer.error.kind !== "unreachable") return answer;
    if (pauseMs === undefined) {
      const message = `${answer.error.message}; it may have paid: ask again with --key ${
        repeatWith ?? name
      }`;
      return err({ ...answer.error, message });
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  throw new Error("Unreachable: the last attempt returns");
}
