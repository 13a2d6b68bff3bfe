import { callFunction } from './support/http';
import { expectSoundIn } from './support/looks';
import { accept, invite, newAddress } from './support/members';
import { PASSWORD } from './support/people';
import { expect, START, test } from './support/test';

test.use({ as: 'nobody' });

test('a link that was never one says so plainly', async ({ page }) => {
  await page.goto('/invitations/lk_invitation_nonsense');
  await expect(page.getByRole('heading', { name: 'This invitation does not work' })).toBeVisible();
  await expectSoundIn(page);
  await page.getByRole('link', { name: 'Go to the start page' }).click();
  await expect(page).toHaveURL(/\/sign-in$/);
});

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'with script' : 'without script', () => {
    test.use({ javaScriptEnabled });

    test('whoever was here before comes back with their password', async ({ page, baseURL, ownerCookie }) => {
      const email = newAddress('eva');
      const first = await accept(baseURL!, await invite(baseURL!, ownerCookie, email, 'viewer'));
      expect((await callFunction(baseURL!, 'leave_organization', {}, { cookie: first })).status).toBeLessThan(400);
      const link = await invite(baseURL!, ownerCookie, email, 'member');
      await page.goto(link);
      await expect(page.getByRole('textbox', { name: 'Email' })).toHaveValue(email);
      await page.getByLabel('Password', { exact: true }).fill('not the password');
      await page.getByRole('button', { name: 'Sign in and join' }).click();
      await expect(page.getByRole('alert').filter({ hasText: 'Address or password is wrong.' })).toBeVisible();
      await expectSoundIn(page);
      await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
      await page.getByRole('button', { name: 'Sign in and join' }).click();
      await expect(page).toHaveURL(START);
      await expect(page.getByRole('banner')).toContainText(email);
    });
  });
}

test.describe('somebody else', () => {
  test.use({ as: 'viewer' });

  test('is told whom it is for', async ({ page, baseURL, ownerCookie }) => {
    const email = newAddress('a-name-that-is-rather-long-for-an-address');
    await page.goto(await invite(baseURL!, ownerCookie, email, 'admin'));
    const main = page.getByRole('main');
    await expect(main).toContainText(`It is for ${email}, and you are signed in as viewer@latchkey.example.`);
    await expect(main.getByRole('button')).toHaveText(['Sign out']);
    await expectSoundIn(page);
  });
});
