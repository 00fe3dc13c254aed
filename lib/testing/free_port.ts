/**
 * A port that nobody listens on, for tests that have to name one before somebody does, or after nobody
 * does any more.
 *
 * @module
 */

/** Below the ports that systems hand out by themselves, above those that browsers and `fetch` refuse. */
const PORT_MIN = 20_000;
const PORT_MAX = 30_000;

/**
 * Finds a port that is free on loopback.
 *
 * What the system gives for port 0 would be free, too, until the next process asks for port 0: no process
 * that takes any port gets one of these.
 */
export function freePort(): number {
  for (;;) {
    const port = PORT_MIN + Math.floor(Math.random() * (PORT_MAX - PORT_MIN));
    try {
      Deno.listen({ port, hostname: "127.0.0.1" }).close();
      return port;
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
}
