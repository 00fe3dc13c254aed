/**
 * How a command ends that could not do what was asked: one line on stderr and the exit code of its kind.
 *
 * @module
 */

/** Why a command ends, as its exit code says it; 0 is success. */
export const EXIT_CODES = { refused: 1, usage: 2, unreachable: 3, internal: 4 } as const;

/** Writes the reason to stderr and sets the exit code; the command returns after that. */
export function failCommand(kind: keyof typeof EXIT_CODES, message: string): void {
  console.error(message);
  Deno.exitCode = EXIT_CODES[kind];
}
