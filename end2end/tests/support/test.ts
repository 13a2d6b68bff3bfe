import { randomBytes } from 'node:crypto';
import { expect, test as base, type ConsoleMessage, type Locator, type Page, type TestInfo } from '@playwright/test';
import { ProviderCard } from './card';
import { browserState, callFunction } from './http';
import type { Person } from './people';
import { start, type Deployment } from './program';

export { expect } from '@playwright/test';

/** A project of one test. */
export interface Project {
  id: string;
  slug: string;
  name: string;
}

interface Options {
  /** Who looks at the pages. */
  as: Person;
  /** Statuses from 400 up that this test brings about; the browser notes each as an error. */
  expectedStatuses: number[];
}

interface Fixtures {
  /** Starts a Latchkey of the test's own. It stops when the test's pages are closed: none of them loads in vain. */
  deploy(variables?: Record<string, string>): Promise<Deployment>;
  /** A new project without a key. */
  project: Project;
  /** The cookie header of the owner's session. */
  ownerCookie: string;
  /** Opens a page and waits until its script has taken over. */
  open(path: string): Promise<void>;
  /** A provider's card on the page that is open. */
  card(provider: string): ProviderCard;
  /** Where the page says what was done. */
  notice: Locator;
}

export const test = base.extend<Options & Fixtures>({
  as: ['owner', { option: true }],
  expectedStatuses: [[], { option: true }],

  baseURL: ({}, use) => use(variable('LATCHKEY_URL')),

  storageState: async ({ as }, use, info) => {
    await use(as === 'nobody' ? undefined : browserState(session(as, info)));
  },

  // Set up by itself before the pages, and so torn down after them.
  deploy: [
    async ({}, use) => {
      const deployments: Deployment[] = [];
      await use(async (variables) => {
        const deployment = await start('serve', variables);
        deployments.push(deployment);
        return deployment;
      });
      await Promise.all(deployments.map((deployment) => deployment.stop()));
    },
    { auto: true },
  ],

  // No page may have anything to complain of: no error, no violation of the content security policy.
  context: async ({ context, expectedStatuses }, use) => {
    const complaints: string[] = [];
    context.on('weberror', (error) => complaints.push(String(error.error())));
    context.on('console', (message) => {
      if (message.type() === 'error' && !isExpected(message, expectedStatuses)) {
        complaints.push(`${message.text()} (${message.location().url})`);
      }
    });
    await use(context);
    expect(complaints, 'the console').toEqual([]);
  },

  ownerCookie: ({}, use, info) => use(session('owner', info)),

  project: async ({ baseURL, ownerCookie }, use) => {
    const name = `Payments ${randomBytes(3).toString('hex')}`;
    const { status, body } = await callFunction(baseURL!, 'create_project', { name }, { cookie: ownerCookie });
    expect(status, JSON.stringify(body)).toBe(200);
    await use(body);
  },

  open: ({ page }, use) => use((path) => open(page, path)),
  card: ({ page }, use) => use((provider) => new ProviderCard(page, provider)),
  notice: ({ page }, use) => use(page.locator('.notices')),
});

/** The address of the page where people come in. */
export const START = /^http:\/\/[^/]+\/$/;

/** Opens a page of a signed-in person and waits until its script has taken over. */
export async function open(page: Page, path: string) {
  await page.goto(path);
  await hydrated(page);
}

/** Waits until the page's script has taken over: only then is a theme marked as the chosen one. */
export async function hydrated(page: Page) {
  await page.locator('.theme-choice [aria-pressed=true]').waitFor({ state: 'attached' });
}

function isExpected(message: ConsoleMessage, statuses: number[]): boolean {
  const status = /^Failed to load resource: the server responded with a status of (\d+)/.exec(message.text())?.[1];
  return status !== undefined && statuses.includes(Number(status));
}

/** The owner's session of the worker that asks, as a `Cookie` header. */
export function ownerSession(): string {
  return session('owner', base.info());
}

/** The session of this worker for that person, as a `Cookie` header. */
function session(person: 'owner' | 'viewer', { parallelIndex }: TestInfo): string {
  return JSON.parse(variable(`LATCHKEY_${person.toUpperCase()}_SESSIONS`))[parallelIndex];
}

function variable(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set; run the tests through npm test`);
  return value;
}
