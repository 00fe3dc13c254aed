/** Recordings: what is whole is read back, everything else is refused with where and why. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type { FeedEvent, FeedHead } from "../page/feed.ts";
import { decodeRecording, encodeRecording } from "./recording.ts";
import { sharedPage } from "./share_page.ts";

const HEAD: FeedHead = {
  origin: "cluster",
  title: "a test",
  originMs: 1_700_000_000_000,
  capacity: 5,
  difficulty: 4,
  nodes: 2,
};
const BLOCK: FeedEvent = {
  kind: "block",
  at: 1,
  id: "aa",
  parent: "00",
  height: 0,
  miner: null,
  transactions: 1,
  stamp: 0,
};
const TIP: FeedEvent = { kind: "tip", at: 2, node: 1, id: "aa", dropped: 0 };

async function gzip(text: string): Promise<Uint8Array<ArrayBuffer>> {
  const packed = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(packed).arrayBuffer());
}

/** A file that somebody made by hand, with an end that fits. */
async function handMade(
  lines: readonly string[],
  events: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const body = lines.map((line) => line + "\n").join("");
  const sha256 = createHash("sha256").update(body).digest("hex");
  return await gzip(`${body}${JSON.stringify({ end: true, events, isFull: false, sha256 })}\n`);
}

const headLine = (version: unknown = 1) =>
  JSON.stringify({ format: "noobcash-recording", version, program: "0", head: HEAD });

async function refusalOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const decoded = await decodeRecording(bytes);
  if (decoded.ok) return "accepted";
  const { code, line, message } = decoded.error;
  assert.match(message, /^Cannot play the recording: .*got .*, wanted /);
  return `${code} ${line}`;
}

Deno.test("decodeRecording() reads back what encodeRecording() wrote", async () => {
  const decoded = await decodeRecording(
    await encodeRecording({ head: HEAD, events: [BLOCK, TIP] }, "0"),
  );
  assert.deepEqual(decoded, {
    ok: true,
    value: { head: HEAD, events: [BLOCK, TIP], isFull: false },
  });
});

Deno.test("decodeRecording() refuses a file that is cut off, wherever", async () => {
  const whole = await encodeRecording({ head: HEAD, events: [BLOCK, TIP] }, "0");
  for (let length = 2; length < whole.length; length += 7) {
    assert.match(await refusalOf(whole.slice(0, length)), /^recording-cut-off \d+$/);
  }
  assert.equal(await refusalOf(await gzip(`${headLine()}\n[]`)), "recording-cut-off 2");
  assert.equal(await refusalOf(await gzip(`${headLine()}\n`)), "recording-cut-off 1");
});

Deno.test("decodeRecording() refuses what is no recording, another version, a changed one", async () => {
  assert.equal(await refusalOf(new Uint8Array([1, 2, 3])), "recording-not-compressed null");
  assert.equal(await refusalOf(new Uint8Array(0)), "recording-not-compressed null");
  assert.equal(await refusalOf(await gzip("hello\n")), "recording-foreign 1");
  assert.equal(await refusalOf(await handMade([headLine(2)], 0)), "recording-version 1");
  const line = JSON.stringify([BLOCK, TIP]);
  const changed = await gzip(
    `${headLine()}\n${line}\n${
      JSON.stringify({ end: true, events: 2, isFull: false, sha256: "0".repeat(64) })
    }\n`,
  );
  assert.equal(await refusalOf(changed), "recording-changed 3");
  assert.equal(await refusalOf(await handMade([headLine(), line], 3)), "recording-changed 3");
});

Deno.test("decodeRecording() refuses hand-made events, and says which", async () => {
  const cases: readonly [events: unknown, wanted: RegExp][] = [
    [[{ ...BLOCK, height: -1 }], /line 2: got event 1: height/],
    [[BLOCK, { ...TIP, node: 2 }], /line 2: got event 2: node 2 of 2/],
    [[BLOCK, { ...TIP, id: "bb" }], /line 2: got event 2: block bb was not told before/],
    [[{ ...BLOCK, id: "<script>" }], /line 2: got event 1: id/],
    [[{ kind: "unheard-of", at: 1 }], /line 2: got event 1: kind/],
    [[{ ...TIP, extra: 1 }], /line 2: got event 1/],
    [[], /line 2: got/],
    ["text", /line 2: got/],
    [[{ kind: "gauges", at: 1, nodes: [null] }], /gauges of 1 nodes/],
  ];
  for (const [events, wanted] of cases) {
    const count = Array.isArray(events) ? events.length : 1;
    const decoded = await decodeRecording(
      await handMade([headLine(), JSON.stringify(events)], count),
    );
    assert(!decoded.ok, JSON.stringify(events));
    assert.match(decoded.error.message, wanted);
  }
});

Deno.test("sharedPage() stays below 2 MB, and says what it left out", async () => {
  const events: FeedEvent[] = [BLOCK];
  // What cannot be compressed: random details.
  for (let index = 0; index < 60_000; index++) {
    const detail = Array.from(crypto.getRandomValues(new Uint8Array(30)))
      .map((byte) => byte.toString(16).padStart(2, "0")).join("");
    events.push({
      kind: "message",
      at: index,
      sentAt: index,
      isLost: false,
      from: 0,
      to: 1,
      type: "status",
      class: "other",
      detail,
    });
  }
  const left = {
    en: "Left out to keep this page small: status messages",
    el: "Παραλείφθηκαν, για να μείνει μικρή η σελίδα: τα μηνύματα κατάστασης",
  };
  for (const [language, text] of Object.entries(left)) {
    const page = await sharedPage({ head: HEAD, events, isFull: false }, language);
    assert(page.ok);
    assert(page.value.length < 2_000_000);
    const data = /id="recording">([^<]*)</.exec(page.value)?.[1] ?? "";
    const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
    const decoded = await decodeRecording(bytes);
    assert(decoded.ok);
    const last = decoded.value.events[decoded.value.events.length - 1];
    assert(last?.kind === "mark");
    assert.equal(last.text, text);
  }
});
