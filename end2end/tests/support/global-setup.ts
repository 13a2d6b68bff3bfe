import type { FullConfig } from '@playwright/test';
import { signIn } from './http';
import { OWNER, PASSWORD, VIEWER } from './people';
import { start } from './program';

/**
 * One demo for all tests. Its people sign in here, because sign-in is throttled, and once for each
 * worker, because a session remembers what the last form came to.
 */
export default async function globalSetup({ workers }: FullConfig) {
  const demo = await start('demo');
  try {
    const sessions = async (email: string) => {
      const cookies: string[] = [];
      while (cookies.length < workers) cookies.push(await signIn(demo.url, email, PASSWORD));
      return JSON.stringify(cookies);
    };
    process.env.LATCHKEY_URL = demo.url;
    process.env.LATCHKEY_OWNER_SESSIONS = await sessions(OWNER);
    process.env.LATCHKEY_VIEWER_SESSIONS = await sessions(VIEWER);
  } catch (error) {
    await demo.stop();
    throw error;
  }
  return demo.stop;
}
