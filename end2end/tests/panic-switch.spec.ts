import { callModel, makeToken } from './support/gateway';
import { callFunction } from './support/http';
import { expectSoundIn } from './support/looks';
import { expect, hydrated, test } from './support/test';

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'with script' : 'without script', () => {
    test.use({ javaScriptEnabled, expectedStatuses: [400] });

    test('one provider, then everything, is locked and let go', async ({ page, project, baseURL, ownerCookie }) => {
      const token = await makeToken(baseURL!, project, ownerCookie);
      const openai = async () => (await callModel(baseURL!, token)).status;
      const deepseek = async () => (await callModel(baseURL!, token, { path: 'deepseek/chat/completions', model: 'deepseek-chat' })).status;
      await page.goto(`/projects/${project.slug}/settings`);
      if (javaScriptEnabled) await hydrated(page);
      const panic = page.getByRole('region', { name: 'Panic switch' });
      await expect(panic).toContainText('Stops calls of this project at once');
      await panic.getByLabel('Calls to').selectOption('OpenAI');
      await panic.getByRole('textbox', { name: /^Reason/ }).fill('The key stands in a public repository');
      await panic.getByRole('button', { name: 'Lock calls now' }).click();
      const locks = page.getByRole('list', { name: 'Locked calls' }).getByRole('listitem');
      await expect(locks).toHaveCount(1);
      await expect(locks).toContainText(`Calls to OpenAI in ${project.name} are locked`);
      await expect(locks).toContainText('The key stands in a public repository');
      await expect(panic.getByRole('textbox', { name: /^Reason/ }), 'typed for this lock only').toHaveValue('');
      await expect.poll(openai, { timeout: 3_000 }).toBe(423);
      expect(await deepseek()).toBe(200);

      await page.goto(`/projects/${project.slug}/settings`);
      if (javaScriptEnabled) await hydrated(page);
      await panic.getByRole('button', { name: 'Lock calls now' }).click();
      const all = locks.filter({ hasText: `All calls in ${project.name} are locked` });
      await expect(all).toBeVisible();
      await expect(locks).toHaveCount(2);
      await expectSoundIn(page);
      await expect.poll(deepseek, { timeout: 3_000 }).toBe(423);

      await page.goto(`/projects/${project.slug}/keys`);
      if (javaScriptEnabled) await hydrated(page);
      await expect(locks, 'every page of the project says so').toHaveCount(2);
      await page.goto('/projects/staging/keys');
      await expect(locks, 'others do not').toHaveCount(0);

      await page.goto(`/projects/${project.slug}/keys`);
      if (javaScriptEnabled) await hydrated(page);
      await all.locator('summary').click();
      const why = all.getByRole('textbox', { name: 'Why calls may pass again' });
      await why.fill('False alarm');
      await all.getByRole('button', { name: 'Unlock calls' }).click();
      await expect(page.getByText('Unlocked. Calls pass again.')).toBeVisible();
      await expect(locks).toHaveCount(1);
      await expect.poll(deepseek, { timeout: 3_000 }).toBe(200);
      await locks.locator('summary').click();
      await locks.getByRole('textbox', { name: 'Why calls may pass again' }).fill('The key was replaced');
      await locks.getByRole('button', { name: 'Unlock calls' }).click();
      await expect(locks).toHaveCount(0);
      await expect.poll(openai, { timeout: 3_000 }).toBe(200);
    });
  });
}

test.describe('a viewer', () => {
  test.use({ as: 'viewer' });

  test('sees what is locked, and can neither lock nor unlock', async ({ open, page, project, baseURL, ownerCookie }) => {
    const owner = { cookie: ownerCookie };
    const { body: locks } = await callFunction(baseURL!, 'locks', {}, owner);
    const lock = { organization_id: locks.organization_id, project: project.slug, provider: 'openai', reason: 'Leaked' };
    expect((await callFunction(baseURL!, 'lock_calls', lock, owner)).status).toBe(200);
    await open(`/projects/${project.slug}/keys`);
    const strip = page.getByRole('list', { name: 'Locked calls' });
    await expect(strip).toContainText('Leaked');
    await expect(strip.locator('summary, form, button')).toHaveCount(0);
    await expectSoundIn(page);
    await open(`/projects/${project.slug}/settings`);
    await expect(page.getByRole('region', { name: 'Panic switch' })).toHaveCount(0);
  });
});

test('a lock made elsewhere appears by itself', async ({ open, page, project, baseURL, ownerCookie }) => {
  const owner = { cookie: ownerCookie };
  const { body: locks } = await callFunction(baseURL!, 'locks', {}, owner);
  const lock = { organization_id: locks.organization_id, project: project.slug, provider: '', reason: 'Drill' };
  await open(`/projects/${project.slug}/keys`);
  expect((await callFunction(baseURL!, 'lock_calls', lock, owner)).status).toBe(200);
  await page.evaluate(() => window.dispatchEvent(new Event('focus')));
  await expect(page.getByRole('list', { name: 'Locked calls' })).toContainText('Drill');
  await expect(page.getByRole('list', { name: 'Locked calls' }).getByRole('listitem')).toContainText('All calls');
});
