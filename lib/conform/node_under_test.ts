/**
 * One node of an implementation: started, found ready, frozen, killed, started again.
 *
 * @module
 */
import { join } from "node:path";
import type { CommandSpec } from "./adapter_schema.ts";
import { awakeMs } from "./awake_time.ts";
import { briefly } from "./call.ts";
import { machineSlowness } from "./machine_load.ts";
import { type Confinement, userOf } from "./sandbox.ts";
import { type ProcessEnd, StrangerProcess } from "./stranger_process.ts";
import { fill, type Variables } from "./template.ts";
import { Trouble, type TroubleCode } from "./trouble.ts";
import { filledEnv, makeNodeFolder, readableOf, type Workplace } from "./workplace.ts";

const READY_MS_MAX = 30_000;
const GRACE_MS = 3_000;
const LOOK_MS = 50;
const END_MS = 1_000;

/** Where a node is and what it was told. */
export interface NodePlace {
  readonly index: number;
  readonly host: string;
  readonly port: number;
  /** The process in whose network it runs. */
  readonly networkOf: number | undefined;
  /** Tells users apart. */
  readonly user: number;
  /** Named templates beside what the node knows itself. */
  readonly variables: Variables;
}

export class NodeUnderTest {
  readonly index: number;
  readonly url: string;
  readonly place: NodePlace;
  readonly #workplace: Workplace;
  readonly #folderName: string;
  #folder: string | undefined;
  #project: string | undefined;
  #process: StrangerProcess | undefined;
  /** What all its processes said, the last one at the end. */
  #earlier = "";

  constructor(workplace: Workplace, place: NodePlace, folderName: string) {
    this.#workplace = workplace;
    this.place = place;
    this.index = place.index;
    this.url = `http://${place.host}:${place.port}`;
    this.#folderName = folderName;
  }

  get folder(): string {
    return this.#folder ?? join(this.#workplace.root, this.#folderName);
  }

  get isRunning(): boolean {
    return this.#process !== undefined && this.#process.end === undefined;
  }

  /** What it has written, both streams. */
  get log(): string {
    return this.#earlier + (this.#process?.output.text ?? "");
  }

  /** Names for templates; files are read anew each time. */
  variables(): Variables {
    const { adapter } = this.#workplace;
    const { index, host, port } = this.place;
    const known: Record<string, string | number | undefined> = {
      ...this.place.variables,
      index,
      host,
      port,
      port2: port + 1,
      port3: port + 2,
      port4: port + 3,
      url: this.url,
      folder: this.folder,
      project: this.#project,
      isBootstrap: index === 0 ? 1 : 0,
      isBootstrapWord: String(index === 0),
    };
    for (const [name, path] of Object.entries(adapter.files ?? {})) {
      try {
        known[name] = Deno.readTextFileSync(fill(path, known)).trim().slice(0, 4096);
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      }
    }
    return known;
  }

  /** Starts it, or starts it again in the same folder, and waits until it is ready. */
  async start(): Promise<void> {
    await this.launch();
    await this.untilReady();
  }

  /** Starts it without waiting. */
  async launch(): Promise<void> {
    const { adapter, mode } = this.#workplace;
    if (this.#folder === undefined) {
      const user = userOf({ mode, user: this.place.user });
      ({ folder: this.#folder, project: this.#project } = await makeNodeFolder(
        this.#workplace,
        this.#folderName,
        user,
      ));
    }
    const spec = "run" in adapter.start
      ? adapter.start
      : this.index === 0
      ? adapter.start.bootstrap
      : adapter.start.others;
    this.#earlier = this.log === "" ? "" : `${this.log}\n--- started again ---\n`.slice(-100_000);
    const { command, confinement, env } = this.confined(spec);
    try {
      this.#process = StrangerProcess.start(command, confinement, env, this.#folder);
    } catch (error) {
      throw new Trouble("command-not-found", briefly(error));
    }
  }

  /** A command of the adapter, as this node would run it. */
  confined(spec: CommandSpec, extra: Variables = {}) {
    const variables = { ...this.variables(), ...extra };
    const { mode, limits } = this.#workplace;
    const confinement: Confinement = {
      mode,
      limits,
      user: this.place.user,
      writable: [
        this.folder,
        ...(this.#project?.startsWith(this.folder) ? [] : [this.#project as string]),
      ],
      readable: readableOf(this.#workplace),
      cwd: spec.cwd === undefined ? this.#project as string : fill(spec.cwd, variables),
      networkOf: this.place.networkOf,
    };
    return {
      command: spec.run.map((word) => fill(word, variables)),
      confinement,
      env: {
        HOME: this.folder,
        TMPDIR: "/tmp",
        PYTHONUNBUFFERED: "1",
        ...filledEnv(spec.env, variables),
      },
    };
  }

  /** Waits until the adapter's condition holds; says what is wrong when it never does. */
  async untilReady(): Promise<void> {
    const { ready } = this.#workplace.adapter;
    const timeoutMs = ready.timeout ?? READY_MS_MAX;
    const startedAtMs = awakeMs();
    for (;;) {
      const process = this.#process as StrangerProcess;
      if (process.end !== undefined) throw this.#troubleOf(process.end);
      if (await this.#isReady()) return;
      if (awakeMs() - startedAtMs > timeoutMs * machineSlowness()) {
        throw await this.#notReady(timeoutMs);
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  /** One that ends closes its connections first, and is known to have ended a moment later. */
  async letEnd(): Promise<void> {
    await Promise.race([
      this.#process?.exited,
      new Promise((resolve) => setTimeout(resolve, END_MS)),
    ]);
  }

  /** Throws when it has ended though nobody asked it to. */
  demandRunning(): void {
    const end = this.#process?.end;
    if (end !== undefined && end.reason !== "stopped") throw this.#troubleOf(end);
  }

  async stop(): Promise<void> {
    const { stop } = this.#workplace.adapter;
    await this.#process?.stop(stop.signal, stop.grace ?? GRACE_MS);
  }

  async kill(): Promise<void> {
    await this.#process?.stop("SIGKILL", 0);
  }

  async setFrozen(isFrozen: boolean): Promise<void> {
    await this.#process?.setFrozen(isFrozen);
  }

  async #isReady(): Promise<boolean> {
    const { ready } = this.#workplace.adapter;
    if ("output" in ready) {
      return new RegExp(ready.output, "m").test(this.#process?.output.text ?? "");
    }
    if ("http" in ready) {
      const { path, method, status } = ready.http;
      try {
        const response = await fetch(`${this.url}${fill(path, this.variables())}`, {
          method,
          signal: AbortSignal.timeout(2_000),
        });
        await response.body?.cancel();
        return status === undefined ? response.status < 500 : response.status === status;
      } catch (error) {
        if (error instanceof TypeError || error instanceof DOMException) return false;
        throw error;
      }
    }
    return await canConnect(this.place.host, this.place.port);
  }

  async #notReady(timeoutMs: number): Promise<Trouble> {
    const ports = await this.#listening();
    const { port } = this.place;
    const said = this.#process?.output.tail(400).trim() ?? "";
    const tail = said === "" ? "it has said nothing" : `it has said: ${said}`;
    if (ports.length > 0 && !ports.includes(port)) {
      return new Trouble(
        "wrong-port",
        `node ${this.index} listens on port ${ports.join(", ")}, wanted ${port}; ${tail}`,
      );
    }
    return new Trouble(
      "never-ready",
      `node ${this.index} is not ready after ${timeoutMs} ms; ${tail}`,
    );
  }

  /** The ports that its processes listen on. */
  async #listening(): Promise<readonly number[]> {
    const pids = new Set(this.#process?.memberPids ?? []);
    const entering = this.place.networkOf === undefined
      ? []
      : ["nsenter", "-t", String(this.place.networkOf), "-n", "--"];
    const [file, ...args] = [...entering, "ss", "-Hltnp"] as string[] as [string, ...string[]];
    try {
      const { stdout } = await new Deno.Command(file, { args, stdin: "null", stderr: "null" })
        .output();
      return [
        ...new Set(
          new TextDecoder().decode(stdout).split("\n")
            .filter((line) =>
              [...line.matchAll(/pid=(\d+)/g)].some((match) => pids.has(Number(match[1])))
            )
            .map((line) => Number(/:(\d+)\s/.exec(line)?.[1])),
        ),
      ];
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return [];
      throw error;
    }
  }

  #troubleOf({ reason, code, signal }: ProcessEnd): Trouble {
    const said = this.#process?.output.tail(600).trim() ?? "";
    if (reason !== "ended-by-itself" && reason !== "stopped") {
      const what: Record<string, string> = {
        "flooded-output": "wrote more output than is allowed",
        "memory-limit": "took more memory than is allowed",
        "process-limit": "started more processes than are allowed",
        "disk-limit": "filled its folder beyond what is allowed",
      };
      return new Trouble(reason as TroubleCode, `node ${this.index} ${what[reason]} and was ended`);
    }
    const isMissing = code === 127 || (code === 126) ||
      /No such file or directory|not found/.test(said) && code !== 0 &&
        /^(?:setpriv|sh|setsid|prlimit|unshare): /m.test(said);
    return new Trouble(
      isMissing ? "command-not-found" : "ended-early",
      `node ${this.index} ended with ${signal ?? `exit code ${code}`}: ${
        said === "" ? "it said nothing" : said
      }`,
    );
  }
}

async function canConnect(hostname: string, port: number): Promise<boolean> {
  try {
    const connection = await Deno.connect({ hostname, port });
    connection.close();
    return true;
  } catch (error) {
    if (error instanceof Error) return false;
    throw error;
  }
}
