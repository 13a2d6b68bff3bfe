import { expectSoundIn } from './support/looks';
import { redacted, sandboxKey, SANDBOX } from './support/sandbox';
import { expect, hydrated, test } from './support/test';

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'with script' : 'without script', () => {
    test.use({ javaScriptEnabled, expectedStatuses: [400] });

    test('a whole .env file is imported', async ({ page, project, card }) => {
      test.slow();
      const openai = sandboxKey('valid');
      const batch = sandboxKey('valid');
      const anthropic = sandboxKey('revoked', 'sk-ant-api03-');
      const mistral = sandboxKey('valid', '');
      const azure = sandboxKey('valid', '');
      const file = [
        '# what the application reads',
        `export OPENAI_API_KEY="${openai}"`,
        `OPENAI_API_KEY_BATCH=${batch}`,
        `ANTHROPIC_API_KEY=${anthropic}`,
        `MISTRAL_API_KEY=${mistral}`,
        `AZURE_OPENAI_API_KEY=${azure}`,
        'PORT=8080',
      ].join('\n');
      const keys = `/projects/${project.slug}/keys`;
      await page.goto(keys);
      await page.getByRole('link', { name: 'Import keys' }).click();
      await expect(page.getByRole('heading', { level: 1, name: 'Import keys' })).toBeVisible();
      if (javaScriptEnabled) await hydrated(page);
      const pasted = page.getByRole('textbox', { name: 'Keys' });
      await pasted.fill('PORT=8080\nLOG_LEVEL=debug');
      await page.getByRole('button', { name: 'Find keys' }).click();
      await expect(pasted).toHaveAccessibleDescription(/No key was recognised/);
      await expect(pasted).toHaveValue('');
      await expectSoundIn(page);

      await pasted.fill(file);
      await page.getByRole('button', { name: 'Find keys' }).click();
      const table = page.getByRole('table', { name: 'Keys found' });
      const line = (variable: string) => table.getByRole('row').filter({ hasText: variable });
      await expect(page.getByRole('heading', { name: '5 keys found' })).toBeVisible();
      await expect(line('OPENAI_API_KEY, line 2')).toContainText(redacted(openai));
      await expect(line('OPENAI_API_KEY, line 2')).toContainText('Tested, then added');
      await expect(page.getByLabel('Provider of ANTHROPIC_API_KEY')).toHaveValue('anthropic');
      for (const key of [openai, anthropic, mistral]) expect(await page.content()).not.toContain(key);
      await expectSoundIn(page);

      await page.getByLabel('Name of OPENAI_API_KEY', { exact: true }).fill('Production');
      await page.getByLabel('Name of OPENAI_API_KEY_BATCH').fill('Batch');
      await line('AZURE_OPENAI_API_KEY').getByRole('checkbox').uncheck();
      if (javaScriptEnabled) await expect(line('AZURE_OPENAI_API_KEY')).toContainText('Left out.');
      await page.getByRole('button', { name: 'Import chosen keys' }).click();
      await expect(page.getByRole('heading', { name: '3 of 4 imported' })).toBeVisible();
      const imported = page.getByRole('main').getByRole('listitem');
      await expect(imported.filter({ hasText: redacted(openai) })).toContainText('calls use it from now on');
      await expect(imported.filter({ hasText: redacted(batch) })).toContainText('beside the default key');
      await expect(imported.filter({ hasText: 'Anthropic' })).toContainText('Not imported');
      await expect(imported.filter({ hasText: 'Anthropic' })).toContainText(/invalid x-api-key|Incorrect API key/i);
      await expectSoundIn(page);

      await page.getByRole('link', { name: 'Go to provider keys' }).click();
      await card('OpenAI').shows('Healthy');
      await expect(card('OpenAI').root).toContainText('Production');
      await expect(card('OpenAI').other('Batch')).toContainText(redacted(batch));
      await card('Anthropic').shows('No key');
      await card('Mistral').shows('Healthy');

      await page.goto(`${keys}/import`);
      if (javaScriptEnabled) await hydrated(page);
      await pasted.fill(`OPENAI_API_KEY=${openai}`);
      await page.getByRole('button', { name: 'Find keys' }).click();
      await expect(page.getByRole('row').filter({ hasText: 'OPENAI_API_KEY' })).toContainText('this project has it already');
      await expect(page.getByRole('row').getByRole('checkbox')).not.toBeChecked();
      await page.getByRole('button', { name: 'Forget the paste' }).click();
      await expect(page.locator('.notices')).toContainText('Nothing was imported, and the paste is forgotten.');
      await expect(pasted).toHaveValue('');
    });
  });
}

test("a key whose provider nobody can tell gets one by hand, and Azure's an endpoint", async ({ open, page, project, card }) => {
  const key = sandboxKey('valid', '');
  await open(`/projects/${project.slug}/keys/import`);
  await page.getByRole('textbox', { name: 'Keys' }).fill(`SOME_API_KEY=${key}`);
  await page.getByRole('button', { name: 'Find keys' }).click();
  const row = page.getByRole('row').filter({ hasText: 'SOME_API_KEY' });
  await expect(row).toContainText('unless you tick it and say whose key it is');
  await expect(row.getByRole('checkbox')).not.toBeChecked();
  await row.getByLabel('Provider of SOME_API_KEY').selectOption('Azure OpenAI');
  await expect(row.getByRole('checkbox'), 'whoever says whose it is means it').toBeChecked();
  await row.getByLabel('Endpoint of SOME_API_KEY').fill(SANDBOX);
  await expect(row).toContainText('the first Azure OpenAI key that passes becomes the default');
  await expectSoundIn(page);
  await page.getByRole('button', { name: 'Import chosen keys' }).click();
  await expect(page.getByRole('heading', { name: '1 of 1 imported' })).toBeFocused();
  await page.getByRole('link', { name: 'Import more' }).click();
  await expect(page.getByRole('textbox', { name: 'Keys' })).toBeVisible();
  await page.getByRole('link', { name: 'Back to provider keys' }).click();
  await card('Azure OpenAI').shows('Healthy');
});

test.describe('a viewer', () => {
  test.use({ as: 'viewer' });

  test('imports nothing', async ({ open, page, project }) => {
    await open(`/projects/${project.slug}/keys/import`);
    await expect(page.getByRole('main')).toContainText('Your role does not permit this. Ask an owner or admin.');
    await expect(page.getByRole('main').locator('form, textarea')).toHaveCount(0);
  });
});
