/**
 * Hosts with addresses of their own on one machine: network namespaces, joined by a bridge that can be
 * cut, over links that can be bad.
 *
 * The bridge stands in a namespace, too, from which whoever watches calls the hosts; nothing of this
 * machine's own network is touched. Wants Linux, root and `ip`; {@link whyNoNetworkHosts} says what is
 * missing.
 *
 * A {@link LinkQuality} holds for what a host sends: `netem` at its interface, or `lossy_wire.ts` where
 * the kernel has none. So 200 ms and 5 % mean that each frame from host to host takes 200 ms or is lost
 * with 5 %, that a ping takes 400 ms, and that it is answered with 0.95² ≈ 90 %.
 *
 * @module
 */
import { invariant } from "../result.ts";
import { FRAMES_MAX, type LinkQuality } from "./frame_queue.ts";

/** Names of namespaces are this machine's: told apart by process. */
const PREFIX = `nbh${Deno.pid % 100_000}`;
const SUBNET = "10.78.0";
const WIRE = new URL("./lossy_wire.ts", import.meta.url).href;
/** Which frames a wire of ours loses follows from it. */
const WIRE_SEED = 1;

/** Why this machine cannot have such hosts (or their bad links, if asked for); `undefined` when it can. */
export async function whyNoNetworkHosts(quality?: LinkQuality): Promise<string | undefined> {
  if (Deno.build.os !== "linux") return `got ${Deno.build.os}, wanted Linux`;
  if (Deno.uid() !== 0) return "got an ordinary user, wanted root";
  const namespace = `${PREFIX}try`;
  const made = await output("ip", ["netns", "add", namespace]);
  if (made.code !== 0) return `got "${made.stderr.trim()}", wanted network namespaces`;
  try {
    const bridge = await output("ip", ["-n", namespace, "link", "add", "br0", "type", "bridge"]);
    if (bridge.code !== 0) return `got "${bridge.stderr.trim()}", wanted a bridge`;
    if (quality === undefined || await hasNetem(namespace)) return undefined;
    const tap = await output("ip", ["-n", namespace, "tuntap", "add", "tap0", "mode", "tap"]);
    return tap.code === 0 ? undefined : `got "${tap.stderr.trim()}", wanted netem or TAP devices`;
  } finally {
    await output("ip", ["netns", "del", namespace]);
  }
}

/** A number of hosts, from {@link NetworkHosts.open} to `close()`. */
export class NetworkHosts {
  readonly count: number;
  #wire: Deno.ChildProcess | undefined;

  private constructor(count: number) {
    this.count = count;
  }

  /** @param quality how bad each host's link is; good when not given */
  static async open(count: number, quality?: LinkQuality): Promise<NetworkHosts> {
    const hosts = new NetworkHosts(count);
    try {
      await hosts.#make(quality);
    } catch (error) {
      await hosts.close();
      throw error;
    }
    return hosts;
  }

  addressOf(host: number): string {
    return `${SUBNET}.${host + 1}`;
  }

  /** What runs a command on a host, put in front of it. */
  prefixOf(host: number): readonly string[] {
    return ["ip", "netns", "exec", namespaceOf(host)];
  }

  /** What runs a command beside the bridge. */
  get watchPrefix(): readonly string[] {
    return ["ip", "netns", "exec", `${PREFIX}ctl`];
  }

  /** Runs a scenario of this folder beside the bridge, with {@link wayNames}' prefix as first argument. */
  async run(scenario: string, args: readonly string[] = []): Promise<Deno.CommandOutput> {
    const [program, ...prefix] = this.watchPrefix as [string, ...string[]];
    const path = new URL(`./${scenario}`, import.meta.url).href;
    const options = ["run", "-A", "--quiet", "--no-check", path, PREFIX, ...args];
    return await new Deno.Command(program, {
      args: [...prefix, Deno.execPath(), ...options],
      stdin: "null",
    }).output();
  }

  async close(): Promise<void> {
    // Its devices go with it, before the namespaces that they stand in.
    await this.#wire?.stdin.close();
    await this.#wire?.stdout.cancel();
    await this.#wire?.status;
    for (let host = 0; host < this.count; host++) {
      await output("ip", ["netns", "del", namespaceOf(host)]);
    }
    await output("ip", ["netns", "del", `${PREFIX}ctl`]);
  }

  async #make(quality: LinkQuality | undefined): Promise<void> {
    const control = `${PREFIX}ctl`;
    await must("ip", ["netns", "add", control]);
    await must("ip", ["-n", control, "link", "set", "lo", "up"]);
    await must("ip", ["-n", control, "link", "add", "br0", "type", "bridge"]);
    await must("ip", ["-n", control, "addr", "add", `${SUBNET}.254/24`, "dev", "br0"]);
    await must("ip", ["-n", control, "link", "set", "br0", "up"]);
    const isOurWire = quality !== undefined && !await hasNetem(control);
    if (isOurWire) await this.#startWire(quality);

    for (let host = 0; host < this.count; host++) {
      const namespace = namespaceOf(host);
      await must("ip", ["netns", "add", namespace]);
      if (isOurWire) await must("ip", movingInner(host));
      else await must("ip", addingVeth(host));
      await must("ip", ["-n", control, "link", "set", linkOf(host), "master", "br0", "up"]);
      await must("ip", ["-n", namespace, "link", "set", "lo", "up"]);
      const address = `${this.addressOf(host)}/24`;
      await must("ip", ["-n", namespace, "addr", "add", address, "dev", "eth0"]);
      if (quality !== undefined && !isOurWire) await addNetem(namespace, quality);
      await must("ip", ["-n", namespace, "link", "set", "eth0", "up"]);
    }
  }

  /** Starts the process that is the hosts' links, and waits until it has made its devices. */
  async #startWire({ delayMs, lossRate }: LinkQuality): Promise<void> {
    const [program, ...prefix] = this.watchPrefix as [string, ...string[]];
    this.#wire = new Deno.Command(program, {
      args: [
        ...[...prefix, Deno.execPath(), "run", "--quiet", "--no-check", "--allow-ffi", WIRE],
        ...[this.count, delayMs, lossRate, WIRE_SEED].map(String),
      ],
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const reader = this.#wire.stdout.getReader();
    const { done } = await reader.read();
    reader.releaseLock();
    invariant(!done, "Cannot open bad links: the wire's process has ended");
  }
}

/** Takes the way from one host to another: what it sends there goes nowhere. */
export async function cutWay(hosts: WayNames, from: number, to: number): Promise<void> {
  await must("ip", [
    "-n",
    hosts.namespaceOf(from),
    "route",
    "add",
    "blackhole",
    hosts.addressOf(to),
  ]);
}

/** Gives the way back. */
export async function mendWay(hosts: WayNames, from: number, to: number): Promise<void> {
  await must("ip", [
    "-n",
    hosts.namespaceOf(from),
    "route",
    "del",
    "blackhole",
    hosts.addressOf(to),
  ]);
}

/** Unplugs a host: everything that is sent to it or by it vanishes, and nobody is told. */
export async function setPlugged(
  hosts: WayNames,
  host: number,
  isPlugged: boolean,
): Promise<void> {
  const state = isPlugged ? "up" : "down";
  await must("ip", ["-n", hosts.controlNamespace, "link", "set", linkOf(host), state]);
}

/** How the hosts of a process are called, for another process that plays with them. */
export interface WayNames {
  readonly controlNamespace: string;
  namespaceOf(host: number): string;
  addressOf(host: number): string;
}

/** The names of the hosts that the process with that PREFIX made. */
export function wayNames(prefix: string): WayNames {
  return {
    controlNamespace: `${prefix}ctl`,
    namespaceOf: (host) => `${prefix}n${host}`,
    addressOf: (host) => `${SUBNET}.${host + 1}`,
  };
}

function namespaceOf(host: number): string {
  return `${PREFIX}n${host}`;
}

function linkOf(host: number): string {
  return `host${host}`;
}

function addingVeth(host: number): readonly string[] {
  const peer = ["peer", "name", "eth0", "netns", namespaceOf(host)];
  return ["-n", `${PREFIX}ctl`, "link", "add", linkOf(host), "type", "veth", ...peer];
}

function movingInner(host: number): readonly string[] {
  const device = ["dev", `inner${host}`, "name", "eth0", "netns", namespaceOf(host)];
  return ["-n", `${PREFIX}ctl`, "link", "set", ...device];
}

async function hasNetem(namespace: string): Promise<boolean> {
  const { code } = await output("tc", netemArgs(namespace, "lo", { delayMs: 1, lossRate: 0 }));
  if (code === 0) await must("tc", ["-n", namespace, "qdisc", "del", "dev", "lo", "root"]);
  return code === 0;
}

async function addNetem(namespace: string, quality: LinkQuality): Promise<void> {
  await must("tc", netemArgs(namespace, "eth0", quality));
  // What is lost is a frame of MTU size, not a large one that the interface would have cut up.
  await must("ip", ["-n", namespace, "link", "set", "dev", "eth0", "gso_max_segs", "1"]);
}

function netemArgs(
  namespace: string,
  device: string,
  { delayMs, lossRate }: LinkQuality,
): readonly string[] {
  return [
    ...["-n", namespace, "qdisc", "add", "dev", device, "root", "netem"],
    ...["delay", `${delayMs}ms`, "loss", `${lossRate * 100}%`, "limit", `${FRAMES_MAX}`],
  ];
}

async function must(command: string, args: readonly string[]): Promise<void> {
  const { code, stderr } = await output(command, args);
  invariant(code === 0, `Cannot run "${command} ${args.join(" ")}": got ${stderr.trim()}`);
}

async function output(
  command: string,
  args: readonly string[],
): Promise<{ readonly code: number; readonly stderr: string }> {
  try {
    const { code, stderr } = await new Deno.Command(command, {
      args: [...args],
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).output();
    return { code, stderr: new TextDecoder().decode(stderr) };
  } catch (error) {
    return { code: -1, stderr: String(error) };
  }
}
