/** The `openai` package: base URL and key changed, nothing else. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import OpenAI, { AuthenticationError, AzureOpenAI, NotFoundError, PermissionDeniedError } from 'openai';
import { ANSWER, PROMPT, TOKEN, TOKEN_WITHOUT_KEYS, URL, WORDS, WRONG_TOKEN, assertServedByOwnKey, collect } from './deployment.mjs';

const messages = [{ role: 'user', content: PROMPT }];

const NATIVE = new OpenAI({ baseURL: `${URL}/gateway/openai/v1`, apiKey: TOKEN });
const NAMED = new OpenAI({ baseURL: `${URL}/v1`, apiKey: TOKEN });
const AZURE = new AzureOpenAI({ endpoint: `${URL}/gateway/azure_openai`, apiVersion: '2024-10-21', apiKey: TOKEN });

const CLIENTS = [
  { way: 'native', client: NATIVE, prefix: '' },
  { way: 'named', client: NAMED, prefix: 'openai/' },
  { way: 'azure', client: AZURE, prefix: '' },
];

for (const { way, client, prefix } of CLIENTS) {
  const model = `${prefix}gpt-4o-mini`;

  test(`a chat (${way})`, async () => {
    const { data, response } = await client.chat.completions.create({ model, messages }).withResponse();
    assertServedByOwnKey(response.headers);
    assert.equal(data.choices[0].message.content, ANSWER);
    assert.equal(data.choices[0].finish_reason, 'stop');
    assert.equal(data.model, 'gpt-4o-mini');
    assert.deepEqual([data.usage.prompt_tokens, data.usage.completion_tokens], [3, 7], 'two are thought');
  });

  test(`a streamed chat (${way})`, async () => {
    const chunks = await collect(await client.chat.completions.create({ model, messages, stream: true }));
    if (way === 'azure') assert.deepEqual(chunks.shift().choices, [], 'Azure tells first what its filter found');
    assert.equal(chunks[0].choices[0].delta.role, 'assistant');
    assert.deepEqual(chunks.slice(1, -1).map((chunk) => chunk.choices[0].delta.content), WORDS);
    assert.equal(chunks.at(-1).choices[0].finish_reason, 'stop');
    assert.ok(chunks.every((chunk) => chunk.usage == null), 'usage was not asked for');
  });

  test(`a streamed chat with usage (${way})`, async () => {
    const asked = { model, messages, stream: true, stream_options: { include_usage: true } };
    const chunks = await collect(await client.chat.completions.create(asked));
    const last = chunks.at(-1);
    assert.deepEqual(last.choices, []);
    assert.deepEqual([last.usage.prompt_tokens, last.usage.completion_tokens], [3, 7]);
  });

  test(`embeddings (${way})`, async () => {
    const asked = { model: `${prefix}text-embedding-3-small`, input: ['a', 'b'] };
    const embedded = await client.embeddings.create(asked);
    assert.deepEqual(embedded.data.map((item) => item.index), [0, 1]);
    assert.ok(embedded.data[0].embedding.length > 0);
    assert.equal(embedded.usage.prompt_tokens, 2);
  });
}

for (const { way, client, prefix } of CLIENTS.slice(0, 2)) {
  const model = `${prefix}gpt-4o-mini`;

  test(`a response (${way})`, async () => {
    const { data, response } = await client.responses.create({ model, input: PROMPT }).withResponse();
    assertServedByOwnKey(response.headers);
    assert.equal(data.output_text, ANSWER);
    assert.equal(data.usage.input_tokens, 3);
  });

  test(`a streamed response (${way})`, async () => {
    const events = await collect(await client.responses.create({ model, input: PROMPT, stream: true }));
    assert.deepEqual(events.map((event) => event.sequence_number), events.map((_, at) => at));
    assert.equal(events[0].type, 'response.created');
    assert.equal(events.at(-1).type, 'response.completed');
    const deltas = events.filter((event) => event.type === 'response.output_text.delta');
    assert.deepEqual(deltas.map((event) => event.delta), WORDS);
    assert.equal(events.at(-1).response.usage.input_tokens, 3);
  });

  test(`a wrong token (${way})`, async () => {
    const stranger = new OpenAI({ baseURL: client.baseURL, apiKey: WRONG_TOKEN });
    await assert.rejects(stranger.chat.completions.create({ model, messages }), (error) => {
      assert.ok(error instanceof AuthenticationError);
      assert.equal(error.code, 'unauthenticated');
      return true;
    });
  });

  for (const stream of [false, true]) {
    test(`a project without a key (${way}, ${stream ? 'streamed' : 'whole'})`, async () => {
      const poor = new OpenAI({ baseURL: client.baseURL, apiKey: TOKEN_WITHOUT_KEYS });
      await assert.rejects(poor.chat.completions.create({ model, messages, stream }), (error) => {
        assert.ok(error instanceof PermissionDeniedError);
        assert.equal(error.code, 'no_key');
        assert.match(error.message, /\/keys/, 'it says where to add one');
        assert.equal(error.headers.get('x-latchkey-request-id')?.length, 36);
        return true;
      });
    });
  }
}

test('the models', async () => {
  const native = await collect(NATIVE.models.list());
  assert.ok(native.some((model) => model.id === 'gpt-4o-mini'));
  const named = (await collect(NAMED.models.list())).map((model) => model.id);
  assert.ok(named.includes('openai/gpt-4o-mini'));
  assert.ok(named.some((name) => name.startsWith('gemini/')));
});

test("an error of the provider's stays the provider's", async () => {
  await assert.rejects(NATIVE.chat.completions.create({ model: 'no-such-model', messages }), (error) => {
    assert.ok(error instanceof NotFoundError);
    assert.equal(error.code, 'model_not_found');
    assertServedByOwnKey(error.headers);
    return true;
  });
});
