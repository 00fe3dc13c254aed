/**
 * The page's end of the room's HTTP side: the token, the feed, orders, and what is read of nodes.
 *
 * A link's code is exchanged for a token before anything else, and taken out of the address and the
 * history; the token lies in the browser's store for this address and goes out in a header alone.
 *
 * @module
 */
import type { FeedEvent, FeedHead } from "../../page/feed.ts";
import { browser, document } from "../../page/browser.ts";

const TOKEN_KEY = "noobcash-room";
const RECONNECT_MS = 1_000;

export interface RecorderStatus {
  readonly isRunning: boolean;
  readonly events: number;
  readonly isFull: boolean;
}

/** The result of a call. */
export type CallResult<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly code: string; readonly message: string };

export interface FeedListener {
  onHead(head: FeedHead): void;
  onEvents(events: readonly FeedEvent[], isFresh: boolean): void;
  onRecorder(status: RecorderStatus | null): void;
  onConnected(isConnected: boolean): void;
  /** There is no token, or it is not valid. */
  onLocked(isUsed: boolean): void;
}

let token = storedToken();
/** This page's name in the room, while it follows. */
let follower: string | undefined;
let areMessagesWanted = false;

/** Whether this page shows messages: they are told only to those who look. */
export function watchMessages(areWanted: boolean): void {
  if (areWanted === areMessagesWanted) return;
  areMessagesWanted = areWanted;
  tellDetail();
}

function tellDetail(): void {
  if (follower === undefined) return;
  void call("/room/feed/detail", {
    follower,
    messages: areMessagesWanted,
    isHidden: document.hidden,
  });
}

document.addEventListener("visibilitychange", tellDetail);

/** Exchanges the code in the address, if there is one, for a token. False when the code was used. */
export async function openSession(): Promise<boolean> {
  const code = /^#open=([A-Za-z0-9_-]+)$/.exec(browser.location.hash)?.[1];
  if (code === undefined) return true;
  browser.history.replaceState(null, "", browser.location.pathname);
  const answer = await call<{ readonly token: string }>("/room/session", { code });
  if (!answer.ok) return token !== "";
  token = answer.value.token;
  browser.localStorage.setItem(TOKEN_KEY, token);
  return true;
}

/** Follows the feed for ever; after a break it begins anew. */
export async function followFeed(listener: FeedListener, wasCodeUsed: boolean): Promise<void> {
  for (;;) {
    try {
      const path = `/room/feed?messages=${areMessagesWanted}`;
      const response = await fetch(path, { headers: headers() });
      if (response.status === 401) return listener.onLocked(wasCodeUsed);
      if (response.ok && response.body !== null) {
        listener.onConnected(true);
        await readLines(response.body, (line) => takeLine(line, listener));
      }
    } catch {
      // The network is gone, or will be back: it is tried again.
    }
    follower = undefined;
    listener.onConnected(false);
    await new Promise((resolve) => setTimeout(resolve, RECONNECT_MS));
  }
}

/** POSTs to the room. */
export async function call<T>(path: string, body: unknown): Promise<CallResult<T>> {
  return await request<T>(path, {
    method: "POST",
    headers: { ...headers(), "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

export function read<T>(path: string): Promise<CallResult<T>> {
  return request<T>(path, { headers: headers() });
}

/** Fetches bytes with the token: what a plain link could not. */
export async function readBytes(path: string): Promise<CallResult<Blob>> {
  try {
    const response = await fetch(path, { headers: headers() });
    if (response.ok) return { ok: true, value: await response.blob() };
    return refusal(await response.json().catch(() => undefined), response.status);
  } catch {
    return UNREACHABLE;
  }
}

async function request<T>(path: string, init: RequestInit): Promise<CallResult<T>> {
  try {
    const response = await fetch(path, init);
    const json = await response.json().catch(() => undefined);
    return response.ok ? { ok: true, value: json as T } : refusal(json, response.status);
  } catch {
    return UNREACHABLE;
  }
}

/** A page of a file may have no store. */
function storedToken(): string {
  try {
    return browser.localStorage.getItem(TOKEN_KEY) ?? "";
  } catch {
    return "";
  }
}

function headers(): Record<string, string> {
  return token === "" ? {} : { authorization: `Bearer ${token}` };
}

function takeLine(line: string, listener: FeedListener): void {
  if (line === "") return;
  const value = JSON.parse(line) as {
    readonly head?: FeedHead;
    readonly follower?: string;
    readonly isFresh?: boolean;
    readonly events?: readonly FeedEvent[];
    readonly recorder?: RecorderStatus | null;
  };
  if (value.head !== undefined) listener.onHead(value.head);
  if (value.follower !== undefined) {
    follower = value.follower;
    // What is looked at may have changed since the feed was asked for.
    tellDetail();
  }
  if (value.recorder !== undefined) listener.onRecorder(value.recorder);
  if (value.events !== undefined) listener.onEvents(value.events, value.isFresh === true);
}

async function readLines(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  onLine: (line: string) => void,
): Promise<void> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const lines = (rest + value).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) onLine(line);
  }
}

function refusal(json: unknown, status: number): CallResult<never> {
  const error = (json as { error?: { code?: unknown; message?: unknown } } | undefined)?.error;
  return {
    ok: false,
    code: typeof error?.code === "string" ? error.code : String(status),
    message: typeof error?.message === "string" ? error.message : `status ${status}`,
  };
}

const UNREACHABLE: CallResult<never> = {
  ok: false,
  code: "unreachable",
  message: "no answer",
};
