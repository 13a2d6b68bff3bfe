/** The `@google/genai` package: base URL and key changed, nothing else. */
import { ApiError, GoogleGenAI } from '@google/genai';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ANSWER, PROMPT, TOKEN, TOKEN_WITHOUT_KEYS, URL, WORDS, WRONG_TOKEN, assertServedByOwnKey, collect } from './deployment.mjs';

const CALL = { model: 'gemini-flash-latest', contents: PROMPT };

function models(apiKey) {
  return new GoogleGenAI({ apiKey, httpOptions: { baseUrl: `${URL}/gateway/gemini` } }).models;
}

test('content', async () => {
  const content = await models(TOKEN).generateContent(CALL);
  assertServedByOwnKey(content.sdkHttpResponse.headers);
  assert.equal(content.text, ANSWER);
  assert.equal(content.candidates[0].finishReason, 'STOP');
  assert.equal(content.modelVersion, CALL.model);
  assert.equal(content.usageMetadata.promptTokenCount, 3);
  assert.equal(content.usageMetadata.candidatesTokenCount, 5);
});

test('streamed content', async () => {
  const parts = await collect(await models(TOKEN).generateContentStream(CALL));
  assert.deepEqual(parts.map((part) => part.text), WORDS);
  assert.deepEqual(parts.map((part) => part.usageMetadata.candidatesTokenCount), [1, 2, 3, 4, 5]);
  assert.equal(parts.at(-1).candidates[0].finishReason, 'STOP');
});

test('tokens are counted', async () => {
  assert.equal((await models(TOKEN).countTokens(CALL)).totalTokens, 3);
});

test('embeddings', async () => {
  const embedded = await models(TOKEN).embedContent({ model: 'gemini-embedding-001', contents: ['a', 'b'] });
  assert.equal(embedded.embeddings.length, 2);
  assert.ok(embedded.embeddings[0].values.length > 0);
});

test('the models', async () => {
  const listed = await collect(await models(TOKEN).list());
  assert.ok(listed.some((model) => model.name.includes(CALL.model)));
});

test('a wrong token', async () => {
  await assert.rejects(models(WRONG_TOKEN).generateContent(CALL), (error) => {
    assert.ok(error instanceof ApiError);
    assert.equal(error.status, 401);
    assert.match(error.message, /UNAUTHENTICATED/);
    return true;
  });
});

test('a project without a key', async () => {
  await assert.rejects(models(TOKEN_WITHOUT_KEYS).generateContent(CALL), (error) => {
    assert.ok(error instanceof ApiError);
    assert.equal(error.status, 403);
    assert.match(error.message, /NO_KEY/);
    return true;
  });
});
