/**
 * Reads what a program wrote down as JSON, by a schema: a file may be old, half copied, or somebody else's.
 *
 * @module
 */
import type { z } from "zod";
import { err, ok, type Result } from "./result.ts";

/** How deep a record may be: what reads it goes down level by level. */
const DEPTH_MAX = 32;

function isShallow(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return true;
  return levels > 0 && Object.values(value).every((inner) => isShallow(inner, levels - 1));
}

/** Reads a JSON text by a schema; the error says what is wrong and where, for the middle of a sentence. */
export function parseRecord<T>(text: string, schema: z.ZodType<T>): Result<T, string> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return err("a text that is not JSON");
  }
  if (!isShallow(value, DEPTH_MAX)) return err(`more than ${DEPTH_MAX} levels`);
  const parsed = schema.safeParse(value);
  if (parsed.success) return ok(parsed.data);
  const [issue] = parsed.error.issues;
  const place = issue?.path.join(".") ?? "";
  return err(`${place === "" ? "the whole" : `"${place}"`}: ${issue?.message ?? "?"}`);
}
