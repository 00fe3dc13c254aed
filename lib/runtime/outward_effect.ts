/**
 * Effects that leave the loop.
 *
 * @module
 */
import type { NodeEffect } from "../node/effect.ts";

/** All but commits, replies and the wish to go on, which are the loop's own. */
export type OutwardEffect = Exclude<
  NodeEffect,
  { readonly type: "commit" | "reply" | "continue" }
>;
