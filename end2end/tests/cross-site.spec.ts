import { sandboxKey } from './support/sandbox';
import { callFunction } from './support/http';
import { expect, test } from './support/test';

test('what another site sends is refused', async ({ baseURL, project, ownerCookie }) => {
  const fields = { project: project.slug, provider: 'openai', api_key: sandboxKey('valid') };
  for (const [name, value] of [
    ['origin', 'https://evil.example'],
    ['origin', 'null'],
    ['sec-fetch-site', 'cross-site'],
  ] as const) {
    const { status } = await callFunction(baseURL!, 'save_key', fields, { cookie: ownerCookie, [name]: value });
    expect(status, `${name}: ${value}`).toBe(403);
  }
  const { body } = await callFunction(baseURL!, 'provider_keys', { project: project.slug }, { cookie: ownerCookie });
  expect(body.cards.every((card: any) => card.key === null)).toBe(true);
  const own = { cookie: ownerCookie, origin: baseURL!, 'sec-fetch-site': 'same-origin' };
  expect((await callFunction(baseURL!, 'save_key', fields, own)).status).toBe(200);
});
