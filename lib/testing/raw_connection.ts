/**
 * A connection whose bytes a test writes and reads itself, in clear or over TLS.
 *
 * @module
 */

export class RawConnection {
  constructor(readonly conn: Deno.Conn) {}

  async write(text: string): Promise<void> {
    if (text !== "") await this.conn.write(new TextEncoder().encode(text));
  }

  /** What has come; null when the other end has closed. */
  async read(): Promise<string | null> {
    const buffer = new Uint8Array(4096);
    const count = await this.conn.read(buffer).catch(() => null);
    return count === null ? null : new TextDecoder().decode(buffer.subarray(0, count));
  }

  /** Resolves when the other end has closed, and closes this one. */
  async closed(): Promise<void> {
    while (await this.read() !== null);
    this.conn.close();
  }
}
