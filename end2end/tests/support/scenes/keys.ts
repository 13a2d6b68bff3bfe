import { expect, type Page } from '@playwright/test';
import { ProviderCard } from '../card';
import { callFunction } from '../http';
import { revoke, sandboxKey } from '../sandbox';
import { open, ownerSession, type Project } from '../test';
import type { Scene } from './scene';

const keys = (project: { slug: string }) => `/projects/${project.slug}/keys`;

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

/** Keys, and importing them. */
export const KEYS: Scene[] = [
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
];
