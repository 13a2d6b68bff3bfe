import { callFunction } from './support/http';
import { callModel } from './support/gateway';
import { sandboxKey } from './support/sandbox';
import { expect, test } from './support/test';

test('the checklist ticks itself until the first call has come', async ({ open, page, project, card, baseURL }) => {
  await open(`/projects/${project.slug}/keys`);
  const list = page.getByRole('region', { name: 'Your first call' });
  const steps = list.getByRole('listitem');
  await expect(steps).toHaveCount(4);
  await expect(list.locator('p[role=status]')).toHaveText('0 of 4 steps done');
  await expect(list.getByText(`${baseURL}/gateway/openai/v1/chat/completions`)).toBeVisible();
  await expect(list.getByText('$LATCHKEY_TOKEN')).toBeVisible();

  await card('OpenAI').add(sandboxKey('valid'));
  await expect(steps.nth(0)).toHaveAttribute('data-done', 'true');

  await steps.nth(1).getByRole('link', { name: 'Create a token' }).click();
  await expect(page).toHaveURL(/\/tokens\?scope=use:gateway$/);
  await expect(page.getByRole('checkbox', { name: 'use:gateway' })).toBeChecked();
  await expect(page.getByRole('checkbox', { name: 'read:byok' })).not.toBeChecked();
  await page.getByRole('textbox', { name: 'Name' }).fill('First');
  await page.getByRole('button', { name: 'Create token', exact: true }).click();
  const created = page.getByRole('region', { name: /^Save/ });
  const token = await created.getByText(/^lk_/).first().innerText();
  await expect(created, 'the ready-made call goes through the gateway').toContainText('/gateway/openai/v1/chat/completions');

  await page.getByRole('link', { name: 'Activity' }).click();
  await expect(list.locator('p[role=status]')).toHaveText('2 of 4 steps done');
  const call = await callModel(baseURL!, token);
  expect(call.status, call.body).toBe(200);
  await expect(list.locator('p[role=status]')).toHaveText('Your first call arrived.');
  await expect(steps.nth(3)).toHaveAttribute('data-done', 'true');
  await expect(page.locator(`a[href$="${call.id}"]`)).toBeVisible();

  await page.reload();
  await expect(page.locator(`a[href$="${call.id}"]`)).toBeVisible();
  await expect(list).toBeHidden();
  await open(`/projects/${project.slug}/keys`);
  await expect(list).toBeHidden();
});

test('it ticks on the keys page too, while nobody touches it', async ({ open, page, project, baseURL, ownerCookie }) => {
  await open(`/projects/${project.slug}/keys`);
  const list = page.getByRole('region', { name: 'Your first call' });
  await expect(list.locator('p[role=status]')).toHaveText('0 of 4 steps done');
  const token = { project: project.slug, name: 'From elsewhere', 'scopes[0]': 'use:gateway' };
  expect((await callFunction(baseURL!, 'create_token', token, { cookie: ownerCookie })).status).toBe(200);
  await expect(list.locator('p[role=status]')).toHaveText('1 of 4 steps done');
});

test.describe('without script', () => {
  test.use({ javaScriptEnabled: false });

  test('it stands as far as it is', async ({ page, project, card }) => {
    await page.goto(`/projects/${project.slug}/keys`);
    const list = page.getByRole('region', { name: 'Your first call' });
    await expect(list.locator('p[role=status]')).toHaveText('0 of 4 steps done');
    await card('OpenAI').add(sandboxKey('valid'));
    await expect(list.locator('p[role=status]')).toHaveText('1 of 4 steps done');
  });
});
