"""JSON lines, of files and of stdin: one after the other, and never more than one of them held."""

from __future__ import annotations

import io
import json
import tracemalloc
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from builders import body
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from motion_preflight.request.errors import ManifestInvalid
from motion_preflight.request.files import lines
from motion_preflight.request.files.entry import RequestEntry
from motion_preflight.request.files.lines import requests_of_lines, requests_of_stream

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

FOLDER = Path("folder")
# Not how long an example takes is tested here: other work may be under way.
calm = partial(settings, deadline=None, suppress_health_check=list(HealthCheck))
LINE = json.dumps(body()).encode() + b"\n"


class Flow(io.RawIOBase):
    """A stream whose bytes are made when they are asked for; `taken` counts the pieces."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._left = b""
        self.taken = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._left:
            self._left = next(self._pieces, b"")
            self.taken += bool(self._left)
        size = min(len(buffer), len(self._left))
        buffer[:size], self._left = self._left[:size], self._left[size:]
        return size


def shown(entries: Iterable[RequestEntry | ManifestInvalid]) -> list[str]:
    """Each request by its label, each mistake by its text."""
    return [item.label if isinstance(item, RequestEntry) else str(item) for item in entries]


def of_lines(data: bytes) -> list[RequestEntry | ManifestInvalid]:
    return list(requests_of_lines(io.BytesIO(data), "a.jsonl", FOLDER))


def of_stream(data: bytes) -> list[RequestEntry | ManifestInvalid]:
    try:
        return list(requests_of_stream(io.BytesIO(data)))
    except ManifestInvalid as error:
        return [error]


def test_each_line_is_a_request_with_its_number() -> None:
    built = [body(prompt=str(number)) for number in range(3)]
    text = "".join(json.dumps(item) + "\n" for item in built)
    expected = [
        RequestEntry(f"a.jsonl:{index}", item, FOLDER) for index, item in enumerate(built, 1)
    ]
    assert of_lines(text.encode()) == expected
    assert of_lines(text.rstrip("\n").encode()) == expected


def test_blank_lines_hold_nothing_and_count() -> None:
    data = b"\n" + LINE + b" \t\r\n\r\n\x0c\n" + LINE
    assert shown(of_lines(data)) == ["a.jsonl:2", "a.jsonl:6"]


@pytest.mark.parametrize("data", [b"", b"\n", b"\r\n\r\n", b" \n\t\n", b"\xef\xbb\xbf"])
def test_a_file_without_a_request_is_an_error_and_no_success(data: bytes) -> None:
    assert any(isinstance(line, ManifestInvalid) for line in of_lines(data))
    assert any(isinstance(item, ManifestInvalid) for item in of_stream(data))


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        (b"{", "not JSON: it is cut short"),
        (b'{"a": 1, "a": 2}', 'not JSON: "a" stands twice'),
        (b'{"a": NaN}', "not JSON: NaN is not a number"),
        (b'{"a": 1e999}', "not JSON: 1e999 is not a number"),
        (b'{"a": ' + b"9" * 5000 + b"}", "not JSON: a number of more than 4,300 digits"),
        (b'{"a": "caf\xe9"}', "not JSON: it is neither UTF-8 nor UTF-16"),
        (b'{"a": 1}\0', "not JSON: "),
        (b"\0\0\0\0", "not JSON: "),
        (b"[" * 100_000, "not JSON: "),
        (b'{"a": ' + b"[" * 40 + b"]" * 40 + b"}", "nested more than 32 levels"),
        (b"[]", 'a request is a JSON object like {"model": …}, and this is a list'),
        (b"3", 'a request is a JSON object like {"model": …}, and this is a number'),
        (b'"{}"', 'a request is a JSON object like {"model": …}, and this is a text'),
        (b"# a comment", "not JSON: a comment (#)"),
        (b'{"a": 1},', "not JSON: a comma after the end; take it out"),
        (b'{"a": "' + b"x" * (1 << 20) + b'"}', "the line is longer than 1,048,576 bytes"),
        (b'{"a": "' + b"x" * (5 << 20) + b'"}', "the line is longer than 1,048,576 bytes"),
        (b"x" * (2 << 20) + b"xx", "the line is longer than 1,048,576 bytes"),
    ],
    ids=range(18),
)
def test_a_bad_line_is_said_with_its_place_and_the_others_are_read(bad: bytes, says: str) -> None:
    for end in (b"\n", b"\r\n"):
        first, wrong, last = of_lines(LINE + bad + end + LINE)
        assert [first, last] == [
            RequestEntry("a.jsonl:1", body(), FOLDER),
            RequestEntry("a.jsonl:3", body(), FOLDER),
        ]
        assert str(wrong).startswith(f"a.jsonl:2: {says}")
        assert len(str(wrong)) < 250
        assert shown(of_stream(LINE + bad + end + LINE)) == [
            "-:1",
            str(wrong).replace("a.jsonl", "-", 1),
            "-:3",
        ]


@pytest.mark.parametrize("indent", [1, 2, "\t"])
def test_a_document_on_several_lines_is_one_whatever_its_file_is_called(indent: str | int) -> None:
    one, several = (json.dumps(item, indent=indent) for item in (body(), [body(), body()]))
    assert of_lines(one.encode()) == [RequestEntry("a.jsonl", body(), FOLDER)]
    assert shown(of_lines(several.encode())) == ["a.jsonl[0]", "a.jsonl[1]"]
    (answer,) = shown(of_lines(f"{one}\n{one}".encode()))
    assert answer.endswith("a second object; write each on one line, or a list of them")


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"])
@pytest.mark.parametrize("more", [0, 1])
def test_a_line_of_the_greatest_length_is_one_whatever_ends_it(end: bytes, more: int) -> None:
    text = b'{"a": "' + b"x" * ((1 << 20) - 9 + more) + b'"}'
    first, second = [*of_lines(text + end), None, None][:2]
    assert isinstance(first, ManifestInvalid) == bool(more)
    assert second is None


@pytest.mark.parametrize("between", [b"", b" ", b"\r", b"\t"])
def test_two_requests_on_a_line_are_told_apart_by_a_line_end(between: bytes) -> None:
    (answer,) = shown(of_lines(LINE.strip() + between + LINE))
    assert answer.startswith("a.jsonl:1: not JSON: a second object")
    assert "name the file .jsonl" not in answer  # it is one


def test_a_byte_order_mark_is_no_part_of_the_first_line() -> None:
    mark = b"\xef\xbb\xbf"
    assert shown(of_lines(mark + LINE + LINE)) == ["a.jsonl:1", "a.jsonl:2"]
    assert shown(of_stream(mark + LINE + LINE)) == ["-:1", "-:2"]
    assert shown(of_lines(mark + b"\r\n" + LINE)) == ["a.jsonl:2"]


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("{}", ["-:1"]),
        ("{}\n", ["-:1"]),
        ("{}\n{}", ["-:1", "-:2"]),
        ("\n\n{}\n{}\n", ["-:3", "-:4"]),
        ("{\n}", ["-"]),
        ('{\n "a": 1\n}\n', ["-"]),
        ("[{}]", ["-[0]"]),
        ("[\n{},\n{}\n]\n", ["-[0]", "-[1]"]),
        ("[{},\n{}\n,\n{}]", ["-[0]", "-[1]", "-[2]"]),
        ("\ufeff[\n{}\n]", ["-[0]"]),
        ("\ufeff{}\n{}", ["-:1", "-:2"]),
    ],
)
def test_a_document_and_lines_are_told_apart_on_stdin(text: str, labels: list[str]) -> None:
    for ends in ("\n", "\r\n"):
        assert shown(of_stream(text.replace("\n", ends).encode())) == labels


def test_a_first_line_that_is_bad_hides_no_other_on_stdin() -> None:
    answer, *labels = shown(of_stream(b"# requests\n" + LINE + LINE))
    assert answer == "-:1: not JSON: a comment (#), which JSON has not; take it out"
    assert labels == ["-:2", "-:3"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "-: not JSON: the file is empty"),
        ("[]", "-: the list holds no request"),
        ("nothing", "-: not JSON: line 1: it begins with a word"),
        ("{\n", "-: not JSON: line 1: it is cut short"),
        ("[\n1\n]", "-[0]: a request is a JSON object"),
    ],
)
def test_stdin_that_holds_no_request_says_so(text: str, says: str) -> None:
    (answer,) = shown(of_stream(text.encode()))
    assert answer.startswith(says)


def test_more_than_a_document_may_hold_is_lines_and_none_of_them_is_torn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lines, "LARGEST", 10_000)
    for before in (0, 1, 7):  # so that the bound falls into a line, and between two
        data = b"\n" + b" " * before + LINE * 100
        assert shown(of_stream(data)) == [f"-:{number}" for number in range(2, 102)]


def test_a_line_longer_than_a_document_may_be_is_one_mistake(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lines, "LARGEST", 10_000)
    monkeypatch.setattr(lines, "_LONGEST", 1_000)
    data = b"[" + b"{}," * 20_000 + b"{}]\n" + LINE
    assert shown(of_stream(data)) == ["-:1: the line is longer than 1,000 bytes", "-:2"]


@pytest.mark.parametrize("kind", ["file", "stdin"])
def test_a_line_is_read_when_its_request_is_wanted(kind: str) -> None:
    flow = Flow(LINE for _ in range(1_000_000_000))
    stream = io.BufferedReader(flow)
    result: Iterator[Any] = (
        requests_of_lines(stream, "a.jsonl", None) if kind == "file" else requests_of_stream(stream)
    )
    for number in range(1, 51):
        assert next(result).label.endswith(f":{number}")
        assert flow.taken <= number + 100  # what a buffer holds


def peak(pieces: Iterable[bytes], kind: str) -> int:
    """The most bytes that were held while a stream of lines was read."""
    stream = io.BufferedReader(Flow(pieces))
    tracemalloc.start()
    try:
        read = requests_of_lines(stream, "a.jsonl", None)
        for _ in read if kind == "file" else requests_of_stream(stream):
            pass
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.sweep
@pytest.mark.parametrize("kind", ["file", "stdin"])
def test_many_lines_need_no_more_memory_than_some(kind: str) -> None:
    peak((LINE for _ in range(10)), kind)  # what is made once
    some = peak((LINE for _ in range(200)), kind)
    many = peak((LINE for _ in range(4_000)), kind)  # 1 MB of text
    assert many < some + 100_000


def test_a_line_without_an_end_needs_no_more_than_a_long_one_may() -> None:
    endless = (b"x" * 65536 for _ in range(1000))  # 64 MB
    assert peak(endless, "file") < 8 << 20


@calm()
@given(
    st.binary()
    | st.lists(st.sampled_from([LINE, b"\n", b"{", b"\r", b"\xff", b"[1]"])).map(b"".join)
)
@example(b"\r")
@example(b"{}\r{}")
def test_whatever_the_bytes_are_each_line_is_a_request_or_a_mistake(data: bytes) -> None:
    for result in (of_lines(data), of_stream(data)):
        for item in result:
            assert isinstance(item, RequestEntry) or str(item).isprintable()
    numbers = [
        int(item.split(":")[1])
        for item in shown(of_lines(data))
        if item[7] == ":" and item[8] != " "
    ]
    assert numbers == sorted(set(numbers))


@calm(max_examples=60)
@given(st.lists(st.dictionaries(st.text(st.characters()), st.text() | st.booleans()), min_size=1))
def test_requests_come_back_as_they_were_written(requests: list[dict[str, Any]]) -> None:
    data = "".join(json.dumps(item) + "\n" for item in requests).encode()
    for result, name in ((of_lines(data), "a.jsonl"), (of_stream(data), "-")):
        assert [item.body for item in result if isinstance(item, RequestEntry)] == requests
        assert shown(result) == [f"{name}:{number}" for number in range(1, len(requests) + 1)]
