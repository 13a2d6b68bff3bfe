import { expect } from '@playwright/test';
import { callModel, makeToken, recorded } from '../gateway';
import { callFunction } from '../http';
import { sandboxKey } from '../sandbox';
import { ownerSession, type Project } from '../test';

/** Makes calls of every kind, and returns the id of one that was refused. */
export async function makeCalls(project: Project): Promise<string> {
  const url = process.env.LATCHKEY_URL!;
  const cookie = ownerSession();
  const key = { project: project.slug, provider: 'openai', api_key: sandboxKey('valid') };
  expect((await callFunction(url, 'save_key', key, { cookie })).status).toBe(200);
  const token = await makeToken(url, project, cookie);
  const labels = {
    'x-latchkey-session': 'A session named as long as one may be, '.padEnd(120, 'long '),
    'x-latchkey-labels': 'repo=payments,env=prod',
  };
  const calls = [
    await callModel(url, token, { headers: labels }),
    await callModel(url, token, { path: 'deepseek/chat/completions', model: 'deepseek-chat' }),
    await callModel(url, token, { model: 'a-model-that-nobody-knows-'.padEnd(120, 'x') }),
  ];
  const settings = { project: project.slug, on_missing: 'fail', adds_stream_usage: 'true' };
  expect((await callFunction(url, 'set_gateway_settings', settings, { cookie })).status).toBe(200);
  const refused = await callModel(url, token, { path: 'mistral/v1/chat/completions', model: 'mistral-small-latest' });
  calls.push(refused);
  for (const { id } of calls) await recorded(url, project, cookie, id);
  return refused.id;
}
