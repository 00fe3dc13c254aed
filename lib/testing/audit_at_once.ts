/**
 * A node's audit without the pauses between its steps.
 *
 * @module
 */
import { type Audit, auditInSteps } from "../node/audit.ts";

export function auditOf(ledger: Parameters<typeof auditInSteps>[0]): Audit {
  return finish(auditInSteps(ledger));
}

/** Takes all steps of something one after the other. */
export function finish<T>(steps: Iterator<void, T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}
