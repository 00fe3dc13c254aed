/**
 * Test machines on one machine: each a set of namespaces with an address, files and processes of its
 * own, and an ssh server, joined by a bridge.
 *
 * Only for tests of the fleet scripts. Wants Linux, root, `ip`, `unshare` and `sshd`; {@link whyNoHosts}
 * says what is missing. The scripts run in the namespace of the bridge ({@link TestHosts.run}), so
 * nothing of this machine's own network is touched.
 *
 * @module
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** What a command came to. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** One test machine. */
export interface TestHost {
  readonly name: string;
  readonly address: string;
  readonly address6: string;

  /** Where its files that differ from this machine's are. */
  readonly folder: string;
}

/** What to make. */
export interface TestHostsOptions {
  readonly count: number;

  /** Where everything is kept. */
  readonly folder: string;
}

const SSH_USER = "root";
const HOST_SCRIPT = fileURLToPath(new URL("testdata/fleet_host.sh", import.meta.url));

/** Names of namespaces are the whole machine's: told apart by process. */
const PREFIX = `nb${Deno.pid}`;

/** Why this machine cannot have test machines, if it cannot. */
export async function whyNoHosts(): Promise<string | undefined> {
  if (Deno.build.os !== "linux") return `got ${Deno.build.os}, wanted Linux`;
  if (Deno.uid() !== 0) return "got an ordinary user, wanted root";

  for (const command of ["ip", "unshare", "chroot", "ssh", "ssh-keygen", "/usr/sbin/sshd"]) {
    const { code } = await output("sh", ["-c", `command -v ${command}`]);
    if (code !== 0) return `got no "${command}", wanted it on PATH`;
  }

  // Namespaces exist in name only in some containers: what counts is whether one can be made.
  const made = await output("ip", ["netns", "add", `${PREFIX}try`]);
  if (made.code !== 0) return `got ${made.stderr.trim()}, wanted network namespaces`;
  await output("ip", ["netns", "del", `${PREFIX}try`]);

  const mounted = await output("unshare", [
    ...["--mount", "--pid", "--fork", "--uts", "sh", "-c"],
    "d=$(mktemp -d) && mkdir $d/u $d/w $d/r && " +
    "mount -t overlay overlay -o lowerdir=/,upperdir=$d/u,workdir=$d/w $d/r; s=$?; " +
    "umount $d/r; rm -rf $d; exit $s",
  ]);
  if (mounted.code !== 0) return `got ${mounted.stderr.trim()}, wanted overlay mounts`;
  return undefined;
}

/** A number of test machines, running from {@link startTestHosts} to `close()`. */
export class TestHosts {
  readonly #options: TestHostsOptions;
  readonly #processes = new Map<string, Deno.ChildProcess>();
  readonly hosts: readonly TestHost[];

  constructor(options: TestHostsOptions) {
    this.#options = options;
    this.hosts = Array.from({ length: options.count }, (_, index) => ({
      name: `vm${index + 1}`,
      address: `10.77.0.${index + 1}`,
      address6: `fd77::${index + 1}`,
      folder: join(options.folder, `vm${index + 1}`),
    }));
  }

  /** Where the scripts run: beside the machines, on none of them. */
  get #control(): string {
    return `${PREFIX}ctl`;
  }

  /** Options for ssh to reach the machines. */
  get sshOptions(): string {
    const key = join(this.#options.folder, "key");
    return `-i ${key} -o UserKnownHostsFile=/dev/null -o StrictHostKeyChecking=no -o LogLevel=ERROR`;
  }

  async open(): Promise<void> {
    const { folder } = this.#options;
    await removeLeftOver();
    await must("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(folder, "key")]);
    await must("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(folder, "host_key")]);

    await must("ip", ["netns", "add", this.#control]);
    await this.#inControl("ip link set lo up");
    await this.#inControl("ip link add br0 type bridge");
    await this.#inControl("ip addr add 10.77.0.254/24 dev br0");
    await this.#inControl("ip -6 addr add fd77::fe/64 dev br0 nodad");
    await this.#inControl("ip link set br0 up");

    for (const host of this.hosts) {
      const namespace = `${PREFIX}${host.name}`;
      await must("ip", ["netns", "add", namespace]);
      await this.#inControl(`ip link add ${host.name} type veth peer name eth0 netns ${namespace}`);
      await this.#inControl(`ip link set ${host.name} master br0 up`);
      const inHost = (line: string) => must("ip", ["netns", "exec", namespace, ...line.split(" ")]);
      await inHost("ip link set lo up");
      await inHost(`ip addr add ${host.address}/24 dev eth0`);
      await inHost(`ip -6 addr add ${host.address6}/64 dev eth0 nodad`);
      await inHost("ip link set eth0 up");
      await this.#prepareFiles(host);
      await this.boot(host);
    }
  }

  /** Turns a machine on, and waits until it can be logged into. */
  async boot(host: TestHost): Promise<void> {
    const child = new Deno.Command("ip", {
      args: [
        ...["netns", "exec", `${PREFIX}${host.name}`],
        ...["unshare", "--mount", "--pid", "--uts", "--fork", "--kill-child"],
        ...["sh", HOST_SCRIPT, host.folder, host.name],
      ],
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    this.#processes.set(host.name, child);

    // The ssh server says when it listens; what it says later is nobody's.
    const lines = child.stderr.pipeThrough(new TextDecoderStream());
    let text = "";
    const listening = Promise.withResolvers<void>();
    lines.pipeTo(
      new WritableStream({
        write(chunk) {
          text = (text + chunk).slice(-10_000);
          if (text.includes("Server listening")) listening.resolve();
        },
      }),
    ).then(() => listening.reject(new Error(`Cannot boot "${host.name}": got ${text}`)), () => {});
    listening.promise.catch(() => {});
    await listening.promise;
  }

  /** Takes a machine's power away: every process of it is gone at once, its files stay. */
  async crash(host: TestHost): Promise<void> {
    const child = this.#processes.get(host.name);
    if (child === undefined) return;
    this.#processes.delete(host.name);
    child.kill("SIGKILL");
    await child.status;
  }

  /** Runs a command beside the machines. */
  run(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    return output("ip", ["netns", "exec", this.#control, command, ...args], {
      ...env,
      NOOBCASH_SSH_OPTIONS: this.sshOptions,
    });
  }

  /** Runs a line of shell on a machine, as root. */
  async ssh(host: TestHost, line: string): Promise<string> {
    const result = await this.run("ssh", [
      ...this.sshOptions.split(" "),
      `${SSH_USER}@${host.address}`,
      line,
    ]);
    if (result.code !== 0) throw new Error(`Cannot run "${line}": got ${result.stderr}`);
    return result.stdout;
  }

  async close(): Promise<void> {
    for (const host of this.hosts) await this.crash(host);
    for (const host of this.hosts) await output("ip", ["netns", "del", `${PREFIX}${host.name}`]);
    await output("ip", ["netns", "del", this.#control]);
  }

  /** Writes the files by which a machine knows its keys. */
  async #prepareFiles(host: TestHost): Promise<void> {
    const { folder } = this.#options;
    const ssh = join(host.folder, "upper/etc/ssh");
    await Deno.mkdir(ssh, { recursive: true });
    await Deno.copyFile(join(folder, "host_key"), join(ssh, "fleet_host_key"));
    await Deno.chmod(join(ssh, "fleet_host_key"), 0o600);
    await Deno.copyFile(join(folder, "key.pub"), join(ssh, "fleet_authorized_keys"));
    await Deno.writeTextFile(
      join(ssh, "fleet_sshd_config"),
      [
        "HostKey /etc/ssh/fleet_host_key",
        "AuthorizedKeysFile /etc/ssh/fleet_authorized_keys",
        "PasswordAuthentication no",
        "PermitRootLogin prohibit-password",
        "UsePAM no",
        "StrictModes no",
        "MaxStartups 50",
        "",
      ].join("\n"),
    );
  }

  #inControl(line: string): Promise<void> {
    return must("ip", ["netns", "exec", this.#control, ...line.split(" ")]);
  }
}

/** Makes test machines and turns them on. */
export async function startTestHosts(options: TestHostsOptions): Promise<TestHosts> {
  const hosts = new TestHosts(options);
  try {
    await hosts.open();
  } catch (error) {
    await hosts.close();
    throw error;
  }
  return hosts;
}

/** Removes the namespaces of test runs that were killed. */
async function removeLeftOver(): Promise<void> {
  const { stdout } = await output("ip", ["netns", "list"]);
  for (const [name, pid] of stdout.matchAll(/^nb([0-9]+)(?:ctl|try|vm[0-9]+)\b/gm)) {
    const isAlive = await Deno.stat(`/proc/${pid}`).then(() => true, () => false);
    if (!isAlive) await output("ip", ["netns", "del", name]);
  }
}

async function output(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  const result = await new Deno.Command(command, { args: [...args], env, stdin: "null" }).output();
  const decoder = new TextDecoder();
  return {
    code: result.code,
    stdout: decoder.decode(result.stdout),
    stderr: decoder.decode(result.stderr),
  };
}

async function must(command: string, args: readonly string[]): Promise<void> {
  const { code, stderr } = await output(command, args);
  if (code !== 0) {
    throw new Error(`Cannot run "${command} ${args.join(" ")}": got ${stderr.trim()}`);
  }
}
