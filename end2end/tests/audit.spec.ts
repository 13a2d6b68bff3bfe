import { callFunction } from './support/http';
import { makeToken } from './support/gateway';
import { OWNER } from './support/people';
import { expect, test, type Project } from './support/test';

/** Renames the project, so that the trail has events about it; the names it was given, the last first. */
async function rename(url: string, project: Project, cookie: string, times: number) {
  for (let number = 1; number <= times; number += 1) {
    const fields = { project: project.slug, name: `${project.name} ${number}` };
    expect((await callFunction(url, 'rename_project', fields, { cookie })).status).toBe(200);
  }
}

test('events are found by filters that stand in the address', async ({ open, page, project, baseURL, ownerCookie }) => {
  await rename(baseURL!, project, ownerCookie, 2);
  const rows = page.locator('tbody tr');
  await open(`/audit?target=${project.id}`);
  await expect(rows).toHaveCount(3);
  await expect(rows.first()).toContainText('Project renamed');
  await expect(rows.first()).toContainText(OWNER);
  await expect(rows.first()).toContainText(`${project.name} 2`);
  await expect(rows.last()).toContainText('Project created');

  await page.getByLabel('Event', { exact: true }).selectOption('Project created');
  await page.getByRole('button', { name: 'Apply' }).click();
  await expect(page).toHaveURL(/[?&]event=project\.created/);
  await expect(rows).toHaveCount(1);
  await expect(page.getByLabel('Event', { exact: true })).toHaveValue('project.created');
  await expect(page.getByRole('textbox', { name: 'To (id)' })).toHaveValue(project.id);

  await page.getByLabel('Event', { exact: true }).selectOption('Key erased');
  await page.getByLabel('By', { exact: true }).selectOption(OWNER);
  await page.getByRole('button', { name: 'Apply' }).click();
  await expect(page.getByRole('heading', { name: 'No events here' })).toBeVisible();
  await page.getByRole('link', { name: 'Any event' }).click();
  await expect(page).not.toHaveURL(/event=/);
  await expect(rows).toHaveCount(3);

  await open(`/audit?target=${project.id}&to=2020-01-01`);
  await page.getByRole('link', { name: 'At any time' }).click();
  await expect(rows).toHaveCount(3);
  await open('/audit?from=yesterday');
  await expect(page.getByRole('alert').filter({ hasText: 'From is not a point in time.' })).toBeVisible();
});

test('older and newer events stand on other pages', async ({ open, page, project, baseURL, ownerCookie }) => {
  await rename(baseURL!, project, ownerCookie, 50);
  const rows = page.locator('tbody tr');
  await open(`/audit?target=${project.id}`);
  await expect(rows).toHaveCount(50);
  await expect(page.getByRole('link', { name: 'Newer' })).toHaveCount(0);
  await page.getByRole('link', { name: 'Older' }).click();
  await expect(page).toHaveURL(/[?&]before=\d+/);
  await expect(rows).toHaveCount(1);
  await expect(rows).toContainText('Project created');
  await page.getByRole('link', { name: 'Newer' }).click();
  await expect(page).toHaveURL(/[?&]after=\d+/);
  await expect(rows).toHaveCount(50);
});

test('one event is told in full', async ({ open, page, project, baseURL, ownerCookie }) => {
  await rename(baseURL!, project, ownerCookie, 1);
  await open(`/audit?target=${project.id}`);
  await page.locator('tbody tr').first().getByRole('link').first().click();
  await expect(page).toHaveURL(/\/audit\/\d+$/);
  await expect(page.getByText(new RegExp(`^Project renamed by ${OWNER}, `))).toBeVisible();
  await expect(page.getByRole('main').getByText(`${project.name} 1`).first()).toBeVisible();
  await expect(page.getByText('Intact', { exact: true })).toBeVisible();
  await expect(page.getByText('127.0.0.1', { exact: true })).toBeVisible();
  await page.getByRole('link', { name: 'All that was done to the same' }).click();
  await expect(page).toHaveURL(new RegExp(`[?&]target=${project.id}`));
  await expect(page.locator('tbody tr')).toHaveCount(2);
});

test('the filter is downloaded as CSV and as JSONL', async ({ open, page, project, baseURL, ownerCookie }) => {
  await rename(baseURL!, project, ownerCookie, 1);
  await open(`/audit?target=${project.id}&from=2026-01-01`);
  for (const [name, file] of [['Download CSV', 'audit.csv'], ['Download JSONL', 'audit.jsonl']] as const) {
    const link = page.getByRole('link', { name });
    const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
    expect(download.suggestedFilename()).toBe(file);
    const address = new URL((await link.getAttribute('href'))!, baseURL);
    const text = await (await fetch(address, { headers: { cookie: ownerCookie } })).text();
    expect(text.trim().split(/\r?\n/)).toHaveLength(file.endsWith('csv') ? 3 : 2);
    expect(text).toContain(project.id);
    expect((await fetch(address)).status).toBe(401);
    const reader = await makeToken(baseURL!, project, ownerCookie, ['read:usage'], 'Reads usage');
    expect((await fetch(address, { headers: { authorization: `Bearer ${reader}` } })).status).toBe(403);
  }
});

test('the trail is verified', async ({ open, page, project }) => {
  await open(`/audit?target=${project.id}`);
  await page.getByRole('button', { name: 'Verify' }).click();
  const said = page.getByRole('region', { name: 'Verify' }).getByRole('status');
  await expect(said).toHaveText(/^[\d,]+ events verified, unbroken from the first on/);
});

test('the rail leads there', async ({ open, page, project }) => {
  await open(`/projects/${project.slug}/keys`);
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Audit' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Audit' })).toBeVisible();
});

test.describe('a viewer', () => {
  test.use({ as: 'viewer', expectedStatuses: [403] });

  test('does not see it', async ({ open, page, project }) => {
    await open(`/projects/${project.slug}/keys`);
    await expect(page.getByRole('link', { name: 'Audit' })).toHaveCount(0);
    await page.goto('/audit');
    await expect(page.getByRole('heading', { name: 'Your role does not permit this' })).toBeVisible();
  });
});

test.describe('without script', () => {
  test.use({ javaScriptEnabled: false });

  test('events are filtered, told and verified', async ({ page, project }) => {
    await page.goto(`/audit?target=${project.id}`);
    await page.getByLabel('Event', { exact: true }).selectOption('Project created');
    await page.getByRole('button', { name: 'Apply' }).click();
    await expect(page.locator('tbody tr')).toHaveCount(1);
    await page.getByRole('button', { name: 'Verify' }).click();
    await expect(page).toHaveURL(/event=project\.created/);
    await expect(page.getByRole('region', { name: 'Verify' })).toContainText('events verified, unbroken');
    await page.locator('tbody tr').getByRole('link').first().click();
    await expect(page.getByText('Intact', { exact: true })).toBeVisible();
    await page.getByRole('link', { name: 'All events' }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'Audit' })).toBeVisible();
  });
});
