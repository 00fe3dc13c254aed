/**
 * What a header is judged by: its parent and the blocks below, as far down as a rule reads.
 *
 * @module
 */
import type { Header } from "../primitives/header.ts";
import type { CompactTarget } from "../primitives/target.ts";

/** What a header is checked against: its parent and the blocks below. */
export interface Ancestor {
  readonly header: Header;
  readonly parent: Ancestor | undefined;
  /** What `medianTimePast()` gives; it is asked for several times a block and never changes. */
  medianMs?: number | undefined;
  /** What `nextCompactTarget()` gives. */
  nextTarget?: CompactTarget | undefined;
}
