/**
 * Traces in the formats of other tools, of a simulated run or of a recording of a real network.
 *
 * @module
 */
import { Command, Option } from "@commander-js/extra-typings";
import type { FeedEvent, FeedHead } from "../page/feed.ts";
import { failCommand } from "../terminal/fail_command.ts";
import { formatPerfetto } from "../traces/perfetto.ts";
import { formatTree, propagationTrees } from "../traces/propagation_tree.ts";
import { formatShiviz } from "../traces/shiviz.ts";

export const TRACE_FORMATS = ["perfetto", "shiviz"] as const;
export type TraceFormat = typeof TRACE_FORMATS[number];

export function formatTrace(
  format: TraceFormat,
  head: FeedHead,
  events: readonly FeedEvent[],
): string {
  return format === "perfetto" ? formatPerfetto(head, events) : formatShiviz(head, events);
}

/** The trees of everything whose hash begins so; `undefined` when nothing does. */
export function formatTrees(events: readonly FeedEvent[], prefix: string): string | undefined {
  const trees = propagationTrees(events, prefix.toLowerCase());
  return trees.length === 0 ? undefined : trees.map(formatTree).join("\n\n");
}

/** `noobcash report trace`: what a recording of a real network holds, for other tools. */
export function traceCommand() {
  return new Command("trace")
    .description("turn a recording into a trace for Perfetto or ShiViz, or show how news spread")
    .argument("<recording>", "a file of cluster --record or simulate replay --record")
    .addOption(new Option("--as <format>", "the tool").choices(TRACE_FORMATS))
    .option("-o, --out <file>", "where it goes; the standard output otherwise")
    .option("--tree <id>", "how blocks and transactions whose hashes begin so were heard of")
    .option("--json", "print the trees as one JSON object", false)
    .action(async (path, { as: format, out, tree }, self) => {
      const json = self.optsWithGlobals().json === true;
      if ((format === undefined) === (tree === undefined)) {
        return failCommand("usage", "Cannot trace: got neither or both, wanted --as or --tree");
      }
      const { decodeRecording } = await import("../control/recording.ts");
      let bytes: Uint8Array<ArrayBuffer>;
      try {
        bytes = await Deno.readFile(path);
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
        return failCommand("usage", `Cannot read "${path}": there is no such file`);
      }
      const decoded = await decodeRecording(bytes);
      if (!decoded.ok) return failCommand("usage", decoded.error.message);
      const { head, events } = decoded.value;
      if (tree !== undefined) {
        if (json) {
          const trees = propagationTrees(events, tree.toLowerCase());
          return console.log(JSON.stringify({ trees }));
        }
        const text = formatTrees(events, tree);
        return text === undefined
          ? failCommand("usage", `Cannot show "${tree}": no block or transaction has that name`)
          : console.log(text);
      }
      if (format === undefined) return;
      const text = formatTrace(format, head, events);
      if (out === undefined) console.log(text.trimEnd());
      else Deno.writeTextFileSync(out, text);
    });
}
