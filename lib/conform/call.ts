/**
 * One operation on one node, by HTTP or by a command, within bounds of time and size; everything sent and
 * received is recorded verbatim.
 *
 * @module
 */
import jsonata from "jsonata";
import type { HttpCallSpec, LineCallSpec } from "./adapter_schema.ts";
import { afterAwake } from "./awake_time.ts";
import { fill, fillJson, type Variables } from "./template.ts";
import { Trouble } from "./trouble.ts";

/** The outcome of an operation. */
export interface CallOutcome {
  /** The implementation said yes. */
  readonly accepted: boolean;
  /** It said no by failing inside: an HTTP 5xx. */
  readonly isCrash: boolean;
  readonly value: unknown;
  /** The answer as text, cut. */
  readonly text: string;
}

/** One line of evidence. */
export interface CallRecord {
  /** Since the test began. */
  readonly atMs: number;
  readonly node: number;
  readonly operation: string;
  readonly request: string;
  readonly answer: string;
  readonly durationMs: number;
}

/** What an answer's text keeps as evidence. */
const TEXT_KEPT = 2_000;
/** A whole chain in JSON fits. */
const ANSWER_BYTES_MAX = 16 * 1024 * 1024;

/** Calls by HTTP. */
export function callHttp(
  spec: HttpCallSpec,
  variables: Variables,
  timeoutMs: number,
): { readonly request: string; readonly outcome: () => Promise<CallOutcome> } {
  const { method, path, headers = {}, json, form, body } = spec.http;
  const filled = fill(path, variables);
  const url = /^https?:/.test(filled) ? filled : `${variables["url"]}${filled}`;
  const sentHeaders = new Headers(
    Object.entries(headers).map(([key, value]) =>
      [key, fill(value, variables)] as [string, string]
    ),
  );
  let sent: string | undefined;
  if (json !== undefined) {
    sent = JSON.stringify(fillJson(json, variables));
    sentHeaders.set("content-type", "application/json");
  } else if (form !== undefined) {
    const fields = Object.entries(form).map(([key, value]) =>
      [key, fill(value, variables)] as [string, string]
    );
    sent = new URLSearchParams(fields).toString();
    sentHeaders.set("content-type", "application/x-www-form-urlencoded");
  } else if (body !== undefined) sent = fill(body, variables);
  const request = `${method} ${url}${sent === undefined ? "" : `\n${sent.slice(0, TEXT_KEPT)}`}`;
  return { request, outcome };

  async function outcome(): Promise<CallOutcome> {
    let status: number;
    let text: string;
    const late = new AbortController();
    const callOff = afterAwake(timeoutMs, () => late.abort());
    try {
      const response = await fetch(url, {
        method,
        headers: sentHeaders,
        redirect: "manual",
        signal: late.signal,
        ...(sent !== undefined && { body: sent }),
      });
      status = response.status;
      text = await boundedText(response);
    } catch (error) {
      if (error instanceof Trouble) throw error;
      throw new Trouble(
        "no-answer",
        late.signal.aborted ? `no answer within ${timeoutMs} ms` : briefly(error),
      );
    } finally {
      callOff();
    }
    const parsed = parsedOf(text);
    const accepted = spec.accepted === undefined
      ? status >= 200 && status < 300
      : await evaluate(spec.accepted, { status, body: parsed, text }, variables) === true;
    const value = accepted && spec.value !== undefined
      ? await evaluate(spec.value, parsed ?? text, variables)
      : parsed;
    return {
      accepted,
      isCrash: status >= 500,
      value,
      text: `HTTP ${status} ${text.slice(0, TEXT_KEPT)}`,
    };
  }
}

/** Calls by running a command. */
export function callCommand(
  spec: LineCallSpec,
  variables: Variables,
  timeoutMs: number,
  run: (command: readonly string[], timeoutMs: number) => Promise<{ code: number; text: string }>,
): { readonly request: string; readonly outcome: () => Promise<CallOutcome> } {
  const command = spec.command.run.map((word) => fill(word, variables));
  return { request: command.join(" "), outcome };

  async function outcome(): Promise<CallOutcome> {
    const { code, text } = await run(command, timeoutMs);
    const accepted = spec.accepted === undefined
      ? code === 0
      : new RegExp(spec.accepted, "m").test(text);
    const value = spec.match !== undefined
      ? new RegExp(spec.match, "m").exec(text)?.[1]
      : spec.value !== undefined
      ? await evaluate(spec.value, parsedOf(text) ?? text, variables)
      : text.trim();
    return {
      accepted,
      isCrash: false,
      value,
      text: `exit code ${code}\n${text.slice(0, TEXT_KEPT)}`,
    };
  }
}

/** Evaluates JSONata, where `$port` is what `{{port}}` is in a template; its result becomes a plain value. */
export async function evaluate(
  expression: string,
  input: unknown,
  variables: Variables = {},
): Promise<unknown> {
  try {
    const value = await compiled(expression).evaluate(input, { ...variables });
    // Its sequences are arrays with extra properties.
    return value === undefined ? undefined : JSON.parse(JSON.stringify(value) ?? "null");
  } catch (error) {
    const { message } = error as { message?: string };
    throw new Trouble("garbage", `"${expression}" cannot be read from the answer: ${message}`);
  }
}

/** Throws for what is no JSONata. */
export function compiled(expression: string): jsonata.Expression {
  let found = COMPILED.get(expression);
  if (found === undefined) COMPILED.set(expression, found = jsonata(expression));
  return found;
}

/** An adapter has few expressions. */
const COMPILED = new Map<string, jsonata.Expression>();

export function briefly(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n")[0]?.slice(0, 300) ??
    "";
}

function parsedOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function boundedText(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let [text, sizeBytes] = ["", 0];
  for await (const bytes of response.body ?? []) {
    sizeBytes += bytes.length;
    if (sizeBytes > ANSWER_BYTES_MAX) {
      throw new Trouble("answer-too-large", `got an answer of more than ${ANSWER_BYTES_MAX} bytes`);
    }
    text += decoder.decode(bytes, { stream: true });
  }
  return text + decoder.decode();
}
