import { callModel, makeToken, recorded } from './support/gateway';
import { browserState, callFunction, signIn } from './support/http';
import { expectSoundIn } from './support/looks';
import { OWNER, PASSWORD } from './support/people';
import { redacted, revoke, sandboxKey } from './support/sandbox';
import { expect, hydrated, test } from './support/test';

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'with script' : 'without script', () => {
    test.use({ javaScriptEnabled, expectedStatuses: [400] });

    test('a second key is added, renamed, moved and made the default', async ({ page, project, card, notice }) => {
      test.slow();
      const [first, second, third] = [sandboxKey('valid'), sandboxKey('valid'), sandboxKey('valid')];
      const openai = card('OpenAI');
      const names = openai.others.locator('.other-name');
      await page.goto(`/projects/${project.slug}/keys`);
      if (javaScriptEnabled) await hydrated(page);
      await openai.add(first, 'Production');
      await openai.shows('Healthy');

      await openai.addAnother(second, 'Backup');
      await expect(notice).toContainText('OpenAI key Backup saved.');
      await expect(openai.other('Backup')).toContainText(redacted(second));
      await openai.addAnother(sandboxKey('valid'), 'backup');
      await expect(openai.root.locator('.another').getByRole('textbox', { name: /^Name/ })).toHaveAccessibleDescription(
        /already|another/i,
      );
      await openai.root.locator('.another').getByRole('textbox', { name: /^Name/ }).fill('Batch jobs');
      await openai.root.locator('.another').getByLabel('API key', { exact: true }).fill(third);
      await openai.root.locator('.another').getByRole('button', { name: 'Add key', exact: true }).click();
      await expect(names).toHaveText(['Backup', 'Batch jobs']);
      await expectSoundIn(page);

      const batch = await openai.manage('Batch jobs');
      await batch.getByLabel('More for OpenAI key Batch jobs').click();
      await batch.getByRole('button', { name: 'Move up OpenAI key Batch jobs' }).click();
      await expect(notice).toContainText('Order saved.');
      await expect(names).toHaveText(['Batch jobs', 'Backup']);

      await page.reload();
      if (javaScriptEnabled) await hydrated(page);
      const backup = await openai.manage('Backup');
      await backup.getByLabel('More for OpenAI key Backup').click();
      await backup.getByLabel('Rename OpenAI key Backup').click();
      await backup.locator('form').filter({ hasText: 'Rename key' }).getByRole('textbox', { name: /^Name/ }).fill('Spare');
      await backup.getByRole('button', { name: 'Rename key', exact: true }).click();
      await expect(notice).toContainText('The OpenAI key is now called Spare.');
      await expect(names).toHaveText(['Batch jobs', 'Spare']);

      const spare = openai.other('Spare');
      const manage = spare.getByLabel('Manage OpenAI key Spare');
      if ((await manage.locator('..').getAttribute('open')) === null) await manage.click();
      await spare.getByRole('button', { name: 'Make default OpenAI key Spare' }).click();
      await expect(notice).toContainText('OpenAI key is the default now.');
      await expect(openai.root.locator('.key-line').first()).toContainText(redacted(second));
      await expect(openai.others).toHaveCount(2);
      await expect(openai.other('Production')).toContainText(redacted(first));
    });

    test('a key is rotated, and the old one stopped', async ({ page, project, card, notice, baseURL, ownerCookie }) => {
      const [first, second] = [sandboxKey('valid'), sandboxKey('valid')];
      const openai = card('OpenAI');
      const token = await makeToken(baseURL!, project, ownerCookie);
      await page.goto(`/projects/${project.slug}/keys`);
      if (javaScriptEnabled) await hydrated(page);
      await openai.add(first, 'Production');
      await openai.shows('Healthy');
      await openai.rotate(sandboxKey('revoked'), '1 hour');
      const field = openai.root.getByLabel('New API key', { exact: true });
      await expect(field.filter({ visible: true })).toHaveAccessibleDescription(/Incorrect API key provided/);
      await expect(openai.root.getByLabel('How long the old key works on')).toHaveValue('1h');
      await field.fill(second);
      await openai.root.getByRole('button', { name: 'Rotate key', exact: true }).click();
      await expect(notice).toContainText('OpenAI key rotated.');
      await expect(notice).toContainText('The old key works on for 1 hour.');
      await expect(openai.root.locator('.key-line').first()).toContainText(redacted(second));
      const old = openai.other('Production 2');
      await expect(old).toContainText(redacted(first));
      await expect(old).toContainText(/Stops in (59 min \d+ s|1 h 0 min)/);
      await expectSoundIn(page);

      const byName = () => callModel(baseURL!, token, { headers: { 'x-latchkey-key': 'Production 2' } });
      expect((await byName()).status).toBe(200);
      await old.getByLabel('Stop now OpenAI key Production 2').click();
      await expect(old).toContainText('Calls that name it fail from then on.');
      await old.getByRole('button', { name: 'Stop key', exact: true }).click();
      await expect(notice).toContainText('OpenAI key Production 2 stopped.');
      await expect(openai.others).toHaveCount(0);
      await expect(page.getByRole('region', { name: 'Recently deleted' })).toContainText(redacted(first));
      await expect.poll(async () => (await byName()).status).toBe(404);
    });

    test('a key is erased for ever', async ({ page, project, card, notice }) => {
      const key = sandboxKey('valid');
      const openai = card('OpenAI');
      await page.goto(`/projects/${project.slug}/keys`);
      if (javaScriptEnabled) await hydrated(page);
      await openai.add(key);
      await openai.shows('Healthy');
      await openai.delete();
      const deleted = page.getByRole('region', { name: 'Recently deleted' });
      await deleted.getByLabel(`Erase now OpenAI key ${redacted(key)}`).click();
      const typed = deleted.getByRole('textbox', { name: 'Type erase to confirm' });
      await typed.fill('delete');
      await deleted.getByRole('button', { name: 'Erase for ever' }).click();
      await expect(typed).toHaveAccessibleDescription(/Type erase to confirm/);
      await expectSoundIn(page);
      await typed.fill('erase');
      await deleted.getByRole('button', { name: 'Erase for ever' }).click();
      await expect(notice).toContainText('Key erased. Nothing is left of its secret.');
      await expect(deleted).toHaveCount(0);
      await expect(page.getByText(redacted(key))).toHaveCount(0);
    });
  });
}

test('the countdown runs', async ({ open, project, card }) => {
  const openai = card('OpenAI');
  await open(`/projects/${project.slug}/keys`);
  await openai.add(sandboxKey('valid'), 'Production');
  await openai.shows('Healthy');
  await openai.rotate(sandboxKey('valid'), '1 hour');
  const left = openai.other('Production 2').locator('time').first();
  const before = await left.innerText();
  await expect(left).not.toHaveText(before);
});

test('a new key that its provider refuses gives way to the old one', async ({ open, page, project, card }) => {
  const [first, second] = [sandboxKey('valid'), sandboxKey('valid')];
  const openai = card('OpenAI');
  await open(`/projects/${project.slug}/keys`);
  await openai.add(first, 'Production');
  await openai.shows('Healthy');
  await openai.rotate(second, '24 hours');
  await expect(openai.root.locator('.key-line').first()).toContainText(redacted(second));
  await revoke(second);
  await openai.button('Test').click();
  await expect(openai.root).toContainText('Rotation undone');
  await expect(openai.root).toContainText('so the one that it replaced serves again');
  await expect(openai.root.locator('.key-line').first()).toContainText(redacted(first));
  await openai.shows('Healthy');
  await expectSoundIn(page);
});

test('before a key goes it is told what depends on it', async ({ open, project, card, baseURL, ownerCookie }) => {
  const key = sandboxKey('valid');
  const openai = card('OpenAI');
  const fields = { project: project.slug, provider: 'openai', api_key: key };
  expect((await callFunction(baseURL!, 'save_key', fields, { cookie: ownerCookie })).status).toBe(200);
  await open(`/projects/${project.slug}/keys`);
  await openai.deleteButton.click();
  await expect(openai.root.getByText('No call has ever used it.').filter({ visible: true })).toBeVisible();
  await openai.root.getByRole('button', { name: 'Keep key' }).click();

  const token = await makeToken(baseURL!, project, ownerCookie);
  for (const { id } of [await callModel(baseURL!, token), await callModel(baseURL!, token)]) {
    await recorded(baseURL!, project, ownerCookie, id);
  }
  const told = openai.root.locator('.dependents').filter({ visible: true });
  await openai.deleteButton.click();
  await expect(told).toContainText(/1 token used it in the last hour \(2 calls\), last call/);
  await openai.root.getByRole('button', { name: 'Keep key' }).click();
  await openai.disclosure('Disable OpenAI key').click();
  await expect(told).toContainText('1 token used it in the last hour');
});

test('the same key stored twice is pointed out', async ({ open, page, project, card, notice }) => {
  const key = sandboxKey('valid');
  const openai = card('OpenAI');
  await open(`/projects/${project.slug}/keys`);
  await openai.add(key, 'Production');
  await openai.shows('Healthy');
  await openai.addAnother(key, 'Again');
  await expect(notice).toContainText('This project has the same key once more.');
  await expect(openai.other('Again')).toContainText('once more in this project as Production');
  await expectSoundIn(page);
});

test.describe('signed in long ago', () => {
  test.use({ expectedStatuses: [403] });

  test('whoever erases a key shows first that it is them', async ({ open, page, context, project, card, notice, baseURL }) => {
    // A session of its own: it gets another id by that.
    const cookie = await signIn(baseURL!, OWNER, PASSWORD);
    await context.clearCookies();
    await context.addCookies(browserState(cookie).cookies);
    const key = sandboxKey('valid');
    const openai = card('OpenAI');
    await open(`/projects/${project.slug}/keys`);
    await openai.add(key);
    await openai.shows('Healthy');
    await openai.delete();
    // What the server says a quarter of an hour after sign-in.
    const refusal = { code: 'recent_sign_in_required', message: 'Show once more that it is you.', fields: [] };
    await page.route('**/_fn/purge_key', (route) => route.fulfill({ status: 403, json: refusal }), { times: 1 });
    const deleted = page.getByRole('region', { name: 'Recently deleted' });
    await deleted.getByLabel(`Erase now OpenAI key ${redacted(key)}`).click();
    await deleted.getByRole('textbox', { name: 'Type erase to confirm' }).fill('erase');
    await deleted.getByRole('button', { name: 'Erase for ever' }).click();
    await expect(deleted.getByText('Show once more that it is you.')).toBeVisible();
    await expectSoundIn(page);
    await deleted.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await deleted.getByRole('button', { name: 'Confirm and go on' }).click();
    await expect(notice).toContainText('Key erased.');
    await expect(deleted).toHaveCount(0);
  });
});
