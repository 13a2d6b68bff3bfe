"""The `google-genai` package: base URL and key changed, nothing else."""

import asyncio

import pytest
from deployment import ANSWER, PROMPT, TOKEN, TOKEN_WITHOUT_KEYS, URL, WRONG_TOKEN, served_by_own_key
from google import genai
from google.genai import errors

MODEL = "gemini-flash-latest"


def client(token: str) -> genai.Client:
    return genai.Client(api_key=token, http_options={"base_url": f"{URL}/gateway/gemini"})


# A client that nobody holds is closed.
CLIENT = client(TOKEN)


def test_content():
    content = CLIENT.models.generate_content(model=MODEL, contents=PROMPT)
    served_by_own_key(content.sdk_http_response.headers)
    assert content.text == ANSWER
    assert content.candidates[0].finish_reason.name == "STOP"
    assert content.model_version == MODEL
    assert content.usage_metadata.prompt_token_count == 3
    assert content.usage_metadata.candidates_token_count == 5


def test_streamed_content():
    parts = list(CLIENT.models.generate_content_stream(model=MODEL, contents=PROMPT))
    assert [part.text for part in parts] == ["You", " said:", " Name", " one", " colour."]
    assert [part.usage_metadata.candidates_token_count for part in parts] == [1, 2, 3, 4, 5]
    assert parts[-1].candidates[0].finish_reason.name == "STOP"


def test_tokens_are_counted():
    assert CLIENT.models.count_tokens(model=MODEL, contents=PROMPT).total_tokens == 3


def test_embeddings():
    embedded = CLIENT.models.embed_content(model="gemini-embedding-001", contents=["a", "b"])
    assert len(embedded.embeddings) == 2
    assert len(embedded.embeddings[0].values) > 0


def test_the_models():
    assert any(MODEL in model.name for model in CLIENT.models.list())


def test_the_asynchronous_client():
    async def call():
        stream = await CLIENT.aio.models.generate_content_stream(model=MODEL, contents=PROMPT)
        return "".join([part.text async for part in stream])

    assert asyncio.run(call()) == ANSWER


def test_a_wrong_token():
    stranger = client(WRONG_TOKEN)
    with pytest.raises(errors.ClientError) as refused:
        stranger.models.generate_content(model=MODEL, contents=PROMPT)
    assert (refused.value.code, refused.value.status) == (401, "UNAUTHENTICATED")


def test_a_project_without_a_key():
    poor = client(TOKEN_WITHOUT_KEYS)
    with pytest.raises(errors.ClientError) as refused:
        poor.models.generate_content(model=MODEL, contents=PROMPT)
    assert (refused.value.code, refused.value.status) == (403, "PERMISSION_DENIED")
    assert "NO_KEY" in str(refused.value.details)
