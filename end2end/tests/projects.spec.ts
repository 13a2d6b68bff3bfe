import { callFunction } from './support/http';
import { expect, START, test } from './support/test';

test('a project is created and opened', async ({ open, page }, info) => {
  const name = `Chat (Europe) ${info.testId.slice(-6)}`;
  await open('/projects');
  await page.locator('summary', { hasText: 'Create project' }).click();
  await page.getByRole('textbox', { name: 'Name', exact: true }).first().fill(name);
  await page.getByRole('button', { name: 'Create project', exact: true }).click();
  await expect(page).toHaveURL(/\/projects\/chat-europe-[^/]+\/keys$/);
  await expect(page.getByText(`The keys that calls of ${name} use.`)).toBeVisible();
  await expect(page.getByRole('banner').locator('summary', { hasText: name })).toBeVisible();
});

test('a project is renamed and keeps its slug', async ({ open, page, project, notice }) => {
  const renamed = `Renamed ${project.slug}`;
  await open(`/projects/${project.slug}/settings`);
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill(renamed);
  await page.getByRole('button', { name: 'Rename project' }).click();
  await expect(notice).toContainText(`The project is now called ${renamed}.`);
  await expect(page.getByRole('banner').locator('summary', { hasText: renamed })).toBeVisible();
  await expect(page.getByRole('main')).toContainText(project.slug);
  await page.reload();
  await expect(page.getByRole('textbox', { name: 'Name', exact: true })).toHaveValue(renamed);
});

test('the list renames a project too', async ({ open, page, project, notice }) => {
  await open('/projects');
  const row = page.getByRole('listitem').filter({ has: page.getByText(project.slug, { exact: true }) });
  await row.getByLabel(`Rename ${project.name}`).click();
  await row.getByRole('textbox', { name: 'Name' }).fill(`Listed ${project.slug}`);
  await row.getByRole('button', { name: 'Rename project' }).click();
  await expect(notice).toContainText('The project is now called Listed');
  await expect(row.getByRole('heading')).toContainText('Listed');
});

test('the switcher leads to the same page elsewhere', async ({ open, page, project, baseURL, ownerCookie }, info) => {
  for (const number of [1, 2, 3, 4, 5, 6]) {
    const name = `Many ${number} ${info.testId.slice(-6)}`;
    expect((await callFunction(baseURL!, 'create_project', { name }, { cookie: ownerCookie })).status).toBe(200);
  }
  await open('/projects/staging/tokens');
  const switcher = page.getByRole('banner').locator('summary', { hasText: 'Staging' });
  await switcher.click();
  await page.getByRole('searchbox', { name: 'Find a project' }).fill('no such project');
  await expect(page.getByText('No project has this in its name.')).toBeVisible();
  await page.getByRole('searchbox', { name: 'Find a project' }).fill(project.slug);
  await page.getByRole('link', { name: project.name, exact: true }).click();
  await expect(page).toHaveURL(new RegExp(`/projects/${project.slug}/tokens$`));
  await expect(page.getByRole('banner').locator('summary', { hasText: project.name })).toBeVisible();
  await expect(page.getByRole('searchbox')).toBeHidden();

  await page.getByRole('link', { name: 'Provider keys' }).click();
  await expect(page.getByText(`The keys that calls of ${project.name} use.`)).toBeVisible();
  await expect(page.getByRole('main'), 'the focus goes to the new page').toBeFocused();
});

test.describe('a project that does not exist', () => {
  test.use({ expectedStatuses: [404] });

  test('is told with its status', async ({ page }) => {
    for (const section of ['keys', 'activity', 'activity/none', 'tokens', 'settings']) {
      const answer = await page.goto(`/projects/no-such-project/${section}`);
      expect(answer!.status()).toBe(404);
      await expect(page.getByRole('heading', { name: 'This page does not exist' })).toBeVisible();
    }
    const answer = await page.goto('/no-such-page');
    expect(answer!.status()).toBe(404);
    await expect(page.getByRole('heading', { name: 'This page does not exist' })).toBeVisible();
    await page.getByRole('link', { name: 'Go to the start page' }).click();
    await expect(page).toHaveURL(START);
  });
});
