import { expect, test } from './support/test';

test('the demo makes calls of its own', async ({ open, page }) => {
  const path = '/projects/production/activity';
  const calls = page.locator('tbody tr');
  // They begin when the server is up, and take some seconds.
  await expect(async () => {
    await open(path);
    await expect(calls).toHaveCount(14, { timeout: 500 });
  }).toPass({ timeout: 30_000 });
  await open(`${path}?source=byok`);
  await expect(calls).toHaveCount(10);
  await open(`${path}?source=platform&provider=anthropic`);
  await expect(calls).toHaveCount(2);
  await open(`${path}?provider=gemini`);
  await expect(calls).toHaveCount(1);
  await expect(calls, 'its key was revoked').toContainText('key_rejected');
  await open(`${path}?session=ticket-4711&label=env%3Dprod`);
  await expect(calls).toHaveCount(7);
});
