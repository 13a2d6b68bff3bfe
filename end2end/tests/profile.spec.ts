import { showPassword, signInAsNew } from './support/account';
import { callFunction, signIn } from './support/http';
import { expectSoundIn } from './support/looks';
import { PASSWORD } from './support/people';
import { expect, hydrated, START, test } from './support/test';

const NEW_PASSWORD = 'violet anchor mosaic tundra';

test('the menu leads to the account', async ({ page, open }) => {
  await open('/projects');
  await page.getByRole('banner').locator('.person-menu > summary').click();
  await page.getByRole('link', { name: 'Your account' }).click();
  await expect(page).toHaveURL(/\/profile$/);
  await expect(page.getByRole('heading', { level: 1, name: 'Your account' })).toBeVisible();
});

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'with script' : 'without script', () => {
    test.use({ javaScriptEnabled, expectedStatuses: [400] });

    test('a password is changed, and other sessions end', async ({ page, context, baseURL, ownerCookie, notice }) => {
      const email = await signInAsNew(context, baseURL!, ownerCookie);
      const other = await signIn(baseURL!, email, PASSWORD);
      await page.goto('/profile');
      if (javaScriptEnabled) await hydrated(page);
      await expectSoundIn(page);
      const current = page.getByLabel('Current password', { exact: true });
      const next = page.getByLabel('New password', { exact: true });
      const change = page.getByRole('button', { name: 'Change password' });
      await current.fill('not the password');
      await next.fill(NEW_PASSWORD);
      await change.click();
      await expect(current).toHaveAccessibleDescription('This is not your password.');
      await current.fill(PASSWORD);
      await next.fill('password12345');
      await change.click();
      await expect(next).toHaveAccessibleDescription(/unrelated words/);
      await current.fill(PASSWORD);
      await next.fill(NEW_PASSWORD);
      await change.click();
      await expect(notice).toContainText('Password changed. Your other sessions have ended.');
      await expect(current).toHaveValue('');
      await expect(next).toHaveValue('');
      await expect(page.getByRole('row')).toHaveCount(2);
      expect((await callFunction(baseURL!, 'session', {}, { cookie: other })).status).toBe(401);

      await context.clearCookies();
      await page.goto('/sign-in');
      await showPassword(page, email, NEW_PASSWORD);
      await expect(page).toHaveURL(START);
    });

    test('sessions are listed and ended', async ({ page, context, baseURL, ownerCookie, notice }) => {
      const email = await signInAsNew(context, baseURL!, ownerCookie);
      const others = [await signIn(baseURL!, email, PASSWORD), await signIn(baseURL!, email, PASSWORD)];
      await page.goto('/profile');
      if (javaScriptEnabled) await hydrated(page);
      const rows = page.getByRole('row').filter({ hasText: '127.0.0.1' });
      await expect(rows).toHaveCount(3);
      await expect(rows.filter({ hasText: 'This one' })).toHaveCount(1);
      await expect(rows.filter({ hasText: 'This one' }).getByRole('button')).toHaveCount(0);
      await rows.getByRole('button', { name: /^End the session/ }).first().click();
      await expect(notice).toContainText('Session ended.');
      await expect(rows).toHaveCount(2);
      await page.getByRole('button', { name: 'End all others' }).click();
      await expect(notice).toContainText('1 other session ended.');
      await expect(rows).toHaveCount(1);
      await expect(page.getByRole('button', { name: 'End all others' })).toHaveCount(0);
      for (const cookie of others) {
        expect((await callFunction(baseURL!, 'session', {}, { cookie })).status).toBe(401);
      }
    });

    test('whoever is asked once more who they are comes back', async ({ page, context, baseURL, ownerCookie }) => {
      await signInAsNew(context, baseURL!, ownerCookie);
      await page.goto('/confirm?next=%2Fprofile');
      await expectSoundIn(page);
      const password = page.getByLabel('Password', { exact: true });
      await password.fill('not the password');
      await page.getByRole('button', { name: 'Confirm' }).click();
      await expect(password).toHaveAccessibleDescription('This is not your password.');
      await password.fill(PASSWORD);
      await page.getByRole('button', { name: 'Confirm' }).click();
      await expect(page).toHaveURL(/\/profile$/);
    });
  });
}

test.describe('in place', () => {
  test.use({ expectedStatuses: [400, 403] });

  test('a form that was refused goes through once the password was shown', async ({
    page,
    context,
    baseURL,
    ownerCookie,
  }) => {
    await signInAsNew(context, baseURL!, ownerCookie);
    await page.goto('/profile/second-step');
    await hydrated(page);
    // What the server says a quarter of an hour after sign-in.
    const refusal = { code: 'recent_sign_in_required', message: 'Show once more that it is you.', fields: [] };
    await page.route('**/_fn/begin_second_factor', (route) => route.fulfill({ status: 403, json: refusal }), {
      times: 1,
    });
    await page.getByRole('button', { name: 'Begin' }).click();
    const password = page.getByLabel('Password', { exact: true });
    await expect(page.getByText('Show once more that it is you.')).toBeVisible();
    await expectSoundIn(page);
    await password.fill('not the password');
    await page.getByRole('button', { name: 'Confirm and go on' }).click();
    await expect(password).toHaveAccessibleDescription('This is not your password.');
    await password.fill(PASSWORD);
    await page.getByRole('button', { name: 'Confirm and go on' }).click();
    await expect(page.getByRole('img', { name: /QR code/ })).toBeVisible();
  });
});
