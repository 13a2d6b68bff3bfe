import { readFile } from 'node:fs/promises';
import { showPassword, signInAsNew } from './support/account';
import { codeOf } from './support/authenticator';
import { expectSoundIn } from './support/looks';
import { PASSWORD } from './support/people';
import { expect, hydrated, START, test } from './support/test';

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'with script' : 'without script', () => {
    test.use({ javaScriptEnabled, expectedStatuses: [400] });

    test('codes are set up, asked for, and turned off', async ({ page, context, baseURL, ownerCookie, notice }) => {
      test.slow();
      const email = await signInAsNew(context, baseURL!, ownerCookie);
      const settled = async () => void (javaScriptEnabled && (await hydrated(page)));
      await page.goto('/profile');
      await settled();
      await page.getByRole('link', { name: 'Set up second step' }).click();
      await expectSoundIn(page);
      await page.getByRole('button', { name: 'Begin' }).click();
      await expect(page.getByRole('img', { name: /QR code/ })).toBeVisible();
      await settled();
      await expectSoundIn(page);
      const secret = (await page.locator('[data-secret]').innerText()).trim();
      const address = await page.getByRole('link', { name: 'Open it in an app on this device' }).getAttribute('href');
      expect(new URL(address!).searchParams.get('secret')).toBe(secret.replace(/\s/g, ''));

      const code = page.getByRole('textbox', { name: 'Code' });
      await code.fill('12345');
      await page.getByRole('button', { name: 'Ask for codes' }).click();
      await expect(code).toHaveAccessibleDescription(/This code is not right/);
      await code.fill(codeOf(secret, -1));
      await page.getByRole('button', { name: 'Ask for codes' }).click();
      const made = page.getByRole('region', { name: 'Save these recovery codes now' });
      await expect(made.getByRole('listitem')).toHaveCount(10);
      await settled();
      await expectSoundIn(page);
      const codes = await made.getByRole('listitem').allInnerTexts();
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        made.getByRole('link', { name: 'Download' }).click(),
      ]);
      expect(download.suggestedFilename()).toBe('latchkey-recovery-codes.txt');
      const file = await readFile((await download.path())!, 'utf8');
      for (const one of codes) expect(file).toContain(`\n${one.trim()}\n`);
      await made.getByRole('link', { name: 'I saved them' }).click();
      await expect(made).toHaveCount(0);
      await expect(page.getByText('10 recovery codes are left.')).toBeVisible();
      await expectSoundIn(page);
      await page.reload();
      await expect(made, 'they are shown once').toHaveCount(0);

      await context.clearCookies();
      await page.goto('/sign-in');
      await showPassword(page, email, PASSWORD);
      await expect(page.getByRole('heading', { name: 'Enter your code' })).toBeVisible();
      await expectSoundIn(page);
      await page.goto('/projects');
      await expect(page, 'nobody is signed in yet').toHaveURL(/\/sign-in$/);
      const asked = page.getByRole('textbox', { name: 'Code' });
      await asked.fill('000000');
      await page.getByRole('button', { name: 'Sign in', exact: true }).click();
      await expect(asked).toHaveAccessibleDescription(/This code is not right/);
      await asked.fill(codeOf(secret));
      await page.getByRole('button', { name: 'Sign in', exact: true }).click();
      await expect(page).toHaveURL(START);

      await page.goto('/confirm?next=%2Fprofile%2Fsecond-step');
      await expectSoundIn(page);
      await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
      await page.getByRole('textbox', { name: 'Code' }).fill(codes[0]!.trim());
      await page.getByRole('button', { name: 'Confirm' }).click();
      await expect(page).toHaveURL(/\/profile\/second-step$/);
      await expect(page.getByText('9 recovery codes are left.')).toBeVisible();
      await settled();
      await page.locator('summary', { hasText: 'New recovery codes' }).click();
      await page.getByRole('button', { name: 'Make new codes' }).click();
      await expect(made.getByRole('listitem')).toHaveCount(10);
      expect(await made.getByRole('listitem').allInnerTexts()).not.toContain(codes[1]);
      await made.getByRole('link', { name: 'I saved them' }).click();

      await settled();
      await page.locator('summary', { hasText: 'Turn off' }).click();
      await page.getByRole('button', { name: 'Turn codes off' }).click();
      await expect(notice).toContainText('Codes are not asked for any more.');
      await expect(page.getByRole('button', { name: 'Begin' })).toBeVisible();
    });
  });
}

test('whoever is asked for a code may start again', async ({ page, context, baseURL, ownerCookie }) => {
  const email = await signInAsNew(context, baseURL!, ownerCookie);
  await page.goto('/profile/second-step');
  await hydrated(page);
  await page.getByRole('button', { name: 'Begin' }).click();
  const secret = await page.locator('[data-secret]').innerText();
  await page.getByRole('textbox', { name: 'Code' }).fill(codeOf(secret));
  await page.getByRole('button', { name: 'Ask for codes' }).click();
  await expect(page.getByRole('region', { name: 'Save these recovery codes now' })).toBeVisible();
  await context.clearCookies();
  await page.goto('/sign-in');
  await showPassword(page, email, PASSWORD);
  await page.getByRole('button', { name: 'Start again' }).click();
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
});

test.describe('used once', () => {
  test.use({ expectedStatuses: [400] });

  test('neither a code nor a recovery code works again', async ({ page, context, baseURL, ownerCookie }) => {
    const email = await signInAsNew(context, baseURL!, ownerCookie);
    await page.goto('/profile/second-step');
    await hydrated(page);
    await page.getByRole('button', { name: 'Begin' }).click();
    const secret = (await page.locator('[data-secret]').innerText()).trim();
    const code = page.getByRole('textbox', { name: 'Code' });
    const used = codeOf(secret);
    await code.fill(used);
    await page.getByRole('button', { name: 'Ask for codes' }).click();
    const made = page.getByRole('region', { name: 'Save these recovery codes now' });
    const recovery = (await made.getByRole('listitem').first().innerText()).trim();

    const signInWith = async (shown: string) => {
      await context.clearCookies();
      await page.goto('/sign-in');
      await showPassword(page, email, PASSWORD);
      await code.fill(shown);
      await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    };
    await signInWith(used);
    await expect(code).toHaveAccessibleDescription(/This code was used already/);
    await signInWith(recovery);
    await expect(page).toHaveURL(START);
    await signInWith(recovery);
    await expect(code).toHaveAccessibleDescription(/This code is not right/);
  });
});
