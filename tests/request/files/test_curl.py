"""A curl command, as documentation and browsers show it: its body is the request."""

from __future__ import annotations

import json

import pytest
from builders import body

from motion_preflight.request.errors import ManifestInvalid
from motion_preflight.request.files.document import requests_of_document
from motion_preflight.request.files.entry import RequestEntry
from motion_preflight.request.files.lines import requests_of_stream

URL = "https://api.apimart.ai/v1/videos/generations"
KEY = "sk-Tn3Kq8vWz5Yx2Rb7"
HEAD = f"-H 'Authorization: Bearer {KEY}' -H 'Content-Type: application/json'"
BODY = json.dumps(body())
LONG = json.dumps(body(), indent=2)
ESCAPED = BODY.replace('"', '\\"')
CARETS = "".join(f"^{sign}" if sign in '"{}%' else sign for sign in BODY.replace('"', '\\"'))


def read(text: str) -> list[RequestEntry | ManifestInvalid]:
    try:
        return list(requests_of_document(text.encode(), "a.sh", None))
    except ManifestInvalid as error:
        return [error]


@pytest.mark.parametrize(
    "command",
    [
        f"curl -X POST {URL} \\\n  {HEAD} \\\n  -d '{BODY}'",
        f"curl --request POST \\\r\n --url {URL} \\\r\n {HEAD} \\\r\n --data '{LONG}'\r\n",
        f"curl {URL} {HEAD} --data-raw '{BODY}'",
        f"curl {URL} {HEAD} --data-raw $'{BODY}' --compressed",
        f"curl {URL} {HEAD} --json '{BODY}'",
        f"curl {URL} {HEAD} --json='{BODY}'",
        f"curl {URL} {HEAD} -d'{BODY}'",
        f"curl -sd '{BODY}' {URL} {HEAD}",
        f'curl {URL} -H "Authorization: Bearer {KEY}" -d "{ESCAPED}"',
        f'curl.exe {URL} ^\r\n -H "Authorization: Bearer {KEY}" ^\r\n -d "{ESCAPED}"\r\n',
        f'curl ^"{URL}^" ^\n -H ^"authorization: Bearer {KEY}^" ^\n --data-raw ^"{CARETS[:]}^"',
        f"curl.exe {URL} `\n {HEAD} `\n -d '{BODY}'",
        f"curl.exe {URL} {HEAD} -d '{ESCAPED}'",
        f"curl {URL} {HEAD} -d @- <<EOF\n{LONG}\nEOF\n",
        f"curl {URL} {HEAD} -d \"$(cat <<'EOF'\n{LONG}\nEOF\n)\" | jq .",
        f"#!/bin/sh\n# curl it\nKEY={KEY}\nANSWER=$(curl {URL} {HEAD} -d '{BODY}')\n",
        f"```bash\n$ curl {URL} \\\n>   {HEAD} \\\n>   -d '{BODY}'\n```",
        f"curl {URL}\n  {HEAD}\n  -d '{BODY}'",
    ],
)
def test_the_body_of_the_command_is_the_request(command: str) -> None:
    assert read(command) == [RequestEntry("a.sh", body(), None)]


def test_a_command_is_read_of_stdin_too() -> None:
    from io import BytesIO  # noqa: PLC0415  here alone

    command = f"curl -X POST {URL} \\\n  {HEAD} \\\n  -d '{LONG}'\n".encode()
    assert list(requests_of_stream(BytesIO(command))) == [RequestEntry("-", body(), None)]


def test_several_commands_are_several_requests_and_one_without_a_body_is_none() -> None:
    text = f"curl {URL} -d '{BODY}'\ncurl https://x.net/v1/tasks/1\ncurl {URL} -d '{BODY}'\n"
    assert [item.label for item in read(text) if isinstance(item, RequestEntry)] == [
        "a.sh[0]",
        "a.sh[1]",
    ]


@pytest.mark.parametrize(
    ("rest", "says"),
    [
        ("-d @body.json", "name that file instead: motion-preflight check body.json"),
        ("--data @'my body.json'", "motion-preflight check 'my body.json'"),
        ("-d @-", "reads its body from another program"),
        ("", "sends no body (-d"),
        ("-F image=@a.png", "sends a form (-F)"),
        ("-d '{\"a\": 1}' -d '{\"b\": 2}'", "several bodies"),
        ('-d \'{"prompt": "don\'t"}\'', "an apostrophe inside of"),
        ('-d "{\\"model\\": \\"$MODEL\\"}"', "holds a variable of the shell ($MODEL)"),
        ('-d \'{"mode": "\'"${MODE}"\'"}\'', "holds a variable of the shell ($MODE)"),
        ("-d '{\"a\": 1, // no\n}'", "is not JSON: line 1: a comment (//)"),
        ("-d '{\"a\": 1,}'", "is not JSON: line 1: a comma that nothing follows"),
    ],
)
def test_a_command_that_holds_no_request_says_why_in_a_sentence(rest: str, says: str) -> None:
    (result,) = read(f"curl -X POST {URL} {HEAD} {rest}")
    assert isinstance(result, ManifestInvalid)
    assert says in str(result)
    assert len(str(result)) < 300


@pytest.mark.parametrize(
    "rest", [f"-d '{BODY}'", "-d '{'", "-d @a.json", "-d 'don't", "", "-d '{\"a\": NaN}'", '"']
)
def test_the_key_of_a_command_is_neither_used_nor_shown(rest: str) -> None:
    for result in read(f"curl -X POST {URL} {HEAD} {rest}"):
        assert (
            KEY not in f"{result!r} {result} {vars(result) if hasattr(result, '__dict__') else ''}"
        )
        if isinstance(result, RequestEntry):
            assert KEY not in json.dumps([result.body, result.left_out])
