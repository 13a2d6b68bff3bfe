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

/** Takes a key that was revoked back. */
export async function restore(key: string): Promise<void> {
  const answer = await fetch(`${SANDBOX}/_control/restore`, { method: 'POST', body: key });
  if (!answer.ok) throw new Error(`the sandbox answered ${answer.status}`);
}

/** A message as it came to a webhook. */
export interface ReceivedMessage {
  headers: Record<string, string>;
  /** The body as it came; signatures are over this very text. */
  body: string;
}

/** An address at the sandbox that takes webhooks and keeps them. */
export class Inbox {
  readonly url = `${SANDBOX}/webhooks/${randomBytes(8).toString('hex')}`;
  /** The same, answering that it could not take the message. */
  readonly failing = `${this.url}?answer=500`;

  /** What came so far, the oldest first. */
  async messages(): Promise<ReceivedMessage[]> {
    const answer = await fetch(this.url);
    if (!answer.ok) throw new Error(`the sandbox answered ${answer.status}`);
    return (await answer.json()) as ReceivedMessage[];
  }
}
