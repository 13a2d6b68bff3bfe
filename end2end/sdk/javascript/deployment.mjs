/** The running demo that the suites call, as scripts/sdk-tests tells of it. */
import assert from 'node:assert/strict';

export const URL = variable('LATCHKEY_URL');

/** Of a project with keys of its own for OpenAI, Anthropic, Gemini and Azure OpenAI. */
export const TOKEN = variable('LATCHKEY_TOKEN');

/** Of a project without any key, which may not use the operator's either. */
export const TOKEN_WITHOUT_KEYS = variable('LATCHKEY_TOKEN_WITHOUT_KEYS');

/** Of a project whose Anthropic key has no credit left, so that the operator's serves. */
export const TOKEN_OF_SPENT_KEY = variable('LATCHKEY_TOKEN_OF_SPENT_KEY');

/** Its checksum is wrong. */
export const WRONG_TOKEN = `${TOKEN.slice(0, -8)}00000000`;

export const PROMPT = 'Name one colour.';
export const ANSWER = 'You said: Name one colour.';
export const WORDS = ['You', ' said:', ' Name', ' one', ' colour.'];

/** Every answer says whose key served it, and under which id the call is recorded. */
export function assertServedByOwnKey(headers) {
  const all = headers instanceof Headers ? headers : new Headers(headers);
  assert.equal(all.get('x-latchkey-key-source'), 'byok');
  assert.equal(all.get('x-latchkey-key-id')?.length, 36);
  assert.equal(all.get('x-latchkey-request-id')?.length, 36);
  assert.equal(all.get('x-latchkey-fallback-reason'), null);
}

/** Everything that an asynchronous iterator gives. */
export async function collect(items) {
  const collected = [];
  for await (const item of items) collected.push(item);
  return collected;
}

function variable(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set; run scripts/sdk-tests`);
  return value;
}
