import { ProviderCard } from './support/card';
import { redacted, sandboxKey } from './support/sandbox';
import { expect, open as openPage, test } from './support/test';

test('a key is replaced by one that works', async ({ open, project, card, notice }) => {
  const [first, second] = [sandboxKey('valid'), sandboxKey('valid')];
  const openai = card('OpenAI');
  await open(`/projects/${project.slug}/keys`);
  await openai.add(first, 'Production');
  await openai.shows('Healthy');

  await openai.replaceButton.click();
  await expect(openai.name, 'the name need not be typed again').toHaveValue('Production');
  await openai.replaceButton.click();
  await openai.replace(second);
  await expect(notice).toContainText('OpenAI key replaced.');
  await expect(openai.root).toContainText(redacted(second));
  await expect(openai.root).toContainText('Production');
  await expect(openai.root).not.toContainText(redacted(first));
});

test.describe('refused', () => {
  test.use({ expectedStatuses: [400] });

  test('the old key stays and works on', async ({ open, project, card, notice }) => {
    const [first, second] = [sandboxKey('valid'), sandboxKey('revoked')];
    const openai = card('OpenAI');
    await open(`/projects/${project.slug}/keys`);
    await openai.add(first);
    await openai.shows('Healthy');
    await openai.replace(second);

    await expect(openai.secret).toHaveAccessibleDescription(/Incorrect API key provided/);
    await expect(openai.secret).toHaveAccessibleDescription(new RegExp(`${first.slice(-4)} stays as it was`));
    await expect(openai.secret).toHaveValue('');
    await expect(openai.secret).toBeFocused();
    await openai.replaceButton.click();
    await expect(openai.root).toContainText(redacted(first));
    await openai.button('Test').click();
    await expect(notice).toContainText('OpenAI key tested.');
    await openai.shows('Healthy');
  });
});

test.describe('two people at once', () => {
  test.use({ expectedStatuses: [409] });

  test('the second is told, and overwrites nothing', async ({ open, project, card, context }) => {
    const [first, second, third] = [sandboxKey('valid'), sandboxKey('valid'), sandboxKey('valid')];
    const mine = card('OpenAI');
    await open(`/projects/${project.slug}/keys`);
    await mine.add(first);
    await mine.shows('Healthy');

    const otherPage = await context.newPage();
    const theirs = new ProviderCard(otherPage, 'OpenAI');
    await openPage(otherPage, `/projects/${project.slug}/keys`);
    await theirs.replace(second);
    await expect(theirs.root).toContainText(redacted(second));

    await mine.replace(third);
    await expect(mine.secret).toHaveAccessibleDescription(/changed/i);
    await expect(mine.root, 'the card shows what is there now').toContainText(redacted(second));
    await mine.secret.fill(third);
    await mine.secret.press('Enter');
    await expect(mine.root).toContainText(redacted(third));
  });
});
