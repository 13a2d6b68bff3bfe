import { expect, type Page } from '@playwright/test';
import { ProviderCard } from './card';
import { callModel, makeToken, recorded } from './gateway';
import { callFunction } from './http';
import { invite, newAddress } from './members';
import { OWNER, VIEWER, type Person } from './people';
import { Inbox, revoke, sandboxKey } from './sandbox';
import { open, ownerSession, type Project } from './test';

/** A page in a state worth looking at. */
export interface Scene {
  name: string;
  as: Person;
  /** Statuses from 400 up that it brings about. */
  statuses?: number[];
  show(page: Page, project: Project): Promise<void>;
}

const keys = (project: { slug: string }) => `/projects/${project.slug}/keys`;
const tokens = (project: { slug: string }) => `/projects/${project.slug}/tokens`;

async function createToken(page: Page, project: Project) {
  await open(page, tokens(project));
  await page.locator('summary', { hasText: 'Create token' }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill('Nightly deploy');
  await page.getByRole('button', { name: 'Create token', exact: true }).click();
  await expect(page.getByRole('region', { name: /^Save/ })).toBeVisible();
}

const activity = (project: { slug: string }) => `/projects/${project.slug}/activity`;

/** Makes calls of every kind, and returns the id of one that was refused. */
async function makeCalls(project: Project): Promise<string> {
  const url = process.env.LATCHKEY_URL!;
  const cookie = ownerSession();
  const key = { project: project.slug, provider: 'openai', api_key: sandboxKey('valid') };
  expect((await callFunction(url, 'save_key', key, { cookie })).status).toBe(200);
  const token = await makeToken(url, project, cookie);
  const labels = {
    'x-latchkey-session': 'A session named as long as one may be, '.padEnd(120, 'long '),
    'x-latchkey-labels': 'repo=payments,env=prod',
  };
  const calls = [
    await callModel(url, token, { headers: labels }),
    await callModel(url, token, { path: 'deepseek/chat/completions', model: 'deepseek-chat' }),
    await callModel(url, token, { model: 'a-model-that-nobody-knows-'.padEnd(120, 'x') }),
  ];
  const settings = { project: project.slug, on_missing: 'fail', adds_stream_usage: 'true' };
  expect((await callFunction(url, 'set_gateway_settings', settings, { cookie })).status).toBe(200);
  const refused = await callModel(url, token, { path: 'mistral/v1/chat/completions', model: 'mistral-small-latest' });
  calls.push(refused);
  for (const { id } of calls) await recorded(url, project, cookie, id);
  return refused.id;
}

async function lock(project: Project, provider: string, reason: string) {
  const [url, owner] = [process.env.LATCHKEY_URL!, { cookie: ownerSession() }];
  const { body: locks } = await callFunction(url, 'locks', {}, owner);
  const fields = { organization_id: locks.organization_id, project: project.slug, provider, reason };
  expect((await callFunction(url, 'lock_calls', fields, owner)).status).toBe(200);
}

async function chooseImport(page: Page, project: Project) {
  await open(page, `${keys(project)}/import`);
  const file = [
    `OPENAI_API_KEY=${sandboxKey('valid')}`,
    `ANTHROPIC_API_KEY=${sandboxKey('revoked', 'sk-ant-api03-')}`,
    `A_VARIABLE_WITH_QUITE_A_LONG_NAME_THAT_IS_SOMEBODYS_API_KEY=${sandboxKey('valid', '')}`,
    'PORT=8080',
  ];
  await page.getByRole('textbox', { name: 'Keys' }).fill(file.join('\n'));
  await page.getByRole('button', { name: 'Find keys' }).click();
  await expect(page.getByRole('table', { name: 'Keys found' })).toBeVisible();
}

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

/** Every page, and what its main parts can look like. */
export const SCENES: Scene[] = [
  { name: 'sign-in', as: 'nobody', show: async (page) => void (await page.goto('/sign-in')) },
  {
    name: 'sign-in-refused',
    as: 'nobody',
    async show(page) {
      await page.goto('/sign-in');
      await page.getByRole('textbox', { name: 'Email' }).fill(`${Date.now()}@latchkey.example`);
      await page.getByLabel('Password', { exact: true }).fill('not the password');
      await page.getByRole('button', { name: 'Sign in', exact: true }).click();
      await expect(page.getByRole('alert').filter({ hasText: /\S/ })).toBeVisible();
    },
  },
  { name: 'forgot-password', as: 'nobody', show: async (page) => void (await page.goto('/forgot-password')) },
  { name: 'reset-password-spent', as: 'nobody', show: async (page) => void (await page.goto('/reset-password')) },
  { name: 'confirm', as: 'owner', show: async (page) => void (await page.goto('/confirm?next=%2Fprofile')) },
  { name: 'profile', as: 'owner', show: (page) => open(page, '/profile') },
  { name: 'profile-second-step', as: 'viewer', show: (page) => open(page, '/profile/second-step') },
  { name: 'set-up-done', as: 'nobody', show: async (page) => void (await page.goto('/setup?link=lk_setup_none')) },
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
  { name: 'keys', as: 'owner', show: (page) => open(page, '/projects/production/keys') },
  { name: 'keys-empty', as: 'owner', show: (page, project) => open(page, keys(project)) },
  { name: 'keys-viewer', as: 'viewer', show: (page) => open(page, '/projects/production/keys') },
  {
    name: 'keys-adding',
    as: 'owner',
    async show(page, project) {
      await open(page, keys(project));
      for (const name of ['OpenAI', 'Azure OpenAI']) await new ProviderCard(page, name).addButton.click();
    },
  },
  {
    name: 'keys-refused',
    as: 'owner',
    statuses: [400],
    async show(page, project) {
      await open(page, keys(project));
      const card = new ProviderCard(page, 'OpenAI');
      await card.add(sandboxKey('revoked'), 'A name as long as the field allows: '.padEnd(80, 'long '));
      await expect(card.secret).toHaveAttribute('aria-invalid', 'true');
    },
  },
  {
    name: 'keys-unreachable',
    as: 'owner',
    statuses: [502],
    async show(page, project) {
      await open(page, keys(project));
      const card = new ProviderCard(page, 'OpenAI');
      await card.add(sandboxKey('down'));
      await expect(card.root.getByRole('checkbox')).toBeVisible();
    },
  },
  {
    name: 'keys-deleting',
    as: 'owner',
    async show(page, project) {
      await open(page, keys(project));
      for (const name of ['OpenAI', 'Mistral']) {
        const card = new ProviderCard(page, name);
        await card.add(sandboxKey('valid', name === 'OpenAI' ? 'sk-proj-' : ''), 'An unbroken-name-'.padEnd(80, 'x'));
        await card.shows('Healthy');
      }
      await new ProviderCard(page, 'OpenAI').delete();
      await expect(page.getByRole('region', { name: 'Recently deleted' })).toBeVisible();
      await new ProviderCard(page, 'Mistral').deleteButton.click();
    },
  },
  {
    name: 'keys-fallback',
    as: 'owner',
    async show(page, project) {
      await open(page, keys(project));
      const card = new ProviderCard(page, 'OpenAI');
      await card.add(sandboxKey('valid'));
      await card.more();
      await card.disclosure('Fallback of OpenAI key').click();
    },
  },
  {
    name: 'keys-named',
    as: 'owner',
    async show(page, project) {
      await open(page, keys(project));
      const card = new ProviderCard(page, 'OpenAI');
      const same = sandboxKey('valid');
      await card.add(same, 'Production');
      await card.shows('Healthy');
      await card.addAnother(same, 'A name as long as the field allows: '.padEnd(80, 'long '));
      await expect(card.others).toHaveCount(1);
      await card.addAnother(sandboxKey('exhausted'), 'Batch jobs');
      await expect(card.others).toHaveCount(2);
      await card.rotate(sandboxKey('valid'), '24 hours');
      await expect(card.others).toHaveCount(3);
      await card.manage('Batch jobs');
    },
  },
  {
    name: 'keys-rotating',
    as: 'owner',
    async show(page, project) {
      await open(page, keys(project));
      const card = new ProviderCard(page, 'OpenAI');
      await card.add(sandboxKey('valid'), 'Production');
      await card.shows('Healthy');
      await card.more();
      await card.disclosure('Rotate OpenAI key').click();
    },
  },
  {
    name: 'keys-rotation-undone',
    as: 'owner',
    async show(page, project) {
      await open(page, keys(project));
      const [card, next] = [new ProviderCard(page, 'OpenAI'), sandboxKey('valid')];
      await card.add(sandboxKey('valid'), 'Production');
      await card.shows('Healthy');
      await card.rotate(next, '24 hours');
      await expect(card.others).toHaveCount(1);
      await revoke(next);
      await card.button('Test').click();
      await expect(card.root).toContainText('Rotation undone');
    },
  },
  {
    name: 'keys-erasing',
    as: 'owner',
    async show(page, project) {
      await open(page, keys(project));
      const card = new ProviderCard(page, 'OpenAI');
      await card.add(sandboxKey('valid'), 'Production');
      await card.shows('Healthy');
      await card.delete();
      await page.getByLabel(/^Erase now/).click();
    },
  },
  {
    name: 'keys-locked',
    as: 'owner',
    async show(page, project) {
      await lock(project, 'openai', 'The key stands in a public repository');
      await lock(project, '', 'A reason as long as the field allows: '.padEnd(200, 'long '));
      await open(page, keys(project));
      const strip = page.getByRole('list', { name: 'Locked calls' }).getByRole('listitem');
      await strip.first().locator('summary').click();
    },
  },
  { name: 'import', as: 'owner', show: (page, project) => open(page, `${keys(project)}/import`) },
  { name: 'import-viewer', as: 'viewer', show: (page, project) => open(page, `${keys(project)}/import`) },
  { name: 'import-choosing', as: 'owner', show: chooseImport },
  {
    name: 'import-done',
    as: 'owner',
    async show(page, project) {
      await chooseImport(page, project);
      await page.getByRole('button', { name: 'Import chosen keys' }).click();
      await expect(page.getByRole('heading', { name: /imported$/ })).toBeVisible();
    },
  },
  { name: 'activity-empty', as: 'owner', show: (page, project) => open(page, activity(project)) },
  {
    name: 'activity',
    as: 'owner',
    async show(page, project) {
      await makeCalls(project);
      await open(page, activity(project));
      await page.locator('summary', { hasText: 'More filters' }).click();
    },
  },
  {
    name: 'activity-nothing-found',
    as: 'viewer',
    async show(page, project) {
      await makeCalls(project);
      await open(page, `${activity(project)}?range=custom&from=2026-01-01&provider=openai&model=none&session=none`);
      await expect(page.getByRole('heading', { name: 'No calls here' })).toBeVisible();
    },
  },
  {
    name: 'activity-call',
    as: 'owner',
    async show(page, project) {
      await makeCalls(project);
      await open(page, activity(project));
      await page.locator('tbody tr').filter({ hasText: 'Your key' }).getByRole('link').first().click();
      await expect(page.getByRole('heading', { level: 1, name: 'Call' })).toBeVisible();
    },
  },
  {
    name: 'activity-call-refused',
    as: 'owner',
    show: async (page, project) => open(page, `${activity(project)}/${await makeCalls(project)}`),
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
  { name: 'tokens-empty', as: 'owner', show: (page, project) => open(page, tokens(project)) },
  {
    name: 'tokens-creating',
    as: 'owner',
    async show(page, project) {
      await open(page, tokens(project));
      await page.locator('summary', { hasText: 'Create token' }).click();
    },
  },
  { name: 'tokens-created', as: 'owner', show: createToken },
  {
    name: 'tokens',
    as: 'owner',
    async show(page, project) {
      await createToken(page, project);
      await page.getByRole('link', { name: 'I saved it' }).click();
      await page.getByLabel('Revoke token Nightly deploy').click();
    },
  },
  {
    name: 'tokens-rotating',
    as: 'owner',
    async show(page, project) {
      await makeToken(process.env.LATCHKEY_URL!, project, ownerSession(), ['read:byok'], 'Staging deploy');
      await createToken(page, project);
      await page.getByRole('link', { name: 'I saved it' }).click();
      await page.getByLabel('Rotate token Staging deploy').click();
      await page.getByRole('button', { name: 'Rotate token', exact: true }).click();
      await expect(page.getByRole('region', { name: /^Save the new/ })).toBeVisible();
      await page.getByLabel('Rotate token Nightly deploy').click();
    },
  },
  {
    name: 'projects',
    as: 'owner',
    async show(page) {
      await open(page, '/projects');
      await page.locator('summary', { hasText: 'Create project' }).click();
    },
  },
  { name: 'settings', as: 'owner', show: (page, project) => open(page, `/projects/${project.slug}/settings`) },
  { name: 'settings-viewer', as: 'viewer', show: (page, project) => open(page, `/projects/${project.slug}/settings`) },
  {
    name: 'switcher',
    as: 'owner',
    async show(page) {
      await open(page, '/projects/production/keys');
      await page.getByRole('banner').locator('summary', { hasText: 'Production' }).click();
    },
  },
  {
    name: 'person',
    as: 'owner',
    async show(page) {
      await open(page, '/projects/production/keys');
      await page.getByRole('banner').locator('summary', { hasText: OWNER }).click();
    },
  },
  {
    name: 'members',
    as: 'owner',
    async show(page) {
      await invite(process.env.LATCHKEY_URL!, ownerSession(), newAddress('a-name-that-is-rather-long-for-an-address'), 'admin');
      await open(page, '/members');
      await page.locator('summary', { hasText: 'Invite member' }).click();
      await page.getByLabel(`Remove ${VIEWER}`).click();
      await page.getByLabel(`Change role of ${VIEWER}`).click();
    },
  },
  { name: 'members-viewer', as: 'viewer', show: (page) => open(page, '/members') },
  {
    name: 'members-invited',
    as: 'owner',
    async show(page) {
      await open(page, '/members');
      await page.locator('summary', { hasText: 'Invite member' }).click();
      await page.getByRole('textbox', { name: 'Email' }).fill(newAddress('mia'));
      await page.getByRole('button', { name: 'Invite', exact: true }).click();
      await expect(page.getByRole('region', { name: /^Give this link/ })).toBeVisible();
    },
  },
  { name: 'organization', as: 'owner', show: (page) => open(page, '/organization') },
  { name: 'organization-viewer', as: 'viewer', show: (page) => open(page, '/organization') },
  { name: 'organizations', as: 'owner', show: (page) => open(page, '/organizations') },
  { name: 'jobs', as: 'owner', show: (page) => open(page, '/operator/jobs') },
  { name: 'jobs-viewer', as: 'viewer', statuses: [403], show: async (page) => void (await page.goto('/operator/jobs')) },
  {
    name: 'invitation',
    as: 'nobody',
    async show(page) {
      await page.goto(await invite(process.env.LATCHKEY_URL!, ownerSession(), newAddress('new'), 'member'));
    },
  },
  {
    name: 'invitation-spent',
    as: 'nobody',
    show: async (page) => void (await page.goto('/invitations/lk_invitation_none')),
  },
  { name: 'not-found', as: 'nobody', statuses: [404], show: async (page) => void (await page.goto('/no-such-page')) },
  {
    name: 'no-such-project',
    as: 'owner',
    statuses: [404],
    show: async (page) => void (await page.goto('/projects/no-such-project/keys')),
  },
];
