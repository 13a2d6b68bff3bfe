import { redacted, sandboxKey } from './support/sandbox';
import { expect, test } from './support/test';

test('a key that works is saved and shown without its secret', async ({ open, project, card, notice }) => {
  const key = sandboxKey('valid');
  const openai = card('OpenAI');
  await open(`/projects/${project.slug}/keys`);
  await openai.shows('No key');
  await openai.add(key, 'Production');

  await openai.shows('Healthy');
  await expect(notice).toContainText('OpenAI key saved.');
  await expect(openai.root).toContainText(redacted(key));
  await expect(openai.root).toContainText('Production');
  await expect(openai.root).toContainText('Checked just now');
  await expect(openai.root).toContainText('Not used yet');
  await expect(openai.root).toContainText('by demo@latchkey.example');
  await expect(openai.heading, 'the page goes on from the card').toBeFocused();
});

test('the field hides the secret until it is asked to show it', async ({ open, project, card }) => {
  const openai = card('OpenAI');
  await open(`/projects/${project.slug}/keys`);
  await openai.addButton.click();
  await expect(openai.secret).toHaveAttribute('type', 'password');
  await expect(openai.secret).toHaveAttribute('autocomplete', 'off');
  await expect(openai.secret).toHaveAttribute('spellcheck', 'false');
  const reveal = openai.root.getByRole('button', { name: 'Show api key' });
  await reveal.click();
  await expect(openai.secret).toHaveAttribute('type', 'text');
  await expect(reveal).toHaveAttribute('aria-pressed', 'true');
  await reveal.click();
  await expect(openai.secret).toHaveAttribute('type', 'password');
});

test('while the provider is asked the button waits and does not send twice', async ({ open, project, card, page }) => {
  let saves = 0;
  page.on('request', (request) => (saves += Number(request.url().endsWith('/_fn/save_key'))));
  const openai = card('OpenAI');
  await open(`/projects/${project.slug}/keys`);
  await openai.add(sandboxKey('slow'));
  const save = openai.root.getByRole('button', { name: 'Save key', exact: true });
  await expect(save).toHaveAttribute('aria-disabled', 'true');
  await save.click({ force: true });
  await openai.shows('Healthy');
  expect(saves).toBe(1);
});

test.describe('refused', () => {
  test.use({ expectedStatuses: [400] });

  test("a refused key is told inline, in the provider's words", async ({ open, project, card }) => {
    const openai = card('OpenAI');
    await open(`/projects/${project.slug}/keys`);
    await openai.add(sandboxKey('revoked'), 'Production');

    await expect(openai.secret).toHaveAccessibleDescription(/Incorrect API key provided.*Nothing was saved/);
    await expect(openai.secret).toHaveAttribute('aria-invalid', 'true');
    await expect(openai.secret).toHaveValue('');
    await expect(openai.secret).toBeFocused();
    await expect(openai.name).toHaveValue('Production');
    await openai.shows('No key');

    await openai.secret.fill(sandboxKey('valid'));
    await openai.secret.press('Enter');
    await openai.shows('Healthy');
    await expect(openai.alerts.filter({ hasText: /\S/ })).toHaveCount(0);
  });

  test('a blocked key is not saved either', async ({ open, project, card }) => {
    const openai = card('OpenAI');
    await open(`/projects/${project.slug}/keys`);
    await openai.add(sandboxKey('blocked'));
    await expect(openai.secret).toHaveAccessibleDescription(/has been deactivated/);
    await openai.shows('No key');
  });

  test("an account's administration key is refused before anybody is asked", async ({ open, project, card }) => {
    const openai = card('OpenAI');
    await open(`/projects/${project.slug}/keys`);
    await openai.add(sandboxKey('valid', 'sk-admin-'));
    await expect(openai.secret).toHaveAccessibleDescription(/admin/i);
    await openai.shows('No key');
  });
});
