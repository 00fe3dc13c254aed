/**
 * Looks at pages as different readers have them: light and dark, on a phone and on a desk, in English and
 * in Greek; by the rules of accessibility, for what is cut off, and for what was left in English.
 *
 * @module
 */
import type { Browser, Page } from "playwright-core";
import type { Language } from "../translation.ts";
import { accessibilityProblems } from "./accessibility.ts";
import { BROWSER_WAIT_MS_MAX } from "./browser.ts";
import { englishLeft } from "./page_language.ts";

export interface Reader {
  readonly language: Language;
  readonly scheme: "light" | "dark";
  readonly width: number;
}

/** Every combination. */
export const ALL_READERS: readonly Reader[] = (["en", "el"] as const).flatMap((language) =>
  (["light", "dark"] as const).flatMap((scheme) =>
    [390, 1440].map((width) => ({ language, scheme, width }))
  )
);

/** One page in one state. */
export interface View {
  readonly name: string;
  readonly url: string;
  /** What is there once the page is. */
  readonly shows: string;
  /** Brings the page into its state. */
  readonly prepare?: (page: Page) => Promise<void>;
  /** The languages that the page speaks; all when left out. */
  readonly languages?: readonly Language[];
  /** Statuses that the page is told on purpose, which the console then names. */
  readonly expects?: RegExp;
}

export interface TourOptions {
  readonly readers: readonly Reader[];
  /** Keeps a picture of each. */
  readonly shot?: (name: string, picture: Uint8Array) => void;
  /** Hears of each problem as it is found. */
  readonly onProblem?: (problem: string) => void;
}

/** One line for each thing that is wrong, with its page and its reader. */
export async function tourPages(
  browser: Browser,
  views: readonly View[],
  { readers, shot, onProblem }: TourOptions,
): Promise<readonly string[]> {
  const problems: string[] = [];
  const tell = (problem: string) => {
    problems.push(problem);
    onProblem?.(problem);
  };
  for (const reader of readers) {
    const { language, scheme, width } = reader;
    const context = await browser.newContext({
      locale: language === "el" ? "el-GR" : "en",
      colorScheme: scheme,
      viewport: { width, height: width < 600 ? 844 : 1000 },
      reducedMotion: "reduce",
    });
    for (const view of views) {
      if (view.languages?.includes(language) === false) continue;
      const page = await context.newPage();
      page.setDefaultTimeout(BROWSER_WAIT_MS_MAX);
      const place = `${view.name} ${language} ${scheme} ${width}`;
      page.on("pageerror", (error) => tell(`${place}: ${error.message}`));
      page.on("console", (message) => {
        if (message.type() !== "error" || view.expects?.test(message.text())) return;
        tell(`${place}: ${message.text()}`);
      });
      await page.goto(view.url);
      await page.waitForSelector(view.shows);
      await view.prepare?.(page);
      for (const problem of await problemsOf(page, reader)) tell(`${place}: ${problem}`);
      shot?.(place.replaceAll(" ", "-"), await page.screenshot({ fullPage: true }));
      await page.close();
    }
    await context.close();
  }
  return problems;
}

/** What is wrong with a page as it stands. */
async function problemsOf(page: Page, { language }: Reader): Promise<readonly string[]> {
  const wide = await page.evaluate(() => {
    const { document } = globalThis as unknown as {
      document: { documentElement: { scrollWidth: number; clientWidth: number } };
    };
    return document.documentElement.scrollWidth - document.documentElement.clientWidth;
  });
  return [
    ...(wide > 0 ? [`${wide} px wider than the window`] : []),
    ...await accessibilityProblems(page),
    ...(language === "en" ? [] : (await englishLeft(page)).map((text) => `English: ${text}`)),
  ];
}
