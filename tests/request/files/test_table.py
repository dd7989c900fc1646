"""CSV: the names of the fields on top, a request a row, as spreadsheets and hands write them."""

from __future__ import annotations

import csv
import io
import json
import tracemalloc
from contextlib import suppress
from functools import partial
from itertools import chain, repeat
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from builders import body
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from odd_texts import HOSTILE

from motion_preflight.request.errors import ManifestInvalid
from motion_preflight.request.files.entry import RequestEntry
from motion_preflight.request.files.table import requests_of_table
from motion_preflight.request.parse import FIELDS

if TYPE_CHECKING:
    from collections.abc import Iterable

FOLDER = Path("folder")
# Not how long an example takes is tested here: other work may be under way.
calm = partial(settings, deadline=None, suppress_health_check=list(HealthCheck))
MARK = b"\xef\xbb\xbf"


class Flow(io.RawIOBase):
    """A stream whose bytes are made when they are asked for."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._left = self._left or next(self._pieces, b"")
        size = min(len(buffer), len(self._left))
        buffer[:size], self._left = self._left[:size], self._left[size:]
        return size


def read(data: str | bytes) -> list[RequestEntry | ManifestInvalid]:
    """The rows of a table; the error that ends it stands last."""
    results: list[RequestEntry | ManifestInvalid] = []
    file = io.BytesIO(data.encode() if isinstance(data, str) else data)
    try:
        results.extend(requests_of_table(file, "a.csv", FOLDER))
    except ManifestInvalid as error:
        results.append(error)
    return results


def shown(data: str | bytes) -> list[str]:
    """Each request by its label, each mistake by its text."""
    return [item.label if isinstance(item, RequestEntry) else str(item) for item in read(data)]


def bodies(data: str | bytes) -> list[dict[str, Any]]:
    return [item.body for item in read(data) if isinstance(item, RequestEntry)]


def written(*rows: Iterable[str], **dialect: Any) -> str:
    string_io = io.StringIO()
    csv.writer(string_io, **dialect).writerows(rows)
    return string_io.getvalue()


def test_a_row_is_a_request_and_the_first_one_names_the_fields() -> None:
    built = body(watermark_info={"enabled": True})
    row = [*map(str, list(built.values())[:-1]), "true"]
    assert read(written(built, row)) == [RequestEntry("a.csv:2", built, FOLDER)]


def test_an_empty_cell_is_an_absent_field_and_so_is_one_that_is_not_there() -> None:
    assert bodies("model,prompt,mode\na,,std\nb\nc, ,\n") == [
        {"model": "a", "mode": "std"},
        {"model": "b"},
        {"model": "c"},
    ]


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("true", {"enabled": True}),
        ("FALSE", {"enabled": False}),
        (" True ", {"enabled": True}),
        ("yes", {"enabled": True}),
        ("No", {"enabled": False}),
        ("1", {"enabled": True}),
        ("0", {"enabled": False}),
        ("off", {"enabled": False}),
        ("maybe", "maybe"),
        ('{"enabled": true}', {"enabled": True}),
    ],
)
def test_watermark_info_is_true_or_false_and_else_what_stands_there(
    cell: str, value: object
) -> None:
    assert bodies(written(["watermark_info"], [cell])) == [{"watermark_info": value}]


def test_nothing_but_watermark_info_is_taken_for_more_than_text() -> None:
    assert bodies("model,mode,prompt\ntrue,1,null\n") == [
        {"model": "true", "mode": "1", "prompt": "null"}
    ]


def test_white_space_that_pads_the_names_too_belongs_to_the_table() -> None:
    assert bodies("model, mode , image_url,prompt\nm , std, my clip.png ,  a \n") == [
        {"model": "m", "mode": "std", "image_url": "my clip.png", "prompt": "a"}
    ]
    assert bodies("model,mode\nm, std\n") == [{"model": "m", "mode": " std"}]


def test_a_table_in_markdown_is_one() -> None:
    text = "| model | mode |\n|:---|----:|\n| m | std |\n"
    assert bodies(text) == [{"model": "m", "mode": "std"}]
    assert shown(text) == ["a.csv:3"]


@pytest.mark.parametrize("above", ["My requests,,\n\n", "# made by hand\n", "a,b,c\nd,e,f\n"])
def test_a_title_above_the_names_is_said_with_the_line_where_they_stand(above: str) -> None:
    (answer,) = shown(f"{above}model,prompt,mode\nm,x,std\n")
    line = above.count("\n") + 1
    assert answer == (
        f"a.csv: the fields are named in line {line}, and the first row must name them; "
        "take out what stands above"
    )


def test_a_row_with_another_separator_than_the_first_one_says_so() -> None:
    (answer,) = shown("model,prompt,mode\nm;x, y;std\n".replace("x, y", "x"))
    assert answer == (
        'a.csv:2: the cells are separated by ";", those of the first row by ","; '
        "write the same in both"
    )


def test_invisible_characters_around_a_name_are_not_of_it() -> None:
    assert bodies("\ufeffmodel\u200b,\u200emode\xa0\nm,std\n") == [{"model": "m", "mode": "std"}]


@pytest.mark.parametrize(
    "data", [b"PK\x03\x04\x14\x00\x06\x00", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"]
)
def test_a_workbook_is_called_one(data: bytes) -> None:
    (answer,) = shown(data + bytes(range(256)) * 4)
    assert answer == (
        "a.csv: this is a workbook of a spreadsheet (or another archive), not CSV; "
        'save its table as "CSV UTF-8"'
    )


def test_a_quote_that_nothing_closes_is_one_mistake() -> None:
    assert shown('model,prompt\nm,"x\nn,y\n') == [
        'a.csv:2: not CSV: a quote (") that nothing closes'
    ]


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [b"", MARK])
def test_byte_order_marks_and_line_ends_of_every_kind_are_taken(ends: str, mark: bytes) -> None:
    text = "model,prompt\na,x\nb,y\n\nc,z".replace("\n", ends)
    data = mark + text.encode()
    assert shown(data) == ["a.csv:2", "a.csv:3", "a.csv:5"]
    assert [item["model"] for item in bodies(data)] == ["a", "b", "c"]


def test_a_quoted_cell_may_hold_commas_quotes_and_line_ends_and_numbers_go_on() -> None:
    text = 'prompt,model\n"a, ""b""\r\nc",m\n"x",n\n'
    assert bodies(text) == [
        {"prompt": 'a, "b"\r\nc', "model": "m"},
        {"prompt": "x", "model": "n"},
    ]
    assert shown(text) == ["a.csv:2", "a.csv:4"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "the file is empty"),
        ("\n \r\n", "the file is empty"),
        ("sep=;\n", "the first row must name the fields (model, prompt"),
        ("a,b\n1,2\n", "the first row must name the fields"),
        ("Model,MODEL\nx\n", 'the first row: "model" stands twice'),
        ("kling-v2-6-motion-control,std\n", "the first row must name the fields"),
        ("model,mode,model\n", 'the first row: "model" stands twice'),
        ("model, model\n", 'the first row: "model" stands twice'),
        (",model,,mode\n", "the first row: names are empty"),
        ('"model', 'not CSV: a quote (") that nothing closes'),
        ('"model"x,mode\n', "not CSV: text behind the closing quote of a cell"),
        ("model,mode\n", "it holds no request"),
        ("model,mode\n,\n\n", "it holds no request"),
        ("{}\n", "the first row must name the fields"),
        ("x" * 200_000, "not CSV: field larger than field limit"),
    ],
)
def test_a_table_that_is_none_says_why(text: str, says: str) -> None:
    (answer,) = shown(text)
    assert answer.startswith("a.csv: ")
    assert says in answer
    assert answer.isprintable()


def test_names_may_have_other_letters_and_signs_between_their_words() -> None:
    names = "Model,Image URL,Video Url,videoMode,CHARACTER-ORIENTATION,Mode,Keep original sound"
    (result,) = read(f"{names}\nm,i,v,x,image,std,no\n")
    assert result == RequestEntry(
        "a.csv:2",
        {
            "model": "m", "image_url": "i", "video_url": "v", "character_orientation": "image",
            "mode": "std", "keep_original_sound": "no",
        },
        FOLDER,
        left_out={"videoMode": "x"},
    )  # fmt: skip


def test_a_column_that_is_called_as_the_field_is_it_and_a_like_one_then_is_not() -> None:
    (result,) = read("Model,model,mode\nold,new,std\n")
    assert result == RequestEntry(
        "a.csv:2", {"model": "new", "mode": "std"}, FOLDER, left_out={"Model": "old"}
    )


@pytest.mark.parametrize(
    ("header", "says"),
    [
        ("model,pics,vdeo_url,orientation,mode",
         ('write "video_url" in place of "vdeo_url", "character_orientation" in place of '
         '"orientation"')),
        ("model,image_url,driving_video,character_orientation,mode",
         'write "video_url" in place of "driving_video"'),
        ("model,picture,video_url", 'write "image_url" in place of "picture"'),
    ],
)  # fmt: skip
def test_a_wrong_name_that_no_row_can_do_without_is_said_once(header: str, says: str) -> None:
    assert shown(f"{header}\n" + "a,b,c\n" * 9) == [f"a.csv: the first row: {says}"]


def test_a_wrong_name_beside_a_column_of_whole_requests_is_no_fault_of_the_header() -> None:
    assert shown('body,vdeo_url\n"{""model"": ""m"", ""mode"": ""std""}",x\n') == ["a.csv:2"]


def test_blank_lines_above_the_names_count_as_lines() -> None:
    assert shown("\n\nmodel;mode\na;std\n") == ["a.csv:4"]


def test_a_column_that_no_request_has_is_left_out_and_remembered() -> None:
    (result,) = read("model,note,empty\na,b,\n")
    assert result == RequestEntry("a.csv:2", {"model": "a"}, FOLDER, left_out={"note": "b"})
    assert isinstance(result, RequestEntry)
    assert result.with_all() == RequestEntry("a.csv:2", {"model": "a", "note": "b"}, FOLDER)


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("a,b,c", "3 cells, and the first row names 2 fields; a cell with a comma is put in"),
        ('"a"b,c', "not CSV: text behind the closing quote of a cell"),
        ('a,"b"c', "not CSV: text behind the closing quote of a cell"),
        ("a," + "x" * 131_073, "not CSV: field larger than field limit"),
    ],
)
def test_a_bad_row_is_said_with_its_line_and_the_others_are_read(row: str, says: str) -> None:
    first, wrong, last = shown(f"model,mode\na,std\n{row}\nb,pro\n")
    assert (first, last) == ("a.csv:2", "a.csv:4")
    assert wrong.startswith(f"a.csv:3: {says}")


@pytest.mark.parametrize("position", [1, 2, 499, 1500, 2999])
def test_a_row_that_is_not_utf_8_is_said_with_its_line_and_the_others_are_read(
    position: int,
) -> None:
    rows = [b"m%d,she dances\n" % number for number in range(1, 3001)]
    rows[position - 1] = b"m,caf\xe9\n"
    result = shown(b"model,prompt\n" + b"".join(rows))
    assert result[position - 1].startswith(f"a.csv:{position + 1}: ")
    assert "not UTF-8" in result[position - 1]
    del result[position - 1]
    assert result == [f"a.csv:{line}" for line in range(2, 3002) if line != position + 1]


@pytest.mark.parametrize(
    "data", [b"\xff\xfem\0o\0d\0e\0l\0\0\xd8\n\0", b"model\xe9,mode\na,b\n", b"\x89PNG"]
)
def test_a_first_row_that_is_not_utf_8_is_said(data: bytes) -> None:
    (answer,) = shown(data)
    assert answer == 'a.csv: not CSV: it is not UTF-8; save it as "CSV UTF-8"'


def test_a_quote_that_nothing_closes_costs_its_row_and_what_it_may_swallow() -> None:
    rows = "".join(f"m{number},std\n" for number in range(40_000))
    result = shown(f'model,mode\na,std\n"b,std\n{rows}')
    assert result[0] == "a.csv:2"
    assert result[1].startswith("a.csv:3: not CSV: ")
    assert result[-1] == "a.csv:40003"
    assert len(result) > 20_000
    assert shown('model,mode\na,std\n"b,std\n')[1].startswith("a.csv:3: not CSV: a quote")


def test_nul_is_a_character_like_others() -> None:
    assert bodies("model,prompt\na\0b,c\n") == [{"model": "a\0b", "prompt": "c"}]


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_what_a_table_holds_drives_no_terminal(text: str) -> None:
    name = text.encode("utf-8", "replace").decode()
    for table in (
        written(["model", name, name], ["a", "b", "c"]),
        written(["model", name], ["a", name, name]),
    ):
        for answer in map(str, read(table)):
            assert "\x1b" not in answer
            assert "\n" not in answer


def peak(pieces: Iterable[bytes]) -> int:
    """The most bytes that were held while a table was read."""
    stream = io.BufferedReader(Flow(pieces))
    tracemalloc.start()
    try:
        with suppress(ManifestInvalid):  # at the end, where it held no request
            for _ in requests_of_table(stream, "a.csv", None):
                pass
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.sweep
def test_many_rows_need_no_more_memory_than_some() -> None:
    row = b"kling-v2-6-motion-control,std,she dances\n"

    def memory(number: int) -> int:
        return peak(chain([b"model,mode,prompt\n"], repeat(row, number)))

    memory(10)  # what is made once
    assert memory(8_000) < memory(500) + 100_000


def test_a_line_without_an_end_needs_no_more_memory_than_a_long_one_may() -> None:
    assert peak(chain([b"model,mode\n"], repeat(b"x" * 65536, 512))) < 8 << 20  # of 32 MB


@calm()
@given(
    st.binary()
    | st.lists(st.sampled_from([b"model", b",", b'"', b"\n", b"\r", b"\0", b"\xff", b"x"])).map(
        b"".join
    )
)
@example(b'model\n"\r')
@example(b"model\r\r\n\n")
@example(MARK)
def test_whatever_the_bytes_are_each_row_is_a_request_or_a_mistake(data: bytes) -> None:
    for item in read(data):
        assert isinstance(item, RequestEntry) or str(item).isprintable()


CELLS = st.text(st.characters(exclude_categories=["Cs"])).filter(lambda text: text.strip() != "")
REQUESTS = st.fixed_dictionaries(
    {"model": CELLS},
    optional={name: CELLS for name in FIELDS if name not in {"model", "watermark_info"}}
    | {"watermark_info": st.booleans().map(lambda on: {"enabled": on})},
)


@calm(max_examples=60)
@given(st.lists(REQUESTS, min_size=1, max_size=4), st.sampled_from(["\n", "\r\n", "\r"]))
def test_requests_come_back_as_they_were_written(requests: list[dict[str, Any]], ends: str) -> None:
    rows = [[as_cell(item.get(name, "")) for name in FIELDS] for item in requests]
    assert bodies(written(FIELDS, *rows, lineterminator=ends, quoting=csv.QUOTE_ALL)) == requests


def as_cell(value: Any) -> str:
    return str(value["enabled"]) if isinstance(value, dict) else value


TABLE = [["model", "mode", "id"], ["a;,b", "std", "7"]]
ROW = RequestEntry("a.csv:2", {"model": "a;,b", "mode": "std"}, FOLDER, left_out={"id": "7"})


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_what_spreadsheets_save_is_read(sign: str, encoding: str) -> None:
    assert read(written(*TABLE, delimiter=sign).encode(encoding)) == [ROW]


def test_utf_16_of_the_other_order_is_read() -> None:
    text = written(["model", "prompt"], ["m", "caf\u00e9 \U0001f600"], delimiter="\t")
    data = b"\xfe\xff" + text.encode("utf-16-be")
    assert bodies(data) == [{"model": "m", "prompt": "caf\u00e9 \U0001f600"}]


@pytest.mark.parametrize("first", ["sep=;", "SEP=;", '"sep=;"', "sep=;;;"])
def test_the_line_that_names_the_separator_is_no_row_and_counts_as_a_line(first: str) -> None:
    assert shown(f"{first}\nmodel;mode\na;std\nb;pro\n") == ["a.csv:3", "a.csv:4"]
    assert bodies(f"{first}\r\nmodel;mode\r\na;std\r\n") == [{"model": "a", "mode": "std"}]


@pytest.mark.parametrize("text", ["model,mode,,\na,std,,\n", "model,mode\na,std,,,\n,,,\n"])
def test_empty_columns_at_the_end_are_none(text: str) -> None:
    assert bodies(text) == [{"model": "a", "mode": "std"}]


def test_a_whole_body_in_a_cell_is_the_request() -> None:
    built = body(watermark_info={"enabled": True})
    (result,) = read(written(["id", "body"], ["7", json.dumps(built)]))
    assert result == RequestEntry("a.csv:2", built, FOLDER, left_out={"id": "7"})


@pytest.mark.parametrize("name", ["body", "watermark_info"])
def test_json_in_a_cell_that_is_none_says_why(name: str) -> None:
    (answer,) = shown(written(["model", name], ["a", "{'enabled': true}"]))
    assert answer == f'a.csv:2: "{name}" holds no JSON: single quotes (\'); write double ones (")'


def test_json_in_a_cell_without_quotes_says_how_it_is_written() -> None:
    (answer,) = shown('model,body\na,{"mode": "std", "prompt": "x"}\n')
    assert "a cell with a comma is put in quotes, its own quotes doubled" in answer
