/**
 * Waits for a key on a terminal: space or Enter goes on, `q` stops as Ctrl-C does.
 *
 * @module
 */

export interface KeyWaiter {
  /** Shows a hint and resolves with the next key that goes on, or with what else may; then it is gone. */
  next(hint: string, also?: Promise<void>): Promise<void>;

  /** Gives the terminal back as it was. A read that is under way cannot be taken back: end the process. */
  close(): void;
}

/** Takes the keys of this process's terminal as they are pressed. */
export function createKeyWaiter(): KeyWaiter {
  Deno.stdin.setRaw(true, { cbreak: true });
  let pending: Promise<string> | undefined;
  return { next, close: () => Deno.stdin.setRaw(false) };

  async function next(hint: string, also?: Promise<void>): Promise<void> {
    const encoder = new TextEncoder();
    Deno.stdout.writeSync(encoder.encode(`\n${hint}`));
    for (;;) {
      pending ??= readKeys();
      const keys = await Promise.race([pending, ...(also === undefined ? [] : [also])]);
      if (typeof keys !== "string") break;
      pending = undefined;
      if (/[ \r\n]/.test(keys)) break;
      if (/q/i.test(keys)) {
        Deno.kill(Deno.pid, "SIGINT");
        await new Promise(() => {});
      }
    }
    Deno.stdout.writeSync(encoder.encode("\r\x1b[2K\x1b[1A"));
  }
}

/** What was pressed; the end of the terminal counts as `q`. */
async function readKeys(): Promise<string> {
  const buffer = new Uint8Array(16);
  const size = await Deno.stdin.read(buffer);
  return size === null ? "q" : new TextDecoder().decode(buffer.subarray(0, size));
}
