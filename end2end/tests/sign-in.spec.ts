import { OWNER, PASSWORD } from './support/people';
import { callFunction } from './support/http';
import { expect, START, test } from './support/test';
import type { Page } from '@playwright/test';

test.use({ as: 'nobody' });

async function signIn(page: Page, email: string, password: string) {
  await page.getByRole('textbox', { name: 'Email' }).fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

test('a signed-out visitor is led to sign-in', async ({ page }) => {
  for (const path of ['/', '/projects', '/projects/production/keys', '/projects/production/tokens']) {
    await page.goto(path);
    await expect(page).toHaveURL(/\/sign-in$/);
  }
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
});

test('a person signs in and out', async ({ page, context }) => {
  await page.goto('/sign-in');
  const before = await context.cookies();
  await signIn(page, OWNER, PASSWORD);
  await expect(page).toHaveURL(START);
  await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible();

  const session = (await context.cookies()).find((cookie) => cookie.name === '__Host-latchkey');
  expect(session).toMatchObject({ httpOnly: true, secure: true, sameSite: 'Lax', path: '/' });
  expect(before.map((cookie) => cookie.value)).not.toContain(session!.value);

  await page.getByRole('banner').locator('summary', { hasText: OWNER }).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page).toHaveURL(/\/sign-in$/);
  await page.goto('/projects');
  await expect(page).toHaveURL(/\/sign-in$/);

  await context.addCookies([session!]);
  await page.goto('/projects');
  await expect(page, 'the old session is worth nothing').toHaveURL(/\/sign-in$/);
});

test('a wrong password is told in the same words whoever it is', async ({ page }) => {
  const answers: string[] = [];
  for (const email of [OWNER, 'nobody@latchkey.example']) {
    await page.goto('/sign-in');
    await signIn(page, email, 'not the password');
    await expect(page).toHaveURL(/\/sign-in\?error=invalid_credentials$/);
    const alert = page.getByRole('alert').filter({ hasText: /\S/ });
    await expect(alert).toBeVisible();
    answers.push(await alert.innerText());
    await expect(page.getByRole('textbox', { name: 'Email' })).toHaveValue(email);
    await expect(page.getByLabel('Password', { exact: true })).toHaveValue('');
  }
  expect(answers[0]).toBe(answers[1]);
});

test('too many tries are slowed down', async ({ page, baseURL }) => {
  const email = 'guesser@latchkey.example';
  for (let tries = 0; tries < 10; tries++) {
    const { status } = await callFunction(baseURL!, 'sign_in', { email, password: `guess number ${tries}` });
    expect(status).toBe(401);
  }
  await page.goto('/sign-in');
  await signIn(page, email, 'one guess more');
  await expect(page).toHaveURL(/\/sign-in\?error=too_many_requests$/);
  await expect(page.getByRole('alert').filter({ hasText: /too many/i })).toBeVisible();
});
