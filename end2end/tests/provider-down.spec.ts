import { createServer } from 'node:http';
import { ProviderCard } from './support/card';
import { browserState, callFunction, createOwner } from './support/http';
import { freePort } from './support/program';
import { sandboxKey } from './support/sandbox';
import { expect, open as openPage, test } from './support/test';

test.use({ expectedStatuses: [502, 504] });

test('a key nobody could check is kept when asked, switched off', async ({ open, project, card, notice }) => {
  const openai = card('OpenAI');
  await open(`/projects/${project.slug}/keys`);
  await openai.add(sandboxKey('down'), 'Production');
  await expect(openai.secret).toHaveAccessibleDescription(/Nothing was saved/);
  await openai.shows('No key');

  await openai.root.getByRole('checkbox', { name: /Keep it even if/ }).check();
  await openai.secret.fill(sandboxKey('down'));
  await openai.secret.press('Enter');
  await openai.shows('Disabled');
  await expect(notice).toContainText('saved, switched off');

  await openai.button('Enable').click();
  await expect(openai.alerts.filter({ hasText: 'stays switched off' })).toBeVisible();
  await openai.shows('Disabled');
});

test.describe('a provider that goes away', () => {
  test.use({ as: 'nobody' });

  test('leaves its key in use, and unknown', async ({ page, context, deploy }) => {
    const provider = createServer((_, answer) => {
      answer.setHeader('content-type', 'application/json').end('{"object":"list","data":[]}');
    });
    const port = await freePort();
    await new Promise<void>((done) => provider.listen(port, '127.0.0.1', done));
    const server = await deploy({ LATCHKEY_OPENAI_BASE_URL: `http://127.0.0.1:${port}` });
    try {
      const cookie = await createOwner(server.url, server.setupLink().searchParams.get('link')!, 'ada@acme.example', 'violet anchor mosaic tundra');
      await context.addCookies(browserState(cookie).cookies);
      await callFunction(server.url, 'create_project', { name: 'Payments' }, { cookie });
      await openPage(page, `${server.url}/projects/payments/keys`);
      const openai = new ProviderCard(page, 'OpenAI');
      await openai.add(sandboxKey('valid'));
      await openai.shows('Healthy');

      provider.close();
      provider.closeAllConnections();
      await openai.button('Test').click();
      await openai.shows('Unknown');
      await expect(openai.root).toContainText('The provider could not be reached.');
      await expect(openai.root).toContainText('Used as before; test it when OpenAI answers again.');
    } finally {
      provider.close();
      provider.closeAllConnections();
    }
  });
});
