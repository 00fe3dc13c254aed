/**
 * Does operations on nodes, by HTTP, by a command or by the adapter's program, and records verbatim what
 * went out and what came back.
 *
 * Knows one network's nodes only as they are handed in with each call.
 *
 * @module
 */
import type { CallSpec } from "./adapter_schema.ts";
import { AdapterProgram } from "./adapter_program.ts";
import { briefly, callCommand, callHttp, type CallOutcome, type CallRecord } from "./call.ts";
import { machineSlowness } from "./machine_load.ts";
import type { NodeUnderTest } from "./node_under_test.ts";
import { fill, type Variables } from "./template.ts";
import { NotApplicable, Trouble } from "./trouble.ts";
import { filledEnv, projectOf, runToEnd, type Workplace } from "./workplace.ts";

const TIMEOUT_MS = 10_000;
/** Evidence of one test. */
const CALLS_MAX = 4_000;

/** One call: how, on which node, and what templates know. */
export interface CallOrder {
  readonly spec: CallSpec;
  readonly node: NodeUnderTest;
  /** All nodes, as templates and the adapter's program know them. */
  readonly nodes: readonly Variables[];
  /** What this operation knows beside that. */
  readonly more: Variables;
}

export class Caller {
  /** What was asked and answered since {@link Caller.begin}. */
  calls: CallRecord[] = [];
  #beganAtMs = performance.now();
  readonly #workplace: Workplace;
  #program: AdapterProgram | undefined;

  constructor(workplace: Workplace) {
    this.#workplace = workplace;
  }

  /** Begins another test's evidence. */
  begin(beganAtMs = performance.now()): void {
    this.calls = [];
    this.#beganAtMs = beganAtMs;
  }

  async call(operation: string, order: CallOrder): Promise<CallOutcome> {
    const { spec, node, more } = order;
    const variables = { ...order.nodes[node.index] ?? node.variables(), ...more };
    const timeoutMs = Math.round(
      (spec.timeout ?? this.#workplace.adapter.timeout ?? TIMEOUT_MS) * machineSlowness(),
    );
    const startedAtMs = performance.now();
    let request = operation;
    let answer = "";
    try {
      let outcome: CallOutcome;
      if ("http" in spec) {
        const call = callHttp(spec, variables, timeoutMs);
        request = call.request;
        outcome = await call.outcome();
      } else if ("command" in spec) {
        const call = callCommand(spec, variables, timeoutMs, async (command, ms) => {
          const { confinement, env } = node.confined(spec.command, variables);
          const ended = await runToEnd(command, confinement, env, ms);
          if (ended.reason.startsWith("no end")) throw new Trouble("no-answer", ended.reason);
          return ended;
        });
        request = call.request;
        outcome = await call.outcome();
      } else {
        request = `${operation} ${JSON.stringify(more)}`;
        outcome = await this.#programOf(order).ask(
          { op: operation, node: node.index, nodes: order.nodes, ...more },
          timeoutMs,
        );
      }
      answer = outcome.text;
      return outcome;
    } catch (error) {
      answer = `(${briefly(error)})`;
      throw error;
    } finally {
      this.#record({ node: node.index, operation, request, answer, startedAtMs });
    }
  }

  async close(): Promise<void> {
    await this.#program?.close();
  }

  /** The adapter's program, one for the network, started when it is first asked. */
  #programOf({ nodes }: CallOrder): AdapterProgram {
    const { adapter: { program }, home } = this.#workplace;
    if (program === undefined) throw new NotApplicable("the adapter has no program");
    if (this.#program === undefined) {
      const variables = { ...nodes[0], project: projectOf(this.#workplace) };
      this.#program = new AdapterProgram(program.run.map((word) => fill(word, variables)), {
        cwd: program.cwd === undefined ? home : fill(program.cwd, variables),
        env: filledEnv(program.env, variables),
      });
    }
    return this.#program;
  }

  #record(
    { startedAtMs, ...call }: Omit<CallRecord, "atMs" | "durationMs"> & {
      readonly startedAtMs: number;
    },
  ): void {
    if (this.calls.length >= CALLS_MAX) this.calls.splice(0, CALLS_MAX / 4);
    this.calls.push({
      ...call,
      atMs: Math.round(startedAtMs - this.#beganAtMs),
      durationMs: Math.round(performance.now() - startedAtMs),
    });
  }
}
