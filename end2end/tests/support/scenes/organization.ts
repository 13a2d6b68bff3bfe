import { expect } from '@playwright/test';
import { invite, newAddress } from '../members';
import { VIEWER } from '../people';
import { open, ownerSession } from '../test';
import type { Scene } from './scene';

/** Projects, members, the organization, and the operator's page. */
export const ORGANIZATION: Scene[] = [
  {
    name: 'projects',
    as: 'owner',
    async show(page) {
      await open(page, '/projects');
      await page.locator('summary', { hasText: 'Create project' }).click();
    },
  },
  { name: 'settings', as: 'owner', show: (page, project) => open(page, `/projects/${project.slug}/settings`) },
  { name: 'settings-viewer', as: 'viewer', show: (page, project) => open(page, `/projects/${project.slug}/settings`) },
  {
    name: 'switcher',
    as: 'owner',
    async show(page) {
      await open(page, '/projects/production/keys');
      await page.getByRole('banner').locator('summary', { hasText: 'Production' }).click();
    },
  },
  {
    name: 'members',
    as: 'owner',
    async show(page) {
      await invite(process.env.LATCHKEY_URL!, ownerSession(), newAddress('a-name-that-is-rather-long-for-an-address'), 'admin');
      await open(page, '/members');
      await page.locator('summary', { hasText: 'Invite member' }).click();
      await page.getByLabel(`Remove ${VIEWER}`).click();
      await page.getByLabel(`Change role of ${VIEWER}`).click();
    },
  },
  { name: 'members-viewer', as: 'viewer', show: (page) => open(page, '/members') },
  {
    name: 'members-invited',
    as: 'owner',
    async show(page) {
      await open(page, '/members');
      await page.locator('summary', { hasText: 'Invite member' }).click();
      await page.getByRole('textbox', { name: 'Email' }).fill(newAddress('mia'));
      await page.getByRole('button', { name: 'Invite', exact: true }).click();
      await expect(page.getByRole('region', { name: /^Give this link/ })).toBeVisible();
    },
  },
  { name: 'organization', as: 'owner', show: (page) => open(page, '/organization') },
  { name: 'organization-viewer', as: 'viewer', show: (page) => open(page, '/organization') },
  { name: 'organizations', as: 'owner', show: (page) => open(page, '/organizations') },
  { name: 'jobs', as: 'owner', show: (page) => open(page, '/operator/jobs') },
  { name: 'jobs-viewer', as: 'viewer', statuses: [403], show: async (page) => void (await page.goto('/operator/jobs')) },
];
