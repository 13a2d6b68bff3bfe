import { expect } from '@playwright/test';
import { callFunction } from './http';
import type { Project } from './test';

/** What a call through the gateway came to. */
export interface GatewayAnswer {
  status: number;
  /** Its id, under which Activity shows it. */
  id: string;
  headers: Headers;
  body: string;
}

/** What can be different about a call. */
export interface CallOptions {
  /** A native path below `/gateway/`. */
  path?: string;
  model?: string;
  headers?: Record<string, string>;
  /** Fields of the body beyond model and messages. */
  body?: Record<string, unknown>;
}

/** Makes a token of the project with these scopes. */
export async function makeToken(
  url: string,
  project: Project,
  cookie: string,
  scopes = ['use:gateway'],
  name = 'Calls models',
): Promise<string> {
  const chosen = Object.fromEntries(scopes.map((scope, at) => [`scopes[${at}]`, scope]));
  const { status, body } = await callFunction(url, 'create_token', { project: project.slug, name, ...chosen }, { cookie });
  expect(status, JSON.stringify(body)).toBe(200);
  return body.token;
}

/** Calls a model as an application does: over HTTP, with nothing but a token. */
export async function callModel(url: string, token: string, options: CallOptions = {}): Promise<GatewayAnswer> {
  const { path = 'openai/v1/chat/completions', model = 'gpt-4o-mini', headers = {}, body = {} } = options;
  const answer = await fetch(`${url}/gateway/${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: 'Say hello.' }], ...body }),
  });
  const id = answer.headers.get('x-latchkey-request-id');
  expect(id, 'every answer names its call').toBeTruthy();
  return { status: answer.status, id: id!, headers: answer.headers, body: await answer.text() };
}

/** Waits until a call stands in the project's Activity; events are written in batches. */
export async function recorded(url: string, project: Project, cookie: string, id: string): Promise<void> {
  await expect
    .poll(async () => (await callFunction(url, 'activity_call', { project: project.slug, call: id }, { cookie })).status)
    .toBe(200);
}
