/**
 * Measures the way from one host to another and back, with numbered datagrams that the other end returns.
 *
 * `link_probe.ts echo` returns what comes, and prints "ready" before; it is ended by whoever started it.
 * `link_probe.ts <address> <count>` sends so many datagrams there or a few more, and prints a {@link LinkMeasurement} as JSON.
 *
 * @module
 */
import { createSocket } from "node:dgram";
import { invariant } from "../result.ts";

/** What a probe has seen. */
export interface LinkMeasurement {
  readonly sentCount: number;
  /** How long each took that came back, in the order in which they came. */
  readonly roundTripsMs: readonly number[];
  readonly isInOrder: boolean;
}

const PORT = 7007;
/** With its headers a frame of full size. */
const DATAGRAM_SIZE_BYTES = 1472;
const GROUP_COUNT = 10;
const GROUP_INTERVAL_MS = 25;
/** After the last was sent: what takes longer is lost. */
const PATIENCE_MS = 2_000;
const GREETING = 0xffff_ffff;
const GREETING_INTERVAL_MS = 500;

if (import.meta.main) {
  const [address = "", count] = Deno.args;
  if (address === "echo") echo();
  else console.log(JSON.stringify(await probe(address, Number(count))));
}

function echo(): void {
  const socket = createSocket("udp4");
  socket.on("message", (datagram, { port, address }) => socket.send(datagram, port, address));
  socket.bind(PORT, () => console.log("ready"));
}

async function probe(address: string, sentCount: number): Promise<LinkMeasurement> {
  const socket = createSocket("udp4");
  const sentAtMs: number[] = [];
  const roundTripsMs: number[] = [];
  const greeted = Promise.withResolvers<void>();
  let lastNumber = -1;
  let isInOrder = true;
  socket.on("message", take);

  // Neighbours have to find each other first: what waits for that is not the link's.
  const greeting = setInterval(() => send(GREETING), GREETING_INTERVAL_MS);
  await greeted.promise;
  clearInterval(greeting);

  while (sentAtMs.length < sentCount) {
    for (let count = 0; count < GROUP_COUNT; count++) send(sentAtMs.push(performance.now()) - 1);
    await wait(GROUP_INTERVAL_MS);
  }
  await wait(PATIENCE_MS);
  socket.close();
  return { sentCount: sentAtMs.length, roundTripsMs, isInOrder };

  function take(datagram: Uint8Array): void {
    const number = new DataView(datagram.buffer, datagram.byteOffset).getUint32(0);
    if (number === GREETING) return greeted.resolve();
    const leftAtMs = sentAtMs[number];
    invariant(leftAtMs !== undefined, `Cannot know datagram ${number}: it was not sent`);
    roundTripsMs.push(performance.now() - leftAtMs);
    isInOrder &&= number > lastNumber;
    lastNumber = number;
  }

  function send(number: number): void {
    const datagram = new Uint8Array(DATAGRAM_SIZE_BYTES);
    new DataView(datagram.buffer).setUint32(0, number);
    socket.send(datagram, PORT, address);
  }
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
