import { browserState, callFunction, createOwner, signIn } from './support/http';
import { expectSoundIn } from './support/looks';
import type { Deployment } from './support/program';
import { expect, hydrated, START, test } from './support/test';
import type { Page } from '@playwright/test';

const EMAIL = 'ada@acme.example';
const STRONG = 'violet anchor mosaic tundra';

test.use({ as: 'nobody' });
test.describe.configure({ mode: 'default' });

let fresh: Deployment;

test.beforeEach(async ({ context, deploy }) => {
  fresh = await deploy();
  const cookie = await createOwner(fresh.url, fresh.setupLink().searchParams.get('link')!, EMAIL, STRONG);
  await callFunction(fresh.url, 'create_project', { name: 'First' }, { cookie });
  await context.addCookies(browserState(cookie).cookies);
});

async function open(page: Page, path: string) {
  await page.goto(`${fresh.url}${path}`);
  await hydrated(page);
}

async function create(page: Page, name: string) {
  await page.goto(`${fresh.url}/organizations`);
  await page.locator('summary', { hasText: 'Create organization' }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill(name);
  await page.getByRole('button', { name: 'Create organization', exact: true }).click();
}

const switcher = (page: Page) => page.getByRole('banner').locator('.switcher > summary');

test('an operator creates organizations and turns to them', async ({ page }) => {
  await open(page, '/organizations');
  await expect(page.getByRole('listitem').filter({ hasText: 'You are here' })).toContainText('Acme');
  await expectSoundIn(page);
  await create(page, 'Northwind');
  await expect(page).toHaveURL(START);
  await hydrated(page);
  await expect(switcher(page)).toContainText('Northwind');
  await expect(page.getByRole('heading', { name: 'Begin with a project' })).toBeVisible();

  await create(page, 'ACME');
  await expect(page).toHaveURL(/\/organizations\?error=conflict$/);
  await expect(page.getByRole('alert').filter({ hasText: 'There is an organization of that name already.' })).toBeVisible();
  await expect(page.getByRole('textbox', { name: 'Name' })).toHaveValue('ACME');
  await expectSoundIn(page);

  await page.getByRole('button', { name: 'Switch to Acme' }).click();
  await expect(page).toHaveURL(START);
  await expect(switcher(page)).toContainText('Acme');
});

test('the switcher finds one among many', async ({ page, context }) => {
  let cookie = '';
  for (const number of [1, 2, 3, 4, 5, 6, 7, 8]) {
    cookie = (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join('; ');
    const body = new URLSearchParams({ name: `Number ${number} ${'long '.repeat(12).trim()}` });
    const answer = await fetch(`${fresh.url}/_fn/create_organization`, { method: 'POST', body, headers: { cookie }, redirect: 'manual' });
    const next = answer.headers.getSetCookie()[0]!.split(';', 1)[0]!;
    await context.addCookies(browserState(next).cookies);
  }
  await open(page, '/projects');
  await switcher(page).click();
  await page.getByText('Switch organization').click();
  const search = page.getByRole('searchbox', { name: 'Find an organization' });
  await search.fill('no such name');
  await expect(page.getByText('No organization has this in its name.')).toBeVisible();
  await search.fill('acme');
  await expectSoundIn(page);
  await page.getByRole('button', { name: 'Acme', exact: true }).click();
  await expect(page).toHaveURL(START);
  await expect(switcher(page)).toContainText('Acme');
});

test('a page of the organization before does not stay', async ({ page, context }) => {
  await create(page, 'Northwind');
  await open(page, '/members');
  const other = await context.newPage();
  await open(other, '/organizations');
  await other.getByRole('button', { name: 'Switch to Acme' }).click();
  await expect(other).toHaveURL(START);
  await page.evaluate(() => window.dispatchEvent(new Event('focus')));
  await expect(page).toHaveURL(START);
  await expect(switcher(page)).toContainText('Acme');
});

test.describe('without script', () => {
  test.use({ javaScriptEnabled: false });

  test('organizations are created, switched and left', async ({ page }) => {
    await create(page, 'Northwind');
    await expect(page).toHaveURL(START);
    await page.goto(`${fresh.url}/projects`);
    await switcher(page).click();
    await page.getByText('Switch organization').click();
    await page.getByRole('button', { name: 'Acme', exact: true }).click();
    await expect(page).toHaveURL(START);
    await page.goto(`${fresh.url}/members`);
    await expect(page.getByRole('row').filter({ hasText: EMAIL })).toContainText('The only owner');
    // The next session begins where this one was.
    await signIn(fresh.url, EMAIL, STRONG);
    await page.goto(`${fresh.url}/organizations`);
    await expect(page.getByRole('listitem').filter({ hasText: 'You are here' })).toContainText('Acme');
  });
});
