/**
 * How a simulated world is set up.
 *
 * @module
 */
import type { BlockCheck } from "../consensus/check_block.ts";
import type { TransactionVerifier } from "../consensus/transaction_verifier.ts";
import type { Params } from "../params.ts";
import type { Seed } from "../random/random_stream.ts";
import type { LinkProfile } from "./link_model.ts";
import type { ProcessingCost } from "./processing.ts";
import type { SimNodePlan, WorldObserver } from "./sim_node.ts";
import type { Trace } from "./trace.ts";

export interface WorldOptions {
  readonly seed: Seed;
  readonly nodes: readonly SimNodePlan[];
  readonly links: LinkProfile;
  /** All of one process share verdicts over signatures. */
  readonly verifierOf?: (params: Params) => TransactionVerifier;
  /** Whether each message goes through the codec. */
  readonly isEncoded?: boolean;
  /** Whether all transport sessions are told to the nodes; those that a join opens always are. */
  readonly hasSessions?: boolean;
  readonly observers?: readonly WorldObserver[];
  readonly trace?: Trace;
  /**
   * Leaves out the arrival of a block that its receiver has by then: what a node does with it is nothing.
   * Only where nodes never crash and nobody counts events.
   */
  readonly skipsOldNews?: boolean;
  /**
   * All nodes are up from the beginning and know that of each other: what a node says to its peers when it
   * starts is not sent. Only where every node starts at once.
   */
  readonly isSettled?: boolean;
  /** How blocks are looked into, in place of all rules. */
  readonly checkBlock?: BlockCheck;
  /** What messages cost a node; processors are infinitely fast without it. */
  readonly processing?: ProcessingCost;
  /** What each block weighs on the wire beside what it carries. */
  readonly blockSizeBytes?: number;
}
