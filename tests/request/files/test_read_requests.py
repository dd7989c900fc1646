"""Request files by their names, stdin, several at once: whatever is there, nothing is raised."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from builders import body
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from paths import FIXTURES
from processes import surroundings
from warm import warm

from motion_preflight.request.errors import ManifestInvalid
from motion_preflight.request.files import RequestEntry, quick_count, read_requests
from motion_preflight.request.files.entry import LARGEST
from motion_preflight.request.parse import FIELDS

if TYPE_CHECKING:
    from collections.abc import Callable

MEDIA = FIXTURES / "media"
# Not how long an example takes is tested here: other work may be under way.
calm = partial(settings, deadline=None, suppress_health_check=list(HealthCheck))
LINE = json.dumps(body()) + "\n"


def written(folder: Path, name: str, content: str | bytes) -> str:
    """A file of that name and content; its path."""
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return str(file)


def shown(*names: str) -> list[str]:
    """Each request by its label, each mistake by its text."""
    results = [request for name in names for request in read_requests(name)]
    return [item.label if isinstance(item, RequestEntry) else str(item) for item in results]


def table(*requests: dict[str, Any]) -> str:
    string_io = io.StringIO()
    rows = csv.DictWriter(string_io, FIELDS)
    rows.writeheader()
    rows.writerows(requests)
    return string_io.getvalue()


def on_stdin(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))


@pytest.mark.parametrize(
    ("name", "content", "labels"),
    [
        ("a.json", json.dumps(body()), [""]),
        ("a.json", json.dumps([body(), body()]), ["[0]", "[1]"]),
        ("a.jsonl", LINE * 2, [":1", ":2"]),
        ("a.ndjson", "\n" + LINE, [":2"]),
        ("a.csv", table(body(), body()), [":2", ":3"]),
        ("A.JSONL", LINE, [":1"]),
        ("A.Csv", table(body()), [":2"]),
        ("a.b.jsonl", LINE, [":1"]),
        ("a", json.dumps(body()), [""]),
        ("a.txt", json.dumps([body()]), ["[0]"]),
        ("a.jsonl/b.json", json.dumps([body()]), ["[0]"]),
    ],
)
def test_the_name_of_a_file_tells_what_it_holds(
    name: str, content: str, labels: list[str], tmp_path: Path
) -> None:
    file = written(tmp_path, name, content)
    result = list(read_requests(file))
    folder = (tmp_path / name).parent
    assert result == [RequestEntry(f"{file}{label}", body(), folder) for label in labels]


def test_several_files_are_read_one_after_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    written(tmp_path, "a.jsonl", LINE * 2)
    written(tmp_path, "b.csv", table(body()))
    written(tmp_path, "sub/c.json", json.dumps([body(), 3]))
    on_stdin(monkeypatch, LINE.encode())
    assert shown("a.jsonl", "none.json", "b.csv", "sub/c.json", "-", "-") == [
        "a.jsonl:1",
        "a.jsonl:2",
        "none.json: no such file; a request is a .json, .jsonl or .csv file",
        "b.csv:2",
        "sub/c.json[0]",
        'sub/c.json[1]: a request is a JSON object like {"model": …}, and this is a number',
        "-:1",
        "-: not JSON: the file is empty",
    ]


def test_a_tilde_is_the_home_of_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    written(tmp_path, "a.jsonl", LINE)
    assert list(read_requests("~/a.jsonl")) == [RequestEntry("~/a.jsonl:1", body(), tmp_path)]


def test_stdin_has_no_folder_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    on_stdin(monkeypatch, LINE.encode())
    assert list(read_requests("-")) == [RequestEntry("-:1", body(), None)]


def sparse(folder: Path) -> str:
    file = folder / "large.json"
    with file.open("wb") as built:
        built.truncate(LARGEST + 1)
    return str(file)


def pipe(folder: Path) -> str:
    os.mkfifo(folder / "pipe.jsonl")
    return str(folder / "pipe.jsonl")


def loop(folder: Path) -> str:
    (folder / "loop.json").symlink_to("loop.json")
    return str(folder / "loop.json")


def broken(folder: Path) -> str:
    """A file that is there and fails when it is read, as a disk may."""
    if not Path("/proc/self/mem").exists():
        pytest.skip("no /proc/self/mem here")
    (folder / "broken.jsonl").symlink_to("/proc/self/mem")
    return str(folder / "broken.jsonl")


@pytest.mark.skipif(os.name != "posix", reason="files of POSIX")
@pytest.mark.parametrize(
    ("make", "says"),
    [
        (str, "not a regular file"),
        (lambda folder: str(folder / "no.json"), "no such file"),
        (lambda folder: str(folder / "no" / "a.csv"), "no such file"),
        (lambda folder: written(folder, "x", "") + "/a.jsonl", "no such file"),
        (lambda _: "", "not a regular file"),
        (lambda _: "a\0b.json", "a�b.json: "),
        (lambda _: "x" * 300 + ".jsonl", "cannot be read (File name too long)"),
        (lambda _: "\ud800.json", "�.json: "),
        (lambda _: "/dev/null", "not a regular file"),
        (pipe, "not a regular file"),
        (loop, ""),
        (broken, "broken.jsonl: cannot be read (Input/output error)"),
        (sparse, "`motion-preflight probe"),
        (lambda _: str(MEDIA / "clip-8s.mp4"), "`motion-preflight probe"),
        (lambda _: "https://apimart-user.com/a.json?k=s3cret", "`motion-preflight probe"),
        (lambda _: "file:///a.jsonl", "`motion-preflight probe"),
    ],
    ids=range(16),
)
def test_what_cannot_be_read_is_one_mistake(
    make: Callable[[Path], str], says: str, tmp_path: Path
) -> None:
    name = make(tmp_path)
    (answer,) = shown(name)
    assert says in answer
    assert answer.isprintable()
    assert "s3cret" not in answer
    quick_count(name)  # raises nothing either


@pytest.mark.skipif(os.name != "posix", reason="streams of POSIX")
@pytest.mark.parametrize("closed", [(0,), ()], ids=["closed", "for writing"])
def test_a_stdin_that_cannot_be_read_is_a_mistake_and_no_bug(
    closed: tuple[int, ...], tmp_path: Path
) -> None:
    with (tmp_path / "there").open("w", encoding="utf-8") as stdin:
        done = warm().run(
            "check", "-",
            cwd=tmp_path, env=surroundings(tmp_path), stdin=stdin, beginning={"closed": closed},
        )  # fmt: skip
    assert "a bug of ours" not in done.stderr
    assert done.stderr.startswith("motion-preflight: -: ")
    assert done.returncode == 2


@pytest.mark.skipif(os.name != "posix" or os.getuid() != 0, reason="needs to change its user")
@pytest.mark.parametrize("name", ["~/a.json", "~/a.jsonl", "~/a.csv"])
def test_a_tilde_of_a_user_without_a_home_is_a_mistake(name: str) -> None:
    code = (  # everything is imported first: that user may not read this Python
        "import os\n"
        "from motion_preflight.request.files import quick_count, read_requests\n"
        f"list(read_requests({name!r}))\n"
        "os.setgid(54321); os.setuid(54321); os.environ.pop('HOME', None)\n"
        f"print(*read_requests({name!r})); quick_count({name!r})\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd="/", capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(name)


@pytest.mark.parametrize(
    ("name", "content", "number"),
    [
        ("a.json", json.dumps(body()), 1),
        ("a.json", json.dumps([body()] * 5), 5),
        ("a.json", "{", 1),
        ("a.jsonl", LINE * 5, 5),
        ("a.jsonl", (LINE * 5).rstrip("\n"), 5),
        ("a.ndjson", LINE.rstrip("\n"), 1),
        ("a.csv", table(body(), body(), body()), 3),
        ("a.csv", table(body(), body(), body()).rstrip("\r\n"), 3),
        ("none.jsonl", None, 0),
    ],
)
def test_a_quick_count_is_that_of_the_requests(
    name: str, content: str | None, number: int, tmp_path: Path
) -> None:
    file = str(tmp_path / name) if content is None else written(tmp_path, name, content)
    assert quick_count(file) == number


def test_how_many_requests_stdin_holds_is_not_known() -> None:
    assert quick_count("-") is None


NAMES = st.sampled_from(["a.json", "a.jsonl", "a.ndjson", "a.csv", "-"])
PIECES = st.sampled_from([
    b"model,mode\n", LINE.encode(), b"[", b"]", b"{", b"}", b",", b"\n", b"\r", b'"', b"\0",
    b"\xef\xbb\xbf", b"\xff", b"NaN", b"1e999", b"null", b'{"a":1,"a":1}', b"[" * 1200, b"9" * 5000,
    b'{"a":' * 40,
])  # fmt: skip


@calm()
@given(NAMES, st.binary() | st.lists(PIECES, max_size=8).map(b"".join))
@example("a.csv", b'model\n"')
@example("a.json", b"\x1f\x8b\x08")
def test_whatever_the_bytes_are_nothing_is_raised(tmp_path: Path, name: str, data: bytes) -> None:
    with pytest.MonkeyPatch.context() as patch:
        on_stdin(patch, data)
        given_name = name if name == "-" else written(tmp_path, name, data)
        for request in read_requests(given_name):
            assert isinstance(request, RequestEntry | ManifestInvalid)
            if isinstance(request, RequestEntry):
                assert request.label.startswith(given_name)
            else:
                assert str(request).isprintable()
                assert name in str(request)
        quick_count(given_name)


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
REQUESTS = st.fixed_dictionaries(
    {"model": TEXTS.filter(lambda text: text.strip() != "")},
    optional={name: TEXTS for name in FIELDS if name not in {"model", "watermark_info"}}
    | {"watermark_info": st.booleans().map(lambda on: {"enabled": on})},
)


@calm(max_examples=60)
@given(st.lists(REQUESTS, min_size=1, max_size=4))
def test_every_format_gives_back_the_requests_that_were_written(
    tmp_path: Path, requests: list[dict[str, Any]]
) -> None:
    present = [  # what a table can hold: an empty cell is an absent field
        {name: value for name, value in item.items() if isinstance(value, dict) or value.strip()}
        for item in requests
    ]
    rows = io.StringIO()
    writer = csv.DictWriter(rows, FIELDS, quoting=csv.QUOTE_ALL)
    writer.writeheader()
    writer.writerows(
        item
        | (
            {"watermark_info": str(item["watermark_info"]["enabled"]).lower()}
            if "watermark_info" in item
            else {}
        )
        for item in requests
    )
    lines = "".join(json.dumps(item) + "\n" for item in requests)
    contents = {
        "a.json": json.dumps(requests),
        "a.jsonl": lines,
        "a.ndjson": lines,
        "a.csv": rows.getvalue(),
    }
    for name, content in contents.items():
        result = list(read_requests(written(tmp_path, name, content)))
        expected = present if name == "a.csv" else requests
        assert [item.body for item in result if isinstance(item, RequestEntry)] == expected
    with pytest.MonkeyPatch.context() as patch:
        on_stdin(patch, lines.encode())
        result = list(read_requests("-"))
    assert [item.body for item in result if isinstance(item, RequestEntry)] == requests


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv", "a.tsv"])
def test_a_file_in_utf_16_has_the_requests_of_one_in_utf_8(tmp_path: Path, name: str) -> None:
    text = "model\tmode\nm\tstd\nm\tpro\n"
    if name == "a.jsonl":
        text = '{"model": "m", "mode": "std"}\n{"model": "m", "mode": "pro"}\n'
    path = tmp_path / name
    path.write_bytes(text.encode("utf-16"))
    results = [request for request in read_requests(str(path)) if isinstance(request, RequestEntry)]
    assert [item.body["mode"] for item in results] == ["std", "pro"]
    assert quick_count(str(path)) == 2


ROWS = "model\tmode\tprompt\nm\tstd\ta, b\nm\tpro\t\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("sign", ["\t", ";", "|"])
@pytest.mark.parametrize("name", ["a.txt", "a", "a.json", "a.prn", "-"])
def test_a_table_is_known_by_its_first_row_whatever_the_name_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, sign: str, encoding: str
) -> None:
    data = ROWS.replace("\t", sign).encode(encoding)
    if name == "-":
        on_stdin(monkeypatch, data)
    file = name if name == "-" else written(tmp_path, name, data)
    folder = None if name == "-" else tmp_path
    assert list(read_requests(file)) == [
        RequestEntry(f"{file}:2", {"model": "m", "mode": "std", "prompt": "a, b"}, folder),
        RequestEntry(f"{file}:3", {"model": "m", "mode": "pro"}, folder),
    ]


def test_a_separator_that_is_announced_is_known_on_stdin(monkeypatch: pytest.MonkeyPatch) -> None:
    on_stdin(monkeypatch, b"sep=;\nModel;Mode\nm;std\n")
    assert list(read_requests("-")) == [RequestEntry("-:3", {"model": "m", "mode": "std"}, None)]


def test_a_table_on_stdin_is_read_as_it_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    source, sink = os.pipe()
    with os.fdopen(source, "rb") as reader, os.fdopen(sink, "wb", buffering=0) as writer:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(reader))
        writer.write(b"model,mode\nm,std\n" + b"m,pro\n" * 2000)
        first = next(iter(read_requests("-")))
    assert first == RequestEntry("-:2", {"model": "m", "mode": "std"}, None)


@pytest.mark.parametrize("name", ["a.txt", "a.json"])
def test_one_word_or_a_sentence_is_no_table(tmp_path: Path, name: str) -> None:
    for text in ("model\nm\n", "the mode, and others\n", "nothing"):
        (text_shown,) = shown(written(tmp_path, name, text))
        assert "not JSON: line 1: it begins with a word" in text_shown


def test_a_line_that_names_the_separator_is_not_counted(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("sep=;\nmodel;mode\nm;std\nm;pro\n")
    assert quick_count(str(path)) == 2
