/**
 * Which programs have measured what an experiment's folder holds.
 *
 * Another program may give other figures, so one folder is measured by one, as `report merge` demands of several
 * folders. Whoever goes on with another one all the same says so, and the record keeps it as soon as that one
 * has measured anything: from when on which program measured. Pure.
 *
 * @module
 */
import type { Environment, ExperimentRecord, ResumedBy } from "../measure/experiment_record.ts";
import { err, ok, type Result } from "../result.ts";

type Program = Pick<Environment, "program" | "deno">;

/** The programs that have measured, in their order, as people read them. */
export function programsOf(
  { environment, resumedBy = [] }: Pick<ExperimentRecord, "environment" | "resumedBy">,
): readonly string[] {
  return [environment, ...resumedBy].map(programText);
}

/** What the record is to say once something was measured; `undefined` where the same program goes on. */
export function resumeProgram(
  there: Pick<ExperimentRecord, "environment" | "resumedBy">,
  { now, nowMs, isOtherAllowed }: {
    readonly now: Program;
    readonly nowMs: number;
    readonly isOtherAllowed: boolean;
  },
): Result<readonly ResumedBy[] | undefined, { readonly last: string; readonly now: string }> {
  const last = programsOf(there).at(-1) as string;
  if (last === programText(now)) return ok(undefined);
  if (!isOtherAllowed) return err({ last, now: programText(now) });
  const { program, deno } = now;
  return ok([...there.resumedBy ?? [], { program, deno, sinceMs: nowMs }]);
}

function programText({ program, deno }: Program): string {
  return `${program}, Deno ${deno}`;
}
