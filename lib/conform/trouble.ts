/**
 * What can go wrong with an implementation beside a wrong answer, each with a code of its own.
 *
 * @module
 */

/** How an implementation fails to be there at all. */
export const TROUBLE_CODES = [
  "command-not-found",
  "build-failed",
  "never-ready",
  "wrong-port",
  "ended-early",
  "flooded-output",
  "memory-limit",
  "process-limit",
  "disk-limit",
  "no-answer",
  "answer-too-large",
  "garbage",
  "adapter-failed",
  "test-time-out",
] as const;
export type TroubleCode = (typeof TROUBLE_CODES)[number];

/** The implementation cannot be talked to as the adapter says. */
export class Trouble extends Error {
  override readonly name = "Trouble";
  readonly code: TroubleCode;

  constructor(code: TroubleCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** The implementation does something else than the test requires. */
export class Failure extends Error {
  override readonly name = "Failure";
}

/** The test cannot be held against this implementation with this adapter on this machine. */
export class NotApplicable extends Error {
  override readonly name = "NotApplicable";
}
