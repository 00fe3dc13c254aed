/**
 * Effects that leave the loop.
 *
 * @module
 */
import type { NodeEffect } from "../node/effect.ts";

/** All but commits and replies, which are the loop's own. */
export type OutwardEffect = Exclude<NodeEffect, { readonly type: "commit" | "reply" }>;
