import { expect, type Locator, type Page } from '@playwright/test';

/** The word on a card's badge. */
export type Status = 'No key' | 'Healthy' | 'Limited' | 'Unhealthy' | 'Exhausted' | 'Unknown' | 'Disabled';

/** One provider's card on the Provider keys page. */
export class ProviderCard {
  readonly root: Locator;
  readonly heading: Locator;
  /** The field for the secret. */
  readonly secret: Locator;
  readonly name: Locator;
  readonly endpoint: Locator;
  /** Errors, which stand where they belong. */
  readonly alerts: Locator;

  constructor(page: Page, readonly provider: string) {
    this.heading = page.getByRole('heading', { level: 2, name: provider, exact: true });
    this.root = page.getByRole('listitem').filter({ has: this.heading });
    this.secret = this.root.getByLabel('API key', { exact: true });
    this.name = this.root.getByRole('textbox', { name: /^Name/ });
    this.endpoint = this.root.getByRole('textbox', { name: 'Endpoint' });
    this.alerts = this.root.getByRole('alert');
  }

  /** The disclosure called `Add key for OpenAI`, `Replace OpenAI key`, `Delete OpenAI key`. */
  disclosure(name: string): Locator {
    return this.root.locator('summary').and(this.root.getByLabel(name, { exact: true }));
  }

  get addButton() {
    return this.disclosure(`Add key for ${this.provider}`);
  }

  get replaceButton() {
    return this.disclosure(`Replace ${this.provider} key`);
  }

  get deleteButton() {
    return this.disclosure(`Delete ${this.provider} key`);
  }

  /** The button called `Test OpenAI key`, `Disable OpenAI key`, … */
  button(verb: string): Locator {
    return this.root.getByRole('button', { name: `${verb} ${this.provider} key`, exact: true });
  }

  /** Pastes a first key and saves it. */
  async add(secret: string, name = '') {
    await this.addButton.click();
    await this.secret.fill(secret);
    await this.name.fill(name);
    await this.root.getByRole('button', { name: 'Save key', exact: true }).click();
  }

  /** Pastes another key over the one there is. */
  async replace(secret: string) {
    await this.replaceButton.click();
    await this.secret.fill(secret);
    await this.root.getByRole('button', { name: 'Replace key', exact: true }).click();
  }

  /** Opens the question and says yes. */
  async delete() {
    await this.deleteButton.click();
    await this.root.getByRole('button', { name: 'Delete key', exact: true }).click();
  }

  /** The badge says `status`. */
  async shows(status: Status) {
    await expect(this.root.getByText(status, { exact: true })).toBeVisible();
  }
}
