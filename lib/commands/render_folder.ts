/**
 * Renders a result folder for a command, and says where the report is.
 *
 * @module
 */
import { failCommand } from "../terminal/fail_command.ts";
import { terminalLanguage } from "../terminal/terminal_language.ts";
import type { Language } from "../translation.ts";

export async function render(
  folder: string,
  json: boolean,
  language?: Language | undefined,
): Promise<void> {
  const { renderReport } = await import("../report/render_report.ts");
  const report = await renderReport(folder, terminalLanguage(language));
  if (!report.ok) return failCommand("usage", report.error.message);
  console.log(json ? JSON.stringify({ report: report.value }) : `Report: ${report.value}`);
}
