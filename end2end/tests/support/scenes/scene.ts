import type { Page } from '@playwright/test';
import type { Person } from '../people';
import type { Project } from '../test';

/** A page in a state worth looking at. */
export interface Scene {
  name: string;
  as: Person;
  /** Statuses from 400 up that it brings about. */
  statuses?: number[];
  show(page: Page, project: Project): Promise<void>;
}
