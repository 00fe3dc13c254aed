import assert from "node:assert/strict";
import { numberedKeyPair } from "../crypto/numbered_key_pair.ts";
import { IncomingStreams } from "./incoming_streams.ts";
import { PEER_LIMITS, type PeerKind } from "./peer_budgets.ts";

type PeerStream = Parameters<IncomingStreams["add"]>[0];

function streamOf(publicKey: PeerStream["publicKey"], end: PeerStream["end"]): PeerStream {
  return { publicKey, isOpen: true, end } as Partial<PeerStream> as PeerStream;
}

/** Opens streams of one peer; answers how many of them are left open. */
function openOf(kind: PeerKind, count: number): number {
  const streams = new IncomingStreams(() => kind);
  const { publicKey } = numberedKeyPair(1);
  for (let index = 0; index < count; index++) {
    const stream: PeerStream = streamOf(publicKey, () => streams.remove(stream));
    streams.add(stream, "10.0.0.1");
  }
  const left = streams.count;
  streams.endAll("stream-ended");
  return left;
}

Deno.test("X03 of a peer's streams the oldest go: streamsOfMemberMax and streamsOfObserverMax", () => {
  assert.equal(openOf("member", 10), PEER_LIMITS.streamsOfMemberMax);
  assert.equal(openOf("observer", 10), PEER_LIMITS.streamsOfObserverMax);
});

Deno.test("X03 strangers of all addresses have streamsOfStrangersMax streams together", () => {
  const streams = new IncomingStreams(() => "stranger");
  for (let index = 0; index < PEER_LIMITS.streamsOfStrangersMax; index++) {
    assert(streams.hasRoomForStranger(`10.0.1.${index}`));
    const { publicKey } = numberedKeyPair(index + 1);
    const stream: PeerStream = streamOf(publicKey, () => streams.remove(stream));
    streams.add(stream, `10.0.1.${index}`);
  }
  assert(!streams.hasRoomForStranger("10.0.2.1"));
  streams.endAll("stream-ended");
  assert.equal(streams.count, 0);
});

Deno.test("X03 a stranger has 30 s to be let in, and is sent away after strangerStreamMsMax", () => {
  const [setTimer, clearTimer] = [globalThis.setTimeout, globalThis.clearTimeout];
  const timers: { run: () => void; delayMs: number }[] = [];
  globalThis.setTimeout =
    ((run: () => void, delayMs: number) =>
      timers.push({ run, delayMs })) as unknown as typeof setTimeout;
  globalThis.clearTimeout = () => {};
  try {
    let kind: PeerKind = "stranger";
    const streams = new IncomingStreams(() => kind);
    const codes: string[] = [];
    const { publicKey } = numberedKeyPair(1);
    const end = (code: string) => void codes.push(code);
    streams.add(streamOf(publicKey, end), "10.0.0.1");
    assert.equal(timers[0]?.delayMs, 30_000);
    timers[0]?.run();
    assert.deepEqual(codes, ["not-admitted"]);
    kind = "member";
    timers[0]?.run();
    assert.deepEqual(codes, ["not-admitted"], "whoever was let in stays");
  } finally {
    [globalThis.setTimeout, globalThis.clearTimeout] = [setTimer, clearTimer];
  }
});
