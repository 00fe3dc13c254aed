/**
 * Hosts with addresses of their own on one machine: network namespaces, joined by a bridge that can be
 * cut.
 *
 * The bridge stands in a namespace, too, from which whoever watches calls the hosts; nothing of this
 * machine's own network is touched. Wants Linux, root and `ip`; {@link whyNoNetworkHosts} says what is
 * missing.
 *
 * @module
 */
import { invariant } from "../result.ts";

/** Names of namespaces are this machine's: told apart by process. */
const PREFIX = `nbh${Deno.pid % 100_000}`;
const SUBNET = "10.78.0";

/** Why this machine cannot have such hosts; `undefined` when it can. */
export async function whyNoNetworkHosts(): Promise<string | undefined> {
  if (Deno.build.os !== "linux") return `got ${Deno.build.os}, wanted Linux`;
  if (Deno.uid() !== 0) return "got an ordinary user, wanted root";
  const made = await output("ip", ["netns", "add", `${PREFIX}try`]);
  if (made.code !== 0) return `got "${made.stderr.trim()}", wanted network namespaces`;
  const linked = await output("ip", [
    ...["-n", `${PREFIX}try`, "link", "add", "br0", "type", "bridge"],
  ]);
  await output("ip", ["netns", "del", `${PREFIX}try`]);
  return linked.code === 0 ? undefined : `got "${linked.stderr.trim()}", wanted a bridge`;
}

/** A number of hosts, from {@link NetworkHosts.open} to `close()`. */
export class NetworkHosts {
  readonly count: number;

  private constructor(count: number) {
    this.count = count;
  }

  static async open(count: number): Promise<NetworkHosts> {
    const hosts = new NetworkHosts(count);
    try {
      await hosts.#make();
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

  async close(): Promise<void> {
    for (let host = 0; host < this.count; host++) {
      await output("ip", ["netns", "del", namespaceOf(host)]);
    }
    await output("ip", ["netns", "del", `${PREFIX}ctl`]);
  }

  async #make(): Promise<void> {
    const control = `${PREFIX}ctl`;
    await must(["netns", "add", control]);
    await must(["-n", control, "link", "set", "lo", "up"]);
    await must(["-n", control, "link", "add", "br0", "type", "bridge"]);
    await must(["-n", control, "addr", "add", `${SUBNET}.254/24`, "dev", "br0"]);
    await must(["-n", control, "link", "set", "br0", "up"]);

    for (let host = 0; host < this.count; host++) {
      const namespace = namespaceOf(host);
      const link = linkOf(host);
      await must(["netns", "add", namespace]);
      await must([
        ...["-n", control, "link", "add", link, "type", "veth"],
        ...["peer", "name", "eth0", "netns", namespace],
      ]);
      await must(["-n", control, "link", "set", link, "master", "br0", "up"]);
      await must(["-n", namespace, "link", "set", "lo", "up"]);
      await must(["-n", namespace, "addr", "add", `${this.addressOf(host)}/24`, "dev", "eth0"]);
      await must(["-n", namespace, "link", "set", "eth0", "up"]);
    }
  }
}

/** Takes the way from one host to another: what it sends there goes nowhere. */
export async function cutWay(hosts: WayNames, from: number, to: number): Promise<void> {
  await must(["-n", hosts.namespaceOf(from), "route", "add", "blackhole", hosts.addressOf(to)]);
}

/** Gives the way back. */
export async function mendWay(hosts: WayNames, from: number, to: number): Promise<void> {
  await must(["-n", hosts.namespaceOf(from), "route", "del", "blackhole", hosts.addressOf(to)]);
}

/** Unplugs a host: everything that is sent to it or by it vanishes, and nobody is told. */
export async function setPlugged(
  hosts: WayNames,
  host: number,
  isPlugged: boolean,
): Promise<void> {
  const state = isPlugged ? "up" : "down";
  await must(["-n", hosts.controlNamespace, "link", "set", linkOf(host), state]);
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

/** The prefix of this process' hosts, for {@link wayNames}. */
export const NETWORK_HOSTS_PREFIX = PREFIX;

function namespaceOf(host: number): string {
  return `${PREFIX}n${host}`;
}

function linkOf(host: number): string {
  return `host${host}`;
}

async function must(args: readonly string[]): Promise<void> {
  const { code, stderr } = await output("ip", args);
  invariant(code === 0, `Cannot run "ip ${args.join(" ")}": got ${stderr.trim()}`);
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
