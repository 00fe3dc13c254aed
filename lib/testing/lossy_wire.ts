/**
 * The bad links of network hosts, where the kernel has no `netem`: a process that stands between two
 * devices per host and passes every frame on, later or never.
 *
 * ```
 * host's eth0 ── inner<n> ── this process ── host<n> ── bridge
 *                  leaves: delayed, lost by chance →
 *                  ← arrives: at once
 * ```
 *
 * As with `netem` at a host's interface, what a host sends is impaired, what it receives is not. Frames
 * between two hosts therefore meet the delay and the loss once each way.
 *
 * Arguments: number of hosts, delay in ms, loss rate, seed. Prints "ready" when all devices are there,
 * in the namespace that it was started in; whoever started it moves them. Ends when its stdin is closed,
 * and the devices with it.
 *
 * @module
 */
import { FrameQueue } from "./frame_queue.ts";
import { TapDevice, waitForFrames } from "./tap_device.ts";

/** Frames that are taken from one device before the next has its turn. */
const FRAMES_AT_A_TIME = 64;

interface Wire {
  readonly inner: TapDevice;
  readonly outer: TapDevice;
  readonly leaving: FrameQueue;
}

if (import.meta.main) {
  const [count = 0, delayMs = 0, lossRate = 0, seed = 0] = Deno.args.map(Number);
  const wires = Array.from({ length: count }, (_, host): Wire => ({
    inner: new TapDevice(`inner${host}`),
    outer: new TapDevice(`host${host}`),
    leaving: new FrameQueue({ delayMs, lossRate }, `${seed}/${host}`),
  }));
  console.log("ready");
  carry(wires);
}

function carry(wires: readonly Wire[]): void {
  const devices = wires.flatMap(({ inner, outer }) => [inner, outer]);
  let timeoutMs: number | undefined;
  while (waitForFrames(devices, timeoutMs)) {
    for (const { inner, outer, leaving } of wires) {
      forEachFrame(inner, (frame) => leaving.push(frame, performance.now()));
      forEachFrame(outer, (frame) => inner.write(frame));
      for (const frame of arrived(leaving)) outer.write(frame);
    }
    const dueAtMs = Math.min(...wires.map(({ leaving }) => leaving.dueAtMs ?? Infinity));
    timeoutMs = dueAtMs === Infinity ? undefined : dueAtMs - performance.now();
  }
}

function* arrived(queue: FrameQueue): Generator<Uint8Array<ArrayBuffer>> {
  for (;;) {
    const frame = queue.takeDue(performance.now());
    if (frame === undefined) return;
    yield frame;
  }
}

function forEachFrame(
  device: TapDevice,
  take: (frame: Uint8Array<ArrayBuffer>) => void,
): void {
  for (let count = 0; count < FRAMES_AT_A_TIME; count++) {
    const frame = device.read();
    if (frame === undefined) return;
    take(frame);
  }
}
