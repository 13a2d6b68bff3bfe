import { callFunction } from './support/http';
import { revoke, sandboxKey } from './support/sandbox';
import { expect, test } from './support/test';

test('an exhausted key is kept, with what the provider says', async ({ open, project, card }) => {
  const openai = card('OpenAI');
  await open(`/projects/${project.slug}/keys`);
  await openai.add(sandboxKey('exhausted'));
  await openai.shows('Exhausted');
  await expect(openai.root).toContainText("The account's credit or quota is spent.");
  await expect(openai.root.getByRole('blockquote')).toContainText('look at your plan and billing');
  await expect(openai.root).toContainText('Calls use the platform key until OpenAI accepts this one again.');
});

test('a rate-limited key is kept, with the time of the next try', async ({ open, project, card }) => {
  const openrouter = card('OpenRouter');
  await open(`/projects/${project.slug}/keys`);
  await openrouter.add(sandboxKey('limited', 'sk-or-v1-'));
  await openrouter.shows('Limited');
  await expect(openrouter.root).toContainText('The provider is limiting calls for now.');
  await expect(openrouter.root.getByRole('blockquote')).toContainText('slow down');
  await expect(openrouter.root).toContainText(/Tried again in \d+ s/);
});

test('a restricted key is kept, with what it lacks', async ({ open, project, card }) => {
  const openai = card('OpenAI');
  await open(`/projects/${project.slug}/keys`);
  await openai.add(sandboxKey('restricted'));
  await openai.shows('Limited');
  await expect(openai.root).toContainText('The key works, but not for everything.');
  await expect(openai.root.getByRole('blockquote')).toContainText('Missing scopes: api.model.read');
});

test('a card follows what happens elsewhere, and leaves alone who fills in a field', async ({
  open, project, card, baseURL, ownerCookie,
}) => {
  const [openai, key] = [card('OpenAI'), sandboxKey('valid')];
  await open(`/projects/${project.slug}/keys`);
  await openai.add(key, 'Production');
  await openai.shows('Healthy');
  await openai.replaceButton.click();
  await openai.secret.fill('sk-half-a-key');
  await revoke(key);
  const elsewhere = async (name: string, fields: Record<string, string>) => {
    const of = { project: project.slug, ...fields };
    const answer = await callFunction(baseURL!, name, of, { cookie: ownerCookie });
    expect(answer.status).toBe(200);
    return answer.body;
  };
  const { cards } = await elsewhere('provider_keys', {});
  const { id } = cards.find((card: any) => card.provider.slug === 'openai').key;
  await elsewhere('test_key', { key_id: id });
  await openai.heading.click();
  await openai.shows('Unhealthy');
  await expect(openai.secret, 'the form goes on as it was').toHaveValue('sk-half-a-key');
});

test('what needs attention stands first, what is empty last', async ({ open, project, card, page }) => {
  const names = page.getByRole('listitem').getByRole('heading', { level: 2 });
  await open(`/projects/${project.slug}/keys`);
  const empty = [
    'Anthropic', 'Azure OpenAI', 'Cohere', 'DeepSeek', 'Fireworks', 'Google Gemini', 'Groq', 'Mistral', 'OpenAI',
    'OpenRouter', 'Together', 'xAI',
  ];
  await expect(names).toHaveText(empty);
  await card('OpenAI').add(sandboxKey('valid'));
  await card('OpenAI').shows('Healthy');
  await card('xAI').add(sandboxKey('exhausted', 'xai-'));
  await card('xAI').shows('Exhausted');
  await expect(names, 'nothing jumps while a person works').toHaveText(empty);
  await page.reload();
  const others = empty.filter((name) => name !== 'xAI' && name !== 'OpenAI');
  await expect(names).toHaveText(['xAI', 'OpenAI', ...others]);
});

for (const [provider, prefix] of [
  ['OpenAI', 'sk-svcacct-'],
  ['Anthropic', 'sk-ant-api03-'],
  ['Google Gemini', 'AIza'],
  ['xAI', 'xai-'],
  ['OpenRouter', 'sk-or-v1-'],
  ['Mistral', ''],
  ['Groq', 'gsk_'],
  ['DeepSeek', 'sk-'],
  ['Together', 'tgp_v1_'],
  ['Fireworks', 'fw_'],
  ['Cohere', ''],
] as const) {
  test(`${provider} takes a key`, async ({ open, project, card }) => {
    await open(`/projects/${project.slug}/keys`);
    await card(provider).add(sandboxKey('valid', prefix));
    await card(provider).shows('Healthy');
  });
}
