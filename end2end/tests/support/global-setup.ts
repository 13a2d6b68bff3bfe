import { signIn } from './http';
import { OWNER, PASSWORD, VIEWER } from './people';
import { start } from './program';

/** One demo for all tests. Its people sign in once, because sign-in is throttled. */
export default async function globalSetup() {
  const demo = await start('demo');
  try {
    process.env.LATCHKEY_URL = demo.url;
    process.env.LATCHKEY_OWNER = await signIn(demo.url, OWNER, PASSWORD);
    process.env.LATCHKEY_VIEWER = await signIn(demo.url, VIEWER, PASSWORD);
  } catch (error) {
    await demo.stop();
    throw error;
  }
  return demo.stop;
}
