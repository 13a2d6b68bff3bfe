/** The `@anthropic-ai/sdk` package: base URL and key changed, nothing else. */
import Anthropic, { AuthenticationError, PermissionDeniedError } from '@anthropic-ai/sdk';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ANSWER,
  PROMPT,
  TOKEN,
  TOKEN_OF_SPENT_KEY,
  TOKEN_WITHOUT_KEYS,
  URL,
  WORDS,
  WRONG_TOKEN,
  assertServedByOwnKey,
  collect,
} from './deployment.mjs';

const CALL = { model: 'claude-haiku-4-5', max_tokens: 64, messages: [{ role: 'user', content: PROMPT }] };

function client(apiKey) {
  return new Anthropic({ baseURL: `${URL}/gateway/anthropic`, apiKey });
}

test('a message', async () => {
  const { data, response } = await client(TOKEN).messages.create(CALL).withResponse();
  assertServedByOwnKey(response.headers);
  assert.equal(data.content[0].text, ANSWER);
  assert.equal(data.stop_reason, 'end_turn');
  assert.equal(data.model, 'claude-haiku-4-5');
  assert.deepEqual([data.usage.input_tokens, data.usage.output_tokens], [3, 5]);
});

test('a streamed message', async () => {
  const events = await collect(await client(TOKEN).messages.create({ ...CALL, stream: true }));
  assert.equal(events[0].type, 'message_start');
  assert.equal(events.at(-1).type, 'message_stop');
  const deltas = events.filter((event) => event.type === 'content_block_delta');
  assert.deepEqual(deltas.map((event) => event.delta.text), WORDS);
  assert.equal(events.find((event) => event.type === 'message_delta').usage.output_tokens, 5);
});

test('a streamed message, put together', async () => {
  const final = await client(TOKEN).messages.stream(CALL).finalMessage();
  assert.equal(final.content[0].text, ANSWER);
  assert.deepEqual([final.usage.input_tokens, final.usage.output_tokens], [3, 5]);
});

test('tokens are counted', async () => {
  const { model, messages } = CALL;
  assert.equal((await client(TOKEN).messages.countTokens({ model, messages })).input_tokens, 3);
});

test('the models', async () => {
  assert.ok((await collect(client(TOKEN).models.list())).length > 0);
});

test('a token as a bearer', async () => {
  const bearer = new Anthropic({ baseURL: `${URL}/gateway/anthropic`, apiKey: null, authToken: TOKEN });
  assert.equal((await bearer.messages.create(CALL)).content[0].text, ANSWER);
});

test('a wrong token', async () => {
  await assert.rejects(client(WRONG_TOKEN).messages.create(CALL), (error) => {
    assert.ok(error instanceof AuthenticationError);
    assert.equal(error.error.error.type, 'authentication_error');
    return true;
  });
});

test('a project without a key', async () => {
  await assert.rejects(client(TOKEN_WITHOUT_KEYS).messages.create(CALL), (error) => {
    assert.ok(error instanceof PermissionDeniedError);
    assert.equal(error.error.error.code, 'no_key');
    assert.equal(error.headers.get('x-latchkey-error'), 'no_key');
    return true;
  });
});

test("the operator's key serves where the own one is spent", async () => {
  const { data, response } = await client(TOKEN_OF_SPENT_KEY).messages.create(CALL).withResponse();
  assert.equal(response.headers.get('x-latchkey-key-source'), 'platform');
  assert.equal(response.headers.get('x-latchkey-fallback-reason'), 'key_exhausted');
  assert.equal(response.headers.get('x-latchkey-key-id'), null);
  assert.equal(data.content[0].text, ANSWER);
});
