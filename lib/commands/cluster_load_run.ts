/**
 * `noobcash cluster --load`: loads a network that is up, shows how it goes, and prints what came of it.
 *
 * @module
 */
import type { ClusterLoadOptions, LoadProgress } from "../cluster/cluster_load.ts";
import type { LoadOutcome } from "../cluster/replay_outcome.ts";
import type { Cluster } from "../cluster/start_cluster.ts";
import type { Cell } from "../measure/run_record.ts";
import { createProgressLine, progressBar } from "../terminal/progress_line.ts";
import { formatClusterLoad } from "./replay_text.ts";

/** What the command says of the load. */
export interface LoadRunOptions extends Omit<ClusterLoadOptions, "warmUpMs" | "onProgress"> {
  readonly cell: Cell;
  readonly json: boolean;
  /** What all cores verify in a second, measured before the network was there. */
  readonly verificationsPerSecond: number;
}

/** The span of time that live rates are taken over. */
const RATE_WINDOW_MS = 2_000;

export async function loadAndPrint(cluster: Cluster, options: LoadRunOptions): Promise<void> {
  const [{ loadCluster, warmUpOf }, { loadOutcome }] = await Promise.all([
    import("../cluster/cluster_load.ts"),
    import("../cluster/replay_outcome.ts"),
  ]);
  const line = createProgressLine();
  const textOf = progressTexts(options.durationMs);
  let outcome: LoadOutcome;
  try {
    const load = await loadCluster(cluster, {
      ...options,
      warmUpMs: warmUpOf(options.durationMs),
      onProgress: (progress) => line.update(textOf(progress)),
    });
    outcome = loadOutcome(options.cell, load, options.verificationsPerSecond);
  } finally {
    line.clear();
  }
  console.log(options.json ? JSON.stringify(outcome) : formatClusterLoad(outcome));
  if (outcome.problems.length > 0) Deno.exitCode = 1;
}

/** Says how far the load is, with the rates of the last moments. */
function progressTexts(durationMs: number): (progress: LoadProgress) => string {
  const past: LoadProgress[] = [];
  return (progress) => {
    past.push(progress);
    while ((past[0]?.elapsedMs ?? 0) < progress.elapsedMs - RATE_WINDOW_MS) past.shift();
    const since = past[0] ?? progress;
    const rateOf = (key: "accepted" | "confirmed") =>
      Math.round(
        1000 * (progress[key] - since[key]) / Math.max(1, progress.elapsedMs - since.elapsedMs),
      );
    const share = progress.elapsedMs / durationMs;
    return progress.phase === "paying"
      ? `${progressBar(share)} ${(progress.elapsedMs / 1000).toFixed(0)} of ${
        durationMs / 1000
      } s, ${rateOf("accepted")} tx/s accepted, ${rateOf("confirmed")} tx/s confirmed`
      : `${progress.phase}: ${progress.confirmed} of ${progress.accepted} confirmed, ` +
        `${rateOf("confirmed")} tx/s`;
  };
}
