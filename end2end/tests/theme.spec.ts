import { OWNER } from './support/people';
import { expect, test } from './support/test';
import type { Page } from '@playwright/test';

/** How light the page is: 0 is black, 255 is white. */
async function lightness(page: Page): Promise<number> {
  const picture = await page.evaluate(() => {
    const canvas = document.createElement('canvas').getContext('2d')!;
    for (const element of [document.documentElement, document.body]) {
      canvas.fillStyle = getComputedStyle(element).backgroundColor;
      canvas.fillRect(0, 0, 1, 1);
    }
    return [...canvas.getImageData(0, 0, 1, 1).data.slice(0, 3)];
  });
  return picture.reduce((sum, part) => sum + part) / 3;
}

test('the theme follows the system', async ({ open, page }) => {
  await page.emulateMedia({ colorScheme: 'dark' });
  await open('/projects/production/keys');
  expect(await lightness(page)).toBeLessThan(60);
  await page.emulateMedia({ colorScheme: 'light' });
  expect(await lightness(page)).toBeGreaterThan(200);
});

test('a chosen theme is there from the first paint on', async ({ open, page, context }) => {
  await page.emulateMedia({ colorScheme: 'light' });
  await open('/projects/production/keys');
  await page.getByRole('banner').locator('summary', { hasText: OWNER }).click();
  await page.getByRole('button', { name: 'Dark' }).click();
  await expect(page.getByRole('button', { name: 'Dark' })).toHaveAttribute('aria-pressed', 'true');
  expect(await lightness(page)).toBeLessThan(60);
  const cookie = (await context.cookies()).find(({ name }) => name === 'theme');
  expect(cookie).toMatchObject({ value: 'dark', path: '/' });

  const answer = await page.goto('/projects/production/tokens');
  expect(await answer!.text(), "the server's HTML has it").toMatch(/<html[^>]* data-theme="dark"/);
  expect(await lightness(page)).toBeLessThan(60);

  await page.getByRole('banner').locator('summary', { hasText: OWNER }).click();
  await expect(page.getByRole('button', { name: 'Dark' })).toHaveAttribute('aria-pressed', 'true');
  await page.getByRole('button', { name: 'System' }).click();
  expect(await lightness(page)).toBeGreaterThan(200);
  expect((await context.cookies()).map(({ name }) => name)).not.toContain('theme');
});

test.describe('without script', () => {
  test.use({ javaScriptEnabled: false, colorScheme: 'dark' });

  test('the theme follows the system too', async ({ page }) => {
    await page.goto('/projects/production/keys');
    await expect(page.locator('html')).not.toHaveAttribute('data-theme');
    const colour = await page.locator('body').evaluate((body) => getComputedStyle(body).color);
    await page.emulateMedia({ colorScheme: 'light' });
    expect(await page.locator('body').evaluate((body) => getComputedStyle(body).color)).not.toBe(colour);
  });
});
