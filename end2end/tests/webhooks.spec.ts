import type { Page } from '@playwright/test';
import { Webhook } from 'standardwebhooks';
import { callFunction } from './support/http';
import { expectSoundIn } from './support/looks';
import { Inbox, type ReceivedMessage } from './support/sandbox';
import { expect, hydrated, test } from './support/test';

/** How long a message may take until it is where it belongs. */
const SOON = { timeout: 20_000 };

/** Adds a webhook that is told of as little as can be chosen; returns its secret. */
async function add(page: Page, address: string): Promise<string> {
  await page.locator('summary', { hasText: 'Add webhook' }).click();
  await page.getByRole('textbox', { name: 'Address' }).fill(address);
  await page.getByRole('textbox', { name: /^Description/ }).fill('Pager of the platform team');
  await page.getByRole('checkbox', { name: /not used/i }).first().check();
  await page.getByRole('button', { name: 'Add webhook', exact: true }).click();
  return made(page).locator('[data-secret]').innerText();
}

const made = (page: Page) => page.getByRole('region', { name: 'Save this signing secret now' });
const deliveries = (page: Page) => page.getByRole('list', { name: 'Deliveries' }).locator('> li');
const row = (page: Page, address: string) => page.getByRole('row').filter({ hasText: address });

async function sendTest(page: Page) {
  await page.getByRole('button', { name: 'Send a test message' }).click();
}

/** What the last message says, if its signature is right. */
function verified(secret: string, message: ReceivedMessage): any {
  return new Webhook(secret).verify(message.body, message.headers);
}

test('messages arrive signed, come again when they fail, and stop when the webhook goes', async ({ open, page, notice }) => {
  const inbox = new Inbox();
  await open('/webhooks');
  const secret = await add(page, inbox.url);
  expect(secret).toMatch(/^whsec_/);
  await expect(made(page).getByRole('heading')).toBeFocused();
  await made(page).getByRole('link', { name: 'I saved it' }).click();
  await expect(made(page)).toBeHidden();
  expect(await page.content(), 'it is shown once').not.toContain(secret);
  await expect(row(page, inbox.url)).toContainText('Not used yet');
  await row(page, inbox.url).getByRole('link').click();
  await expect(page.getByRole('heading', { level: 1, name: 'Webhook' })).toBeVisible();
  expect(await page.content()).not.toContain(secret);

  await sendTest(page);
  await expect(notice).toContainText('A test message is on its way');
  await expect(deliveries(page)).toHaveCount(1);
  await expect(deliveries(page).first()).toContainText('Delivered', SOON);
  await expect(deliveries(page).first()).toContainText('Status 200');
  await expect(page.getByRole('region', { name: 'The webhook' })).toContainText('Working');
  const [first] = await inbox.messages();
  const said = verified(secret, first!);
  expect(said.type, JSON.stringify(said)).toBeTruthy();
  await expect(deliveries(page).first()).toContainText(first!.headers['webhook-id']!);
  expect(() => verified(secret, { ...first!, body: `${first!.body} ` }), 'a changed body').toThrow();
  await deliveries(page).first().locator('summary', { hasText: 'What is sent' }).click();
  await expect(deliveries(page).first().locator('pre')).toContainText(said.type);
  await expectSoundIn(page);

  await page.locator('summary', { hasText: 'Change' }).click();
  await page.getByRole('textbox', { name: 'Address' }).fill(inbox.failing);
  await page.getByRole('button', { name: 'Save changes' }).click();
  await expect(notice).toContainText('Webhook changed.');
  await sendTest(page);
  await expect(deliveries(page)).toHaveCount(2);
  const failed = deliveries(page).first();
  await expect(failed).toContainText('Will be tried again', SOON);
  await expect(failed).toContainText('Status 500');
  await expect(failed).toContainText('Next try');
  await expect(page.getByRole('region', { name: 'The webhook' })).toContainText('Failing');

  await page.locator('summary', { hasText: 'Change' }).click();
  await page.getByRole('textbox', { name: 'Address' }).fill(inbox.url);
  await page.getByRole('button', { name: 'Save changes' }).click();
  await expect(notice).toContainText('Webhook changed.');
  await failed.getByRole('button', { name: /^Send again/ }).click();
  await expect(failed).toContainText('Delivered', SOON);
  const messages = await inbox.messages();
  const ids = messages.map(({ headers }) => headers['webhook-id']);
  expect(ids.at(-1), 'another try, the same message').toBe(ids[1]);
  expect(verified(secret, messages.at(-1)!)).toEqual(verified(secret, messages[1]!));

  await page.locator('summary', { hasText: 'Rotate secret' }).click();
  await page.getByRole('button', { name: 'Make a new secret' }).click();
  const next = await made(page).locator('[data-secret]').innerText();
  expect(next).not.toBe(secret);
  await made(page).getByRole('link', { name: 'I saved it' }).click();
  await sendTest(page);
  await expect(deliveries(page)).toHaveCount(3);
  await expect(deliveries(page).first()).toContainText('Delivered', SOON);
  const last = (await inbox.messages()).at(-1)!;
  expect(verified(next, last)).toEqual(verified(secret, last));
  expect(() => verified(next, first!), 'what was sent before').toThrow();

  await page.getByRole('button', { name: 'Switch off' }).click();
  await expect(notice).toContainText('Webhook switched off.');
  await expect(page.getByRole('region', { name: 'The webhook' }).locator('.badge')).toHaveText('Off');
  await page.getByRole('button', { name: 'Switch on' }).click();
  await expect(notice).toContainText('Webhook switched on.');

  await page.getByLabel('Delete this webhook').click();
  await expect(page.getByRole('button', { name: 'Keep webhook' })).toBeFocused();
  await page.getByRole('button', { name: 'Delete webhook' }).click();
  await expect(page).toHaveURL(/\/webhooks\?deleted=1$/);
  await expect(notice).toContainText('Webhook deleted.');
  await expect(row(page, inbox.url)).toHaveCount(0);
});

test('older deliveries stand on further pages', async ({ open, page, baseURL, ownerCookie }) => {
  const inbox = new Inbox();
  const call = async (name: string, fields: Record<string, string>) => {
    const { status, body } = await callFunction(baseURL!, name, fields, { cookie: ownerCookie });
    expect(status, JSON.stringify(body)).toBe(200);
    return body;
  };
  const { id } = await call('create_webhook', { url: inbox.url, description: '', 'kinds[0]': 'key.neglected' });
  for (let sent = 0; sent < 21; sent++) await call('test_webhook', { webhook_id: id });
  await expect.poll(async () => (await inbox.messages()).length, SOON).toBe(21);
  await open(`/webhooks/${id}`);
  await expect(deliveries(page)).toHaveCount(20);
  await page.getByRole('link', { name: 'Older' }).click();
  await expect(deliveries(page)).toHaveCount(1);
  const [first] = await inbox.messages();
  await expect(deliveries(page)).toContainText(first!.headers['webhook-id']!);
  await page.getByRole('link', { name: 'Newest' }).click();
  await expect(deliveries(page)).toHaveCount(20);
  await call('delete_webhook', { webhook_id: id });
});

test.describe('refused', () => {
  test.use({ expectedStatuses: [400] });

  test('an address in a private network is told at its field', async ({ open, page }) => {
    await open('/webhooks');
    await page.locator('summary', { hasText: 'Add webhook' }).click();
    const address = page.getByRole('textbox', { name: 'Address' });
    await address.fill('https://10.0.0.1/hook');
    await page.getByRole('button', { name: 'Add webhook', exact: true }).click();
    await expect(address).toHaveAttribute('aria-invalid', 'true');
    await expect(page.getByRole('alert').filter({ hasText: /\S/ })).toBeVisible();
    await expectSoundIn(page);
    await expect(row(page, 'https://10.0.0.1/hook')).toHaveCount(0);
  });
});

test.describe('without script', () => {
  test.use({ javaScriptEnabled: false });

  test('a webhook is added, tried, changed and deleted', async ({ page, notice }) => {
    const inbox = new Inbox();
    await page.goto('/webhooks');
    await page.locator('summary', { hasText: 'Add webhook' }).click();
    const address = page.getByRole('textbox', { name: 'Address' });
    const kind = page.getByRole('checkbox', { name: /not used/i }).first();
    await address.fill('https://10.0.0.1/hook');
    await kind.check();
    await page.getByRole('button', { name: 'Add webhook', exact: true }).click();
    await expect(page).toHaveURL(/\/webhooks\?error=invalid_input$/);
    await expect(address).toHaveAttribute('aria-invalid', 'true');
    await expect(address).toHaveValue('https://10.0.0.1/hook');
    await expect(kind, 'nothing has to be chosen twice').toBeChecked();
    await expectSoundIn(page);

    await address.fill(inbox.url);
    await page.getByRole('button', { name: 'Add webhook', exact: true }).click();
    const secret = await made(page).locator('[data-secret]').innerText();
    await expectSoundIn(page);
    await page.reload();
    expect(await page.content(), 'it is shown once').not.toContain(secret);
    await row(page, inbox.url).getByRole('link').click();

    await sendTest(page);
    await expect(notice).toContainText('A test message is on its way');
    await expect(async () => {
      await page.reload();
      await expect(deliveries(page).first()).toContainText('Delivered', { timeout: 500 });
    }).toPass(SOON);
    verified(secret, (await inbox.messages())[0]!);
    await deliveries(page).first().getByRole('button', { name: /^Send again/ }).click();
    await expect(notice).toContainText('The message is sent once more');
    await expect.poll(async () => (await inbox.messages()).length, SOON).toBe(2);

    await page.locator('summary', { hasText: 'Change' }).click();
    await page.getByRole('textbox', { name: /^Description/ }).fill('Another pager');
    await page.getByRole('button', { name: 'Save changes' }).click();
    await expect(notice).toContainText('Webhook changed.');
    await expect(page.getByRole('region', { name: 'The webhook' })).toContainText('Another pager');
    await page.locator('summary', { hasText: 'Rotate secret' }).click();
    await page.getByRole('button', { name: 'Make a new secret' }).click();
    await expect(made(page).locator('[data-secret]')).toHaveText(/^whsec_/);
    await page.getByRole('button', { name: 'Switch off' }).click();
    await expect(notice).toContainText('Webhook switched off.');
    await page.getByLabel('Delete this webhook').click();
    await page.getByRole('button', { name: 'Delete webhook' }).click();
    await expect(notice).toContainText('Webhook deleted.');
    await expect(row(page, inbox.url)).toHaveCount(0);
  });
});

test.describe('a viewer', () => {
  test.use({ as: 'viewer', expectedStatuses: [403] });

  test('is not led to webhooks, and does not see them', async ({ page }) => {
    await page.goto('/');
    await hydrated(page);
    await expect(page.getByRole('link', { name: 'Members' })).toBeVisible();
    await expect(page.getByRole('link', { name: 'Webhooks' })).toHaveCount(0);
    const answer = await page.goto('/webhooks');
    expect(answer!.status()).toBe(403);
    await expect(page.getByRole('heading', { name: 'Your role does not permit this' })).toBeVisible();
  });
});
