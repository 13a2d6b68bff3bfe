import type { BrowserContext, Page } from '@playwright/test';
import { browserState } from './http';
import { join, newAddress } from './members';

/** Somebody new, whose account no other test uses, signed in in this context; returns their address. */
export async function signInAsNew(context: BrowserContext, url: string, ownerCookie: string): Promise<string> {
  const email = newAddress('ada');
  const cookie = await join(url, ownerCookie, email, 'viewer');
  await context.clearCookies();
  await context.addCookies(browserState(cookie).cookies);
  return email;
}

/** Fills the sign-in form in and sends it. */
export async function showPassword(page: Page, email: string, password: string) {
  await page.getByRole('textbox', { name: 'Email' }).fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}
