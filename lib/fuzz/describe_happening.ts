/**
 * A plan's happenings in words, for people who look at a failing seed.
 *
 * @module
 */
import { unreachable } from "../result.ts";
import type { Happening } from "./fuzz_plan.ts";

export function describeHappening(happening: Happening): string {
  return `at ${Math.round(happening.atMs)} ms ${deedOf(happening)}`;
}

function deedOf(happening: Happening): string {
  const forMs = "forMs" in happening ? ` for ${Math.round(happening.forMs)} ms` : "";
  switch (happening.kind) {
    case "pay":
      return `node ${happening.node} pays ${happening.amount} to node ${happening.to}`;
    case "spend-elsewhere":
      return `wallet ${happening.wallet} spends ${happening.amount} at node ` +
        happening.at.join(" and node ");
    case "crash":
      return `node ${happening.node} crashes ${happening.point}, down for ` +
        `${Math.round(happening.downMs)} ms`;
    case "partition":
      return `the network splits into ${happening.groups.join("")}${forMs}`;
    case "cut-link":
      return `nothing gets from node ${happening.node} to node ${happening.to}${forMs}`;
    case "cut-by-hand":
      return `node ${happening.node} cuts all its peers off${forMs}`;
    case "weather": {
      const { latency, lossProbability, duplicateProbability, reorderProbability } =
        happening.links;
      return `weather${forMs}: ${JSON.stringify(latency)}, lost ${lossProbability.toFixed(2)}, ` +
        `doubled ${duplicateProbability.toFixed(2)}, reordered ${reorderProbability.toFixed(2)}`;
    }
    case "clock":
      return `node ${happening.node}'s clock jumps by ${happening.byMs} ms`;
    case "clock-jump":
      return `node ${happening.node}'s clock is off by ${happening.byMs} ms${forMs}`;
    case "sleep":
      return `node ${happening.node}'s machine sleeps${forMs}`;
    case "pause-mining":
      return `node ${happening.node} pauses its mining${forMs}`;
    case "mine-now":
      return `node ${happening.node} mines now`;
    case "drop-transaction":
      return `node ${happening.node} drops its oldest transaction`;
    case "invalidate-block":
      return `node ${happening.node} invalidates its tip${forMs}`;
    case "forge":
      return `node ${happening.to} is sent ${happening.forgery}`;
    default:
      return unreachable(happening);
  }
}
