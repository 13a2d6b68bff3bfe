import { revoke, sandboxKey } from './support/sandbox';
import { expect, test } from './support/test';

test('a key is switched off and on again', async ({ open, project, card, notice }) => {
  const openai = card('OpenAI');
  await open(`/projects/${project.slug}/keys`);
  await openai.add(sandboxKey('valid'));
  await openai.shows('Healthy');
  await openai.disable();
  await openai.shows('Disabled');
  await expect(notice).toContainText('OpenAI key disabled.');
  await expect(openai.root.getByText('Calls use the platform key while it is disabled.')).toBeVisible();

  await openai.button('Enable').click();
  await openai.shows('Healthy');
  await expect(notice).toContainText('OpenAI key enabled.');
  await expect(openai.disclosure('Disable OpenAI key')).toBeVisible();
});

test.describe('revoked meanwhile', () => {
  test.use({ expectedStatuses: [400] });

  test('it is not switched on again', async ({ open, project, card }) => {
    const key = sandboxKey('valid');
    const openai = card('OpenAI');
    await open(`/projects/${project.slug}/keys`);
    await openai.add(key);
    await openai.shows('Healthy');
    await openai.disable();
    await openai.shows('Disabled');

    await revoke(key);
    await openai.button('Enable').click();
    await expect(openai.alerts.filter({ hasText: 'Incorrect API key provided' })).toContainText('stays switched off');
    await openai.shows('Disabled');
  });
});
