import { sandboxKey } from './support/sandbox';
import { expect, test } from './support/test';

test("a key of another provider's shape is pointed out, not refused", async ({ open, project, card, notice }) => {
  const openai = card('OpenAI');
  await open(`/projects/${project.slug}/keys`);
  await openai.add(sandboxKey('valid', 'gsk_'));
  await openai.shows('Healthy');
  await expect(notice).toContainText('This looks like a Groq key.');
});

test.describe('refused', () => {
  test.use({ expectedStatuses: [400] });

  test('the refusal says what the key looks like', async ({ open, project, card }) => {
    const openai = card('OpenAI');
    await open(`/projects/${project.slug}/keys`);
    await openai.add(sandboxKey('revoked', 'sk-ant-api03-'));
    await expect(openai.secret).toHaveAccessibleDescription(/This looks like an? Anthropic key/);
    await openai.shows('No key');
  });
});
