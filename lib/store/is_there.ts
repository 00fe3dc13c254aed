/**
 * Asks the disk whether something is there.
 *
 * @module
 */

/** Tells whether anything stands under a path; what cannot be asked is an error. */
export function isThere(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return false;
    }
    throw error;
  }
}
