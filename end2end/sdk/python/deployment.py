"""The running demo that the suites call, as scripts/sdk-tests tells of it."""

import os

URL = os.environ["LATCHKEY_URL"]

#: Of a project with keys of its own for OpenAI, Anthropic, Gemini and Azure OpenAI.
TOKEN = os.environ["LATCHKEY_TOKEN"]

#: Of a project without any key, which may not use the operator's either.
TOKEN_WITHOUT_KEYS = os.environ["LATCHKEY_TOKEN_WITHOUT_KEYS"]

#: Of a project whose Anthropic key has no credit left, so that the operator's serves.
TOKEN_OF_SPENT_KEY = os.environ["LATCHKEY_TOKEN_OF_SPENT_KEY"]

#: Its checksum is wrong.
WRONG_TOKEN = TOKEN[:-8] + "00000000"

PROMPT = "Name one colour."
ANSWER = "You said: Name one colour."


def served_by_own_key(headers) -> None:
    """Every answer says whose key served it, and under which id the call is recorded."""
    assert headers["x-latchkey-key-source"] == "byok"
    assert len(headers["x-latchkey-key-id"]) == 36
    assert len(headers["x-latchkey-request-id"]) == 36
    assert "x-latchkey-fallback-reason" not in headers
