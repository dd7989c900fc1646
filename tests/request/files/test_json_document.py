"""A JSON document: one request or a list, and what is wrong with one that is neither, in words."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from builders import body
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from odd_texts import HOSTILE
from paths import FIXTURES

from motion_preflight.request.errors import ManifestInvalid
from motion_preflight.request.files.document import requests_of_document
from motion_preflight.request.files.entry import RequestEntry

FOLDER = Path("folder")
# Not how long an example takes is tested here: other work may be under way.
calm = partial(settings, deadline=None, suppress_health_check=list(HealthCheck))
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


def read(text: str | bytes, name: str = "a.json") -> list[RequestEntry | ManifestInvalid]:
    data = text.encode() if isinstance(text, str) else text
    return list(requests_of_document(data, name, FOLDER))


def refused(text: str | bytes, name: str = "a.json") -> str:
    """What is said of a document that is none."""
    with pytest.raises(ManifestInvalid) as raised:
        read(text, name)
    return str(raised.value)


def either(text: str | bytes) -> list[RequestEntry | ManifestInvalid]:
    """The requests of a document, or the error that it is none."""
    try:
        return read(text)
    except ManifestInvalid as error:
        return [error]


def test_an_object_is_one_request_and_bears_the_name_of_its_file() -> None:
    assert read(json.dumps(body())) == [RequestEntry("a.json", body(), FOLDER)]


def test_a_list_is_several_counted_from_0() -> None:
    built = [body(prompt=str(number)) for number in range(3)]
    expected = [
        RequestEntry(f"a.json[{number}]", item, FOLDER) for number, item in enumerate(built)
    ]
    assert read(json.dumps(built)) == expected


@pytest.mark.parametrize("bad", [3, None, "text", True, [], [{}], 1.5])
def test_what_is_no_object_is_named_by_its_place_and_the_others_are_read(bad: object) -> None:
    first, wrong, last = read(json.dumps([body(), bad, body()]))
    assert [first, last] == [
        RequestEntry("a.json[0]", body(), FOLDER),
        RequestEntry("a.json[2]", body(), FOLDER),
    ]
    assert str(wrong).startswith("a.json[1]: a request is a JSON object")
    if not isinstance(bad, list):
        (answer,) = read(json.dumps(bad))
        assert str(answer).startswith(
            'a.json: a request is a JSON object like {"model": …}, and this is '
        )


def test_a_request_that_was_encoded_twice_says_so() -> None:
    (answer,) = read(json.dumps(json.dumps(body())))
    assert str(answer).endswith("this is a text that holds one: take off the quotes around it")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "not JSON: the file is empty"),
        (" \r\n\t", "not JSON: the file is empty"),
        ("\ufeff", "not JSON: the file is empty"),
        ("[]", "the list holds no request"),
        ("{", "not JSON: line 1: it is cut short"),
        ('{"a": 1,\n "b": }', "not JSON: line 2: a value is missing"),
        ('{"a": 1,\n}', "not JSON: line 1: a comma that nothing follows"),
        ('[{"a": 1},\n\n]', "not JSON: line 1: a comma that nothing follows"),
        ("{\n\u201ca\u201d: 1}", "not JSON: line 2: curly quotes"),
        ('{"a": 1}\n{"a": 2}', "not JSON: line 2: a second object"),
        ('{"a": 1}}', "not JSON: line 1: one } too many"),
        ("{'a': 1}", "not JSON: line 1: single quotes (')"),
        ('{"a": 1, "a": 2}', 'not JSON: "a" stands twice in one object'),
        ('{"a": {"b": 1, "b": 1}}', 'not JSON: "b" stands twice in one object'),
        ('[{"a": NaN}]', "not JSON: NaN is not a number that JSON has"),
        ('{"a": Infinity}', "not JSON: Infinity is not a number"),
        ('{"a": -Infinity}', "not JSON: -Infinity is not a number"),
        ('{"a": 1e999}', "not JSON: 1e999 is not a number"),
        ('{"a": -1.0e9999999999}', "not JSON: -1.0e9999999999 is not a number"),
        ('{"a": "\t"}', "not JSON: line 1: a tab or another control character"),
        ('{"a": "\\x"}', "not JSON: line 1: a single backslash"),
        ('{"a": 01}', "not JSON: line 1: a number as JSON has none"),
        ("[" * 100_000, "not JSON: "),
        ('{"a":' * 100_000, "not JSON: "),
    ],
)
def test_a_text_that_is_no_json_says_where_and_what(text: str, says: str) -> None:
    answer = refused(text)
    assert answer.startswith(f"a.json: {says}")
    assert len(answer) < 250
    assert answer.isprintable()


@pytest.mark.parametrize(
    "data",
    [
        b'{"a": "caf\xe9"}',
        b'{"a": "\xff"}',
        '{"a": "caf\u00e9"}'.encode("utf-16"),
        b'{"a": "\xed\xa0"}',
        b"\xc3",
    ],
    ids=ascii,
)
def test_bytes_that_are_no_utf_8_are_no_request_and_no_traceback(data: bytes) -> None:
    (result,) = either(data)
    if isinstance(result, RequestEntry):  # JSON may have other encodings
        assert result.body == {"a": "caf\u00e9"}
    else:
        assert str(result).startswith("a.json")


@pytest.mark.parametrize("number", ["1" * 4000, "-" + "9" * 4000, "0." + "3" * 5000, "1e-9999"])
def test_long_numbers_are_numbers(number: str) -> None:
    (result,) = read(f'{{"prompt": {number}}}')
    assert isinstance(result, RequestEntry)


def test_a_number_of_too_many_digits_is_said_in_a_line() -> None:
    answer = refused(f'{{"prompt": {"1" * 5000}}}')
    assert answer.startswith("a.json: not JSON: ")
    assert len(answer) < 250


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_byte_order_marks_and_line_ends_of_every_kind_are_taken(ends: str, mark: str) -> None:
    text = mark + json.dumps([body()], indent=2).replace("\n", ends) + ends
    assert read(text) == [RequestEntry("a.json[0]", body(), FOLDER)]


@pytest.mark.parametrize("name", ["clip-8s.mp4", "image.png", "garbage.mp4"])
def test_a_medium_is_told_to_be_probed(name: str) -> None:
    answer = refused((FIXTURES / "media" / name).read_bytes(), "my clip.mp4")
    assert "`motion-preflight probe 'my clip.mp4'`" in answer


def test_a_report_of_ours_is_no_request() -> None:
    (result,) = read('{"schema": "motion-preflight/report/1", "reports": []}')
    assert "a report of ours" in str(result)


@pytest.mark.parametrize(("levels", "taken"), [(2, True), (31, True), (33, False)])
def test_nesting_has_an_end(levels: int, taken: bool) -> None:  # noqa: FBT001  a table
    value: Any = 1
    for _ in range(levels - 1):
        value = [value]
    (result,) = read(json.dumps({"a": value}))
    assert isinstance(result, RequestEntry) == taken
    if not taken:
        assert str(result) == "a.json: nested more than 32 levels deep"


@pytest.mark.parametrize("wrap", [("[", "]"), ('{"a":', "}")])
def test_nesting_near_the_interpreters_limit_is_said(wrap: tuple[str, str]) -> None:
    results = {
        levels: either('{"schema": ' + wrap[0] * levels + "1" + wrap[1] * levels + "}")
        for levels in range(880, 1010, 3)
    }
    kinds = {levels: [type(item) for item in items] for levels, items in results.items()}
    assert {levels: kind for levels, kind in kinds.items() if kind != [ManifestInvalid]} == {}


@pytest.mark.parametrize("name", [*HOSTILE, "a\nb.json", "\x1b[2J.json"], ids=ascii)
def test_a_name_drives_no_terminal(name: str) -> None:
    (result,) = read("{}", name)
    assert isinstance(result, RequestEntry)
    for text in (result.label, refused("{", name), str(read("3", name)[0])):
        assert "\x1b" not in text
        assert "\n" not in text


@pytest.mark.parametrize("name", HOSTILE, ids=ascii)
def test_a_field_that_stands_twice_drives_no_terminal(name: str) -> None:
    field = json.dumps(name)
    answer = refused(f"{{{field}: 1, {field}: 2}}")
    assert "\x1b" not in answer
    assert "\n" not in answer
    assert len(answer) < 250


@calm()
@given(st.lists(st.dictionaries(st.text(st.characters()), VALUES, max_size=4), min_size=1))
def test_a_list_of_requests_comes_back_as_it_was_written(requests: list[dict[str, Any]]) -> None:
    result = read(json.dumps(requests))
    taken = [item for item in result if isinstance(item, RequestEntry)]
    assert len(result) == len(requests)
    if len(taken) == len(requests):  # else it looks like a report of ours
        assert [item.body for item in taken] == requests


@calm()
@given(
    st.binary() | st.text().map(str.encode) | VALUES.map(lambda value: json.dumps(value).encode())
)
@example(b"\0")
@example(b"\0\0\xfe\xff")
@example(b'"\\ud800"')
@example(b"1" * 4301)
def test_whatever_the_bytes_are_nothing_but_the_error_of_ours_is_raised(data: bytes) -> None:
    for result in either(data):
        assert isinstance(result, RequestEntry | ManifestInvalid)
        assert isinstance(result, RequestEntry) or str(result).isprintable()
