/**
 * Writes the tables of the documents that stand in the code: chain parameters, rules and messages in
 * docs/protocol.md, with the API's routes and codes, and every bound in docs/architecture.md.
 *
 * Each lies between `<!-- table: NAME -->` and `<!-- end of table -->`. Only what lies between is written;
 * the prose around it is a person's. A test compares the pages with what this makes.
 *
 * Run: `deno run -A scripts/doc_tables.ts`
 *
 * @module
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { RULES, type RuleStage } from "../lib/consensus/rule_table.ts";
import {
  ENCODED_FIELDS,
  EXTENDED_ENCODING_VERSION,
  type Parameter,
  PARAMETERS,
  PARAMS_ENCODING_VERSION,
} from "../lib/parameter_table.ts";
import { API_CODES } from "../lib/http/api_error.ts";
import { createTestApi } from "../lib/testing/test_api.ts";
import { MESSAGES } from "../lib/wire/message_table.ts";
import { constantBoundsIn, sourcesOf } from "./bounds.ts";

/** The API as it describes itself. */
const DESCRIPTION: {
  readonly paths: Record<string, Record<string, { summary: string; security?: unknown[] }>>;
} = await (await createTestApi({ isReady: false }).get("/openapi.json")).json();

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** The pages that have tables. */
export const PAGES = ["docs/protocol.md", "docs/architecture.md"] as const;

/** The rooms of a running node: what grows in them has a bound. */
const BOUNDED_ROOMS = [
  "lib/crypto",
  "lib/primitives",
  "lib/wire",
  "lib/consensus",
  "lib/mempool",
  "lib/node",
  "lib/store",
  "lib/miner",
  "lib/peers",
  "lib/http",
  "lib/runtime",
];

/** The tables by name. */
export const TABLES: Readonly<Record<string, () => string>> = {
  "parameters": parameterTable,
  "transaction-alone": () => ruleTable("transaction-alone"),
  "transaction-against-outputs": () => ruleTable("transaction-against-outputs"),
  "block-alone": () => ruleTable("block-alone"),
  "block-against-parent": () => ruleTable("block-against-parent"),
  "messages": messageTable,
  "routes": routeTable,
  "api-codes": apiCodeTable,
  "bounds": boundTable,
};

/** The page with its tables made anew. */
export function withTables(page: string): string {
  return page.replaceAll(
    /(<!-- table: ([a-z-]+) -->\n)[\s\S]*?(<!-- end of table -->)/g,
    (_, begin: string, name: string, end: string) => {
      const make = TABLES[name];
      if (make === undefined) throw new Error(`Cannot make table "${name}": there is none`);
      return `${begin}\n${make()}\n${end}`;
    },
  );
}

if (import.meta.main) {
  for (const page of PAGES) {
    const path = join(ROOT, page);
    Deno.writeTextFileSync(path, withTables(Deno.readTextFileSync(path)));
  }
}

function parameterTable(): string {
  const rows = ENCODED_FIELDS.map(({ offset, sizeBytes, names }) => [
    String(offset),
    String(sizeBytes),
    names.map((name) => nameOf(PARAMETERS[name], name)).join("; "),
    names.map((name) => boundsOf(PARAMETERS[name])).join(""),
    names.map((name) => flagOf(PARAMETERS[name])).join("; "),
  ]);
  return table(["offset", "size", "field", "bounds", "flag (default)"], [
    [
      "0",
      "1",
      `version: ${PARAMS_ENCODING_VERSION}, or ${EXTENDED_ENCODING_VERSION} with the fields that need one`,
      "",
      "",
    ],
    ...rows,
  ]);
}

function nameOf(row: Parameter, name: string): string {
  const title = `\`${name}\`: ${row.help}`;
  if (row.kind === "switch") return `bit ${row.shift}, ${title}`;
  if (row.kind === "word") {
    const numbers = row.words.map((word, number) => `${number} ${word}`).join(", ");
    return `bits ${row.shift} to ${row.shift + row.width - 1}, ${title} (${numbers})`;
  }
  if ("with" in row) return `version ${EXTENDED_ENCODING_VERSION} alone, ${title}`;
  return row.kind === "thousandths" ? `${title}; in thousandths` : title;
}

function boundsOf(row: Parameter): string {
  if (!("bits" in row)) return "";
  const { format } = new Intl.NumberFormat("en");
  return `${format(row.min)} to ${format(row.max)}`;
}

function flagOf(row: Parameter): string {
  if (row.flag === undefined || !("default" in row)) return "";
  const [long] = /--[a-z-]+/.exec(row.flag) ?? [];
  return row.kind === "switch" ? `\`${long}\`` : `\`${long}\` (${row.default})`;
}

function ruleTable(stage: RuleStage): string {
  const rows = Object.entries(RULES).filter(([, rule]) => rule.stage === stage);
  return table(
    ["code", "refused when", "verdict", "status"],
    rows.map(([code, { when, verdict, status }]) => [
      `\`${code}\``,
      when,
      verdict.replace("-", " "),
      String(status),
    ]),
  );
}

function messageTable(): string {
  const rows = Object.entries(MESSAGES).map(([type, { tag, fields, sent }]) => [
    String(tag),
    `\`${type}\``,
    fields,
    sent,
  ]);
  return table(["tag", "type", "fields", "sent"], rows);
}

/** Every route of the API, as it describes itself. */
function routeTable(): string {
  const rows = Object.entries(DESCRIPTION.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { summary, security }]) => [
      `\`${method.toUpperCase()} ${path}\``,
      security === undefined ? "" : "token",
      summary,
    ])
  );
  return table(["request", "needs", "what it does"], rows);
}

function apiCodeTable(): string {
  const rows = Object.entries(API_CODES)
    .map(([code, { status, when }]) => [`\`${code}\``, String(status), when]);
  return table(["code", "status", "said when"], rows);
}

/** Every constant whose name ends in `_MAX`, with the first sentence of its comment. */
function boundTable(): string {
  const bounds = BOUNDED_ROOMS.flatMap(sourcesOf).flatMap(constantBoundsIn);
  const rows = bounds.map(({ file, name, value, comment }) => {
    const [sentence = ""] = /^[\s\S]*?(?=[.:;](?:\s|$)|$)/.exec(comment) ?? [];
    const what = sentence.replaceAll(/\s*\n\s*\*\s*/g, " ").replaceAll("|", "\\|");
    return [`\`${name}\``, what, `\`${value.replaceAll(/\s+/g, " ")}\``, `\`${file}\``];
  });
  return table(["bound", "what", "number", "where"], rows);
}

/** A table as the formatter of this project writes it. */
function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((title, column) =>
    Math.max(...[header, ...rows].map((row) => [...(row[column] ?? title)].length))
  );
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => pad(cell, widths[column] as number)).join(" | ")} |`;
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  return [line(header), rule, ...rows.map(line), ""].join("\n");
}

function pad(cell: string, width: number): string {
  return cell + " ".repeat(width - [...cell].length);
}
