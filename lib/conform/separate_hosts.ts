/**
 * An address of its own for each node, and a network between them that can be cut in two.
 *
 * Two bridges in the grader's network namespace; every node's network namespace hangs on the first. A cut
 * moves one group to the second: the grader reaches both, the groups do not reach each other, and nobody
 * is told.
 *
 * @module
 */
import { invariant } from "../result.ts";
import { runTool } from "./run_tool.ts";

/**
 * Several stand side by side, each with a subnet of its own; names are never used again, since a namespace
 * that has ended lets go of its devices only after a while.
 */
const SUBNETS = 100;
let opened = 0;
const HARDWARE_ADDRESS = "02:00:0a:63:00:fe";

export class SeparateHosts {
  readonly #holders: Deno.ChildProcess[] = [];
  readonly #number: number;
  #cut: readonly number[] = [];

  private constructor() {
    this.#number = opened++;
  }

  static async open(count: number): Promise<SeparateHosts> {
    const hosts = new SeparateHosts();
    try {
      await hosts.#make(count);
    } catch (error) {
      await hosts.close();
      throw error;
    }
    return hosts;
  }

  addressOf(host: number): string {
    return `${this.#subnet}.${host + 1}`;
  }

  /** The process in whose network a node has to run. */
  processOf(host: number): number {
    const holder = this.#holders[host];
    invariant(holder !== undefined, `Host ${host} is one of ${this.#holders.length}`);
    return holder.pid;
  }

  /** Parts these from all others. */
  async cut(group: readonly number[]): Promise<void> {
    await this.mend();
    await ip(["addr", "add", `${this.#grader}/32`, "dev", this.#bridge(1)]);
    for (const host of group) {
      await ip(["link", "set", this.#linkOf(host), "master", this.#bridge(1)]);
      await ip([
        "route",
        "replace",
        `${this.addressOf(host)}/32`,
        "dev",
        this.#bridge(1),
        "src",
        this.#grader,
      ]);
    }
    this.#cut = group;
  }

  /** Joins the two groups again. */
  async mend(): Promise<void> {
    for (const host of this.#cut) {
      await ip(["route", "del", `${this.addressOf(host)}/32`, "dev", this.#bridge(1)]);
      await ip(["link", "set", this.#linkOf(host), "master", this.#bridge(0)]);
    }
    if (this.#cut.length > 0) {
      await ip(["addr", "del", `${this.#grader}/32`, "dev", this.#bridge(1)]);
    }
    this.#cut = [];
  }

  async close(): Promise<void> {
    for (const holder of this.#holders) {
      try {
        holder.kill("SIGKILL");
      } catch (error) {
        if (!(error instanceof TypeError || error instanceof Deno.errors.NotFound)) throw error;
      }
    }
    await Promise.all(this.#holders.map(({ status }) => status));
    await tryIp(["link", "del", this.#bridge(0)]);
    await tryIp(["link", "del", this.#bridge(1)]);
  }

  async #make(count: number): Promise<void> {
    for (const bridge of [this.#bridge(0), this.#bridge(1)]) {
      await ip(["link", "add", bridge, "type", "bridge"]);
      await ip(["link", "set", bridge, "address", HARDWARE_ADDRESS]);
      await ip(["link", "set", bridge, "up"]);
    }
    await ip(["addr", "add", `${this.#grader}/24`, "dev", this.#bridge(0)]);
    for (let host = 0; host < count; host++) {
      // It says a line when its namespaces are there, and lives as long as nobody ends it.
      const holder = new Deno.Command("unshare", {
        args: ["--net", "--", "sh", "-c", "ip link set lo up && echo up && exec sleep 100000"],
        stdin: "null",
        stdout: "piped",
        stderr: "null",
      }).spawn();
      this.#holders.push(holder);
      const reader = holder.stdout.getReader();
      const { done } = await reader.read();
      invariant(!done, "A namespace's holder says that it is there");
      await reader.cancel();
      const link = this.#linkOf(host);
      await ip([
        "link",
        "add",
        link,
        "type",
        "veth",
        "peer",
        "name",
        "eth0",
        "netns",
        String(holder.pid),
      ]);
      await ip(["link", "set", link, "master", this.#bridge(0), "up"]);
      const inside = ["-t", String(holder.pid), "-n", "--", "ip"];
      await must("nsenter", [
        ...inside,
        "addr",
        "add",
        `${this.addressOf(host)}/24`,
        "dev",
        "eth0",
      ]);
      await must("nsenter", [...inside, "link", "set", "eth0", "up"]);
    }
  }

  get #subnet(): string {
    return `10.${100 + this.#number % SUBNETS}.0`;
  }

  get #grader(): string {
    return `${this.#subnet}.254`;
  }

  #bridge(side: 0 | 1): string {
    return `c${this.#number}b${side}`;
  }

  #linkOf(host: number): string {
    return `c${this.#number}h${host}`;
  }
}

async function ip(args: readonly string[]): Promise<void> {
  await must("ip", args);
}

async function tryIp(args: readonly string[]): Promise<void> {
  await runTool("ip", args);
}

async function must(command: string, args: readonly string[]): Promise<void> {
  const { success, complaint } = await runTool(command, args);
  invariant(success, `Cannot run "${command} ${args.join(" ")}": got ${complaint}`);
}
