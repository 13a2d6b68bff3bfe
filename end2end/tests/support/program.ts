import { spawn, type ChildProcess } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { dirname, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const REPOSITORY = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');
const START_LIMIT = 60_000;
const STOP_LIMIT = 20_000;

/** A running Latchkey with a data folder and a database of its own. */
export interface Deployment {
  /** Where it is reached, without a slash at the end. */
  url: string;
  /** What it has written to stderr so far. */
  said(): string;
  /** The link that makes the first owner, of which `link` is the secret part. */
  setupLink(): URL;
  /** Stops it and removes its folder. */
  stop(): Promise<void>;
}

/** Starts `latchkey serve` or `latchkey demo` and waits until it is ready. */
export async function start(command: 'serve' | 'demo', variables: Record<string, string> = {}): Promise<Deployment> {
  const program = process.env.LATCHKEY_PROGRAM;
  if (!program) throw new Error('LATCHKEY_PROGRAM must name the built program: <repository>/target/debug/latchkey');
  // Short, because a socket's path has at most 107 bytes; readable, because Postgres may run as another user.
  const folder = await mkdtemp('/tmp/lk-');
  await chmod(folder, 0o755);
  const address = `127.0.0.1:${await freePort()}`;
  const child = spawn(program, [command], {
    cwd: REPOSITORY,
    stdio: ['ignore', 'inherit', 'pipe'],
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      XDG_CONFIG_HOME: `${folder}/config`,
      LATCHKEY_DATA_DIR: `${folder}/data`,
      LATCHKEY_LISTEN: address,
      LATCHKEY_SITE_ROOT: `${REPOSITORY}/target/site`,
      LATCHKEY_DRAIN_SECONDS: '1',
      ...variables,
    },
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const stop = async () => {
    await end(child);
    await rm(folder, { recursive: true, force: true });
  };
  const url = `http://${address}`;
  try {
    await ready(url, child);
  } catch (error) {
    await stop();
    throw new Error(`latchkey ${command} did not start. It said:\n${said}`, { cause: error });
  }
  const setupLink = () => new URL(/https?:\S+\/setup\?link=lk_setup_\S+/.exec(said)![0]);
  return { url, said: () => said, setupLink, stop };
}

/** A port of the loopback interface that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

async function ready(url: string, child: ChildProcess): Promise<void> {
  const until = Date.now() + START_LIMIT;
  while (Date.now() < until) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error('it ended');
    const answer = await fetch(`${url}/readyz`).catch(() => undefined);
    if (answer?.ok) return;
    await pause(50);
  }
  throw new Error(`it was not ready within ${START_LIMIT / 1000} s`);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((done) => child.once('exit', done));
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT);
  await ended;
  clearTimeout(late);
}
