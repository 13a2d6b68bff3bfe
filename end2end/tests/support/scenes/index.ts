import { ACCOUNT } from './account';
import { CALLS } from './calls';
import { KEYS } from './keys';
import { MISSING } from './missing';
import { ORGANIZATION } from './organization';
import type { Scene } from './scene';
import { TOKENS } from './tokens';
import { TOLD } from './told';

/** Every page, and what its main parts can look like. */
export const SCENES: Scene[] = [
  ...ACCOUNT,
  ...TOLD,
  ...KEYS,
  ...CALLS,
  ...TOKENS,
  ...ORGANIZATION,
  ...MISSING,
];
