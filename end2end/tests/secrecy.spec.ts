import type { BrowserContext, Page } from '@playwright/test';
import { sandboxKey } from './support/sandbox';
import { expect, test } from './support/test';

test.use({ expectedStatuses: [400] });

/** The part of a secret that nobody may ever see again. */
const inside = (secret: string) => secret.slice(-18, -4);

/** Everything that the browser holds of the page. */
async function held(page: Page, context: BrowserContext): Promise<string> {
  const stored = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, history.state]));
  const inputs = await page.locator('input').all();
  const typed = await Promise.all(inputs.map((input) => input.inputValue()));
  return [page.url(), await page.content(), JSON.stringify(await context.storageState()), stored, ...typed].join('\n');
}

test('a secret is nowhere after it was saved or refused', async ({
  open, project, card, page, context, notice, ownerCookie, baseURL,
}) => {
  const answers: Promise<string>[] = [];
  page.on('response', (response) => {
    if (!response.url().includes('/_fn/')) return;
    answers.push(response.allHeaders().then((headers) => JSON.stringify(headers)), response.text());
  });
  const [saved, refused, echoed] = [sandboxKey('valid'), sandboxKey('revoked'), sandboxKey('echo')];
  const address = `/projects/${project.slug}/keys`;
  const openai = card('OpenAI');
  await open(address);
  await openai.add(saved);
  await openai.shows('Healthy');
  expect(await held(page, context)).not.toContain(inside(saved));

  for (const secret of [refused, echoed]) {
    await openai.replace(secret);
    await expect(openai.secret).toHaveValue('');
    await expect(openai.secret).toHaveAccessibleDescription(/Incorrect API key provided/);
    expect(await held(page, context)).not.toContain(inside(secret));
    await openai.replaceButton.click();
  }
  await openai.button('Test').click();
  await expect(notice).toContainText('OpenAI key tested.');

  expect(answers.length, 'the answers were listened to').toBeGreaterThan(8);
  const later = await fetch(baseURL + address, { headers: { cookie: ownerCookie } });
  const everything = [...(await Promise.all(answers)), await later.text(), await held(page, context)].join('\n');
  expect(everything).toContain(saved.slice(-4));
  for (const secret of [saved, refused, echoed]) expect(everything).not.toContain(inside(secret));
});
