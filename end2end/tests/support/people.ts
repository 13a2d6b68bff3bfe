/** Who is in the demo. */
export const OWNER = 'demo@latchkey.example';
export const VIEWER = 'viewer@latchkey.example';
export const PASSWORD = 'every key here is fake';

/** Who looks at a page. */
export type Person = 'owner' | 'viewer' | 'nobody';
