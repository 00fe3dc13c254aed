/**
 * A recording: a feed in a file, whole or refused.
 *
 * Compressed lines: a head, batches of events, and an end that tells how many there were and the digest
 * of everything before it. A file that is cut off, of another version, made or changed by hand is refused,
 * with the line and the reason. Reading is bounded in size, events and nodes.
 *
 * ```
 * {"format":"noobcash-recording","version":1,"program":"0.1.0","head":{…}}
 * [event, event, …]
 * …
 * {"end":true,"events":1234,"isFull":false,"sha256":"…"}
 * ```
 *
 * @module
 */
import { createHash } from "node:crypto";
import { z } from "zod";
import type { FeedEvent, FeedHead } from "../page/feed.ts";
import { err, ok, type Result } from "../result.ts";
import { batchSchema, endSchema, headSchema } from "./recording_schema.ts";

export const RECORDING_FORMAT = "noobcash-recording";
export const RECORDING_VERSION = 1;
/** The most events of a recording, and the most characters of its lines. */
export const RECORDING_EVENTS_MAX = 1_000_000;
export const RECORDING_SIZE_MAX = 128 * 1024 * 1024;

export interface Recording {
  readonly head: FeedHead;
  readonly events: readonly FeedEvent[];
  /** More happened than fits. */
  readonly isFull: boolean;
}

/** Why a file is no recording, and where that shows. */
export interface RecordingError {
  readonly code:
    | "recording-not-compressed"
    | "recording-cut-off"
    | "recording-foreign"
    | "recording-version"
    | "recording-malformed"
    | "recording-changed"
    | "recording-too-large";
  /** 1 is the first line of the file once it is unpacked; null for the file as a whole. */
  readonly line: number | null;
  readonly message: string;
}

/** Writes lines of a recording one by one, and knows when it is full. */
export class RecordingWriter {
  readonly #lines: string[] = [];
  readonly #digest = createHash("sha256");
  #events = 0;
  #size = 0;
  #isFull = false;

  constructor(head: FeedHead, program: string) {
    this.#add(JSON.stringify({
      format: RECORDING_FORMAT,
      version: RECORDING_VERSION,
      program,
      head,
    }));
  }

  get events(): number {
    return this.#events;
  }

  get isFull(): boolean {
    return this.#isFull;
  }

  add(events: readonly FeedEvent[]): void {
    if (events.length === 0 || this.#isFull) return;
    const line = JSON.stringify(events);
    this.#isFull = this.#events + events.length > RECORDING_EVENTS_MAX ||
      this.#size + line.length > RECORDING_SIZE_MAX;
    if (this.#isFull) return;
    this.#events += events.length;
    this.#add(line);
  }

  /** The file as it would be if it ended now. */
  async file(): Promise<Uint8Array<ArrayBuffer>> {
    const end = JSON.stringify({
      end: true,
      events: this.#events,
      isFull: this.#isFull,
      sha256: this.#digest.copy().digest("hex"),
    });
    return await transformed(
      new TextEncoder().encode(this.#lines.join("") + end + "\n"),
      new CompressionStream("gzip"),
    );
  }

  #add(line: string): void {
    const whole = line + "\n";
    this.#lines.push(whole);
    this.#digest.update(whole);
    this.#size += whole.length;
  }
}

/** Makes a whole recording of a list of events. */
export async function encodeRecording(
  { head, events }: Pick<Recording, "head" | "events">,
  program: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const writer = new RecordingWriter(head, program);
  for (let first = 0; first < events.length; first += BATCH_EVENTS) {
    writer.add(events.slice(first, first + BATCH_EVENTS));
  }
  return await writer.file();
}

const BATCH_EVENTS = 500;

/** Reads a recording, checking all of it. */
export async function decodeRecording(
  bytes: Uint8Array<ArrayBuffer>,
): Promise<Result<Recording, RecordingError>> {
  const unpacked = await unpack(bytes);
  if (!unpacked.ok) return unpacked;
  const text = unpacked.value;
  if (!text.endsWith("\n")) {
    return refused("recording-cut-off", lineCount(text), "the last line has no end");
  }
  const lines = text.slice(0, -1).split("\n");

  const head = readHead(lines[0] ?? "");
  if (!head.ok) return head;
  const end = endSchema.safeParse(parseJson(lines[lines.length - 1] ?? ""));
  if (!end.success) {
    return refused("recording-cut-off", lines.length, "there is no end of the recording");
  }
  const digest = createHash("sha256");
  for (const line of lines.slice(0, -1)) digest.update(line + "\n");
  if (digest.digest("hex") !== end.data.sha256) {
    return refused(
      "recording-changed",
      lines.length,
      "a digest that is not that of the lines above",
    );
  }

  const events: FeedEvent[] = [];
  const checker = new FeedChecker(head.value);
  for (let index = 1; index < lines.length - 1; index++) {
    const batch = batchSchema.safeParse(parseJson(lines[index] as string));
    if (!batch.success) {
      const [issue] = batch.error.issues;
      const place = issue === undefined || issue.path.length === 0
        ? ""
        : `event ${Number(issue.path[0]) + 1}: ${issue.path.slice(1).join(".")}: `;
      return refused("recording-malformed", index + 1, `${place}${issue?.message ?? "no events"}`);
    }
    for (const [place, event] of batch.data.entries()) {
      const problem = checker.problemOf(event as FeedEvent);
      if (problem !== undefined) {
        return refused("recording-malformed", index + 1, `event ${place + 1}: ${problem}`);
      }
      events.push(event as FeedEvent);
    }
    if (events.length > RECORDING_EVENTS_MAX) {
      return refused("recording-too-large", index + 1, `more than ${RECORDING_EVENTS_MAX} events`);
    }
  }
  if (events.length !== end.data.events) {
    const got = `${events.length} events, while its end tells of ${end.data.events}`;
    return refused("recording-changed", lines.length, got);
  }
  return ok({ head: head.value, events, isFull: end.data.isFull });
}

/** Checks events against each other: they name only nodes that exist, and blocks that were told before. */
class FeedChecker {
  readonly #head: FeedHead;
  readonly #blocks = new Set<string>();

  constructor(head: FeedHead) {
    this.#head = head;
  }

  problemOf(event: FeedEvent): string | undefined {
    const { nodes } = this.#head;
    const isNode = (node: number | null) => node === null || node < nodes;
    switch (event.kind) {
      case "block":
        this.#blocks.add(event.id);
        return isNode(event.miner) ? undefined : `miner ${event.miner} of ${nodes} nodes`;
      case "seen":
      case "tip":
        if (!isNode(event.node)) return `node ${event.node} of ${nodes}`;
        return this.#blocks.has(event.id) ? undefined : `block ${event.id} was not told before`;
      case "tx":
        return [event.node, event.from, event.to].every(isNode)
          ? undefined
          : `a node beyond the ${nodes} there are`;
      case "message":
        return isNode(event.from) && isNode(event.to)
          ? undefined
          : `a node beyond the ${nodes} there are`;
      case "node":
      case "refused":
        return isNode(event.node) ? undefined : `node ${event.node} of ${nodes}`;
      case "gauges":
        return event.nodes.length === nodes ? undefined : `gauges of ${event.nodes.length} nodes`;
      case "clocks":
        return event.offsets.length === nodes
          ? undefined
          : `clocks of ${event.offsets.length} nodes`;
      case "links":
        return event.links.every(({ from, to }) => isNode(from) && isNode(to))
          ? undefined
          : `a link beyond the ${nodes} nodes there are`;
      case "mark":
        return event.nodes.every(isNode) ? undefined : `a node beyond the ${nodes} there are`;
      case "spread":
      case "unseen":
        return undefined;
    }
  }
}

async function unpack(
  bytes: Uint8Array<ArrayBuffer>,
): Promise<Result<string, RecordingError>> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) {
    return refused("recording-not-compressed", null, "a file that does not begin like one");
  }
  const decoder = new TextDecoder();
  let text = "";
  try {
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    for await (const piece of stream) {
      text += decoder.decode(piece, { stream: true });
      if (text.length > RECORDING_SIZE_MAX + 1024 * 1024) {
        return refused("recording-too-large", null, "it is larger than any recording");
      }
    }
  } catch {
    const got = `${bytes.length} bytes, which break off in line ${lineCount(text)}`;
    return refused("recording-cut-off", lineCount(text), got);
  }
  return ok(text + decoder.decode());
}

function readHead(line: string): Result<FeedHead, RecordingError> {
  const json = parseJson(line);
  const named = z.object({ format: z.literal(RECORDING_FORMAT) }).safeParse(json);
  if (!named.success) return refused("recording-foreign", 1, "another format");
  const { version } = z.object({ version: z.unknown() }).parse(json);
  if (version !== RECORDING_VERSION) {
    return refused("recording-version", 1, `version ${JSON.stringify(version)}`);
  }
  const parsed = headSchema.safeParse(json);
  if (parsed.success) return ok(parsed.data.head);
  const [issue] = parsed.error.issues;
  return refused("recording-malformed", 1, `${issue?.path.join(".")}: ${issue?.message}`);
}

function refused(
  code: RecordingError["code"],
  line: number | null,
  got: string,
): Result<never, RecordingError> {
  const wanted = code === "recording-version"
    ? `version ${RECORDING_VERSION}`
    : "a whole recording of noobcash";
  const place = line === null ? "" : `line ${line}: `;
  return err({
    code,
    line,
    message: `Cannot play the recording: ${place}got ${got}, wanted ${wanted}`,
  });
}

function lineCount(text: string): number {
  return text.split("\n").length;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function transformed(
  bytes: Uint8Array<ArrayBuffer>,
  transform: CompressionStream,
): Promise<Uint8Array<ArrayBuffer>> {
  const packed = new Blob([bytes]).stream().pipeThrough(transform);
  return new Uint8Array(await new Response(packed).arrayBuffer());
}
