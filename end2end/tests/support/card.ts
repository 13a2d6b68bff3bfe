import { expect, type Locator, type Page } from '@playwright/test';

/** The word on a card's badge. */
export type Status = 'No key' | 'Healthy' | 'Limited' | 'Unhealthy' | 'Exhausted' | 'Unknown' | 'Disabled';

/** One provider's card on the Provider keys page. */
export class ProviderCard {
  readonly root: Locator;
  readonly heading: Locator;
  /** The field for the secret, in the form that is open. */
  readonly secret: Locator;
  readonly name: Locator;
  readonly endpoint: Locator;
  /** Errors, which stand where they belong. */
  readonly alerts: Locator;

  constructor(page: Page, readonly provider: string) {
    this.heading = page.getByRole('heading', { level: 2, name: provider, exact: true });
    this.root = page.getByRole('listitem').filter({ has: this.heading });
    this.secret = this.root.getByLabel('API key', { exact: true }).filter({ visible: true });
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

  /** Opens the question and says yes. */
  async disable() {
    await this.disclosure(`Disable ${this.provider} key`).click();
    await this.root.getByRole('button', { name: 'Disable key', exact: true }).click();
  }

  /** Opens what is done now and then. */
  async more() {
    const more = this.disclosure(`More for ${this.provider} key`);
    if ((await more.locator('..').getAttribute('open')) === null) await more.click();
  }

  /** Brings another key beside the one there is. */
  async addAnother(secret: string, name: string, isDefault = false) {
    const form = this.root.locator('.another');
    await this.disclosure(`Add another ${this.provider} key`).click();
    await form.getByLabel('API key', { exact: true }).fill(secret);
    await form.getByRole('textbox', { name: /^Name/ }).fill(name);
    if (isDefault) await form.getByRole('checkbox', { name: /^Make it the default/ }).check();
    await form.getByRole('button', { name: 'Add key', exact: true }).click();
  }

  /** Lets a new key take over from the default one. */
  async rotate(secret: string, overlap: string) {
    await this.disclosure(`Rotate ${this.provider} key`).click();
    const form = this.root.locator(':scope > .actions');
    await form.getByLabel('New API key', { exact: true }).fill(secret);
    await form.getByLabel('How long the old key works on').selectOption(overlap);
    await form.getByRole('button', { name: 'Rotate key', exact: true }).click();
  }

  /** The keys beside the default one, in their order. */
  get others(): Locator {
    return this.root.locator('.other-key');
  }

  /** One of them, by its name. */
  other(name: string): Locator {
    return this.others.filter({ has: this.root.page().getByText(name, { exact: true }) });
  }

  /** Opens what can be done with another key; returns it. */
  async manage(name: string): Promise<Locator> {
    const other = this.other(name);
    await other.getByLabel(`Manage ${this.provider} key ${name}`).click();
    return other;
  }

  /** The badge of the default key says `status`. */
  async shows(status: Status) {
    await expect(this.root.locator('.card-head').getByText(status, { exact: true })).toBeVisible();
  }
}
