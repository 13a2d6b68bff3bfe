import { expect, type Page } from '@playwright/test';
import { makeToken } from '../gateway';
import { open, ownerSession, type Project } from '../test';
import type { Scene } from './scene';

const tokens = (project: { slug: string }) => `/projects/${project.slug}/tokens`;

async function createToken(page: Page, project: Project) {
  await open(page, tokens(project));
  await page.locator('summary', { hasText: 'Create token' }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill('Nightly deploy');
  await page.getByRole('button', { name: 'Create token', exact: true }).click();
  await expect(page.getByRole('region', { name: /^Save/ })).toBeVisible();
}

/** Tokens. */
export const TOKENS: Scene[] = [
  { name: 'tokens-empty', as: 'owner', show: (page, project) => open(page, tokens(project)) },
  {
    name: 'tokens-creating',
    as: 'owner',
    async show(page, project) {
      await open(page, tokens(project));
      await page.locator('summary', { hasText: 'Create token' }).click();
    },
  },
  { name: 'tokens-created', as: 'owner', show: createToken },
  {
    name: 'tokens',
    as: 'owner',
    async show(page, project) {
      await createToken(page, project);
      await page.getByRole('link', { name: 'I saved it' }).click();
      await page.getByLabel('Revoke token Nightly deploy').click();
    },
  },
  {
    name: 'tokens-rotating',
    as: 'owner',
    async show(page, project) {
      await makeToken(process.env.LATCHKEY_URL!, project, ownerSession(), ['read:byok'], 'Staging deploy');
      await createToken(page, project);
      await page.getByRole('link', { name: 'I saved it' }).click();
      await page.getByLabel('Rotate token Staging deploy').click();
      await page.getByRole('button', { name: 'Rotate token', exact: true }).click();
      await expect(page.getByRole('region', { name: /^Save the new/ })).toBeVisible();
      await page.getByLabel('Rotate token Nightly deploy').click();
    },
  },
];
