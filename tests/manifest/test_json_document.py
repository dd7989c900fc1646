"""A JSON document: one request or a list, and what is wrong with one that is neither, in words."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from build import HOSTILE, body
from conftest import FIXTURES
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from motion_preflight.errors import ManifestInvalid
from motion_preflight.manifest.document import requests_of_document
from motion_preflight.manifest.entry import Entry

FOLDER = Path("folder")
# Not how long an example takes is tested here: other work may be under way.
calm = partial(settings, deadline=None, suppress_health_check=list(HealthCheck))
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


def read(text: str | bytes, name: str = "a.json") -> list[Entry | ManifestInvalid]:
    data = text.encode() if isinstance(text, str) else text
    return list(requests_of_document(data, name, FOLDER))


def refused(text: str | bytes, name: str = "a.json") -> str:
    """What is said of a document that is none."""
    with pytest.raises(ManifestInvalid) as raised:
        read(text, name)
    return str(raised.value)


def either(text: str | bytes) -> list[Entry | ManifestInvalid]:
    """The requests of a document, or the error that it is none."""
    try:
        return read(text)
    except ManifestInvalid as error:
        return [error]


def test_an_object_is_one_request_and_bears_the_name_of_its_file() -> None:
    assert read(json.dumps(body())) == [Entry("a.json", body(), FOLDER)]


def test_a_list_is_several_counted_from_0() -> None:
    made = [body(prompt=str(number)) for number in range(3)]
    expected = [Entry(f"a.json[{number}]", each, FOLDER) for number, each in enumerate(made)]
    assert read(json.dumps(made)) == expected


@pytest.mark.parametrize("bad", [3, None, "text", True, [], [{}], 1.5])
def test_what_is_no_object_is_named_by_its_place_and_the_others_are_read(bad: object) -> None:
    first, wrong, last = read(json.dumps([body(), bad, body()]))
    assert [first, last] == [Entry("a.json[0]", body(), FOLDER), Entry("a.json[2]", body(), FOLDER)]
    assert str(wrong).startswith("a.json[1]: a request is a JSON object")
    if not isinstance(bad, list):
        assert [str(each) for each in read(json.dumps(bad))] == [
            'a.json: a request is a JSON object like {"model": …}'
        ]


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
    said = refused(text)
    assert said.startswith(f"a.json: {says}")
    assert len(said) < 250
    assert said.isprintable()


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
    (found,) = either(data)
    if isinstance(found, Entry):  # JSON may have other encodings
        assert found.body == {"a": "caf\u00e9"}
    else:
        assert str(found).startswith("a.json")


@pytest.mark.parametrize("number", ["1" * 4000, "-" + "9" * 4000, "0." + "3" * 5000, "1e-9999"])
def test_long_numbers_are_numbers(number: str) -> None:
    (found,) = read(f'{{"prompt": {number}}}')
    assert isinstance(found, Entry)


def test_a_number_of_too_many_digits_is_said_in_a_line() -> None:
    said = refused(f'{{"prompt": {"1" * 5000}}}')
    assert said.startswith("a.json: not JSON: ")
    assert len(said) < 250


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_byte_order_marks_and_line_ends_of_every_kind_are_taken(ends: str, mark: str) -> None:
    text = mark + json.dumps([body()], indent=2).replace("\n", ends) + ends
    assert read(text) == [Entry("a.json[0]", body(), FOLDER)]


@pytest.mark.parametrize("name", ["clip-8s.mp4", "image.png", "garbage.mp4"])
def test_a_medium_is_told_to_be_probed(name: str) -> None:
    said = refused((FIXTURES / "media" / name).read_bytes(), "my clip.mp4")
    assert "`motion-preflight probe 'my clip.mp4'`" in said


def test_a_report_of_ours_is_no_request() -> None:
    (found,) = read('{"schema": "motion-preflight/report/1", "reports": []}')
    assert "a report of ours" in str(found)


@pytest.mark.parametrize(("levels", "taken"), [(2, True), (31, True), (33, False)])
def test_nesting_has_an_end(levels: int, taken: bool) -> None:  # noqa: FBT001  a table
    value: Any = 1
    for _ in range(levels - 1):
        value = [value]
    (found,) = read(json.dumps({"a": value}))
    assert isinstance(found, Entry) == taken
    if not taken:
        assert str(found) == "a.json: nested more than 32 levels deep"


@pytest.mark.parametrize("levels", range(880, 1010, 3))
@pytest.mark.parametrize("wrap", [("[", "]"), ('{"a":', "}")])
def test_nesting_near_the_interpreters_limit_is_said(levels: int, wrap: tuple[str, str]) -> None:
    text = '{"schema": ' + wrap[0] * levels + "1" + wrap[1] * levels + "}"
    (found,) = either(text)
    assert isinstance(found, ManifestInvalid)


@pytest.mark.parametrize("name", [*HOSTILE, "a\nb.json", "\x1b[2J.json"], ids=ascii)
def test_a_name_drives_no_terminal(name: str) -> None:
    (found,) = read("{}", name)
    assert isinstance(found, Entry)
    for text in (found.label, refused("{", name), str(read("3", name)[0])):
        assert "\x1b" not in text
        assert "\n" not in text


@pytest.mark.parametrize("name", HOSTILE, ids=ascii)
def test_a_field_that_stands_twice_drives_no_terminal(name: str) -> None:
    field = json.dumps(name)
    said = refused(f"{{{field}: 1, {field}: 2}}")
    assert "\x1b" not in said
    assert "\n" not in said
    assert len(said) < 250


@calm()
@given(st.lists(st.dictionaries(st.text(st.characters()), VALUES, max_size=4), min_size=1))
def test_a_list_of_requests_comes_back_as_it_was_written(made: list[dict[str, Any]]) -> None:
    found = read(json.dumps(made))
    taken = [each for each in found if isinstance(each, Entry)]
    assert len(found) == len(made)
    if len(taken) == len(made):  # else it looks like a report of ours
        assert [each.body for each in taken] == made


@calm()
@given(
    st.binary() | st.text().map(str.encode) | VALUES.map(lambda value: json.dumps(value).encode())
)
@example(b"\0")
@example(b"\0\0\xfe\xff")
@example(b'"\\ud800"')
@example(b"1" * 4301)
def test_whatever_the_bytes_are_nothing_but_the_error_of_ours_is_raised(data: bytes) -> None:
    for found in either(data):
        assert isinstance(found, Entry | ManifestInvalid)
        assert isinstance(found, Entry) or str(found).isprintable()
