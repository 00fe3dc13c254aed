/**
 * Runs a tool of the machine to its end: the grader's own hands, not what it grades.
 *
 * @module
 */

/** Tells whether it did what it was asked for, and what it complained about. */
export async function runTool(
  command: string,
  args: readonly string[],
): Promise<{ readonly success: boolean; readonly complaint: string }> {
  const { success, stderr } = await new Deno.Command(command, {
    args: [...args],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  return { success, complaint: new TextDecoder().decode(stderr).trim() };
}
