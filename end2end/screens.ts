import { join, resolve } from 'node:path';
import { inEveryLook } from './tests/support/looks';
import { SCENES } from './tests/support/scenes';
import { test } from './tests/support/test';

// `npm run screens -- <folder>`: pictures of every page at 360 and 1440 px, light and dark.
const folder = resolve(process.env.INIT_CWD ?? '.', process.env.SCREENS ?? 'screens');

for (const { name, as, statuses, show } of SCENES) {
  test.describe(name, () => {
    test.use({ as, expectedStatuses: statuses ?? [] });

    test('is pictured', async ({ page, project }) => {
      await show(page, project);
      await inEveryLook(page, async (look) => {
        await page.screenshot({ path: join(folder, `${name}-${look}.png`), fullPage: true });
      });
    });
  });
}
