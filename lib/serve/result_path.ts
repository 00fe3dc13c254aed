/**
 * Names of files below a folder, and nothing outside it.
 *
 * A name comes from a browser. It is refused when it climbs, when a part of it is hidden, and when a link
 * on disk leads out of the folder.
 *
 * @module
 */
import { join, relative, sep as SEPARATOR } from "node:path";

/** The real path of a name below a root that is real itself; `undefined` when there is none there. */
export function resolveInside(root: string, name: string): string | undefined {
  const parts = name.split("/");
  const isFine = name.length <= 1000 && !/[\0\\]/.test(name) &&
    parts.every((part) => part !== "" && !part.startsWith("."));
  if (!isFine) return undefined;
  try {
    const path = Deno.realPathSync(join(root, ...parts));
    return path === root || path.startsWith(`${root}${SEPARATOR}`) ? path : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.PermissionDenied || isGone(error)) return undefined;
    throw error;
  }
}

/** The name of a path below the root, with slashes. */
export function nameInside(root: string, path: string): string {
  return relative(root, path).split(SEPARATOR).join("/");
}

/** Nothing is there, or something else than was looked for. */
export function isGone(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory ||
    error instanceof Deno.errors.IsADirectory || error instanceof Deno.errors.FilesystemLoop ||
    error instanceof Deno.errors.InvalidData;
}
