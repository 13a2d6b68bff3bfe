"""The `openai` package: base URL and key changed, nothing else."""

import openai
import pytest
from deployment import ANSWER, PROMPT, TOKEN, TOKEN_WITHOUT_KEYS, URL, WRONG_TOKEN, served_by_own_key
from openai import AsyncOpenAI, AzureOpenAI, OpenAI

MESSAGES = [{"role": "user", "content": PROMPT}]

NATIVE = OpenAI(base_url=f"{URL}/gateway/openai/v1", api_key=TOKEN)
NAMED = OpenAI(base_url=f"{URL}/v1", api_key=TOKEN)
AZURE = AzureOpenAI(azure_endpoint=f"{URL}/gateway/azure_openai", api_version="2024-10-21", api_key=TOKEN)

CLIENTS = [
    pytest.param(NATIVE, "gpt-4o-mini", id="native"),
    pytest.param(NAMED, "openai/gpt-4o-mini", id="named"),
    pytest.param(AZURE, "gpt-4o-mini", id="azure"),
]


@pytest.mark.parametrize(("client", "model"), CLIENTS)
def test_a_chat(client, model):
    raw = client.chat.completions.with_raw_response.create(model=model, messages=MESSAGES)
    served_by_own_key(raw.headers)
    completion = raw.parse()
    assert completion.choices[0].message.content == ANSWER
    assert completion.choices[0].finish_reason == "stop"
    assert completion.model == "gpt-4o-mini"
    assert (completion.usage.prompt_tokens, completion.usage.completion_tokens) == (3, 7), "two are thought"


@pytest.mark.parametrize(("client", "model"), CLIENTS)
def test_a_streamed_chat(client, model):
    chunks = list(client.chat.completions.create(model=model, messages=MESSAGES, stream=True))
    if client is AZURE:
        assert chunks.pop(0).choices == [], "Azure tells first what its filter found"
    assert chunks[0].choices[0].delta.role == "assistant"
    assert [chunk.choices[0].delta.content for chunk in chunks[1:-1]] == ["You", " said:", " Name", " one", " colour."]
    assert chunks[-1].choices[0].finish_reason == "stop"
    assert all(chunk.usage is None for chunk in chunks), "usage was not asked for"


@pytest.mark.parametrize(("client", "model"), CLIENTS)
def test_a_streamed_chat_with_usage(client, model):
    options = {"include_usage": True}
    chunks = list(client.chat.completions.create(model=model, messages=MESSAGES, stream=True, stream_options=options))
    assert text_of(chunks) == ANSWER
    assert chunks[-1].choices == []
    assert (chunks[-1].usage.prompt_tokens, chunks[-1].usage.completion_tokens) == (3, 7)


@pytest.mark.parametrize(("client", "model"), CLIENTS[:2])
def test_a_response(client, model):
    raw = client.responses.with_raw_response.create(model=model, input=PROMPT)
    served_by_own_key(raw.headers)
    response = raw.parse()
    assert response.output_text == ANSWER
    assert response.usage.input_tokens == 3
    assert response.usage.output_tokens == 7


@pytest.mark.parametrize(("client", "model"), CLIENTS[:2])
def test_a_streamed_response(client, model):
    with client.responses.stream(model=model, input=PROMPT) as stream:
        events = list(stream)
        final = stream.get_final_response()
    assert [event.sequence_number for event in events] == sorted(event.sequence_number for event in events)
    assert events[0].type == "response.created"
    assert events[-1].type == "response.completed"
    assert "".join(event.delta for event in events if event.type == "response.output_text.delta") == ANSWER
    assert final.usage.input_tokens == 3


@pytest.mark.parametrize(("client", "model"), CLIENTS)
def test_embeddings(client, model):
    embedded = client.embeddings.create(model=model.replace("gpt-4o-mini", "text-embedding-3-small"), input=["a", "b"])
    assert [item.index for item in embedded.data] == [0, 1]
    assert len(embedded.data[0].embedding) > 0
    assert embedded.usage.prompt_tokens == 2


def test_the_models():
    assert "gpt-4o-mini" in [model.id for model in NATIVE.models.list()]
    named = [model.id for model in NAMED.models.list()]
    assert "openai/gpt-4o-mini" in named
    assert any(name.startswith("gemini/") for name in named)


async def collect(stream):
    return [chunk async for chunk in stream]


def test_the_asynchronous_client():
    import asyncio

    async def call():
        async with AsyncOpenAI(base_url=f"{URL}/gateway/openai/v1", api_key=TOKEN) as client:
            stream = await client.chat.completions.create(model="gpt-4o-mini", messages=MESSAGES, stream=True)
            return await collect(stream)

    assert text_of(asyncio.run(call())) == ANSWER


@pytest.mark.parametrize("path", ["/gateway/openai/v1", "/v1"])
def test_a_wrong_token(path):
    client = OpenAI(base_url=f"{URL}{path}", api_key=WRONG_TOKEN)
    with pytest.raises(openai.AuthenticationError) as refused:
        client.chat.completions.create(model="openai/gpt-4o-mini", messages=MESSAGES)
    assert refused.value.code == "unauthenticated"


@pytest.mark.parametrize("path", ["/gateway/openai/v1", "/v1"])
@pytest.mark.parametrize("stream", [False, True])
def test_a_project_without_a_key(path, stream):
    client = OpenAI(base_url=f"{URL}{path}", api_key=TOKEN_WITHOUT_KEYS)
    with pytest.raises(openai.PermissionDeniedError) as refused:
        client.chat.completions.create(model="openai/gpt-4o-mini", messages=MESSAGES, stream=stream)
    assert refused.value.code == "no_key"
    assert "/keys" in refused.value.message, "it says where to add one"
    assert len(refused.value.response.headers["x-latchkey-request-id"]) == 36


def test_an_error_of_the_provider_stays_the_providers():
    with pytest.raises(openai.NotFoundError) as refused:
        NATIVE.chat.completions.create(model="no-such-model", messages=MESSAGES)
    assert refused.value.code == "model_not_found"
    served_by_own_key(refused.value.response.headers)


def text_of(chunks) -> str:
    return "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
