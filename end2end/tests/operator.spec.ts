import { browserState, callFunction, createOwner } from './support/http';
import { expectSoundIn } from './support/looks';
import { startMailServer, type MailServer } from './support/mail';
import { freePort, type Deployment } from './support/program';
import { expect, hydrated, test } from './support/test';
import type { Page } from '@playwright/test';

const EMAIL = 'ada@acme.example';
const STRONG = 'violet anchor mosaic tundra';

const task = (page: Page, name: string) =>
  page.getByRole('table', { name: 'Tasks' }).getByRole('row').filter({ hasText: name });
const summary = (page: Page) => page.getByRole('status').filter({ hasText: /All is well|Needs attention/ });

test.describe('in the demo', () => {
  test('an operator sees what is done behind the calls', async ({ page, open }) => {
    await open('/projects');
    await page.getByRole('link', { name: 'Jobs' }).click();
    await expect(page).toHaveURL(/\/operator\/jobs$/);
    await expect(page.getByRole('heading', { level: 1, name: 'Jobs' })).toBeVisible();
    await expect(summary(page)).toContainText('All is well');
    await expect(task(page, 'Purge deleted keys')).toContainText('On time');
    const servers = page.getByRole('table', { name: 'Servers at work' }).getByRole('row');
    await expect(servers).toHaveCount(2);
    await expect(page.getByRole('button', { name: /^Try again/ })).toHaveCount(0);
  });

  test.describe('nobody else', () => {
    test.use({ as: 'viewer', expectedStatuses: [403] });

    test('sees it', async ({ page, open }) => {
      await open('/projects');
      await expect(page.getByRole('link', { name: 'Members' })).toBeVisible();
      await expect(page.getByRole('link', { name: 'Jobs' })).toHaveCount(0);
      await page.goto('/operator/jobs');
      await expect(page.getByRole('heading', { name: 'Your role does not permit this' })).toBeVisible();
      await expect(page.getByRole('table')).toHaveCount(0);
    });
  });
});

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'with script' : 'without script', () => {
    test.use({ as: 'nobody', javaScriptEnabled });

    let port: number;
    let fresh: Deployment;
    let mail: MailServer | undefined;

    /** Asks for a link that cannot be mailed: nobody listens where the mail server should be. */
    test.beforeEach(async ({ context, deploy }) => {
      port = await freePort();
      fresh = await deploy({ LATCHKEY_SMTP_URL: `smtp://127.0.0.1:${port}`, LATCHKEY_MAIL_FROM: 'latchkey@acme.example' });
      const cookie = await createOwner(fresh.url, fresh.setupLink().searchParams.get('link')!, EMAIL, STRONG);
      await context.addCookies(browserState(cookie).cookies);
      expect((await callFunction(fresh.url, 'ask_for_reset', { email: EMAIL })).status).toBeLessThan(400);
    });

    test.afterEach(async () => {
      await mail?.stop();
      mail = undefined;
    });

    test('a job that fails is shown with its error, and is tried again', async ({ page }) => {
      const row = task(page, 'Send reset link');
      await page.goto(`${fresh.url}/operator/jobs`);
      if (javaScriptEnabled) {
        // It arrives by itself.
        await hydrated(page);
        await expect(row).toContainText('Failing', { timeout: 20_000 });
      } else {
        await expect(async () => {
          await page.reload();
          await expect(row).toContainText('Failing', { timeout: 500 });
        }).toPass();
      }
      await expect(row).toContainText('the mail server did not take the mail');
      await expect(summary(page)).toContainText('Needs attention: 1 task with failing jobs.');
      await expectSoundIn(page);

      await row.getByRole('button', { name: 'Try again failed jobs of Send reset link' }).click();
      await expect(page.locator('.notices')).toContainText('1 job is tried again now.');
      mail = await startMailServer(port);
      expect((await mail.next()).to).toBe(EMAIL);
      await expect(async () => {
        if (!javaScriptEnabled) await page.goto(`${fresh.url}/operator/jobs`);
        await expect(row).toContainText('On time', { timeout: javaScriptEnabled ? 10_000 : 500 });
      }).toPass();
      await expect(summary(page)).toContainText('All is well');
      await expect(page.getByRole('button', { name: /^Try again/ })).toHaveCount(0);
    });
  });
}
