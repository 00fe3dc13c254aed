/**
 * Where the log goes: to stderr, as JSON lines for programs or as text for people.
 *
 * Everything of this program logs under the category `noobcash`. Called once, by whoever owns the
 * process; nobody else configures anything.
 *
 * @module
 */
import {
  configure,
  getJsonLinesFormatter,
  getLogger,
  type Logger,
  type LogLevel,
  type TextFormatter,
} from "@logtape/logtape";
import { getPrettyFormatter } from "@logtape/pretty";
import { utf8Bytes } from "../bytes.ts";

export const LOG_LEVELS = ["debug", "info", "warning", "error"] as const;
export const LOG_FORMATS = ["json", "pretty"] as const;

export interface LogOptions {
  readonly level: (typeof LOG_LEVELS)[number];
  readonly format: (typeof LOG_FORMATS)[number];
}

/** Sends the log to stderr; gives the logger of the node. */
export async function startLogging({ level, format }: LogOptions): Promise<Logger> {
  const formatter = formatterOf(format);
  await configure({
    reset: true,
    sinks: {
      stderr: (record) => {
        Deno.stderr.writeSync(utf8Bytes(formatter(record)));
      },
    },
    loggers: [
      { category: "noobcash", lowestLevel: level satisfies LogLevel, sinks: ["stderr"] },
      { category: ["logtape", "meta"], lowestLevel: "error", sinks: ["stderr"] },
    ],
  });
  return getLogger(["noobcash", "node"]);
}

function formatterOf(format: LogOptions["format"]): TextFormatter {
  if (format === "json") return getJsonLinesFormatter({ properties: "nest:properties" });
  const colors = Deno.stderr.isTerminal() && Deno.env.get("NO_COLOR") === undefined;
  return getPrettyFormatter({ colors, properties: true, icons: false, timestamp: "time" });
}
