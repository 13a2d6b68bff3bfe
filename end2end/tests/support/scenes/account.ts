import { expect } from '@playwright/test';
import { invite, newAddress } from '../members';
import { OWNER } from '../people';
import { open, ownerSession } from '../test';
import type { Scene } from './scene';

/** Signing in, the own account, invitations. */
export const ACCOUNT: Scene[] = [
  { name: 'sign-in', as: 'nobody', show: async (page) => void (await page.goto('/sign-in')) },
  {
    name: 'sign-in-refused',
    as: 'nobody',
    async show(page) {
      await page.goto('/sign-in');
      await page.getByRole('textbox', { name: 'Email' }).fill(`${Date.now()}@latchkey.example`);
      await page.getByLabel('Password', { exact: true }).fill('not the password');
      await page.getByRole('button', { name: 'Sign in', exact: true }).click();
      await expect(page.getByRole('alert').filter({ hasText: /\S/ })).toBeVisible();
    },
  },
  { name: 'forgot-password', as: 'nobody', show: async (page) => void (await page.goto('/forgot-password')) },
  { name: 'reset-password-spent', as: 'nobody', show: async (page) => void (await page.goto('/reset-password')) },
  { name: 'confirm', as: 'owner', show: async (page) => void (await page.goto('/confirm?next=%2Fprofile')) },
  { name: 'profile', as: 'owner', show: (page) => open(page, '/profile') },
  { name: 'profile-second-step', as: 'viewer', show: (page) => open(page, '/profile/second-step') },
  { name: 'set-up-done', as: 'nobody', show: async (page) => void (await page.goto('/setup?link=lk_setup_none')) },
  {
    name: 'person',
    as: 'owner',
    async show(page) {
      await open(page, '/projects/production/keys');
      await page.getByRole('banner').locator('summary', { hasText: OWNER }).click();
    },
  },
  {
    name: 'invitation',
    as: 'nobody',
    async show(page) {
      await page.goto(await invite(process.env.LATCHKEY_URL!, ownerSession(), newAddress('new'), 'member'));
    },
  },
  {
    name: 'invitation-spent',
    as: 'nobody',
    show: async (page) => void (await page.goto('/invitations/lk_invitation_none')),
  },
];
