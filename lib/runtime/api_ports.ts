/**
 * A running node as the API and the lab's doors see it: reading goes straight to the state, orders go
 * through the queue.
 *
 * @module
 */
import type { LabPorts } from "../http/lab_routes.ts";
import type { ApiPorts, RuntimeReply } from "../http/ports.ts";
import type { NodeInput } from "../node/input.ts";
import type { NodeState } from "../node/state.ts";
import type { PeerTransport } from "../peers/peer_transport.ts";
import type { PaymentGate } from "./payment_gate.ts";
import type { RefusalCounts } from "./refusal_counts.ts";
import type { Lab } from "./lab/lab.ts";
import type { MinerDriver } from "./miner_driver.ts";
import type { NodeClock } from "./node_clock.ts";
import type { NodeLoop } from "./node_loop.ts";
import { runtimeMetrics } from "./runtime_metrics.ts";

/** The parts of a running node. */
export interface RunningParts {
  readonly node: NodeState;
  readonly loop: NodeLoop;
  readonly peers: Pick<PeerTransport, "stats">;
  readonly miner: MinerDriver | undefined;
  readonly gate: PaymentGate;
  readonly refusals: RefusalCounts;
  readonly clock: NodeClock;
  readonly subscribe: ApiPorts["subscribe"];
  readonly stopping: AbortSignal;
}

export function apiPortsOf(
  { node, loop, peers, miner, gate, refusals, clock, subscribe, stopping }: RunningParts,
  own: Pick<ApiPorts, "token" | "version" | "startedAtMs" | "hostNames">,
): ApiPorts {
  /** Gives a client's order to the node; a refusal is counted. */
  const ask = async (inputOf: (requestId: number) => NodeInput): Promise<RuntimeReply> => {
    const reply = await loop.request(inputOf);
    if (!reply.ok) refusals.note(reply.error.code);
    return reply;
  };
  return {
    ...own,
    node,
    stopping,
    subscribe,
    nowMs: clock.steadyMs,
    pay: async (payment) => {
      await gate.pass();
      return await ask((requestId) => ({ type: "pay", requestId, ...payment }));
    },
    submit: (transaction) => ask((requestId) => ({ type: "submit", requestId, transaction })),
    submitBlock: (block) => ask((requestId) => ({ type: "submit-block", requestId, block })),
    control: (command) => loop.request((requestId) => ({ type: "control", requestId, command })),
    mining: () => miner?.status() ?? { isSearching: false, hashesPerSecond: 0 },
    metrics: () =>
      runtimeMetrics({
        loop: loop.stats(),
        gate: gate.stats(),
        peers: peers.stats(),
        miner: miner?.stats(),
        ignored: node.ignored,
        refusals: refusals.counts,
      }),
    sickness: () => loop.ended?.code,
  };
}

/** The doors of the cluster that may break this node. */
export function labPortsOf(lab: Lab, secret: string, stopping: AbortSignal): LabPorts {
  return {
    secret,
    stopping,
    clockMs: () => lab.clockMs(),
    faults: () => lab.faults,
    apply: (faults) => lab.apply(faults),
    listen: (detail) => lab.listen(detail),
    setDetail: (detail) => lab.setDetail(detail),
    blocksBetween: (from, to) => lab.blocksBetween(from, to),
  };
}
