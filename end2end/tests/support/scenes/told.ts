import { expect } from '@playwright/test';
import { callFunction } from '../http';
import { Inbox } from '../sandbox';
import { open, ownerSession } from '../test';
import { makeCalls } from './make-calls';
import type { Scene } from './scene';

/** Adds a webhook, told of as little as can be chosen, and sends test messages to it; returns its page's path. */
async function addWebhook(address: string, messages: number): Promise<string> {
  const [url, owner] = [process.env.LATCHKEY_URL!, { cookie: ownerSession() }];
  const call = async (name: string, fields: Record<string, string>) => {
    const { status, body } = await callFunction(url, name, fields, owner);
    expect(status, JSON.stringify(body)).toBe(200);
    return body;
  };
  const description = 'A description as long as the field allows: '.padEnd(80, 'long ');
  const fields = { url: address, description, 'kinds[0]': 'key.neglected' };
  const { id } = await call('create_webhook', fields);
  for (let sent = 0; sent < messages; sent++) await call('test_webhook', { webhook_id: id });
  return `/webhooks/${id}`;
}

/** What needs attention, what people and programs are told of, and the trail. */
export const TOLD: Scene[] = [
  { name: 'overview', as: 'owner', show: (page) => open(page, '/') },
  { name: 'overview-viewer', as: 'viewer', show: (page) => open(page, '/') },
  { name: 'notifications', as: 'owner', show: (page) => open(page, '/notifications') },
  { name: 'notification-choices', as: 'owner', show: (page) => open(page, '/notifications/choices') },
  { name: 'notification-choices-viewer', as: 'viewer', show: (page) => open(page, '/notifications/choices') },
  { name: 'unsubscribe-broken', as: 'nobody', show: async (page) => void (await page.goto('/unsubscribe?link=none')) },
  {
    name: 'webhooks',
    as: 'owner',
    statuses: [400],
    async show(page) {
      await addWebhook(new Inbox().url, 0);
      await open(page, '/webhooks');
      await page.locator('summary', { hasText: 'Add webhook' }).click();
      await page.getByRole('textbox', { name: 'Address' }).fill(`https://10.0.0.1/${'long/'.repeat(30)}`);
      await page.getByRole('button', { name: 'Add webhook', exact: true }).click();
      await expect(page.getByRole('alert').filter({ hasText: /\S/ })).toBeVisible();
    },
  },
  { name: 'webhooks-viewer', as: 'viewer', statuses: [403], show: async (page) => void (await page.goto('/webhooks')) },
  {
    name: 'webhook',
    as: 'owner',
    show: async (page) => open(page, await addWebhook(new Inbox().url, 0)),
  },
  {
    name: 'webhook-failing',
    as: 'owner',
    async show(page) {
      await open(page, await addWebhook(new Inbox().failing, 2));
      await expect(page.getByText('Will be tried again')).toHaveCount(2);
      await page.locator('summary', { hasText: 'What is sent' }).first().click();
      await page.locator('summary', { hasText: 'Change' }).click();
      await page.locator('summary', { hasText: 'Rotate secret' }).click();
      await page.getByRole('button', { name: 'Make a new secret' }).click();
      await expect(page.getByRole('region', { name: 'Save this signing secret now' })).toBeVisible();
    },
  },
  {
    name: 'audit',
    as: 'owner',
    async show(page, project) {
      await makeCalls(project);
      await open(page, '/audit');
      await page.getByRole('button', { name: 'Verify' }).click();
      await expect(page.getByText(/events verified/)).toBeVisible();
    },
  },
  {
    name: 'audit-nothing-found',
    as: 'owner',
    async show(page, project) {
      await open(page, `/audit?target=${project.id}&event=key.purged&from=2026-01-01`);
      await expect(page.getByRole('heading', { name: 'No events here' })).toBeVisible();
    },
  },
  {
    name: 'audit-event',
    as: 'owner',
    async show(page, project) {
      await makeCalls(project);
      await open(page, '/audit?event=key.added');
      await page.locator('tbody tr').first().getByRole('link').first().click();
      await expect(page.getByRole('heading', { level: 1, name: 'Event' })).toBeVisible();
    },
  },
];
