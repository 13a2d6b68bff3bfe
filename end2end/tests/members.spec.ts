import { browserState, callFunction } from './support/http';
import { expectSoundIn } from './support/looks';
import { invite, join, newAddress } from './support/members';
import { OWNER } from './support/people';
import { expect, hydrated, START, test } from './support/test';
import type { Page } from '@playwright/test';

/** A browser in which nobody has signed in; without this it would begin as this one did. */
const NOBODY = { cookies: [], origins: [] };

const row = (page: Page, email: string) => page.getByRole('row').filter({ hasText: email });

test('somebody is invited, joins, gets another role and is removed', async ({ open, page, browser, notice }) => {
  const email = newAddress('mia');
  await open('/members');
  await page.locator('summary', { hasText: 'Invite member' }).click();
  await page.getByRole('textbox', { name: 'Email' }).fill(email);
  await page.getByLabel('Role', { exact: true }).first().selectOption('member');
  await page.getByRole('button', { name: 'Invite', exact: true }).click();
  const created = page.getByRole('region', { name: `Give this link to ${email}` });
  await expect(created.getByRole('heading')).toBeFocused();
  const link = await created.locator('[data-invitation]').innerText();
  await expectSoundIn(page);
  await created.getByRole('link', { name: 'I have it' }).click();
  await expect(created).toBeHidden();
  expect(await page.content()).not.toContain(link);
  await expect(row(page, email)).toContainText(OWNER);

  const context = await browser.newContext({ storageState: NOBODY });
  const theirs = await context.newPage();
  await theirs.goto(new URL(link).pathname.replace(/^/, page.url().replace('/members', '')));
  await expect(theirs.getByRole('heading', { name: 'Join Sandbox' })).toBeVisible();
  await expectSoundIn(theirs);
  await theirs.getByLabel('Password', { exact: true }).fill('violet anchor mosaic tundra');
  await theirs.getByRole('button', { name: 'Create account and join' }).click();
  await expect(theirs).toHaveURL(START);
  await expect(theirs.getByRole('banner')).toContainText(email);
  await theirs.goto(link.replace(/^https?:\/\/[^/]+/, new URL(theirs.url()).origin));
  await expect(theirs.getByRole('heading', { name: 'This invitation does not work' })).toBeVisible();
  await expectSoundIn(theirs);

  await page.reload();
  await hydrated(page);
  await row(page, email).getByLabel(`Change role of ${email}`).click();
  await row(page, email).getByLabel('Role', { exact: true }).selectOption('viewer');
  await row(page, email).getByRole('button', { name: 'Change role' }).click();
  await expect(notice).toContainText('Role changed.');
  await expect(row(page, email).getByRole('cell', { name: 'Viewer' })).toBeVisible();
  await theirs.goto(`${new URL(theirs.url()).origin}/projects/production/keys`);
  await expect(theirs.getByRole('banner')).toContainText('viewer');
  await expect(theirs.getByRole('main').getByRole('button')).toHaveCount(0);

  await row(page, email).getByLabel(`Remove ${email}`).click();
  await expect(row(page, email).getByRole('button', { name: 'Keep member' })).toBeFocused();
  await row(page, email).getByRole('button', { name: 'Remove member' }).click();
  await expect(notice).toContainText('Member removed.');
  await expect(row(page, email)).toHaveCount(0);
  await theirs.reload();
  await expect(theirs).toHaveURL(/\/sign-in$/);
  await context.close();
});

test('an invitation is revoked', async ({ open, page, notice, baseURL, ownerCookie }) => {
  const email = newAddress('ida');
  const link = await invite(baseURL!, ownerCookie, email, 'viewer');
  await open('/members');
  await row(page, email).getByLabel(`Revoke invitation of ${email}`).click();
  await row(page, email).getByRole('button', { name: 'Revoke invitation', exact: true }).click();
  await expect(notice).toContainText('Invitation revoked.');
  await expect(row(page, email)).toHaveCount(0);
  await page.goto(link);
  await expect(page.getByRole('heading', { name: 'This invitation does not work' })).toBeVisible();
});

test('what each role may do stands below', async ({ open, page }) => {
  await open('/members');
  const table = page.getByRole('region', { name: 'What each role may do' });
  const cells = table.getByRole('row', { name: /^Create and rename projects/ }).getByRole('cell');
  await expect(cells).toHaveText(['Yes', 'Yes', '–No', '–No']);
  await expect(table.getByRole('row', { name: /^Invite, change and remove owners/ }).getByRole('cell')).toHaveText([
    'Yes',
    '–No',
    '–No',
    '–No',
  ]);
});

test('the only owner is told why they stay', async ({ open, page }) => {
  await open('/members');
  await expect(row(page, OWNER).first()).toContainText('The only owner');
  await expect(row(page, OWNER).first().getByLabel(/^(Remove|Leave|Change)/)).toHaveCount(0);
});

test.describe('a viewer', () => {
  test.use({ as: 'viewer' });

  test('sees everybody and changes nobody', async ({ open, page }) => {
    await open('/members');
    await expect(row(page, OWNER)).toBeVisible();
    const main = page.getByRole('main');
    await expect(main.locator('summary')).toHaveText(['Leave']);
    await expect(main.getByRole('combobox')).toHaveCount(0);
  });
});

test.describe('refused', () => {
  test.use({ expectedStatuses: [400, 409] });

  test('a wrong address is told at its field; a member is not invited', async ({ open, page }) => {
    await open('/members');
    await page.locator('summary', { hasText: 'Invite member' }).click();
    const email = page.getByRole('textbox', { name: 'Email' });
    await email.fill('mia@nowhere');
    await page.getByRole('button', { name: 'Invite', exact: true }).click();
    await expect(email).toHaveAccessibleDescription(/Enter an address such as/);
    await email.fill(OWNER);
    await page.getByRole('button', { name: 'Invite', exact: true }).click();
    await expect(page.getByRole('alert').filter({ hasText: 'belongs to the organization already' })).toBeVisible();
  });
});

test.describe('somebody new', () => {
  test.use({ as: 'nobody' });

  test('leaves', async ({ page, context, baseURL, ownerCookie }) => {
    const email = newAddress('leo');
    const cookie = await join(baseURL!, ownerCookie, email, 'admin');
    await context.addCookies(browserState(cookie).cookies);
    await page.goto('/members');
    await hydrated(page);
    await row(page, email).getByLabel('Leave the organization').click();
    await expect(row(page, email).getByRole('button', { name: 'Stay' })).toBeFocused();
    await row(page, email).getByRole('button', { name: 'Leave organization' }).click();
    await expect(page).toHaveURL(/\/sign-in$/);
    expect((await callFunction(baseURL!, 'session', {}, { cookie })).status).toBe(401);
  });

  test('finds the page changed after making themselves less', async ({ page, context, baseURL, ownerCookie, notice }) => {
    const email = newAddress('ada');
    await context.addCookies(browserState(await join(baseURL!, ownerCookie, email, 'admin')).cookies);
    await page.goto('/members');
    await hydrated(page);
    await expect(row(page, OWNER).first().getByLabel(/^(Remove|Change)/), 'an owner is out of reach').toHaveCount(0);
    await row(page, email).getByLabel(`Change role of ${email}`).click();
    await row(page, email).getByLabel('Role', { exact: true }).selectOption('viewer');
    await row(page, email).getByRole('button', { name: 'Change role' }).click();
    await expect(notice).toContainText('Role changed.');
    await expect(page.getByRole('main').locator('summary')).toHaveText(['Leave']);
    await expect(page.getByRole('banner')).toContainText('viewer');
  });
});

test.describe('without script', () => {
  test.use({ javaScriptEnabled: false });

  test('somebody is invited, changed and removed', async ({ page, browser, notice, baseURL }) => {
    const email = newAddress('noa');
    await page.goto('/members');
    await page.locator('summary', { hasText: 'Invite member' }).click();
    await page.getByRole('textbox', { name: 'Email' }).fill('noa@nowhere');
    await page.getByLabel('Role', { exact: true }).first().selectOption('viewer');
    await page.getByRole('button', { name: 'Invite', exact: true }).click();
    await expect(page).toHaveURL(/\/members\?error=invalid_input$/);
    await expect(page.getByRole('textbox', { name: 'Email' })).toHaveValue('noa@nowhere');
    await page.getByRole('textbox', { name: 'Email' }).fill(email);
    await page.getByRole('button', { name: 'Invite', exact: true }).click();
    const link = await page.locator('[data-invitation]').innerText();
    expect(page.url()).not.toContain('lk_');
    await page.reload();
    expect(await page.content()).not.toContain(link);

    const context = await browser.newContext({ javaScriptEnabled: false, baseURL, storageState: NOBODY });
    const theirs = await context.newPage();
    await theirs.goto(new URL(link).pathname);
    await theirs.getByLabel('Password', { exact: true }).fill('password12345');
    await theirs.getByRole('button', { name: 'Create account and join' }).click();
    await expect(theirs.getByLabel('Password', { exact: true })).toHaveAccessibleDescription(/unrelated words/);
    await theirs.getByLabel('Password', { exact: true }).fill('violet anchor mosaic tundra');
    await theirs.getByRole('button', { name: 'Create account and join' }).click();
    await expect(theirs).toHaveURL(START);

    await page.reload();
    await row(page, email).getByLabel(`Change role of ${email}`).click();
    await row(page, email).getByLabel('Role', { exact: true }).selectOption('admin');
    await row(page, email).getByRole('button', { name: 'Change role' }).click();
    await expect(notice).toContainText('Role changed.');
    await expect(row(page, email)).toContainText('Admin');
    await row(page, email).getByLabel(`Remove ${email}`).click();
    await row(page, email).getByRole('button', { name: 'Remove member' }).click();
    await expect(notice).toContainText('Member removed.');
    await theirs.reload();
    await expect(theirs).toHaveURL(/\/sign-in$/);
    await context.close();
  });
});
