"""The `anthropic` package: base URL and key changed, nothing else."""

import asyncio

import anthropic
import pytest
from anthropic import Anthropic, AsyncAnthropic
from deployment import (
    ANSWER,
    PROMPT,
    TOKEN,
    TOKEN_OF_SPENT_KEY,
    TOKEN_WITHOUT_KEYS,
    URL,
    WRONG_TOKEN,
    served_by_own_key,
)

BASE = f"{URL}/gateway/anthropic"
CLIENT = Anthropic(base_url=BASE, api_key=TOKEN)
CALL = {
    "model": "claude-haiku-4-5",
    "max_tokens": 64,
    "messages": [{"role": "user", "content": PROMPT}],
}


def test_a_message():
    raw = CLIENT.messages.with_raw_response.create(**CALL)
    served_by_own_key(raw.headers)
    message = raw.parse()
    assert message.content[0].text == ANSWER
    assert message.stop_reason == "end_turn"
    assert message.model == "claude-haiku-4-5"
    assert (message.usage.input_tokens, message.usage.output_tokens) == (3, 5)


def test_a_streamed_message():
    with CLIENT.messages.stream(**CALL) as stream:
        events = [event.type for event in stream]
        final = stream.get_final_message()
    assert events[0] == "message_start"
    assert events[-1] == "message_stop"
    assert events.index("content_block_start") < events.index("content_block_delta") < events.index("message_delta")
    assert final.content[0].text == ANSWER
    assert (final.usage.input_tokens, final.usage.output_tokens) == (3, 5)


def test_a_stream_arrives_in_pieces():
    with CLIENT.messages.stream(**CALL) as stream:
        assert list(stream.text_stream) == ["You", " said:", " Name", " one", " colour."]


def test_tokens_are_counted():
    counted = CLIENT.messages.count_tokens(model=CALL["model"], messages=CALL["messages"])
    assert counted.input_tokens == 3


def test_the_models():
    assert len(list(CLIENT.models.list())) > 0


def test_the_asynchronous_client():
    async def call():
        async with AsyncAnthropic(base_url=BASE, api_key=TOKEN) as client, client.messages.stream(**CALL) as stream:
            return "".join([text async for text in stream.text_stream])

    assert asyncio.run(call()) == ANSWER


def test_a_token_as_a_bearer():
    client = Anthropic(base_url=BASE, auth_token=TOKEN, api_key=None)
    assert client.messages.create(**CALL).content[0].text == ANSWER


def test_a_wrong_token():
    with pytest.raises(anthropic.AuthenticationError) as refused:
        Anthropic(base_url=BASE, api_key=WRONG_TOKEN).messages.create(**CALL)
    assert refused.value.body["error"]["type"] == "authentication_error"


def test_a_project_without_a_key():
    with pytest.raises(anthropic.PermissionDeniedError) as refused:
        Anthropic(base_url=BASE, api_key=TOKEN_WITHOUT_KEYS).messages.create(**CALL)
    assert refused.value.response.headers["x-latchkey-error"] == "no_key"
    assert "no_key" in str(refused.value.body)


def test_the_operators_key_serves_where_the_own_one_is_spent():
    raw = Anthropic(base_url=BASE, api_key=TOKEN_OF_SPENT_KEY).messages.with_raw_response.create(**CALL)
    assert raw.headers["x-latchkey-key-source"] == "platform"
    assert raw.headers["x-latchkey-fallback-reason"] == "key_exhausted"
    assert "x-latchkey-key-id" not in raw.headers
    assert raw.parse().content[0].text == ANSWER
