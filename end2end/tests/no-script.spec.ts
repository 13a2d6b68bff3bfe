import { redacted, revoke, sandboxKey } from './support/sandbox';
import { OWNER, PASSWORD } from './support/people';
import { expect, START, test } from './support/test';

test.use({ javaScriptEnabled: false });

test.describe('nobody yet', () => {
  test.use({ as: 'nobody' });

  test('a person signs in and out', async ({ page }) => {
    await page.goto('/sign-in');
    await page.getByRole('textbox', { name: 'Email' }).fill(OWNER);
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await expect(page).toHaveURL(START);
    await page.getByRole('banner').locator('summary', { hasText: OWNER }).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await expect(page).toHaveURL(/\/sign-in$/);
    await page.goto('/projects');
    await expect(page).toHaveURL(/\/sign-in$/);
  });
});

test('a key is added, replaced, tested, disabled, deleted, restored', async ({ page, project, card, notice }) => {
  const key = sandboxKey('valid');
  const address = new RegExp(`/projects/${project.slug}/keys$`);
  const openai = card('OpenAI');
  await page.goto(`/projects/${project.slug}/keys`);
  await openai.add(key, 'Production');
  await expect(page).toHaveURL(address);
  await openai.shows('Healthy');
  await expect(notice).toContainText('OpenAI key saved.');
  await expect(openai.root).toContainText(redacted(key));

  const next = sandboxKey('valid');
  await openai.replace(next);
  await expect(notice).toContainText('OpenAI key replaced.');
  await expect(openai.root).toContainText(redacted(next));
  await expect(openai.root, 'the name stays').toContainText('Production');
  await openai.button('Test').click();
  await expect(notice).toContainText('OpenAI key tested.');
  await openai.disable();
  await openai.shows('Disabled');
  await openai.button('Enable').click();
  await openai.shows('Healthy');

  await openai.delete();
  await expect(notice).toContainText('OpenAI key Production deleted.');
  await openai.shows('No key');
  await notice.getByRole('button', { name: /^Undo/ }).click();
  await expect(notice).toContainText('OpenAI key restored.');
  await openai.shows('Healthy');

  await openai.delete();
  await page.reload();
  await expect(notice, 'it was said once').toBeEmpty();
  await page.getByRole('region', { name: 'Recently deleted' }).getByRole('button', { name: /^Restore/ }).click();
  await openai.shows('Healthy');

  await revoke(next);
  await openai.button('Test').click();
  await openai.shows('Unhealthy');
  await expect(page).toHaveURL(address);
});

test('a refused key is told inline; the address holds a code only', async ({ page, project, card, context }) => {
  const key = sandboxKey('revoked');
  const openai = card('OpenAI');
  await page.goto(`/projects/${project.slug}/keys`);
  await openai.add(key, 'Production');
  await expect(page).toHaveURL(new RegExp(`/projects/${project.slug}/keys\\?error=invalid_api_key$`));
  await expect(openai.secret).toHaveAccessibleDescription(/Incorrect API key provided.*Nothing was saved/);
  await expect(openai.secret).toBeVisible();
  await expect(openai.secret).toHaveValue('');
  await expect(openai.name).toHaveValue('Production');
  const held = (await page.content()) + JSON.stringify(await context.storageState());
  expect(held).not.toContain(key.slice(-18, -4));

  await page.reload();
  await expect(openai.alerts.filter({ hasText: /\S/ }), 'it is said once').toHaveCount(0);
  await openai.add(sandboxKey('valid'));
  await openai.shows('Healthy');
  await expect(page).toHaveURL(new RegExp(`/projects/${project.slug}/keys$`));
});

test('a token is shown once', async ({ page, project, baseURL, notice }) => {
  await page.goto(`/projects/${project.slug}/tokens`);
  await page.locator('summary', { hasText: 'Create token' }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill('Nightly deploy');
  await page.getByRole('button', { name: 'Create token', exact: true }).click();
  const token = await page.getByRole('region', { name: /^Save/ }).getByText(/^lk_/).innerText();
  const listing = () =>
    fetch(`${baseURL}/api/v1/projects/${project.slug}/byok-keys`, { headers: { authorization: `Bearer ${token}` } });
  expect((await listing()).status).toBe(200);
  expect(page.url()).not.toContain('lk_');

  await page.reload();
  await expect(page.getByRole('region', { name: /^Save/ })).toBeHidden();
  expect(await page.content()).not.toContain(token);

  await page.getByLabel('Revoke token Nightly deploy').click();
  await page.getByRole('button', { name: 'Revoke token', exact: true }).click();
  await expect(notice).toContainText('Token revoked.');
  expect((await listing()).status).toBe(401);
});

test('a project is created and renamed', async ({ page, notice }, info) => {
  await page.goto('/projects');
  await page.locator('summary', { hasText: 'Create project' }).click();
  await page.getByRole('textbox', { name: 'Name', exact: true }).first().fill(`No script ${info.testId.slice(-6)}`);
  await page.getByRole('button', { name: 'Create project', exact: true }).click();
  await expect(page).toHaveURL(/\/projects\/no-script-[^/]+\/keys$/);
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('No script at all');
  await page.getByRole('button', { name: 'Rename project' }).click();
  await expect(notice).toContainText('The project is now called No script at all.');
});
