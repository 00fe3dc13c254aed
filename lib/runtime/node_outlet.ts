/**
 * Does what the node wants, in the order in which it wants it: sends, mines, tells, writes to the log.
 *
 * @module
 */
import type { Logger } from "@logtape/logtape";
import type { NodeEvent } from "../node/effect.ts";
import type { PeerTransport } from "../peers/peer_transport.ts";
import type { Lab } from "./lab/lab.ts";
import type { MinerDriver } from "./miner_driver.ts";
import type { RefusalCounts } from "./refusal_counts.ts";
import type { OutwardEffect } from "./outward_effect.ts";

/** The hands of the node. */
export interface OutletParts {
  readonly peers: Pick<PeerTransport, "send">;
  readonly miner: Pick<MinerDriver, "mine" | "idle"> | undefined;
  /** Stands between the node and its peers where there is one. */
  readonly lab: Pick<Lab, "send"> | undefined;
  readonly refusals: RefusalCounts;
  readonly logger: Logger;
  onEvent(event: NodeEvent): void;
  onGivenUp(reason: { readonly code: string; readonly text: string }): void;
}

export class NodeOutlet {
  readonly #parts: OutletParts;

  constructor(parts: OutletParts) {
    this.#parts = parts;
  }

  perform(effect: OutwardEffect): void {
    const { peers, miner, lab, refusals, logger } = this.#parts;
    switch (effect.type) {
      case "send":
        return lab === undefined ? peers.send(effect, effect.message) : lab.send(effect);
      case "mine":
        return miner?.mine(effect);
      case "stop-mining":
        return miner?.idle();
      case "event":
        return this.#parts.onEvent(effect.event);
      case "log":
        if (typeof effect.properties["code"] === "string") refusals.note(effect.properties["code"]);
        return logger[effect.level](effect.text, { ...effect.properties });
      case "give-up":
        return this.#parts.onGivenUp(effect);
    }
  }
}
