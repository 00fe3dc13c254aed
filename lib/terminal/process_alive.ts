/**
 * Whether a process is there.
 *
 * Asked by signal 0, which does nothing to it. Linux' `/proc` would tell, too, but Deno opens it to programs
 * with all permissions alone, which this one has not.
 *
 * @module
 */
import process from "node:process";

export function isProcessAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // Another user's process may not be asked: it is there.
    return (error as { readonly code?: string }).code !== "ESRCH";
  }
}
