import { browserState, createOwner } from './support/http';
import { ProviderCard } from './support/card';
import { expectSoundIn } from './support/looks';
import type { Deployment } from './support/program';
import { redacted, SANDBOX, sandboxKey } from './support/sandbox';
import { expect, hydrated, START, test } from './support/test';

const EMAIL = 'ada@acme.example';
const STRONG = 'violet anchor mosaic tundra';

test.use({ as: 'nobody' });
test.describe.configure({ mode: 'default' });

let fresh: Deployment;
let link: URL;

test.beforeEach(async ({ deploy }) => {
  fresh = await deploy({ LATCHKEY_OPENAI_BASE_URL: `${SANDBOX}/providers/openai` });
  link = fresh.setupLink();
});

test('the set-up link makes the owner, once', async ({ page, browser }) => {
  await page.goto(fresh.url);
  await expect(page).toHaveURL(`${fresh.url}/sign-in`);
  await expect(page.getByRole('heading', { name: 'Almost there' })).toBeVisible();
  await page.goto(`${fresh.url}/setup?link=lk_setup_nonsense`);
  await expect(page.getByRole('heading', { name: 'This link does not work' })).toBeVisible();

  await page.goto(link.href);
  await expectSoundIn(page);
  await page.getByRole('textbox', { name: 'Organization' }).fill('Acme');
  await page.getByRole('textbox', { name: 'Email' }).fill(EMAIL);
  const password = page.getByLabel('Password', { exact: true });
  await password.fill('password12345');
  await page.getByRole('button', { name: 'Create organization' }).click();

  await expect(page).toHaveURL(/[?&]error=invalid_input/);
  await expect(password).toHaveAccessibleDescription(/unrelated words/);
  await expect(password).toHaveAttribute('aria-invalid', 'true');
  await expect(password).toHaveValue('');
  await expect(page.getByRole('textbox', { name: 'Organization' })).toHaveValue('Acme');
  await expect(page.getByRole('textbox', { name: 'Email' })).toHaveValue(EMAIL);
  await expectSoundIn(page);

  await password.fill(STRONG);
  await page.getByRole('button', { name: 'Create organization' }).click();
  await expect(page).toHaveURL(START);
  await expect(page.getByRole('heading', { name: 'Begin with a project' })).toBeVisible();
  await expect(page.getByRole('banner')).toContainText(EMAIL);
  await expect(page.getByRole('banner')).toContainText('Acme');
  await expectSoundIn(page);

  const stranger = await browser.newContext();
  const other = await stranger.newPage();
  await other.goto(link.href);
  await expect(other.getByRole('heading', { name: 'Latchkey is set up' })).toBeVisible();
  await expectSoundIn(other);
  await stranger.close();
  await expect(createOwner(fresh.url, link.searchParams.get('link')!, 'eve@acme.example', STRONG)).rejects.toThrow();
});

test('a new owner makes a project and brings a first key', async ({ page, context }) => {
  const cookie = await createOwner(fresh.url, link.searchParams.get('link')!, EMAIL, STRONG);
  await context.addCookies(browserState(cookie).cookies);
  await page.goto(fresh.url);
  await hydrated(page);
  await page.getByRole('textbox', { name: 'Name' }).fill('Payments (EU)');
  await page.getByRole('button', { name: 'Create project', exact: true }).click();
  await expect(page).toHaveURL(`${fresh.url}/projects/payments-eu/keys`);

  const key = sandboxKey('valid');
  const card = new ProviderCard(page, 'OpenAI');
  await page.getByRole('link', { name: 'Overview' }).click();
  await page.getByRole('link', { name: 'Add a provider key' }).click();
  await card.secret.fill(key);
  await card.root.getByRole('button', { name: 'Save key', exact: true }).click();
  await card.shows('Healthy');
  await expect(card.root).toContainText(redacted(key));

  await page.getByRole('link', { name: 'Tokens' }).click();
  await expect(page.getByRole('heading', { name: 'No tokens yet' })).toBeVisible();
});
