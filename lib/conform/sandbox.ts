/**
 * Where strangers' code runs: without this machine's network, files, users and processes, within limits.
 *
 * The grader first puts itself into namespaces of its own ({@link enterArguments}): there it has a
 * network with nothing but loopback and what it makes itself, and when it ends, the kernel ends all that
 * it started. Each node then gets its own process and mount namespaces ({@link confine}): the file system
 * is read only, home and temporary folders are empty, its own folder is writable.
 *
 * | limit | by |
 * |---|---|
 * | network | network namespace |
 * | memory | RLIMIT_DATA for each process; the watchdog for all of them together |
 * | processes | the watchdog; RLIMIT_NPROC of a user of its own, threads with them |
 * | file size | RLIMIT_FSIZE; the watchdog for the folder |
 * | time | the grader's time-outs; the namespace dies with the grader |
 *
 * @module
 */

/** What this machine allows. */
export type SandboxMode =
  /** Namespaces, and a user of its own for every node. */
  | "root"
  /** Namespaces of an ordinary user. */
  | "user"
  /** Nothing but resource limits: `--unsafe`. */
  | "none";

/** Bounds for one node, all its processes together. */
export interface SandboxLimits {
  readonly memoryBytes: number;
  readonly processes: number;
  readonly filesBytes: number;
  readonly outputBytes: number;
}

export const DEFAULT_LIMITS: SandboxLimits = {
  memoryBytes: 2e9,
  processes: 256,
  filesBytes: 1e9,
  outputBytes: 64e6,
};

/**
 * The kernel counts threads, too. Its bound is above the watchdog's, which so sees what goes on beneath it,
 * and says so, instead of an implementation that cannot start something and ends.
 */
const THREADS_PER_PROCESS = 4;

/** Node i of a run works as this user + i, where the grader is root: no account has such a number. */
const FIRST_USER = 700_000;
const LAUNCH = ["setpriv", "--pdeathsig", "KILL", "--"];
const NAMESPACES = [
  "--net",
  "--pid",
  "--ipc",
  "--mount",
  "--fork",
  "--kill-child=SIGKILL",
  "--mount-proc",
];

/** What not even `--unsafe` goes without: it ends and counts what was started. */
const BARE_TOOLS = ["setsid", "prlimit", "ps", "du"];
const SANDBOX_TOOLS = ["unshare", "setpriv", "nsenter", "ip"];
const PACKAGES = "util-linux, iproute2, procps and coreutils have it";

/** Why this machine can grade nobody, not even unsafely; `undefined` where it can. */
export async function whyUnable(): Promise<string | undefined> {
  const lacking = await firstLacking(BARE_TOOLS);
  return lacking === undefined ? undefined : `"${lacking}" is not installed (${PACKAGES})`;
}

/** Finds out what this machine allows; `missing` says what it does not, and why. */
export async function findSandbox(): Promise<
  { readonly mode: SandboxMode; readonly missing: string | undefined }
> {
  if (Deno.build.os !== "linux") {
    return { mode: "none", missing: `namespaces: got ${Deno.build.os}, wanted Linux` };
  }
  const lacking = await firstLacking(SANDBOX_TOOLS);
  if (lacking !== undefined) {
    return { mode: "none", missing: `namespaces: "${lacking}" is not installed (${PACKAGES})` };
  }
  const isRoot = Deno.uid() === 0;
  const probe = "ip link set lo up && mount -t tmpfs tmpfs /mnt";
  if (isRoot && await works(["unshare", ...NAMESPACES, "sh", "-c", probe])) {
    return { mode: "root", missing: undefined };
  }
  if (await works(["unshare", "--user", "--map-root-user", ...NAMESPACES, "sh", "-c", probe])) {
    return { mode: "user", missing: undefined };
  }
  return {
    mode: "none",
    missing: isRoot
      ? "namespaces: the kernel refuses them to root here, as in a container without privileges"
      : "namespaces: the kernel refuses them to ordinary users here; root may have them",
  };
}

/** The command line that runs a command in the grader's own namespaces, to be ended with this process. */
export function enterArguments(mode: SandboxMode, command: readonly string[]): readonly string[] {
  if (mode === "none") return command;
  const user = mode === "user" ? ["--user", "--map-root-user"] : [];
  // No `exec`: the shell is the first process of the namespace, and takes note of the end of all that
  // lost its parent. Otherwise it would count against its user's processes until the grader ends.
  const script = 'ip link set lo up && "$@"; exit $?';
  return [...LAUNCH, "unshare", ...user, ...NAMESPACES, "--", "sh", "-c", script, "sh", ...command];
}

/** What a confined command may have. */
export interface Confinement {
  readonly mode: SandboxMode;
  readonly limits: SandboxLimits;
  /** Tells users apart; one number for each node of a run. */
  readonly user: number;
  /** Folders that it may write to. */
  readonly writable: readonly string[];
  /** Folders and files that it may read though they lie in what is hidden. */
  readonly readable: readonly string[];
  readonly cwd: string;
  /** The process in whose network it runs; the grader's own when not given. */
  readonly networkOf?: number | undefined;
  /** A build runs outside the grader's namespaces, with this machine's network or none. */
  readonly build?: { readonly hasNetwork: boolean };
}

/** The user that a confined command runs as; `undefined` for the grader's own. */
export function userOf({ mode, user }: Pick<Confinement, "mode" | "user">): number | undefined {
  return mode === "root" ? FIRST_USER + user : undefined;
}

/** The command line that runs a command confined. */
export function confine(confinement: Confinement, command: readonly string[]): readonly string[] {
  const { mode, limits, cwd, networkOf } = confinement;
  const limiting = [
    ...["prlimit", `--data=${Math.round(limits.memoryBytes * 2)}`, `--fsize=${limits.filesBytes}`],
    ...["--core=0", "--nofile=4096"],
    // Counts all processes of a user: only where the user is the node's own.
    ...(mode === "none" ? [] : [`--nproc=${limits.processes * THREADS_PER_PROCESS}`]),
  ];
  if (mode === "none") {
    const inFolder = ["sh", "-c", 'cd "$0" && exec "$@"', cwd];
    return ["setsid", "--wait", ...limiting, "--", ...inFolder, ...command];
  }
  const user = userOf(confinement);
  const dropping = [
    "setpriv",
    ...(user === undefined ? [] : [`--reuid=${user}`, `--regid=${user}`, "--clear-groups"]),
    ...["--no-new-privs", "--bounding-set=-all", "--inh-caps=-all", "--"],
  ];
  const entering = networkOf === undefined ? [] : ["nsenter", "-t", String(networkOf), "-n", "--"];
  const building = confinement.build === undefined ? [] : [
    ...(mode === "user" ? ["--user", "--map-root-user"] : []),
    ...(confinement.build.hasNetwork ? [] : ["--net"]),
  ];
  return [
    ...entering,
    ...[
      "unshare",
      ...building,
      "--pid",
      "--mount",
      "--ipc",
      "--fork",
      "--kill-child=SIGKILL",
      "--",
    ],
    ...["sh", "-c", mountScript(confinement), "sh"],
    ...limiting,
    "--",
    ...dropping,
    ...command,
  ];
}

/** What a stranger's program finds empty: homes, and what programs leave for each other. */
export const HIDDEN_FOLDERS = ["/tmp", "/var/tmp", "/home", "/root", "/run", "/dev/shm"] as const;

/** Hides homes and temporary folders but for the paths that are named, and makes the rest read only. */
function mountScript({ writable, readable, cwd, build }: Confinement): string {
  const kept = [
    ...writable.map((path) => ({ path, mode: "rw" })),
    ...readable.map((path) => ({ path, mode: "ro" })),
  ];
  return [
    "set -e",
    "mount -t proc proc /proc",
    "mount -t tmpfs -o size=16m tmpfs /mnt",
    ...kept.flatMap(({ path, mode }, index) => [
      `if [ -d ${quote(path)} ]; then mkdir /mnt/${index}; else : > /mnt/${index}; fi`,
      `mount --bind ${quote(path)} /mnt/${index}`,
      ...(mode === "ro" ? [`mount -o remount,bind,ro /mnt/${index}`] : []),
    ]),
    ...HIDDEN_FOLDERS.map((path) =>
      `[ ! -d ${path} ] || [ -L ${path} ] || mount -t tmpfs -o size=64m,mode=1777 tmpfs ${path}`
    ),
    ...kept.flatMap(({ path }, index) => [
      `if [ -d /mnt/${index} ]; then mkdir -p ${quote(path)}; else mkdir -p ${
        quote(parentOf(path))
      }; : >> ${quote(path)}; fi`,
      `mount --move /mnt/${index} ${quote(path)}`,
    ]),
    "umount /mnt",
    ...(build?.hasNetwork === false ? ["ip link set lo up"] : []),
    "mount -o remount,bind,ro /",
    `cd ${quote(cwd)}`,
    'exec "$@"',
  ].join("\n");
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/")) || "/";
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

async function firstLacking(tools: readonly string[]): Promise<string | undefined> {
  for (const tool of tools) if (!await works(["sh", "-c", `command -v ${tool}`])) return tool;
  return undefined;
}

async function works([file, ...args]: readonly string[]): Promise<boolean> {
  try {
    const options = { args, stdin: "null", stdout: "null", stderr: "null" } as const;
    const { success } = await new Deno.Command(file as string, options).output();
    return success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
