/**
 * The folders of a run: a copy of the project, a folder for each node, all gone at the end.
 *
 * Strangers' code never works in the lecturer's files: it gets a copy.
 *
 * @module
 */
import { isAbsolute, join, resolve } from "node:path";
import type { Adapter, CommandSpec } from "./adapter_schema.ts";
import { afterAwake } from "./awake_time.ts";
import {
  type Confinement,
  DEFAULT_LIMITS,
  type SandboxLimits,
  type SandboxMode,
  userOf,
} from "./sandbox.ts";
import { runTool } from "./run_tool.ts";
import { HIDDEN_FOLDERS } from "./sandbox.ts";
import { StrangerProcess } from "./stranger_process.ts";
import { fill, type Variables } from "./template.ts";
import { Trouble } from "./trouble.ts";

const BUILD_MS_MAX = 300_000;
const BUILD_USER = 9_999;

/** Where a run works, and with what limits. */
export interface Workplace {
  readonly adapter: Adapter;
  /** The folder of the adapter file. */
  readonly home: string;
  readonly root: string;
  readonly mode: SandboxMode;
  readonly limits: SandboxLimits;
  /** Tells jobs that run side by side apart. */
  readonly job: number;
}

export function limitsOf({ limits = {} }: Adapter): SandboxLimits {
  return {
    memoryBytes: limits.memory ?? DEFAULT_LIMITS.memoryBytes,
    processes: limits.processes ?? DEFAULT_LIMITS.processes,
    filesBytes: limits.files ?? DEFAULT_LIMITS.filesBytes,
    outputBytes: limits.output ?? DEFAULT_LIMITS.outputBytes,
  };
}

/** Copies the project and builds it; what the build said where it fails. */
export async function prepareProject(workplace: Workplace): Promise<Trouble | undefined> {
  const { adapter, home, root } = workplace;
  const project = projectOf(workplace);
  if (adapter.project === undefined) Deno.mkdirSync(project);
  else {await copyFolder(
      isAbsolute(adapter.project) ? adapter.project : resolve(home, adapter.project),
      project,
    );}
  await giveTo(project, userOf({ mode: workplace.mode, user: BUILD_USER }));
  if (adapter.build !== undefined) {
    const { build } = adapter;
    const variables = { project, folder: root };
    const confinement: Confinement = {
      mode: workplace.mode,
      limits: {
        ...workplace.limits,
        memoryBytes: workplace.limits.memoryBytes * 2,
        processes: 2_000,
      },
      user: BUILD_USER,
      writable: [project],
      readable: readableOf(workplace),
      cwd: build.cwd === undefined ? project : fill(build.cwd, variables),
      build: { hasNetwork: build.network },
    };
    const { code, reason, text } = await runToEnd(
      build.run.map((word) => fill(word, variables)),
      confinement,
      {
        HOME: project,
        TMPDIR: "/tmp",
        ...(build.network && networkSettings()),
        ...filledEnv(build.env, variables),
      },
      build.timeout ?? BUILD_MS_MAX,
    );
    if (reason !== "ended-by-itself" || code !== 0) {
      return new Trouble(
        code === 127 ? "command-not-found" : "build-failed",
        `"${build.run.join(" ")}" ended with ${
          reason === "ended-by-itself" ? `exit code ${code}` : reason
        }: ${text.slice(-600).trim()}`,
      );
    }
  }
  await runTool("chmod", ["-R", "a+rwX", project]);
  return undefined;
}

/** How this machine reaches package registries: proxies, certificates, mirrors. No other setting is passed on. */
function networkSettings(): Record<string, string> {
  const told =
    /^(?:https?_proxy|no_proxy|all_proxy|node_extra_ca_certs|ssl_cert_(?:file|dir)|requests_ca_bundle|curl_ca_bundle|pip_(?:cert|find_links|index_url)|npm_config_registry|goproxy|gonosumdb|gosumdb|goflags)$/i;
  return Object.fromEntries(
    Object.entries(Deno.env.toObject()).filter(([name]) => told.test(name)),
  );
}

export function projectOf({ root }: Workplace): string {
  return join(root, "project");
}

/** A fresh folder that a node's user owns, with its own copy of the project if the adapter wants it. */
export async function makeNodeFolder(
  workplace: Workplace,
  name: string,
  user: number | undefined,
): Promise<{ readonly folder: string; readonly project: string }> {
  const folder = join(workplace.root, name);
  Deno.mkdirSync(folder, { recursive: true, mode: 0o755 });
  let project = projectOf(workplace);
  if (workplace.adapter.copy === "each") {
    const own = join(folder, "project");
    await copyFolder(project, own);
    project = own;
  }
  await giveTo(folder, user);
  return { folder, project };
}

/** What a command of the adapter may read outside the project. */
export function readableOf({ adapter, home }: Workplace): readonly string[] {
  return (adapter.readable ?? []).map((path) => isAbsolute(path) ? path : resolve(home, path))
    .filter((path) => HIDDEN_FOLDERS.some((folder) => path.startsWith(`${folder}/`)));
}

/** Runs a command of the adapter to its end. */
export async function runToEnd(
  command: readonly string[],
  confinement: Confinement,
  env: Readonly<Record<string, string>>,
  timeoutMs: number,
): Promise<{ readonly code: number; readonly reason: string; readonly text: string }> {
  const process = StrangerProcess.start(command, confinement, env);
  let isLate = false;
  const callOff = afterAwake(timeoutMs, () => {
    isLate = true;
    void process.kill();
  });
  const { code, reason } = await process.exited;
  callOff();
  return {
    code,
    reason: isLate ? `no end within ${timeoutMs} ms` : reason,
    text: process.output.text,
  };
}

export function filledEnv(env: CommandSpec["env"], variables: Variables): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env ?? {}).map(([key, text]) => [key, fill(text, variables)]),
  );
}

/** A folder that is a link is followed: what is changed and given to other users is always the copy. */
async function copyFolder(from: string, to: string): Promise<void> {
  const { success, complaint } = await runTool("cp", ["-RH", "--", from, to]);
  if (!success) {
    throw new Trouble(
      "build-failed",
      `the project cannot be copied: ${complaint.slice(0, 300)}`,
    );
  }
}

async function giveTo(folder: string, user: number | undefined): Promise<void> {
  if (user !== undefined) await runTool("chown", ["-R", `${user}:${user}`, folder]);
}
