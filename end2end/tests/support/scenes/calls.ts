import { expect } from '@playwright/test';
import { open } from '../test';
import { makeCalls } from './make-calls';
import type { Scene } from './scene';

const activity = (project: { slug: string }) => `/projects/${project.slug}/activity`;

/** Calls through the gateway. */
export const CALLS: Scene[] = [
  { name: 'activity-empty', as: 'owner', show: (page, project) => open(page, activity(project)) },
  {
    name: 'activity',
    as: 'owner',
    async show(page, project) {
      await makeCalls(project);
      await open(page, activity(project));
      await page.locator('summary', { hasText: 'More filters' }).click();
    },
  },
  {
    name: 'activity-nothing-found',
    as: 'viewer',
    async show(page, project) {
      await makeCalls(project);
      await open(page, `${activity(project)}?range=custom&from=2026-01-01&provider=openai&model=none&session=none`);
      await expect(page.getByRole('heading', { name: 'No calls here' })).toBeVisible();
    },
  },
  {
    name: 'activity-call',
    as: 'owner',
    async show(page, project) {
      await makeCalls(project);
      await open(page, activity(project));
      await page.locator('tbody tr').filter({ hasText: 'Your key' }).getByRole('link').first().click();
      await expect(page.getByRole('heading', { level: 1, name: 'Call' })).toBeVisible();
    },
  },
  {
    name: 'activity-call-refused',
    as: 'owner',
    show: async (page, project) => open(page, `${activity(project)}/${await makeCalls(project)}`),
  },
];
