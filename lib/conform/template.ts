/**
 * Fills `{{name}}` in an adapter's texts.
 *
 * A template that names something unknown is an error, found when the adapter is read: nothing is silently
 * left empty.
 *
 * @module
 */

/** The names that a template can use, and their values. */
export type Variables = Readonly<Record<string, string | number | undefined>>;

/** Names that every command of a node knows. */
export const NODE_VARIABLES: readonly string[] = [
  ...["index", "nodes", "host", "port", "port2", "port3", "port4", "url"],
  ...["bootstrapHost", "bootstrapPort", "bootstrapPort2", "bootstrapPort3", "bootstrapPort4"],
  ...["bootstrapUrl", "isBootstrap", "isBootstrapWord"],
  ...["capacity", "difficulty", "coins", "folder", "project", "seed"],
];

/** Names that operations know beside them. */
export const CALL_VARIABLES: readonly string[] = [
  ...["to", "toAddress", "toHost", "toPort", "toUrl", "amount", "height", "id", "address"],
  ...["transaction", "block", "what"],
];

const PATTERN = /\{\{\s*([A-Za-z][A-Za-z0-9]*)\s*\}\}/g;

/** A template named something that has no value here. */
export class TemplateError extends Error {
  override readonly name = "TemplateError";
}

/** The names in a text that are not among the known ones. */
export function unknownNames(text: string, known: ReadonlySet<string>): readonly string[] {
  return [...text.matchAll(PATTERN)].map((match) => match[1] as string).filter((name) =>
    !known.has(name)
  );
}

/** Fills a text. */
export function fill(text: string, variables: Variables): string {
  return text.replaceAll(PATTERN, (_, name: string) => {
    const value = variables[name];
    if (value === undefined) {
      throw new TemplateError(`Cannot fill "${text}": there is no ${name} here`);
    }
    return String(value);
  });
}

/**
 * Fills every text in a JSON value. A text that is one template and nothing else becomes the value itself,
 * so that `"{{amount}}"` is a number.
 */
export function fillJson(value: unknown, variables: Variables): unknown {
  if (typeof value === "string") {
    const whole = /^\{\{\s*([A-Za-z][A-Za-z0-9]*)\s*\}\}$/.exec(value)?.[1];
    if (whole === undefined) return fill(value, variables);
    const found = variables[whole];
    if (found === undefined) fill(value, variables);
    return whole === "transaction" || whole === "block" || whole === "amount"
      ? parsedOr(found as string | number)
      : found;
  }
  if (Array.isArray(value)) return value.map((item) => fillJson(item, variables));
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, fillJson(item, variables)]),
    );
  }
  return value;
}

function parsedOr(value: string | number): unknown {
  if (typeof value === "number") return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
