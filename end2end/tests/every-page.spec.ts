import { expectSoundIn } from './support/looks';
import { SCENES } from './support/scenes';
import { test } from './support/test';

// Accessible (axe), and right at 360 and 1440 px, light and dark.
for (const { name, as, statuses, show } of SCENES) {
  test.describe(name, () => {
    test.use({ as, expectedStatuses: statuses ?? [] });

    test('is accessible and fits', async ({ page, project }) => {
      await show(page, project);
      await expectSoundIn(page);
    });
  });
}
