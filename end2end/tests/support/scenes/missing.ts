import type { Scene } from './scene';

/** What is not there. */
export const MISSING: Scene[] = [
  { name: 'not-found', as: 'nobody', statuses: [404], show: async (page) => void (await page.goto('/no-such-page')) },
  {
    name: 'no-such-project',
    as: 'owner',
    statuses: [404],
    show: async (page) => void (await page.goto('/projects/no-such-project/keys')),
  },
];
