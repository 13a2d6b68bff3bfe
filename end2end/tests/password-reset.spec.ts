import { showPassword } from './support/account';
import { createOwner } from './support/http';
import { expectSoundIn } from './support/looks';
import { startMailServer, type MailServer } from './support/mail';
import type { Deployment } from './support/program';
import { expect, START, test } from './support/test';

const EMAIL = 'ada@acme.example';
const OLD = 'violet anchor mosaic tundra';
const NEW = 'seven quiet lanterns drift';

test.use({ as: 'nobody' });

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'with script' : 'without script', () => {
    test.use({ javaScriptEnabled });

    let mail: MailServer;
    let fresh: Deployment;

    test.beforeEach(async ({ deploy }) => {
      mail = await startMailServer();
      fresh = await deploy({ LATCHKEY_SMTP_URL: mail.url, LATCHKEY_MAIL_FROM: 'latchkey@acme.example' });
      await createOwner(fresh.url, fresh.setupLink().searchParams.get('link')!, EMAIL, OLD);
    });

    test.afterEach(() => mail.stop());

    test('a forgotten password is replaced by a mailed link', async ({ page }) => {
      await page.goto(`${fresh.url}/sign-in`);
      await page.getByRole('link', { name: 'Forgot your password?' }).click();
      await expectSoundIn(page);
      const email = page.getByRole('textbox', { name: 'Email' });
      await email.fill('nobody@acme.example');
      await page.getByRole('button', { name: 'Mail me a link' }).click();
      const heading = page.getByRole('heading', { name: 'Look into your mailbox' });
      await expect(heading, 'the same for everybody').toBeVisible();
      await expectSoundIn(page);
      await page.getByRole('link', { name: 'ask again' }).click();
      await email.fill(EMAIL);
      await page.getByRole('button', { name: 'Mail me a link' }).click();
      await expect(heading).toBeVisible();

      const received = await mail.next();
      expect(received.to).toBe(EMAIL);
      expect(received.raw).toContain('Subject: Choose a new password for Latchkey');
      const address = /http\S+\/reset-password\?link=\S+/.exec(received.text)![0];
      await page.goto(address);
      await expectSoundIn(page);
      await expect(email).toHaveValue(EMAIL);
      const password = page.getByLabel('New password', { exact: true });
      await password.fill('password12345');
      await page.getByRole('button', { name: 'Set password' }).click();
      await expect(password).toHaveAccessibleDescription(/unrelated words/);
      await password.fill(NEW);
      await page.getByRole('button', { name: 'Set password' }).click();
      await expect(page.getByText('Your new password is set')).toBeVisible();
      await expectSoundIn(page);
      await showPassword(page, EMAIL, OLD);
      await expect(page.getByRole('alert').filter({ hasText: 'Address or password is wrong.' })).toBeVisible();
      await showPassword(page, EMAIL, NEW);
      await expect(page).toHaveURL(START);

      await page.goto(address);
      await expect(page.getByRole('heading', { name: 'This link does not work' })).toBeVisible();
      await expectSoundIn(page);
      expect(fresh.said(), 'no link stands in the log').not.toContain(new URL(address).searchParams.get('link'));
    });
  });
}

test('where no mail is sent, the page says so', async ({ page }) => {
  await page.goto('/forgot-password');
  await expect(page.getByRole('heading', { name: 'This Latchkey sends no mail' })).toBeVisible();
  await expectSoundIn(page);
});
