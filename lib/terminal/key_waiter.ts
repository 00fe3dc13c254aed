/**
 * Waits for a key on a terminal: space or Enter goes on, `q` stops as Ctrl-C does.
 *
 * @module
 */

export interface KeyWaiter {
  /** Shows a hint and resolves with the next key that goes on; the hint is gone then. */
  next(hint: string): Promise<void>;

  /** Gives the terminal back as it was. */
  close(): void;
}

/** Takes the keys of this process's terminal as they are pressed. */
export function createKeyWaiter(): KeyWaiter {
  Deno.stdin.setRaw(true, { cbreak: true });
  return { next, close: () => Deno.stdin.setRaw(false) };

  async function next(hint: string): Promise<void> {
    const encoder = new TextEncoder();
    Deno.stdout.writeSync(encoder.encode(`\n${hint}`));
    const buffer = new Uint8Array(16);
    for (;;) {
      const size = await Deno.stdin.read(buffer);
      const keys = size === null ? "q" : new TextDecoder().decode(buffer.subarray(0, size));
      if (/[ \r\n]/.test(keys)) break;
      if (/q/i.test(keys)) Deno.kill(Deno.pid, "SIGINT");
      if (/q/i.test(keys)) await new Promise(() => {});
    }
    Deno.stdout.writeSync(encoder.encode("\r\x1b[2K\x1b[1A"));
  }
}
