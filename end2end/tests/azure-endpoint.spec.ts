import { SANDBOX, sandboxKey } from './support/sandbox';
import { expect, test } from './support/test';

test.use({ expectedStatuses: [400] });

test('an endpoint that breaks the rules is told inline', async ({ open, project, card }) => {
  const azure = card('Azure OpenAI');
  await open(`/projects/${project.slug}/keys`);
  await azure.addButton.click();
  for (const [endpoint, words] of [
    ['http://contoso.openai.azure.com', /must begin with https/],
    ['https://contoso.openai.azure.com.evil.example', /must end in one of/],
    ['https://169.254.169.254', /must end in one of/],
    ['https://contoso.openai.azure.com/path', /address alone/],
  ] as const) {
    await azure.endpoint.fill(endpoint);
    await azure.secret.fill(sandboxKey('valid', ''));
    await azure.root.getByRole('button', { name: 'Save key' }).click();
    await expect(azure.endpoint).toHaveAccessibleDescription(words);
    await expect(azure.endpoint).toHaveAttribute('aria-invalid', 'true');
    await expect(azure.endpoint, 'it need not be typed again').toHaveValue(endpoint);
    await expect(azure.secret).toHaveValue('');
    await expect(azure.secret).not.toHaveAttribute('aria-invalid');
  }
  const version = azure.root.getByRole('textbox', { name: /^API version/ });
  await azure.endpoint.fill(SANDBOX);
  await version.fill('the newest');
  await azure.secret.fill(sandboxKey('valid', ''));
  await azure.root.getByRole('button', { name: 'Save key' }).click();
  await expect(version).toHaveAccessibleDescription(/Enter a version/);
  await azure.shows('No key');
});

test('endpoint and version are kept with the key', async ({ open, project, card }) => {
  const azure = card('Azure OpenAI');
  await open(`/projects/${project.slug}/keys`);
  await azure.addButton.click();
  await azure.endpoint.fill(SANDBOX);
  await azure.root.getByRole('textbox', { name: /^API version/ }).fill('2024-10-21');
  await azure.secret.fill(sandboxKey('valid', ''));
  await azure.root.getByRole('button', { name: 'Save key' }).click();
  await azure.shows('Healthy');
  await expect(azure.root).toContainText(`${SANDBOX} · 2024-10-21`);
  await azure.replaceButton.click();
  await expect(azure.endpoint).toHaveValue(SANDBOX);
});
