import { callFunction } from './support/http';
import { expectSoundIn } from './support/looks';
import { makeToken } from './support/gateway';
import { expect, hydrated, test } from './support/test';

test.use({ permissions: ['clipboard-read', 'clipboard-write'] });

test('a token is made, shown once, used and revoked', async ({ open, page, project, baseURL, notice }) => {
  const name = `Nightly deploy of ${project.name}`;
  await open(`/projects/${project.slug}/tokens`);
  await page.locator('summary', { hasText: 'Create token' }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill(name);
  await page.getByRole('button', { name: 'Read keys' }).click();
  await expect(page.getByRole('checkbox', { name: 'read:byok' })).toBeChecked();
  await expect(page.getByRole('checkbox', { name: 'write:byok' })).not.toBeChecked();
  await page.getByRole('radio', { name: `Only in ${project.name}` }).check();
  await page.getByLabel('Stops working after').selectOption('30');
  await page.getByRole('button', { name: 'Create token', exact: true }).click();

  const created = page.getByRole('region', { name: `Save “${name}” now` });
  await expect(created.getByRole('heading', { level: 2 })).toBeFocused();
  const token = await created.getByText(/^lk_/).innerText();
  expect(token).toMatch(/^lk_api_[^_]+_[^_]+_[^_]+$/);
  await expect(created).toContainText(`curl -H 'Authorization: Bearer ${token}'`);
  await created.getByRole('button', { name: /^Copy token/ }).click();
  await expect(created.getByText('Copied')).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(token);

  const headers = { authorization: `Bearer ${token}` };
  const keys = `${baseURL}/api/v1/projects/${project.slug}/byok-keys`;
  const listed = await fetch(keys, { headers });
  expect(listed.status).toBe(200);
  expect(await listed.json()).toEqual({ keys: [] });
  const written = await fetch(`${keys}/openai`, { method: 'DELETE', headers });
  expect(written.status, 'it may only read').toBe(403);

  await created.getByRole('link', { name: 'I saved it' }).click();
  await expect(created).toBeHidden();
  expect(await page.content()).not.toContain(token);
  const row = page.getByRole('row').filter({ hasText: name });
  await expect(row).toContainText(token.split('_').slice(0, 3).join('_'));
  await expect(row).toContainText('read:byok');
  await expect(row).toContainText('in 30 days');

  await row.getByLabel(`Revoke token ${name}`).click();
  await expect(row.getByRole('button', { name: 'Keep token' })).toBeFocused();
  await row.getByRole('button', { name: 'Revoke token', exact: true }).click();
  await expect(notice).toContainText('Token revoked.');
  expect((await fetch(keys, { headers })).status).toBe(401);
  await expect(row.getByLabel(`Revoke token ${name}`)).toHaveCount(0);
});

test('a token of the whole organization works in every project', async ({ open, page, project, baseURL }) => {
  const name = `Everywhere ${project.slug}`;
  await open(`/projects/${project.slug}/tokens`);
  await page.locator('summary', { hasText: 'Create token' }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill(name);
  await page.getByRole('radio', { name: 'In every project of the organization' }).check();
  await page.getByRole('button', { name: 'Create token', exact: true }).click();
  const token = await page.getByRole('region', { name: /^Save/ }).getByText(/^lk_/).innerText();
  const answer = await fetch(`${baseURL}/api/v1/projects/production/byok-keys`, {
    headers: { authorization: `Bearer ${token}` },
  });
  expect(answer.status).toBe(200);
  await expect(page.getByRole('row').filter({ hasText: name })).toContainText('Every project');
});

test.describe('refused', () => {
  test.use({ expectedStatuses: [400] });

  test('a token that may do nothing is not made', async ({ open, page, project }) => {
    await open(`/projects/${project.slug}/tokens`);
    await page.locator('summary', { hasText: 'Create token' }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill('Idle');
    for (const scope of ['read:byok', 'write:byok']) await page.getByRole('checkbox', { name: scope }).uncheck();
    await page.getByRole('button', { name: 'Create token', exact: true }).click();
    await expect(page.getByRole('alert').filter({ hasText: 'Choose at least one thing' })).toBeVisible();
    await expect(page.getByRole('textbox', { name: 'Name' })).toHaveValue('Idle');
  });
});

test('a token cannot make what it does not hold', async ({ project, baseURL, ownerCookie }) => {
  const make = (scopes: string[], headers: Record<string, string>) => {
    const chosen = Object.fromEntries(scopes.map((scope, at) => [`scopes[${at}]`, scope]));
    return callFunction(baseURL!, 'create_token', { project: project.slug, name: 'a part', ...chosen }, headers);
  };
  const first = await make(['write:tokens', 'read:byok'], { cookie: ownerCookie });
  expect(first.status).toBe(200);
  const bearer = { authorization: `Bearer ${first.body.token}` };
  expect((await make(['read:byok'], bearer)).status).toBe(200);
  expect((await make(['write:byok'], bearer)).status).toBe(403);
});

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'rotated with script' : 'rotated without script', () => {
    test.use({ javaScriptEnabled });

    test('the old token works until its overlap ends, or somebody ends it', async ({
      page,
      project,
      baseURL,
      ownerCookie,
      notice,
    }) => {
      const name = 'Nightly deploy';
      const keys = `${baseURL}/api/v1/projects/${project.slug}/byok-keys`;
      const listing = async (token: string) =>
        (await fetch(keys, { headers: { authorization: `Bearer ${token}` } })).status;
      const old = await makeToken(baseURL!, project, ownerCookie, ['read:byok'], name);
      await page.goto(`/projects/${project.slug}/tokens`);
      if (javaScriptEnabled) await hydrated(page);
      await page.getByLabel(`Rotate token ${name}`).click();
      await page.getByRole('row').filter({ hasText: name }).getByLabel('The old token').selectOption('1h');
      await page.getByRole('button', { name: 'Rotate token', exact: true }).click();
      const created = page.getByRole('region', { name: `Save the new “${name}” now` });
      const next = await created.locator('[data-token]').innerText();
      await expect(created).toContainText('stops working in');
      await expectSoundIn(page);
      expect(next).not.toBe(old);
      expect([await listing(old), await listing(next)]).toEqual([200, 200]);
      await created.getByRole('link', { name: 'I saved it' }).click();
      await expect(created).toHaveCount(0);

      const row = page.getByRole('row').filter({ hasText: 'Rotated out' });
      await expect(row).toContainText('Replaced by');
      await expect(row).toContainText(/Stops in (59 min \d+ s|1 h 0 min)/);
      await expectSoundIn(page);
      if (javaScriptEnabled) {
        const left = row.getByText(/min/).first();
        await expect(left).not.toHaveText(await left.innerText());
      } else await page.goto(`/projects/${project.slug}/tokens`);
      await row.getByLabel(`Revoke now the old token ${name}`).click();
      await row.getByRole('button', { name: 'Revoke old token' }).click();
      await expect(notice).toContainText('Token revoked.');
      expect([await listing(old), await listing(next)]).toEqual([401, 200]);
      await expect(page.getByText('1 token that works no longer')).toBeVisible();
    });
  });
}
