import type { Locator, Page } from '@playwright/test';
import { redacted, sandboxKey } from './support/sandbox';
import { expect, test } from './support/test';

test.use({ permissions: ['clipboard-read', 'clipboard-write'] });

/** Presses Tab until `target` has the focus. */
async function tabTo(page: Page, target: Locator) {
  for (let presses = 0; presses < 60; presses++) {
    await page.keyboard.press('Tab');
    if (await target.evaluate((element) => element === document.activeElement)) return;
  }
  throw new Error(`${target} is not reached with the Tab key`);
}

test('a key is pasted, saved and deleted without a mouse', async ({ open, project, card, page, notice }) => {
  const key = sandboxKey('valid');
  const openai = card('OpenAI');
  await open(`/projects/${project.slug}/keys`);
  await page.evaluate((key) => navigator.clipboard.writeText(key), key);

  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to content' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('main')).toBeFocused();
  await tabTo(page, openai.addButton);
  await page.keyboard.press('Enter');
  await tabTo(page, openai.secret);
  await page.keyboard.press('Control+V');
  await tabTo(page, openai.root.getByRole('button', { name: 'Save key' }));
  await page.keyboard.press('Enter');
  await openai.shows('Healthy');
  await expect(openai.root).toContainText(redacted(key));
  await expect(openai.heading).toBeFocused();

  await tabTo(page, openai.deleteButton);
  await page.keyboard.press('Space');
  await expect(openai.root.getByRole('button', { name: 'Keep key' })).toBeFocused();
  await page.keyboard.press('Shift+Tab');
  await expect(openai.root.getByRole('button', { name: 'Delete key', exact: true })).toBeFocused();
  await page.keyboard.press('Enter');
  await openai.shows('No key');
  await tabTo(page, notice.getByRole('button', { name: /^Undo/ }));
  await page.keyboard.press('Enter');
  await openai.shows('Healthy');
});

test('menus open and close with the keyboard', async ({ open, page }) => {
  await open('/projects/production/keys');
  const switcher = page.getByRole('banner').locator('summary', { hasText: 'Production' });
  await switcher.focus();
  await page.keyboard.press('Enter');
  const all = page.getByRole('link', { name: 'All projects' });
  await expect(all).toBeVisible();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Escape');
  await expect(all).toBeHidden();
  await expect(switcher).toBeFocused();
});
