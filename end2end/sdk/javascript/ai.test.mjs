/** The `ai` package with its providers: base URL and key changed, nothing else. */
import { createAnthropic } from '@ai-sdk/anthropic';
import { createGoogleGenerativeAI } from '@ai-sdk/google';
import { createOpenAI } from '@ai-sdk/openai';
import { APICallError, embedMany, generateText, streamText } from 'ai';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ANSWER, PROMPT, TOKEN, TOKEN_WITHOUT_KEYS, URL, WORDS, WRONG_TOKEN, assertServedByOwnKey, collect } from './deployment.mjs';

const openai = (apiKey) => createOpenAI({ baseURL: `${URL}/gateway/openai/v1`, apiKey });
const named = (apiKey) => createOpenAI({ baseURL: `${URL}/v1`, apiKey });
const anthropic = (apiKey) => createAnthropic({ baseURL: `${URL}/gateway/anthropic/v1`, apiKey });
const google = (apiKey) => createGoogleGenerativeAI({ baseURL: `${URL}/gateway/gemini/v1beta`, apiKey });

const MODELS = {
  '@ai-sdk/openai, responses': (key) => openai(key).responses('gpt-4o-mini'),
  '@ai-sdk/openai, chat': (key) => openai(key).chat('gpt-4o-mini'),
  '@ai-sdk/openai, named responses': (key) => named(key).responses('openai/gpt-4o-mini'),
  '@ai-sdk/openai, named chat': (key) => named(key).chat('openai/gpt-4o-mini'),
  '@ai-sdk/anthropic': (key) => anthropic(key)('claude-haiku-4-5'),
  '@ai-sdk/google': (key) => google(key)('gemini-flash-latest'),
};

for (const [name, model] of Object.entries(MODELS)) {
  test(`a text (${name})`, async () => {
    const { text, finishReason, usage, response } = await generateText({ model: model(TOKEN), prompt: PROMPT });
    assertServedByOwnKey(response.headers);
    assert.equal(text, ANSWER);
    assert.equal(finishReason, 'stop');
    assert.equal(usage.inputTokens, 3);
    assert.ok(usage.outputTokens >= 5);
  });

  test(`a streamed text (${name})`, async () => {
    const result = streamText({ model: model(TOKEN), prompt: PROMPT });
    assert.deepEqual((await collect(result.textStream)).filter(Boolean), WORDS);
    assert.equal(await result.finishReason, 'stop');
    assert.equal((await result.usage).inputTokens, 3);
  });

  test(`a wrong token (${name})`, async () => {
    await assert.rejects(generateText({ model: model(WRONG_TOKEN), prompt: PROMPT }), (error) => {
      assert.ok(APICallError.isInstance(error));
      assert.equal(error.statusCode, 401);
      assert.equal(error.responseHeaders['x-latchkey-error'], 'unauthenticated');
      return true;
    });
  });

  test(`a project without a key (${name})`, async () => {
    await assert.rejects(generateText({ model: model(TOKEN_WITHOUT_KEYS), prompt: PROMPT }), (error) => {
      assert.ok(APICallError.isInstance(error));
      assert.equal(error.statusCode, 403);
      assert.match(error.responseBody, /no_key/i);
      assert.match(error.message, /add one at/, 'it says where to add one');
      return true;
    });
  });
}

test('embeddings', async () => {
  const { embeddings } = await embedMany({
    model: openai(TOKEN).embedding('text-embedding-3-small'),
    values: ['a', 'b'],
  });
  assert.equal(embeddings.length, 2);
});
