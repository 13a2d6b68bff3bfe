import config from './playwright.config';

/** Pictures of every page, by the same means as the tests. */
export default { ...config, testDir: '.', testMatch: 'screens.ts' };
