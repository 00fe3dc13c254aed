/**
 * What stands in the way of people who read a page by keyboard, by ear or with little contrast: the rules
 * of WCAG 2.1 A and AA, as axe-core checks them.
 *
 * @module
 */
import axe from "axe-core";
import type { Page } from "playwright-core";

const STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"];

/** One line for each rule that an element of the page breaks. */
export async function accessibilityProblems(page: Page): Promise<readonly string[]> {
  await page.evaluate(untilStill);
  await page.evaluate(axe.source);
  return await page.evaluate(async (standards) => {
    const { axe } = globalThis as unknown as {
      axe: {
        run(options: object): Promise<{
          violations: readonly {
            readonly id: string;
            readonly nodes: readonly { readonly html: string }[];
          }[];
        }>;
      };
    };
    const { violations } = await axe.run({ runOnly: standards });
    return violations.map(({ id, nodes }) =>
      `${id}: ${nodes.slice(0, 3).map(({ html }) => html.slice(0, 120)).join(" | ")}`
    );
  }, STANDARDS);
}

/** What fades in has too little contrast until it is there. Runs in the page; what never ends is left alone. */
async function untilStill(): Promise<void> {
  interface PageAnimation {
    readonly effect: { getComputedTiming(): { readonly endTime: number } } | null;
    readonly finished: Promise<unknown>;
  }
  const { document } = globalThis as unknown as {
    document: { getAnimations(): readonly PageAnimation[] };
  };
  const ending = document.getAnimations().filter(({ effect }) =>
    Number.isFinite(effect?.getComputedTiming().endTime)
  );
  const late = new Promise((resolve) => setTimeout(resolve, 3_000));
  await Promise.race([Promise.allSettled(ending.map(({ finished }) => finished)), late]);
}
