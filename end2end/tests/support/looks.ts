import AxeBuilder from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';

const THEMES = ['light', 'dark'] as const;
/** A desktop and the narrowest phone. */
const SIZES = [{ width: 1440, height: 900 }, { width: 360, height: 740 }] as const;
/** Where the layout changes, and between. */
const WIDTHS = [1440, 1119, 1024, 900, 899, 768, 640, 639, 480, 360];

/** Calls `look` with the page in each theme at each width. */
export async function inEveryLook(page: Page, look: (name: string) => Promise<void>) {
  const before = page.viewportSize();
  for (const size of SIZES) {
    await page.setViewportSize(size);
    for (const colorScheme of THEMES) {
      await page.emulateMedia({ colorScheme });
      await look(`${size.width}-${colorScheme}`);
    }
  }
  await page.emulateMedia({ colorScheme: null });
  if (before) await page.setViewportSize(before);
}

/** The page is accessible in every look, and fits its window. Where no script runs, only the latter: axe is one. */
export async function expectSoundIn(page: Page) {
  if (await runsScript(page)) await expectAccessible(page);
  await expectToFit(page);
}

/** Elements inside of noscript are only there where no script runs. */
function runsScript(page: Page): Promise<boolean> {
  return page.evaluate(() => !document.querySelector('noscript')?.firstElementChild);
}

async function expectAccessible(page: Page) {
  await inEveryLook(page, async (look) => {
    const { violations } = await new AxeBuilder({ page })
      .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
      .analyze();
    const found = violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
    );
    expect(found, look).toEqual([]);
  });
}

/** Nothing stands out sideways, however wide the window is. */
async function expectToFit(page: Page) {
  const before = page.viewportSize()!;
  const tooWide: number[] = [];
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 740 });
    const overhang = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    if (overhang > 0) tooWide.push(width);
  }
  await page.setViewportSize(before);
  expect(tooWide, 'widths at which the page scrolls sideways').toEqual([]);
}
