/**
 * The score sheet: one HTML file without anything from elsewhere, for a student to read and act on.
 *
 * Points by level; every failed test with what is required and why, what was asked and answered word by
 * word, the moment, what the nodes wrote, and the command that repeats only this.
 *
 * @module
 */
import type { CallRecord } from "./call.ts";
import { LEVEL_NAMES } from "./conform_test.ts";
import type { RunResult, TestResult } from "./result.ts";
import { earnedOf, formatPoints, pointsOf, type Score, scoreOf, type Weights } from "./score.ts";
import { SCORE_SHEET_STYLE } from "./score_sheet_style.ts";

const CALLS_SHOWN = 40;
const VERDICT_WORDS = {
  passed: "passed",
  failed: "failed",
  flaky: "flaky",
  "not-applicable": "not judged",
} as const;

export function scoreSheetHtml(run: RunResult, weights: Weights): string {
  const score = scoreOf(run.results, weights);
  const failed = run.results.filter(({ verdict }) => verdict === "failed" || verdict === "flaky");
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(run.implementation)}: ${formatPoints(score.earned)} of ${
    formatPoints(score.possible)
  } points</title>
<style>${SCORE_SHEET_STYLE}</style></head><body>
<header><h1>${escapeHtml(run.implementation)}</h1>
<p class="total"><strong>${formatPoints(score.earned)}</strong> of ${
    formatPoints(score.possible)
  } points</p>
<p>${run.startedAt.slice(0, 16).replace("T", " ")} UTC, ${
    duration(run.durationMs)
  }, seed ${run.seed}, ${escapeHtml(run.program)}. Sandbox: ${escapeHtml(run.sandbox)}.</p>
${
    score.notApplicable === 0
      ? ""
      : `<p class="notice">${
        formatPoints(score.notApplicable)
      } points could not be judged: the adapter or this machine lacks something. They are never counted as earned.</p>`
  }
</header>
<h2>Points by level</h2>
<div class="table"><table><thead><tr><th>Level</th><th>Points</th><th class="wide"></th><th>Passed</th><th>Failed</th><th>Flaky</th><th>Not judged</th></tr></thead><tbody>
${score.levels.map(levelRow).join("\n")}
</tbody></table></div>
<h2>${failed.length === 0 ? "Nothing failed" : `What failed (${failed.length})`}</h2>
${failed.map((result) => failedTest(run, result, weights)).join("\n")}
<h2>Every test</h2>
<div class="table"><table class="tests"><thead><tr><th>Test</th><th>Required</th><th>Verdict</th><th>Points</th></tr></thead><tbody>
${run.results.map((result) => testRow(result, weights)).join("\n")}
</tbody></table></div>
<h2>Repeat it</h2><pre>${escapeHtml(run.command)}</pre>
<p>The adapter's SHA-256 is <code>${
    run.adapterSha256.slice(0, 16)
  }…</code>; the same adapter, seed and program ask the same questions in the same order. Answers depend on time and processors, so a verdict "flaky" may differ.</p>
</body></html>
`;
}

function levelRow(
  { level, name, earned, possible, passed, failed, flaky, notApplicable }: Score["levels"][number],
): string {
  const width = possible === 0 ? 0 : (earned / possible) * 100;
  return `<tr><td>${level} ${escapeHtml(name)}</td><td>${formatPoints(earned)} / ${
    formatPoints(possible)
  }</td>` +
    `<td class="wide"><span class="bar"><span style="width:${
      width.toFixed(1)
    }%"></span></span></td>` +
    `<td>${passed}</td><td>${failed}</td><td>${flaky}</td><td>${
      notApplicable === 0 ? 0 : `${formatPoints(notApplicable)} pt`
    }</td></tr>`;
}

function testRow(result: TestResult, weights: Weights): string {
  const { code, title, verdict, basis, reason, notes } = result;
  const more = verdict === "not-applicable" ? reason : notes.join("; ");
  const id = verdict === "failed" || verdict === "flaky" ? `<a href="#${code}">${code}</a>` : code;
  return `<tr class="${verdict}"><td>${id}</td><td>${escapeHtml(title)}${
    basis === "assignment" ? "" : ' <span class="tag">beyond the assignment</span>'
  }` +
    `${more === null || more === "" ? "" : `<br><small>${escapeHtml(more)}</small>`}</td>` +
    `<td><span class="verdict">${VERDICT_WORDS[verdict]}</span></td><td>${
      formatPoints(earnedOf(result, weights))
    } / ${formatPoints(pointsOf(result, weights))}</td></tr>`;
}

function failedTest(run: RunResult, result: TestResult, weights: Weights): string {
  const {
    code,
    level,
    title,
    why,
    basis,
    reason,
    failureCode,
    failures,
    runs,
    calls,
    logs,
    notes,
    startedAt,
    failedAtMs,
  } = result;
  const often = failures === runs
    ? `broken: failed ${failures} of ${runs} runs`
    : `flaky: failed ${failures} of ${runs} runs`;
  return `<section class="${result.verdict}" id="${code}"><h3>${code} ${escapeHtml(title)}</h3>
<p class="reason">${escapeHtml(reason ?? "")}</p>
<p><small>Level ${level}, ${LEVEL_NAMES[level]} · ${formatPoints(earnedOf(result, weights))} of ${
    formatPoints(pointsOf(result, weights))
  } points · ${often} · <code>${failureCode}</code> · ${
    startedAt.slice(0, 19).replace("T", " ")
  } UTC${
    failedAtMs === null ? "" : `, ${(failedAtMs / 1000).toFixed(1)} s after its beginning`
  }</small></p>
<p><strong>Why it is required.</strong> ${escapeHtml(why)}${
    basis === "assignment" ? "" : " (beyond the assignment)"
  }</p>
${notes.length === 0 ? "" : `<p><small>${escapeHtml(notes.join("; "))}</small></p>`}
${callsHtml(calls)}
${
    logs.map((log, index) =>
      log.trim() === ""
        ? ""
        : `<details><summary>What node ${index} wrote</summary><pre>${
          escapeHtml(log)
        }</pre></details>`
    ).join("\n")
  }
<p><small>Only this again:</small></p><pre>${
    escapeHtml(`${run.command} --only ${code}`)
  }</pre></section>`;
}

function callsHtml(calls: readonly CallRecord[]): string {
  if (calls.length === 0) return "";
  const shown = calls.slice(-CALLS_SHOWN);
  const left = calls.length - shown.length;
  const paying = shown.filter(({ operation }) =>
    operation !== "balance" && operation !== "balances" && operation !== "chain"
  ).slice(-6);
  const one = ({ atMs, node, request, answer, durationMs }: CallRecord) =>
    `<li><span class="when">${
      (atMs / 1000).toFixed(3)
    } s, node ${node}, ${durationMs} ms</span><pre>→ ${escapeHtml(request)}\n← ${
      escapeHtml(answer)
    }</pre></li>`;
  return `${
    paying.length === 0
      ? ""
      : `<p><small>What was asked for last, and answered:</small></p><ol class="calls">${
        paying.map(one).join("")
      }</ol>`
  }
<details><summary>${
    left > 0
      ? `The last ${shown.length} of ${calls.length} requests and answers`
      : calls.length === 1
      ? "The one request and answer"
      : `All ${calls.length} requests and answers`
  }, word by word</summary><ol class="calls">${shown.map(one).join("")}</ol></details>`;
}

function duration(ms: number): string {
  return ms < 90_000 ? `${(ms / 1000).toFixed(0)} s` : `${(ms / 60_000).toFixed(1)} min`;
}

export function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll(
    '"',
    "&quot;",
  );
}
