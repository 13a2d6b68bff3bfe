import { browserState, callFunction, createOwner } from './support/http';
import { callModel, makeToken } from './support/gateway';
import { expectSoundIn } from './support/looks';
import { revoke, sandboxKey } from './support/sandbox';
import { expect, test } from './support/test';

const MISSING = 'When there is no key, or it is switched off';
const PLATFORM = /Use the operator's platform key/;
const FAIL = /Refuse the call with a clear error/;

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'with script' : 'without script', () => {
    test.use({ javaScriptEnabled });

    test('a project decides whose key serves when its own cannot', async ({ page, project, baseURL, ownerCookie, notice }) => {
      const token = await makeToken(baseURL!, project, ownerCookie);
      const before = await callModel(baseURL!, token);
      expect(before.headers.get('x-latchkey-key-source'), 'nobody decided').toBe('platform');

      await page.goto(`/projects/${project.slug}/settings`);
      if (javaScriptEnabled) await page.locator('.theme-choice [aria-pressed=true]').waitFor({ state: 'attached' });
      const missing = page.getByRole('group', { name: MISSING });
      await expect(missing.getByRole('radio', { name: PLATFORM })).toBeChecked();
      await missing.getByRole('radio', { name: FAIL }).check();
      await page.getByRole('checkbox', { name: /Open the rest/ }).check();
      await page.getByRole('checkbox', { name: /Ask for usage/ }).uncheck();
      await page.getByRole('button', { name: 'Save settings' }).click();
      await expect(notice).toContainText('Settings saved.');
      await expect.poll(async () => (await callModel(baseURL!, token)).status).toBe(403);

      await page.reload();
      await expect(missing.getByRole('radio', { name: FAIL })).toBeChecked();
      await expect(page.getByRole('checkbox', { name: /Open the rest/ })).toBeChecked();
      await expect(page.getByRole('checkbox', { name: /Ask for usage/ })).not.toBeChecked();
    });

    test('one key decides for itself, and its card tells what follows', async ({ page, project, card, notice, baseURL, ownerCookie }) => {
      const key = sandboxKey('valid');
      const saved = await callFunction(
        baseURL!,
        'save_key',
        { project: project.slug, provider: 'openai', api_key: key },
        { cookie: ownerCookie },
      );
      expect(saved.status).toBe(200);
      const openai = card('OpenAI');
      await page.goto(`/projects/${project.slug}/keys`);
      if (javaScriptEnabled) await page.locator('.theme-choice [aria-pressed=true]').waitFor({ state: 'attached' });
      await openai.more();
      await openai.disclosure('Fallback of OpenAI key').click();
      await openai.root.getByLabel('When the provider refuses the key, or its quota is spent').selectOption('Refuse the call with a clear error');
      await openai.root.getByRole('button', { name: 'Save fallback' }).click();
      await expect(notice).toContainText('OpenAI key');

      await revoke(key);
      await openai.button('Test').click();
      await openai.shows('Unhealthy');
      await expect(openai.root).toContainText('Calls fail with key_rejected');
      await openai.more();
      await openai.disclosure('Fallback of OpenAI key').click();
      await openai.root.getByLabel('When the provider refuses the key, or its quota is spent').selectOption('As the project says');
      await openai.root.getByRole('button', { name: 'Save fallback' }).click();
      await expect(openai.root).toContainText('Calls use the platform key meanwhile');
    });
  });
}

test('an empty card says what is true of calls', async ({ open, project, card, baseURL, ownerCookie }) => {
  await open(`/projects/${project.slug}/keys`);
  await expect(card('OpenAI').root).toContainText('Calls to OpenAI use the platform key.');
  await expect(card('Azure OpenAI').root).toContainText('Calls to Azure OpenAI fail until a key is added.');
  const settings = { project: project.slug, on_missing: 'fail' };
  expect((await callFunction(baseURL!, 'set_gateway_settings', settings, { cookie: ownerCookie })).status).toBe(200);
  await open(`/projects/${project.slug}/keys`);
  await expect(card('OpenAI').root).toContainText('Calls to OpenAI fail until a key is added.');
});

test.describe('a viewer', () => {
  test.use({ as: 'viewer' });

  test('sees what was decided', async ({ open, page, project }) => {
    await open(`/projects/${project.slug}/settings`);
    const section = page.getByRole('region', { name: 'When your own key cannot serve' });
    await expect(section).toContainText(MISSING);
    await expect(section).toContainText(PLATFORM);
    await expect(section.locator('input, button')).toHaveCount(0);
  });
});

test.describe('where the operator does not allow platform keys', () => {
  test.use({ as: 'nobody' });

  test('both policies are fixed', async ({ page, context, deploy }) => {
    const fresh = await deploy();
    const cookie = await createOwner(fresh.url, fresh.setupLink().searchParams.get('link')!, 'ada@acme.example', 'violet anchor mosaic tundra');
    await context.addCookies(browserState(cookie).cookies);
    const { body: project } = await callFunction(fresh.url, 'create_project', { name: 'Payments' }, { cookie });
    await page.goto(`${fresh.url}/projects/${project.slug}/settings`);
    const section = page.getByRole('region', { name: 'When your own key cannot serve' });
    await expect(section).toContainText('does not let your organization use platform keys');
    for (const policy of await section.getByRole('radio').all()) await expect(policy).toBeDisabled();
    await expect(section.getByRole('radio', { name: FAIL }).first()).toBeChecked();
    await expectSoundIn(page);
    await page.getByRole('checkbox', { name: /Open the rest/ }).check();
    await page.getByRole('button', { name: 'Save settings' }).click();
    await expect(page.locator('.notices')).toContainText('Settings saved.');
  });
});
