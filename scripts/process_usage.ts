/**
 * Processor time and memory of another process, where the system tells: Linux' `/proc`, which Deno opens to
 * programs with all permissions alone. For benchmarks and scripts; a node tells its own usage in its metrics.
 *
 * @module
 */

/** What a process has used so far; null where the system does not tell. */
export interface ProcessUsage {
  readonly cpuMs: number | null;

  /** The most memory that it ever had resident. */
  readonly memoryBytes: number | null;
}

/** `/proc` counts in hundredths of a second on every Linux that Deno runs on. */
const MS_PER_TICK = 10;
const USER_TIME_FIELD = 13;
const SYSTEM_TIME_FIELD = 14;

export function readProcessUsage(pid: number): ProcessUsage {
  const stat = readText(`/proc/${pid}/stat`);
  const status = readText(`/proc/${pid}/status`);

  // The name in parentheses may hold spaces; fields count from behind it.
  const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = Number(fields?.[USER_TIME_FIELD - 2]) + Number(fields?.[SYSTEM_TIME_FIELD - 2]);
  const peakKiB = /^VmHWM:\s+(\d+) kB$/m.exec(status ?? "")?.[1];
  return {
    cpuMs: Number.isFinite(ticks) ? ticks * MS_PER_TICK : null,
    memoryBytes: peakKiB === undefined ? null : Number(peakKiB) * 1024,
  };
}

function readText(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return undefined;
  }
}
