/**
 * What the shell needs of a store beyond the node's port: several commits as one.
 *
 * A node that takes in many inputs at once pays for one disk transaction instead of many. Nothing that
 * the steps of a batch say may leave the process before {@link NodeStore.end} returned. The stores of
 * this room implement it; the runtime calls it.
 *
 * @module
 */
import type { Store } from "../node/persistence.ts";

export interface NodeStore extends Store {
  /** Begins a batch: commits up to {@link end} become durable together. Reads see them at once. */
  begin(): void;
  /**
   * Makes the batch durable. Throws when the machine cannot; then nothing of the batch is on disk, the
   * node's memory is ahead of it, and the store takes nothing more.
   */
  end(): void;
  /** Outside of a batch: gives back memory that it holds only to be fast. Throws like {@link end}. */
  rest(): void;
  /** How much of what it has read it keeps in memory from now on; what a store keeps anyway is not part of that. */
  keepPages(count: "few" | "many"): void;
}
