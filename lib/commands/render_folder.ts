/**
 * Renders a result folder for a command, and says where the report is.
 *
 * @module
 */
import { failCommand } from "../terminal/fail_command.ts";

export async function render(folder: string, json: boolean): Promise<void> {
  const { renderReport } = await import("../report/render_report.ts");
  const report = await renderReport(folder);
  if (!report.ok) return failCommand("usage", report.error.message);
  console.log(json ? JSON.stringify({ report: report.value }) : `Report: ${report.value}`);
}
