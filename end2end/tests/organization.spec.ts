import { browserState, callFunction, createOwner } from './support/http';
import { expectSoundIn } from './support/looks';
import type { Deployment } from './support/program';
import { expect, hydrated, test } from './support/test';

const STRONG = 'violet anchor mosaic tundra';

test.describe('an owner', () => {
  test.use({ as: 'nobody', expectedStatuses: [400] });

  let fresh: Deployment;

  test.beforeEach(async ({ context, deploy }) => {
    fresh = await deploy();
    const cookie = await createOwner(fresh.url, fresh.setupLink().searchParams.get('link')!, 'ada@acme.example', STRONG);
    for (const name of ['First', 'Second']) await callFunction(fresh.url, 'create_project', { name }, { cookie });
    await context.addCookies(browserState(cookie).cookies);
  });

  for (const javaScriptEnabled of [true, false]) {
    test.describe(javaScriptEnabled ? 'with script' : 'without script', () => {
      test.use({ javaScriptEnabled });

      test('renames the organization, chooses its default project and locks all of it', async ({ page, notice }) => {
        await page.goto(`${fresh.url}/organization`);
        if (javaScriptEnabled) await hydrated(page);
        const name = page.getByRole('textbox', { name: 'Name' });
        await name.fill('  ');
        await page.getByRole('button', { name: 'Save organization' }).click();
        await expect(name).toHaveAccessibleDescription(/\S/);
        await name.fill('Acme and daughters');
        await page.getByLabel('Default project').selectOption('Second');
        await page.getByRole('button', { name: 'Save organization' }).click();
        await expect(notice).toContainText('Organization saved.');
        await expect(page.getByRole('banner')).toContainText('Acme and daughters');

        const panic = page.getByRole('region', { name: 'Panic switch' });
        await expect(panic).toContainText('Stops calls of every project at once');
        await panic.getByRole('textbox', { name: /^Reason/ }).fill('A laptop was stolen');
        await panic.getByRole('button', { name: 'Lock calls now' }).click();
        const lock = page.getByRole('list', { name: 'Locked calls' }).getByRole('listitem');
        await expect(lock).toContainText('All calls in every project are locked');
        await expectSoundIn(page);
        await page.goto(`${fresh.url}/projects/first/keys`);
        if (javaScriptEnabled) await hydrated(page);
        await lock.locator('summary').click();
        await lock.getByRole('textbox', { name: 'Why calls may pass again' }).fill('It was found');
        await lock.getByRole('button', { name: 'Unlock calls' }).click();
        await expect(lock).toHaveCount(0);
      });
    });
  }
});

test.describe('a viewer', () => {
  test.use({ as: 'viewer' });

  test('reads, and changes nothing', async ({ open, page }) => {
    await open('/organization');
    await expect(page.getByRole('main')).toContainText('Sandbox');
    await expect(page.getByRole('main').locator('form, input, select')).toHaveCount(0);
    await expectSoundIn(page);
  });
});
