/**
 * What a fault is that `conform_mutants.ts` builds in, and the tests of the grader that are to find it.
 *
 * @module
 */

export interface ConformMutation {
  readonly name: string;
  readonly subject: "noobcash" | "python";
  /** In words, for the table. */
  readonly fault: string;
  readonly edits: readonly {
    readonly file: string;
    readonly find: string;
    readonly replace: string;
  }[];
  /** One of these has to fail. */
  readonly tests: readonly string[];
}

/** @param tests codes, a space between them */
export function mutation(
  subject: ConformMutation["subject"],
  { name, fault, tests }: {
    readonly name: string;
    readonly fault: string;
    readonly tests: string;
  },
  edits: readonly (readonly [string, string, string])[],
): ConformMutation {
  const listed = edits.map(([file, find, replace]) => ({ file, find, replace }));
  return { name, subject, fault, tests: tests.split(" "), edits: listed };
}
