import { callFunction } from './support/http';
import { sandboxKey } from './support/sandbox';
import { expect, test } from './support/test';

test.describe('a viewer', () => {
  test.use({ as: 'viewer' });

  test('sees keys and no buttons', async ({ open, page, card }) => {
    await open('/projects/production/keys');
    await card('OpenAI').shows('Healthy');
    await expect(card('OpenAI').root).toContainText('sk-proj-...cdef');
    const main = page.getByRole('main');
    await expect(main.getByRole('button')).toHaveCount(0);
    await expect(main.locator('summary, form, input')).toHaveCount(0);
    await open('/projects');
    await expect(main.locator('button, summary, form, input')).toHaveCount(0);
    await open('/projects/production/settings');
    await expect(main.locator('summary, form, input')).toHaveCount(0);
  });

  test('cannot do it with a forged call either', async ({ baseURL, context, project, ownerCookie }) => {
    const key = { project: project.slug, provider: 'openai' };
    const owner = { cookie: ownerCookie };
    const saved = await callFunction(baseURL!, 'save_key', { ...key, api_key: sandboxKey('valid') }, owner);
    expect(saved.status).toBe(200);
    const { key_id } = saved.body;

    const cookies = await context.cookies();
    const viewer = { cookie: cookies.map(({ name, value }) => `${name}=${value}`).join('; ') };
    const forged: Record<string, Record<string, string>> = {
      delete_key: { key_id },
      test_key: { key_id },
      set_key_active: { key_id, is_active: 'false' },
      restore_key: { key_id },
      save_key: { ...key, api_key: sandboxKey('valid') },
      create_token: { name: 'forged', 'scopes[0]': 'read:byok' },
      rename_project: { name: 'Forged' },
      set_gateway_settings: { on_missing: 'fail' },
      set_key_fallback: { key_id, on_missing: 'fail', on_failure: 'fail' },
      create_project: { name: 'Forged' },
    };
    for (const [name, fields] of Object.entries(forged)) {
      const { status } = await callFunction(baseURL!, name, { project: project.slug, ...fields }, viewer);
      expect(status, name).toBe(403);
    }
    const { body: page } = await callFunction(baseURL!, 'provider_keys', { project: project.slug }, owner);
    const card = page.cards.find((card: any) => card.provider.slug === 'openai');
    expect(card.key).toMatchObject({ id: key_id, status: 'healthy' });
  });
});
