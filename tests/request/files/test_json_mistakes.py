"""A mistake in JSON is named by what somebody did, never in the words of the parser."""

from __future__ import annotations

import json

import pytest
from builders import body

from motion_preflight.request.errors import ManifestInvalid
from motion_preflight.request.files.document import requests_of_document
from motion_preflight.request.files.entry import RequestEntry

PARSER = ("Expecting", "Extra data", "delimiter", "Unterminated", "Invalid", "char ", "column")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"a": 1, // the first\n "b": 2}', "line 1: a comment (//)"),
        ('{\n/* all */ "a": 1}', "line 2: a comment (/* */)"),
        ('{\n# all\n"a": 1}', "line 2: a comment (#)"),
        ("{'a': 1}", "line 1: single quotes (')"),
        ("{\"a\": 'b'}", "line 1: single quotes (')"),
        ('{"a": "one\ntwo"}', "line 1: a line break inside a text"),
        ('{"a": "one\r\ntwo", "b": 1}', "line 1: a line break inside a text"),
        ('{"a": "one,\n "b": 1}', 'line 1: a text without its closing quote (")'),
        ('{"a": "one', 'line 1: a text without its closing quote (")'),
        ('{"a": 1,\n}', "line 1: a comma that nothing follows"),
        ("{a: 1}", "line 1: a name without quotes"),
        ('{"a": std}', "line 1: a text without quotes"),
        ('{"a": 1\n "b": 2}', "line 1: a comma is missing"),
        ('{"a": "say "hi" to"}', 'line 1: a double quote (") inside a text'),
        ('{"a" 1}', "line 1: a colon (:) is missing"),
        ('{"a" = 1}', "line 1: a colon (:) is missing"),
        ('{"a": None}', "line 1: Python's None; write null"),
        ('{"a": True}', "line 1: True; write true"),
        ('{"a": undefined}', "line 1: JavaScript's undefined; write null"),
        ('{"a": NaN}', "NaN is not a number that JSON has"),
        ('{"a": "C:\\clips"}', "line 1: a single backslash"),
        ('{"a": {"b": 1}', "line 1: it is cut short"),
        ('{"a": 1}]', "line 1: one ] too many"),
        ('```json\n{"a": 1}\n```', "line 1: a code fence of Markdown (```); take it out"),
        ('{"a": 1}\n```\n', "line 2: a code fence of Markdown (```); take it out"),
        ('{"a": 1}\0', "line 1: a NUL character; take it out"),
        ('{"a": 1} and more', "line 1: something stands behind the value"),
        ('{"a": ~}', "line 1: no value begins like this"),
        ("model: kling", "line 1: it begins with a word"),
        ("<html>", "line 1: it is HTML or XML"),
        ("{\u201ca\u201d: 1}", "line 1: curly quotes"),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_mistake_is_named_by_its_cause(text: str, says: str, encoding: str) -> None:
    with pytest.raises(ManifestInvalid) as raised:
        list(requests_of_document(text.encode(encoding), "a.json", None))
    answer = str(raised.value)
    assert answer.startswith(f"a.json: not JSON: {says}")
    assert not any(word in answer for word in PARSER)
    assert len(answer) < 150


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_json_in_other_encodings_is_read(encoding: str) -> None:
    text = json.dumps(body(prompt="caf\u00e9"), ensure_ascii=False).encode(encoding)
    built = list(requests_of_document(text, "a.json", None))
    assert built == [RequestEntry("a.json", body(prompt="caf\u00e9"), None)]
