/**
 * Renders a result folder for a command, and says where the report is.
 *
 * @module
 */
import { failCommand } from "../terminal/fail_command.ts";
import { terminalLanguage } from "../terminal/terminal_language.ts";
import type { Language } from "../translation.ts";

export interface RenderOptions {
  readonly json: boolean;
  /** As the environment says when left out. */
  readonly language?: Language | undefined;
}

export async function render(folder: string, { json, language }: RenderOptions): Promise<void> {
  const [{ renderReport }, { reportTexts }] = await Promise.all([
    import("../report/render_report.ts"),
    import("../report/texts.ts"),
  ]);
  const chosen = terminalLanguage(language);
  const report = await renderReport(folder, chosen);
  if (!report.ok) return failCommand("usage", report.error.message);
  console.log(
    json
      ? JSON.stringify({ report: report.value })
      : reportTexts(chosen)("progress.report", { path: report.value }),
  );
}
