import { callFunction } from './support/http';
import { callModel, makeToken, recorded } from './support/gateway';
import { sandboxKey } from './support/sandbox';
import { expect, test } from './support/test';

/** A project with a key and a token that may call with it. */
const calling = test.extend<{ token: string }>({
  token: async ({ baseURL, project, ownerCookie }, use) => {
    const key = { project: project.slug, provider: 'openai', api_key: sandboxKey('valid') };
    const saved = await callFunction(baseURL!, 'save_key', key, { cookie: ownerCookie });
    expect(saved.status, JSON.stringify(saved.body)).toBe(200);
    await use(await makeToken(baseURL!, project, ownerCookie));
  },
});

calling('calls arrive while the page is open, and wait while it is paused', async ({ open, page, project, token, baseURL }) => {
  await open(`/projects/${project.slug}/activity`);
  await expect(page.getByRole('heading', { name: 'No calls here' })).toBeVisible();
  const live = page.getByRole('status').filter({ hasText: /^Live|^Paused/ });
  await expect(live).toHaveText('Live. New calls appear here by themselves.');

  const call = await callModel(baseURL!, token);
  expect(call.status, call.body).toBe(200);
  const row = page.getByRole('row').filter({ has: page.locator(`a[href$="${call.id}"]`) });
  await expect(row).toBeVisible();
  await expect(row).toContainText('OpenAI');
  await expect(row).toContainText('gpt-4o-mini');
  await expect(row).toContainText('Your key');
  await expect(row).toContainText('200');
  await expect(row.getByRole('cell').nth(4)).toHaveText(/^\d[\d,]* → \d[\d,]*$/);
  await expect(row.getByRole('cell').nth(5)).toHaveText(/^\$\d+\.\d{6}$/);
  await expect(row.getByRole('cell').nth(6)).toHaveText(/^[\d.,]+ m?s$/);
  await expect(live).toHaveText('Live. 1 new call.');

  await page.getByRole('button', { name: 'Pause' }).click();
  await expect(live).toHaveText('Paused. New calls wait until you go on.');
  const later = await callModel(baseURL!, token);
  await page.getByRole('button', { name: 'Resume' }).click();
  const second = page.getByRole('row').filter({ has: page.locator(`a[href$="${later.id}"]`) });
  await expect(second).toBeVisible();
  const first = page.locator('tbody tr').first().getByRole('link');
  await expect(first, 'the newest stands first').toHaveAttribute('href', new RegExp(later.id));
});

calling('nothing is asked while the page is hidden or paused', async ({ page, project, token }) => {
  await page.clock.install();
  await page.goto(`/projects/${project.slug}/activity`);
  await page.locator('.theme-choice [aria-pressed=true]').waitFor({ state: 'attached' });
  const asked: string[] = [];
  page.on('request', (request) => {
    if (request.url().endsWith('/_fn/activity')) asked.push(request.url());
  });
  const hide = (hidden: boolean) =>
    page.evaluate((hidden) => Object.defineProperty(document, 'hidden', { value: hidden, configurable: true }), hidden);
  await hide(true);
  await page.clock.runFor(60_000);
  expect(asked).toEqual([]);
  await hide(false);
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.clock.runFor(60_000);
  expect(asked).toEqual([]);
  await page.getByRole('button', { name: 'Resume' }).click();
  const answered = page.waitForResponse((response) => response.url().endsWith('/_fn/activity'));
  await page.clock.runFor(2_000);
  expect((await answered).status()).toBe(200);
  expect(token).toMatch(/^lk_/);

  await page.clock.runFor('31:00');
  await expect
    .poll(async () => {
      await page.clock.runFor(2_000);
      return page.getByRole('button', { name: 'Resume' }).isVisible();
    }, 'a page that nobody touches stops')
    .toBe(true);
});

calling('the filter stands in the address and says what to loosen', async ({ open, page, project, token, baseURL, ownerCookie }) => {
  const one = await callModel(baseURL!, token, {
    headers: { 'x-latchkey-session': 'nightly', 'x-latchkey-labels': 'repo=payments,env=prod' },
  });
  const other = await callModel(baseURL!, token, { model: 'gpt-4o' });
  const failed = await callModel(baseURL!, token, { path: 'openai/v1/chat/completions', model: 'sandbox-missing' });
  for (const { id } of [one, other, failed]) await recorded(baseURL!, project, ownerCookie, id);
  const path = `/projects/${project.slug}/activity`;
  const rows = page.locator('tbody tr');

  await open(path);
  await expect(rows).toHaveCount(3);
  await page.getByRole('textbox', { name: 'Model' }).fill('gpt-4o-mini');
  await page.getByLabel('Range').selectOption('Last hour');
  await page.getByRole('button', { name: 'Apply' }).click();
  await expect(page).toHaveURL(/[?&]range=1h&.*model=gpt-4o-mini/);
  await expect(rows).toHaveCount(1);
  await expect(rows.getByRole('link')).toHaveAttribute('href', new RegExp(one.id));
  await expect(page.getByRole('textbox', { name: 'Model' })).toHaveValue('gpt-4o-mini');
  await expect(page.getByLabel('Range')).toHaveValue('1h');

  await open(`${path}?session=nightly&label=env%3Dprod`);
  await expect(rows).toHaveCount(1);
  await expect(page.getByRole('textbox', { name: 'Label' }), 'what is in use is not hidden').toHaveValue('env=prod');
  await open(`${path}?label=env%3Dtest&model=gpt-4o-mini`);
  await expect(page.getByRole('heading', { name: 'No calls here' })).toBeVisible();
  await page.getByRole('link', { name: 'Any label' }).click();
  await expect(page).toHaveURL(/model=gpt-4o-mini/);
  await expect(page).not.toHaveURL(/label=/);
  await expect(rows).toHaveCount(1);

  await open(`${path}?source=platform`);
  await expect(rows).toHaveCount(0);
  await open(`${path}?source=byok&provider=openai&status=ok`);
  await expect(rows).toHaveCount(failed.status < 400 ? 3 : 2);
  await page.getByRole('link', { name: 'Clear' }).click();
  await expect(rows).toHaveCount(3);
});

calling('a filter that cannot be read says so', async ({ open, page, project }) => {
  await open(`/projects/${project.slug}/activity?range=custom&from=yesterday`);
  await expect(page.getByRole('alert').filter({ hasText: 'From' })).toContainText('2026-11-21T14:00');
  await expect(page.getByRole('button', { name: 'Pause' }), 'nothing can come').toHaveCount(0);
});

calling('one call is told in full', async ({ open, page, project, token, baseURL, ownerCookie }) => {
  const call = await callModel(baseURL!, token, { headers: { 'x-latchkey-session': 'nightly' } });
  await recorded(baseURL!, project, ownerCookie, call.id);
  await open(`/projects/${project.slug}/activity`);
  await page.locator(`a[href$="${call.id}"]`).click();
  await expect(page).toHaveURL(new RegExp(`/activity/${call.id}$`));
  await expect(page.getByRole('heading', { level: 1, name: 'Call' })).toBeVisible();
  const fact = (name: string) => page.locator('dl > div').filter({ has: page.getByText(name, { exact: true }) });
  await expect(fact('Request id')).toContainText(call.id);
  await expect(fact('Request id').getByRole('button', { name: /^Copy/ })).toBeVisible();
  await expect(fact('Key')).toContainText('Your key');
  await expect(fact('Session')).toContainText('nightly');
  await expect(fact('Status')).toContainText('200');
  await expect(page.getByRole('banner').getByRole('link', { name: 'Activity' })).toHaveAttribute('aria-current', 'page');
});

test('a refused call says what to do about it', async ({ open, page, project, baseURL, ownerCookie }) => {
  const settings = { project: project.slug, on_missing: 'fail', on_failure: 'fail' };
  const set = await callFunction(baseURL!, 'set_gateway_settings', settings, { cookie: ownerCookie });
  expect(set.status, JSON.stringify(set.body)).toBe(200);
  const token = await makeToken(baseURL!, project, ownerCookie);
  const refused = await callModel(baseURL!, token);
  expect(refused.status).toBe(403);
  await recorded(baseURL!, project, ownerCookie, refused.id);
  await open(`/projects/${project.slug}/activity`);
  const row = page.locator('tbody tr');
  await expect(row).toContainText('no_key');
  await expect(row.getByRole('cell').nth(5), 'what is not known is not nothing').toHaveText('unknown');
  await row.getByRole('link').click();
  await expect(page.getByRole('heading', { name: 'There was no key for OpenAI' })).toBeVisible();
  await page.getByRole('link', { name: 'Provider keys', exact: true }).last().click();
  await expect(page).toHaveURL(new RegExp(`/projects/${project.slug}/keys$`));
});

test('the platform key serves and says why', async ({ open, page, project, baseURL, ownerCookie }) => {
  const token = await makeToken(baseURL!, project, ownerCookie);
  const call = await callModel(baseURL!, token);
  expect(call.status, call.body).toBe(200);
  expect(call.headers.get('x-latchkey-key-source')).toBe('platform');
  await recorded(baseURL!, project, ownerCookie, call.id);
  await open(`/projects/${project.slug}/activity`);
  await expect(page.locator('tbody tr')).toContainText('Platform');
  await expect(page.locator('tbody tr')).toContainText('no key of your own');
});

calling('older calls stand on another page', async ({ open, page, project, token, baseURL, ownerCookie }) => {
  const calls = [];
  for (let count = 0; count < 51; count += 1) calls.push(await callModel(baseURL!, token));
  await recorded(baseURL!, project, ownerCookie, calls.at(-1)!.id);
  await open(`/projects/${project.slug}/activity`);
  await expect(page.locator('tbody tr')).toHaveCount(50);
  await page.getByRole('link', { name: 'Older' }).click();
  await expect(page).toHaveURL(/[?&]before=/);
  await expect(page.locator('tbody tr')).toHaveCount(1);
  await expect(page.locator('tbody tr').getByRole('link')).toHaveAttribute('href', new RegExp(calls[0]!.id));
  await expect(page.getByRole('button', { name: 'Pause' }), 'only the newest page is live').toHaveCount(0);
});

calling('the filter is downloaded as CSV', async ({ open, page, project, token, baseURL, ownerCookie }) => {
  const plain = await callModel(baseURL!, token, { headers: { 'x-latchkey-session': '=HYPERLINK("https://example.com")' } });
  const other = await callModel(baseURL!, token, { model: 'gpt-4o' });
  for (const { id } of [plain, other]) await recorded(baseURL!, project, ownerCookie, id);
  await open(`/projects/${project.slug}/activity?model=gpt-4o-mini`);
  const link = page.getByRole('link', { name: 'Download CSV' });
  const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
  expect(download.suggestedFilename()).toBe(`${project.slug}-activity.csv`);
  const address = new URL((await link.getAttribute('href'))!, baseURL);
  const answer = await fetch(address, { headers: { cookie: ownerCookie } });
  expect(answer.headers.get('content-type')).toMatch(/^text\/csv/);
  const lines = (await answer.text()).trim().split('\r\n');
  expect(lines).toHaveLength(2);
  expect(lines[0]).toMatch(/^request_id,time,/);
  expect(lines[1]).toContain(plain.id);
  expect(lines[1], 'no formula reaches a spreadsheet').toContain(`"'=HYPERLINK(""https://example.com"")"`);

  expect((await fetch(address)).status).toBe(401);
  const reads = await makeToken(baseURL!, project, ownerCookie, ['read:usage'], 'Reads usage');
  expect((await fetch(address, { headers: { authorization: `Bearer ${reads}` } })).status).toBe(200);
  const bearer = { authorization: `Bearer ${token}` };
  expect((await fetch(address, { headers: bearer })).status, 'a token that only calls').toBe(403);
});

test.describe('a viewer', () => {
  test.use({ as: 'viewer' });

  test('sees calls', async ({ open, page, project, baseURL, ownerCookie }) => {
    const token = await makeToken(baseURL!, project, ownerCookie);
    const call = await callModel(baseURL!, token);
    await recorded(baseURL!, project, ownerCookie, call.id);
    await open(`/projects/${project.slug}/activity`);
    await expect(page.locator('tbody tr')).toHaveCount(1);
    await page.locator(`a[href$="${call.id}"]`).click();
    await expect(page.getByText(call.id, { exact: true })).toBeVisible();
  });
});

test.describe('without script', () => {
  test.use({ javaScriptEnabled: false });

  test('calls are filtered and paged by address', async ({ page, project, baseURL, ownerCookie }) => {
    const token = await makeToken(baseURL!, project, ownerCookie);
    const [first, second] = [await callModel(baseURL!, token), await callModel(baseURL!, token, { model: 'gpt-4o' })];
    for (const { id } of [first, second]) await recorded(baseURL!, project, ownerCookie, id);
    await page.goto(`/projects/${project.slug}/activity`);
    await expect(page.locator('tbody tr')).toHaveCount(2);
    await expect(page.getByRole('button', { name: 'Pause' })).toBeHidden();
    await page.getByRole('textbox', { name: 'Model' }).fill('gpt-4o');
    await page.getByRole('button', { name: 'Apply' }).click();
    await expect(page.locator('tbody tr')).toHaveCount(1);
    await page.locator('tbody tr').getByRole('link').click();
    await expect(page.getByText(second.id, { exact: true })).toBeVisible();
    await page.getByRole('link', { name: 'All calls' }).click();
    await expect(page.locator('tbody tr')).toHaveCount(2);
  });
});
