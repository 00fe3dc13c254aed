/**
 * Fuzzes seeds one after the other in this process, and prints the first that fails as JSON:
 * `{"failures": [{"seed", "rule"}]}`.
 *
 * `noobcash simulate fuzz` gives seeds to workers whose code is bundled by the build. In a copy of the
 * tree that was edited, that bundle is the old code; this runs what stands there.
 *
 * Run: `deno run -A --no-check scripts/fuzz_seeds.ts <first> <count>`
 *
 * @module
 */
import { planFuzz } from "../lib/fuzz/fuzz_plan.ts";
import { runFuzz } from "../lib/fuzz/fuzz_run.ts";

const [first = 1, count = 1] = Deno.args.map(Number);
const failures: { readonly seed: number; readonly rule: string }[] = [];
for (let seed = first; seed < first + count && failures.length === 0; seed++) {
  const { violation } = runFuzz(planFuzz(seed));
  if (violation !== undefined) failures.push({ seed, rule: violation.rule });
}
console.log(JSON.stringify({ failures }));
