import { revoke, sandboxKey } from './support/sandbox';
import { expect, test } from './support/test';

test('a test tells that a key still works, and later that it was revoked', async ({ open, project, card, notice }) => {
  const key = sandboxKey('valid');
  const openai = card('OpenAI');
  await open(`/projects/${project.slug}/keys`);
  await openai.add(key);
  await openai.shows('Healthy');
  await openai.button('Test').click();
  await expect(notice).toContainText('OpenAI key tested.');
  await openai.shows('Healthy');

  await revoke(key);
  await openai.button('Test').click();
  await openai.shows('Unhealthy');
  await expect(openai.root).toContainText('The provider does not accept this key.');
  await expect(openai.root.getByRole('blockquote')).toContainText('Incorrect API key provided');
  await expect(openai.root.getByText('Calls use the platform key meanwhile.')).toBeVisible();
  await expect(openai.button('Test'), 'the button keeps the focus').toBeFocused();

  await openai.replace(sandboxKey('valid'));
  await openai.shows('Healthy');
});

test('a deep test finds what a list of models hides', async ({ open, project, card }) => {
  const openai = card('OpenAI');
  await open(`/projects/${project.slug}/keys`);
  await openai.add(sandboxKey('listonly'));
  await openai.shows('Healthy');
  await openai.more();
  await openai.button('Deep test · spends one token').click();
  await openai.shows('Exhausted');
  await expect(openai.root.getByRole('blockquote')).toContainText('quota is spent');
});

test('a deep test of a good key leaves it healthy', async ({ open, project, card, notice }) => {
  const anthropic = card('Anthropic');
  await open(`/projects/${project.slug}/keys`);
  await anthropic.add(sandboxKey('valid', 'sk-ant-api03-'));
  await anthropic.shows('Healthy');
  await anthropic.more();
  await anthropic.button('Deep test · spends one token').click();
  await expect(notice).toContainText('Anthropic key tested.');
  await anthropic.shows('Healthy');
});
