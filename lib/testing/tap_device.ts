/**
 * Network devices whose other end is a process: what the kernel sends over one is read here as ethernet
 * frames, what is written here comes in there.
 *
 * Such a device announces no offloads, so each frame is whole, has its checksums and fits the MTU. It
 * vanishes with the process, into whatever namespace it was moved. Wants Linux, root, `/dev/net/tun` and
 * `--allow-ffi`.
 *
 * @module
 */
import { invariant } from "../result.ts";

const libc = Deno.dlopen("libc.so.6", {
  open: { parameters: ["buffer", "i32"], result: "i32" },
  ioctl: { parameters: ["i32", "usize", "buffer"], result: "i32" },
  poll: { parameters: ["buffer", "usize", "i32"], result: "i32" },
  read: { parameters: ["i32", "buffer", "usize"], result: "isize" },
  write: { parameters: ["i32", "buffer", "usize"], result: "isize" },
}).symbols;

/** From the kernel's headers: fcntl.h, if_tun.h, poll.h. */
const O_RDWR = 0o2;
const O_NONBLOCK = 0o4000;
const TUNSETIFF = 0x400454ca;
const IFF_TAP = 0x0002;
const IFF_NO_PI = 0x1000;
const POLLIN = 0x001;

const INTERFACE_REQUEST_SIZE_BYTES = 40;
const NAME_SIZE_BYTES_MAX = 15;
const FLAGS_OFFSET = 16;
/** struct pollfd: descriptor (4 bytes), events wanted (2), events that happened (2). */
const POLL_ENTRY_SIZE_BYTES = 8;
const FRAME_SIZE_BYTES_MAX = 65_536;

const STDIN = 0;
const buffer = new Uint8Array(FRAME_SIZE_BYTES_MAX);

export class TapDevice {
  readonly descriptor: number;

  /** Makes a device in the namespace of this process. */
  constructor(name: string) {
    const request = new Uint8Array(INTERFACE_REQUEST_SIZE_BYTES);
    const { written } = new TextEncoder().encodeInto(name, request);
    invariant(written <= NAME_SIZE_BYTES_MAX, `Cannot call a device "${name}": got a long name`);
    new DataView(request.buffer).setUint16(FLAGS_OFFSET, IFF_TAP | IFF_NO_PI, true);

    const path = new TextEncoder().encode("/dev/net/tun\0");
    this.descriptor = libc.open(path, O_RDWR | O_NONBLOCK);
    invariant(this.descriptor >= 0, "Cannot open /dev/net/tun: wanted a TUN driver and root");
    const isMade = libc.ioctl(this.descriptor, BigInt(TUNSETIFF), request) === 0;
    invariant(isMade, `Cannot make the device "${name}"`);
  }

  /** The next frame that the kernel has sent; `undefined` when there is none now. */
  read(): Uint8Array<ArrayBuffer> | undefined {
    const sizeBytes = Number(libc.read(this.descriptor, buffer, BigInt(buffer.length)));
    return sizeBytes > 0 ? buffer.slice(0, sizeBytes) : undefined;
  }

  /** Hands a frame to the kernel; a device that is down loses it. */
  write(frame: Uint8Array<ArrayBuffer>): void {
    libc.write(this.descriptor, frame, BigInt(frame.length));
  }
}

/**
 * Waits until a device has something to read or so much time has passed; `false` when the process is
 * to end: its stdin was closed, or a device is gone. Blocks the thread.
 *
 * @param timeoutMs for ever when `undefined`
 */
export function waitForFrames(
  devices: readonly TapDevice[],
  timeoutMs: number | undefined,
): boolean {
  const entries = new DataView(new ArrayBuffer((devices.length + 1) * POLL_ENTRY_SIZE_BYTES));
  for (const [index, descriptor] of [STDIN, ...devices.map((tap) => tap.descriptor)].entries()) {
    entries.setInt32(index * POLL_ENTRY_SIZE_BYTES, descriptor, true);
    entries.setInt16(index * POLL_ENTRY_SIZE_BYTES + 4, POLLIN, true);
  }
  const wholeMs = timeoutMs === undefined ? -1 : Math.max(0, Math.ceil(timeoutMs));
  libc.poll(new Uint8Array(entries.buffer), BigInt(devices.length + 1), wholeMs);

  if (entries.getInt16(6, true) !== 0) return false;
  return devices.every((_, index) => {
    const happened = entries.getInt16((index + 1) * POLL_ENTRY_SIZE_BYTES + 6, true);
    return (happened & ~POLLIN) === 0;
  });
}
