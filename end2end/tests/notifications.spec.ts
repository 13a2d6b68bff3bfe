import type { Page } from '@playwright/test';
import { callModel, makeToken } from './support/gateway';
import { browserState, callFunction, createOwner } from './support/http';
import { expectSoundIn } from './support/looks';
import { startMailServer, type MailServer } from './support/mail';
import { accept } from './support/members';
import type { Deployment } from './support/program';
import { restore, revoke, SANDBOX, sandboxKey } from './support/sandbox';
import { expect, hydrated, test, type Project } from './support/test';

const OWNER = 'ada@acme.example';
const PASSWORD = 'violet anchor mosaic tundra';
/** How long a notification may take until it is where it belongs. */
const SOON = { timeout: 20_000 };

test.use({ as: 'nobody' });
test.describe.configure({ mode: 'default' });

let mail: MailServer;
let fresh: Deployment;
let cookie: string;
let project: Project;
let key: string;
let keyId: string;

// Of its own, because what one person has seen others must not have seen for them.
test.beforeEach(async ({ deploy, context }) => {
  mail = await startMailServer();
  fresh = await deploy({
    LATCHKEY_OPENAI_BASE_URL: `${SANDBOX}/providers/openai`,
    LATCHKEY_SMTP_URL: mail.url,
    LATCHKEY_MAIL_FROM: 'latchkey@acme.example',
  });
  cookie = await createOwner(fresh.url, fresh.setupLink().searchParams.get('link')!, OWNER, PASSWORD);
  await context.addCookies(browserState(cookie).cookies);
  key = sandboxKey('valid');
  project = await call('create_project', { name: 'First' });
  keyId = (await call('save_key', { project: 'first', provider: 'openai', api_key: key })).key_id;
});

test.afterEach(() => mail.stop());

async function call(name: string, fields: Record<string, string> = {}) {
  const { status, body } = await callFunction(fresh.url, name, fields, { cookie });
  expect(status, JSON.stringify(body)).toBe(200);
  return body;
}

/** The provider refuses the key, and Latchkey finds out. */
async function breakKey() {
  await revoke(key);
  await call('test_key', { project: 'first', key_id: keyId });
}

/** The provider takes the key again, and Latchkey finds out. */
async function mendKey() {
  await restore(key);
  await call('test_key', { project: 'first', key_id: keyId });
}

async function open(page: Page, path: string) {
  await page.goto(`${fresh.url}${path}`);
  await hydrated(page);
}

/** Reloads until `look` is content; for pages that do not renew themselves. */
async function reloadUntil(page: Page, look: () => Promise<void>) {
  await expect(async () => {
    await page.reload();
    await look();
  }).toPass(SOON);
}

const bell = (page: Page) => page.getByRole('banner').getByRole('link', { name: /^Notifications/ });
const list = (page: Page) => page.getByRole('list', { name: 'Notifications' }).getByRole('listitem');
const marked = (page: Page) => list(page).filter({ has: page.getByText('New', { exact: true }) });
const attention = (page: Page) => page.getByRole('region', { name: 'Needs attention' });

test('a refused key rings the bell and stands on the start page, until it works again', async ({ page }) => {
  await open(page, '/');
  await expect(attention(page)).toContainText('Nothing needs attention.');
  await expect(bell(page)).toHaveAccessibleName('Notifications');

  await breakKey();
  await expect(bell(page)).toHaveAccessibleName(/^Notifications, \d+ unread$/, SOON);
  await expect(page.getByRole('banner').getByRole('status').filter({ hasText: 'unread' })).toHaveText(/^Notifications, \d+ unread$/);
  const item = attention(page).getByRole('listitem').filter({ hasText: 'OpenAI' });
  await expect(item).toContainText('Urgent', SOON);
  await expect(item).toContainText('Since ');
  await expectSoundIn(page);
  await page.setViewportSize({ width: 360, height: 740 });
  await expect(bell(page), 'no menu has to be opened').toBeInViewport({ ratio: 1 });
  await page.setViewportSize({ width: 1440, height: 900 });
  await item.getByRole('link').click();
  await expect(page).toHaveURL(/\/projects\/first\/keys/);

  await bell(page).click();
  await expect(page).toHaveURL(`${fresh.url}/notifications`);
  await expect(list(page).first()).toContainText('OpenAI');
  await expect(marked(page)).toHaveCount(1);
  await expect(bell(page), 'looking at them is seeing them').toHaveAccessibleName('Notifications');
  await expect(marked(page), 'what was new stays marked').toHaveCount(1);
  await expectSoundIn(page);
  const before = await list(page).count();
  await mendKey();
  await expect(list(page), 'what comes appears by itself').toHaveCount(before + 1, SOON);
  await expect(marked(page)).toHaveCount(2);
  await page.getByRole('link', { name: 'Overview' }).click();
  await expect(attention(page)).toContainText('Nothing needs attention.', SOON);
  await bell(page).click();
  await expect(list(page).first()).toBeVisible();
  await expect(marked(page), 'the marks went when the page was left').toHaveCount(0);
});

test('older ones stand on further pages', async ({ page }) => {
  const { organization_id } = await call('locks');
  for (let times = 0; times < 16; times++) {
    const { id } = await call('lock_calls', { organization_id, project: 'first', provider: 'openai', reason: `Drill ${times}` });
    await call('unlock_calls', { lock_id: id, reason: `End of drill ${times}` });
  }
  await open(page, '/notifications');
  await expect(list(page)).toHaveCount(30);
  await expect(list(page).first()).toContainText('End of drill 15');
  await page.getByRole('link', { name: 'Older' }).click();
  await expect(list(page)).toHaveCount(2);
  await expect(list(page).last()).toContainText('Drill 0');
  await expectSoundIn(page);
  await expect(bell(page), 'further pages mark nothing as read by themselves, the first one did').toHaveAccessibleName('Notifications');
  await expect(page.getByRole('link', { name: 'Older' })).toHaveCount(0);
  await page.getByRole('link', { name: 'Newest' }).click();
  await expect(list(page)).toHaveCount(30);
});

test('people see what there is to see, each for themselves', async ({ page, browser }) => {
  await call('invite_member', { email: 'mia@acme.example', role: 'viewer' });
  const invitation = /http\S+\/invitations\/\S+/.exec((await mail.next()).text)![0];
  const theirs = await accept(fresh.url, invitation);
  await breakKey();
  await open(page, '/notifications');
  await expect(marked(page).filter({ hasText: 'OpenAI' })).toHaveCount(1, SOON);
  await expect(bell(page)).toHaveAccessibleName('Notifications', SOON);
  const context = await browser.newContext({ storageState: browserState(theirs) });
  const other = await context.newPage();
  await other.goto(`${fresh.url}/notifications/choices`);
  await expect(bell(other), 'what one has seen another has not').toHaveAccessibleName('Notifications, 1 unread');
  await expect(other.getByRole('region', { name: 'For you' })).toBeVisible();
  await expect(other.getByRole('region', { name: 'For the organization' })).toHaveCount(0);
  await expectSoundIn(other);
  await context.close();
});

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'with script' : 'without script', () => {
    test.use({ javaScriptEnabled });

    const ready = (page: Page) => (javaScriptEnabled ? hydrated(page) : undefined);

    test('what reaches whom is chosen', async ({ page, notice }) => {
      await page.goto(`${fresh.url}/notifications`);
      await ready(page);
      await page.getByRole('link', { name: 'Choose what you are told' }).click();
      await expect(page).toHaveURL(`${fresh.url}/notifications/choices`);
      await expectSoundIn(page);
      await expect(page.getByText(`Mail goes to ${OWNER}.`)).toBeVisible();
      const own = page.getByRole('region', { name: 'For you' });
      const boxes = own.getByRole('checkbox');
      const all = await boxes.count();
      expect(all).toBeGreaterThan(8);
      const back = own.getByRole('button', { name: "Use the organization's choices" });
      await expect(back).toHaveCount(0);
      const holds = await Promise.all((await boxes.all()).map((box) => box.isChecked()));

      for (const box of await boxes.all()) await box.uncheck();
      await own.getByRole('button', { name: 'Save my choices' }).click();
      await expect(notice).toContainText('Your choices are saved.');
      await page.reload();
      await ready(page);
      await expect(own.getByRole('checkbox', { checked: true })).toHaveCount(0);
      await boxes.nth(1).check();
      await own.getByRole('button', { name: 'Save my choices' }).click();
      await expect(notice).toContainText('Your choices are saved.');
      await expect(own.getByRole('checkbox', { checked: true })).toHaveCount(1);
      await expect(boxes.nth(1)).toBeChecked();

      await back.click();
      await expect(notice).toContainText("The organization's choices hold for you again.");
      await expect(back).toHaveCount(0);
      expect(await Promise.all((await boxes.all()).map((box) => box.isChecked()))).toEqual(holds);

      const organization = page.getByRole('region', { name: 'For the organization' });
      for (const box of await organization.getByRole('checkbox').all()) await box.uncheck();
      await organization.getByRole('button', { name: "Save the organization's choices" }).click();
      await expect(notice).toContainText("The organization's choices are saved.");
      await page.reload();
      await expect(own.getByRole('checkbox', { checked: true }), 'whoever chose nothing follows').toHaveCount(0);
    });

    test('a mail carries the link that ends its like', async ({ page, context }) => {
      const { kinds } = await call('notification_choices');
      const every = (way: string) => kinds.map((kind: any, at: number) => [`${way}[${at}]`, kind.kind]);
      await call('choose_notifications', Object.fromEntries([...every('bell'), ...every('mail')]));
      const token = await makeToken(fresh.url, project, cookie);
      await revoke(key);
      // By a call, because nobody is mailed about what they did themselves.
      expect((await callModel(fresh.url, token)).status).toBeGreaterThanOrEqual(400);
      await context.clearCookies();
      const received = await mail.next();
      expect(received.to).toBe(OWNER);
      expect(received.raw).toMatch(/^List-Unsubscribe: /m);
      const address = /http\S+\/unsubscribe\?link=[^\s>]+/.exec(received.text)![0];
      await page.goto(address);
      await expect(page.getByRole('heading', { name: 'Stop these mails?' })).toBeVisible();
      await expect(page.getByRole('main')).toContainText('Acme');
      await expectSoundIn(page);
      const mailed = async () => {
        const { kinds } = await call('notification_choices');
        return kinds.filter((kind: any) => kind.mail).length;
      };
      expect(await mailed(), 'opening the link ends nothing').toBe(kinds.length);
      await page.getByRole('button', { name: 'Stop these mails' }).click();
      await expect(page.getByRole('heading', { name: 'These mails have ended' })).toBeVisible();
      await expectSoundIn(page);
      expect(await mailed()).toBe(kinds.length - 1);

      await page.goto(`${fresh.url}/unsubscribe?link=nonsense`);
      await expect(page.getByRole('heading', { name: 'This link does not work' })).toBeVisible();
      await expectSoundIn(page);
    });
  });
}

test.describe('without script', () => {
  test.use({ javaScriptEnabled: false });

  test('the bell tells how many there are, and a button marks them as read', async ({ page, notice }) => {
    await breakKey();
    await page.goto(fresh.url);
    await reloadUntil(page, () => expect(bell(page)).toHaveAccessibleName(/^Notifications, \d+ unread$/, { timeout: 500 }));
    await expect(attention(page).getByRole('listitem').filter({ hasText: 'OpenAI' })).toBeVisible();
    await expectSoundIn(page);
    await bell(page).click();
    await expect(marked(page)).not.toHaveCount(0);
    await page.getByRole('button', { name: 'Mark all as read' }).click();
    await expect(notice).toContainText('All notifications are marked as read.');
    await expect(marked(page)).toHaveCount(0);
    await expect(bell(page)).toHaveAccessibleName('Notifications');
    await expect(page.getByRole('button', { name: 'Mark all as read' })).toHaveCount(0);
    await expectSoundIn(page);
  });
});
