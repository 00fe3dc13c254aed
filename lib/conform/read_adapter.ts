/**
 * Reads an adapter file: YAML, checked against the schema, each error with its line.
 *
 * @module
 */
import { type Document, isMap, isNode, isPair, isSeq, LineCounter, parseDocument } from "yaml";
import { err, ok, type Result } from "../result.ts";
import { type Adapter, adapterSchema, type CallSpec } from "./adapter_schema.ts";
import { compiled } from "./call.ts";
import { CALL_VARIABLES, NODE_VARIABLES, unknownNames } from "./template.ts";

/** One thing that is wrong with an adapter. */
export interface AdapterProblem {
  readonly line: number;
  /** Where, as in `operations.pay.http.path`. */
  readonly at: string;
  readonly message: string;
}

/** An adapter is a short file. */
const ADAPTER_CHARACTERS_MAX = 200_000;

/** Reads an adapter's text. */
export function readAdapter(text: string): Result<Adapter, readonly AdapterProblem[]> {
  if (text.length > ADAPTER_CHARACTERS_MAX) {
    return err([{
      line: 1,
      at: "",
      message: `got ${text.length} characters, wanted at most ${ADAPTER_CHARACTERS_MAX}`,
    }]);
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true });
  if (document.errors.length > 0) {
    return err(document.errors.map(({ message, linePos }) => ({
      line: linePos?.[0].line ?? 1,
      at: "",
      message: message.split("\n")[0] as string,
    })));
  }
  let raw: unknown;
  try {
    raw = document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    return err([{ line: 1, at: "", message: (error as Error).message }]);
  }

  const parsed = adapterSchema.safeParse(raw);
  const problems = parsed.success
    ? meaningProblems(parsed.data, raw)
    : parsed.error.issues.flatMap((issue) => flatten(issue as Issue, []));
  if (problems.length === 0 && parsed.success) return ok(parsed.data);
  return err(problems.map(({ path, message }) => ({
    line: lineOf(document, lines, path),
    at: path.join("."),
    message,
  })));
}

/** A problem in the words of a compiler: file:line: where: what. */
export function describeProblem(file: string, { line, at, message }: AdapterProblem): string {
  return `${file}:${line}: ${at === "" ? "" : `${at}: `}${message}`;
}

interface Issue {
  readonly code: string;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly keys?: readonly string[];
  readonly errors?: readonly (readonly Issue[])[];
}

interface Found {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** Of a choice, the branch that came nearest says what is wrong. */
function flatten(issue: Issue, base: readonly (string | number)[]): readonly Found[] {
  const path = [...base, ...issue.path as (string | number)[]];
  if (issue.code === "unrecognized_keys") {
    return (issue.keys ?? []).map((key) => ({
      path: [...path, key],
      message: `unknown key "${key}"`,
    }));
  }
  if (issue.code === "invalid_union" && issue.errors !== undefined && issue.errors.length > 0) {
    const branches = issue.errors.map((issues) => issues.flatMap((inner) => flatten(inner, path)));
    // A branch whose own first key is missing was not meant.
    const meant = branches.toSorted((a, b) =>
      distance(a, path.length) - distance(b, path.length)
    )[0];
    return meant ?? [{ path, message: issue.message }];
  }
  return [{ path, message: issue.message }];
}

/** Problems deep inside a branch say that this branch was meant; those at its top that it was not. */
function distance(found: readonly Found[], depth: number): number {
  return found.reduce((sum, { path }) => sum + (path.length <= depth + 1 ? 10 : 1), 0);
}

/** What a schema cannot see: templates that name nothing, operations that lack their program. */
function meaningProblems(adapter: Adapter, raw: unknown): readonly Found[] {
  const found: Found[] = [];
  const files = Object.keys(adapter.files ?? {});
  const ofNode = new Set([...NODE_VARIABLES, ...files]);
  const ofCall = new Set([...ofNode, ...CALL_VARIABLES]);
  walk(raw, [], (text, path) => {
    const isCall = ["operations", "afterStart", "peerDoors"].includes(String(path[0]));
    for (const name of unknownNames(text, isCall ? ofCall : ofNode)) {
      found.push({ path, message: `template names "${name}", which is not there` });
    }
  });
  for (
    const [name, call] of Object.entries(adapter.operations) as [string, CallSpec | undefined][]
  ) {
    if (call === undefined) continue;
    if ("program" in call && adapter.program === undefined) {
      found.push({
        path: ["operations", name],
        message: "says program: true, but there is no program",
      });
    }
    if (name === "forge" && !("program" in call)) {
      found.push({ path: ["operations", name], message: "can only be done by a program" });
    }
    for (const key of ["accepted", "value"] as const) {
      const expression = key in call ? (call as Record<string, unknown>)[key] : undefined;
      const isPatternOfCommand = key === "accepted" && "command" in call;
      if (typeof expression !== "string" || isPatternOfCommand) continue;
      const why = whyNoExpression(expression);
      if (why !== undefined) found.push({ path: ["operations", name, key], message: why });
    }
    if ("command" in call) {
      for (const key of ["accepted", "match"] as const) {
        const pattern = call[key];
        if (pattern !== undefined && !isPattern(pattern)) {
          found.push({
            path: ["operations", name, key],
            message: `"${pattern}" is no regular expression`,
          });
        }
      }
    }
  }
  if ("output" in adapter.ready && !isPattern(adapter.ready.output)) {
    found.push({
      path: ["ready", "output"],
      message: `"${adapter.ready.output}" is no regular expression`,
    });
  }
  return found;
}

function whyNoExpression(expression: string): string | undefined {
  try {
    compiled(expression);
    return undefined;
  } catch (error) {
    return `"${expression.slice(0, 80)}" is no JSONata: ${(error as { message?: string }).message}`;
  }
}

function isPattern(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}

function walk(
  value: unknown,
  path: readonly (string | number)[],
  visit: (text: string, path: readonly (string | number)[]) => void,
): void {
  if (typeof value === "string") visit(value, path);
  else if (Array.isArray(value)) {
    value.forEach((item, index) => walk(item, [...path, index], visit));
  } else if (typeof value === "object" && value !== null) {
    for (const [key, item] of Object.entries(value)) walk(item, [...path, key], visit);
  }
}

/** The line of the deepest part of a path that is in the file; of a key, the key's own. */
function lineOf(
  document: Document,
  lines: LineCounter,
  path: readonly (string | number)[],
): number {
  let node: unknown = document.contents;
  let offset = 0;
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) =>
        String(isNode(key) ? key.toJSON() : key) === String(step)
      );
      if (!isPair(pair)) break;
      if (isNode(pair.key) && pair.key.range) offset = pair.key.range[0];
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(step)];
      if (isNode(node) && node.range) offset = node.range[0];
    } else break;
  }
  return lines.linePos(offset).line;
}
