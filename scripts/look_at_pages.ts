/**
 * Looks at every page as every reader has it, keeps a picture of each, and tells what is wrong.
 *
 * Run: `deno run -A scripts/look_at_pages.ts FOLDER [part of a page's name]`
 *
 * @module
 */
import { launchBrowser } from "../lib/testing/browser.ts";
import { ALL_READERS, tourPages } from "../lib/testing/page_tour.ts";
import { withSamplePages } from "../lib/testing/sample_pages.ts";

const [folder, part = ""] = Deno.args;
if (folder === undefined) {
  console.error("Cannot look: no folder for pictures is named");
  Deno.exit(2);
}
await Deno.mkdir(folder, { recursive: true });
const browser = await launchBrowser();
try {
  await withSamplePages(async (views) => {
    const chosen = views.filter(({ name }) => name.includes(part));
    const problems = await tourPages(browser, chosen, {
      readers: ALL_READERS,
      onProblem: (problem) => console.log(problem),
      shot: (name, picture) => Deno.writeFileSync(`${folder}/${name}.png`, picture),
    });
    console.log(
      `${chosen.length} pages, ${ALL_READERS.length} readers, ${problems.length} problems`,
    );
    if (problems.length > 0) Deno.exitCode = 1;
  });
} finally {
  await browser.close();
}
