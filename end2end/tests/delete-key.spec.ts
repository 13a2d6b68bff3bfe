import { redacted, revoke, sandboxKey } from './support/sandbox';
import { expect, test } from './support/test';

test('delete asks first, and the safe choice is at hand', async ({ open, project, card }) => {
  const key = sandboxKey('valid');
  const openai = card('OpenAI');
  await open(`/projects/${project.slug}/keys`);
  await openai.add(key);
  await openai.shows('Healthy');
  await openai.deleteButton.click();
  await expect(openai.root).toContainText(`Delete the OpenAI key ${redacted(key)}?`);
  await expect(openai.root).toContainText('You can restore it for 90 days.');
  const keep = openai.root.getByRole('button', { name: 'Keep key' });
  await expect(keep).toBeFocused();
  await keep.click();
  await expect(openai.deleteButton).toBeFocused();
  await expect(keep).toBeHidden();
  await openai.shows('Healthy');
});

test('a deletion is undone', async ({ open, project, card, notice, page }) => {
  const key = sandboxKey('valid');
  const openai = card('OpenAI');
  await open(`/projects/${project.slug}/keys`);
  await openai.add(key, 'Production');
  await openai.shows('Healthy');
  await openai.delete();
  await openai.shows('No key');
  await expect(openai.heading, 'the page goes on from the card').toBeFocused();
  await expect(notice).toContainText('OpenAI key Production deleted. It can be restored for 90 days.');

  await notice.getByRole('button', { name: /^Undo/ }).click();
  await openai.shows('Healthy');
  await expect(notice).toContainText('OpenAI key restored.');
  await expect(openai.root).toContainText(redacted(key));
  await expect(openai.root).toContainText('Production');
  await expect(page.getByRole('heading', { name: 'Recently deleted' })).toBeHidden();
});

test('a key is restored from the list of recently deleted ones', async ({ open, project, card, page }) => {
  const key = sandboxKey('valid');
  const openai = card('OpenAI');
  await open(`/projects/${project.slug}/keys`);
  await openai.add(key);
  await openai.shows('Healthy');
  await openai.delete();
  await openai.shows('No key');

  await open(`/projects/${project.slug}/keys`);
  const deleted = page.getByRole('region', { name: 'Recently deleted' });
  await expect(deleted).toContainText(redacted(key));
  await expect(deleted).toContainText('Deleted just now');
  await expect(deleted).toContainText('90 days');
  await deleted.getByRole('button', { name: `Restore OpenAI key ${redacted(key)}` }).click();
  await openai.shows('Healthy');
  await expect(deleted).toBeHidden();
});

test.describe('what cannot come back', () => {
  test.use({ expectedStatuses: [400] });

  test('a key that was revoked meanwhile stays deleted', async ({ open, project, card, page }) => {
    const key = sandboxKey('valid');
    const openai = card('OpenAI');
    await open(`/projects/${project.slug}/keys`);
    await openai.add(key);
    await openai.shows('Healthy');
    await openai.delete();
    await openai.shows('No key');

    await revoke(key);
    const deleted = page.getByRole('region', { name: 'Recently deleted' });
    await deleted.getByRole('button', { name: /^Restore/ }).click();
    await expect(deleted.getByRole('alert')).toContainText('Incorrect API key provided');
    await expect(deleted.getByRole('alert')).toContainText('stays deleted');
    await openai.shows('No key');
  });
});

test('a key whose place is taken comes back beside the one that took it', async ({ open, project, card, page }) => {
  const [first, second] = [sandboxKey('valid'), sandboxKey('valid')];
  const openai = card('OpenAI');
  await open(`/projects/${project.slug}/keys`);
  await openai.add(first);
  await openai.shows('Healthy');
  await openai.delete();
  await openai.shows('No key');
  await openai.add(second);
  await openai.shows('Healthy');

  const deleted = page.getByRole('region', { name: 'Recently deleted' });
  await deleted.getByRole('button', { name: /^Restore/ }).click();
  await expect(openai.others).toContainText([redacted(first)]);
  await expect(openai.root.locator('.key-line').first()).toContainText(redacted(second));
});
