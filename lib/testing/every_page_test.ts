/** Every page as two readers have it who differ in everything; `scripts/look_at_pages.ts` has all eight. */
import assert from "node:assert/strict";
import { browserTest, launchBrowser } from "./browser.ts";
import { tourPages } from "./page_tour.ts";
import { withSamplePages } from "./sample_pages.ts";

Deno.test(
  "every page is whole for those who cannot see, on a phone, in the dark, and in Greek",
  browserTest,
  async () => {
    const browser = await launchBrowser();
    try {
      await withSamplePages(async (views) => {
        const readers = [
          { language: "en", scheme: "light", width: 1440 },
          { language: "el", scheme: "dark", width: 390 },
        ] as const;
        assert.deepEqual(await tourPages(browser, views, { readers }), []);
      });
    } finally {
      await browser.close();
    }
  },
);
