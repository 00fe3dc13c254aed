/**
 * One line of progress on a terminal's stderr, written over itself; silence anywhere else.
 *
 * @module
 */

/** A line that can be rewritten. */
export interface ProgressLine {
  update(text: string): void;

  /** Clears the line, so that something else can be written. */
  clear(): void;
}

/** More often than this, nobody can read it. */
const UPDATE_MS_MIN = 80;

export function createProgressLine(): ProgressLine {
  if (!Deno.stderr.isTerminal()) return { update: () => {}, clear: () => {} };
  const encoder = new TextEncoder();
  let writtenAtMs = -Infinity;
  return { update, clear };

  function update(text: string): void {
    const nowMs = performance.now();
    if (nowMs - writtenAtMs < UPDATE_MS_MIN) return;
    writtenAtMs = nowMs;
    const { columns } = Deno.consoleSize();
    write(`\r\x1b[2K${text.slice(0, columns - 1)}`);
  }

  function clear(): void {
    write("\r\x1b[2K");
    writtenAtMs = -Infinity;
  }

  function write(text: string): void {
    Deno.stderr.writeSync(encoder.encode(text));
  }
}

/** A bar of so many characters for a share of 0 to 1. */
export function progressBar(share: number, width = 24): string {
  const filled = Math.round(Math.min(1, Math.max(0, share)) * width);
  return "█".repeat(filled) + "░".repeat(width - filled);
}
