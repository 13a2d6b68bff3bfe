import { randomBytes } from 'node:crypto';

/** Where the demo's sandbox stands in for the providers; also Azure's endpoint there. */
export const SANDBOX = 'http://127.0.0.1:3999';

/** What a key does, as the word in it says. */
export type Behaviour =
  | 'valid' | 'revoked' | 'blocked' | 'exhausted' | 'restricted' | 'limited'
  | 'slow' | 'down' | 'listonly' | 'echo';

/** A key that nobody else uses: `sk-proj-sandbox-valid-3f…`. */
export function sandboxKey(behaviour: Behaviour, prefix = 'sk-proj-'): string {
  return `${prefix}sandbox-${behaviour}-${randomBytes(10).toString('hex')}`;
}

/** How a key is shown: `sk-proj-...a3f0`. */
export function redacted(key: string, prefix = 'sk-proj-'): string {
  return `${prefix}...${key.slice(-4)}`;
}

/** Has the provider refuse a key from now on. */
export async function revoke(key: string): Promise<void> {
  const answer = await fetch(`${SANDBOX}/_control/revoke`, { method: 'POST', body: key });
  if (!answer.ok) throw new Error(`the sandbox answered ${answer.status}`);
}
