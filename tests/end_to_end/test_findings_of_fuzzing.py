"""What `scripts/fuzz` has found, each as a small case that stays."""

from __future__ import annotations

import json
import shutil
import sqlite3
import struct
import subprocess
import sys
import tracemalloc
from contextlib import closing
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from builders import NOW, PROFILE, body, image, intent, report, video
from fuzz.corpus import movies
from processes import KEY

from motion_preflight.formats.document import tasks_document
from motion_preflight.formats.json import json_text
from motion_preflight.formats.receipt_list import list_text
from motion_preflight.formats.receipts import show_text
from motion_preflight.formats.registry import writer
from motion_preflight.formats.style import Style
from motion_preflight.media.containers.mp4_moov import read_movie
from motion_preflight.media.facts import Unmeasured
from motion_preflight.media.ffprobe_json import durations, video_stream
from motion_preflight.media.programs.ffprobe import bundled
from motion_preflight.network.errors import Reason
from motion_preflight.pipeline import check, preflight
from motion_preflight.provider.client import Api
from motion_preflight.provider.free_answer import CallFailed
from motion_preflight.provider.state import State
from motion_preflight.report.totals import Budget, totals
from motion_preflight.request.errors import RequestInvalid
from motion_preflight.request.model import MotionControlRequest
from motion_preflight.request.parse import parse_request
from motion_preflight.request.redacted_body import redacted_body
from motion_preflight.submission.errors import LedgerUnusable
from motion_preflight.submission.ledger.ledger import Ledger
from motion_preflight.text.locations import redacted_text

if TYPE_CHECKING:
    from pathlib import Path

    from motion_preflight.report.findings import Report

HALF = "\ud83d"  # the first half of a character that a program cut in two
LONG = 10**5000  # Python writes no number of more than 4300 digits
MiB = 1 << 20


def written(name: str, built: Report) -> str:
    to = writer(name, profile=PROFILE, style=Style())
    return f"{to.begin()}{to.report(built)}{to.end(totals([built], None))}"


# Requests


@pytest.mark.parametrize("orientation", [["image"], {"image": 1}, [], {}])
def test_an_orientation_that_is_a_list_or_an_object_is_a_mistake_and_no_crash(
    orientation: object,
) -> None:
    checked = report(body(character_orientation=orientation))
    assert "character_orientation" in written("text", checked)


@pytest.mark.parametrize("fields", [{HALF: 1}, {"watermark_info": {"enabled": True, HALF: 1}}])
def test_half_a_character_in_a_name_is_a_wrong_request_and_no_exception_of_pydantic(
    fields: dict[str, Any],
) -> None:
    with pytest.raises(RequestInvalid):
        MotionControlRequest(**body(**fields))
    with pytest.raises(RequestInvalid):
        MotionControlRequest.model_validate(body(**fields))


@pytest.mark.parametrize("name", [1, None, ("a",)])
def test_a_field_whose_name_is_no_text_is_a_wrong_request(name: object) -> None:
    fields: dict[Any, Any] = {**body(), name: 1}
    with pytest.raises(RequestInvalid):
        MotionControlRequest.model_validate(fields)


def test_a_number_too_long_to_be_written_is_a_mistake_like_others() -> None:
    draft = parse_request(body(mode=LONG), PROFILE.models)
    assert [wrong.field for wrong in draft.violations] == ["mode"]
    fields: dict[Any, Any] = {**body(), LONG: 1}
    assert parse_request(fields, PROFILE.models).violations == ()
    result = check(body(mode=LONG), video(), image(), profile=PROFILE, now=NOW)
    assert "request-invalid" in {item.rule for item in result}


# Texts


@pytest.mark.parametrize(
    "link",
    [
        "s3://bucket/clip.mp4?X-Amz-Signature=5ecre7c0ffee",
        "ftp://user:5ecre7c0ffee@apimart-user.com/clip.mp4",
        "FTPS://apimart-user.com/clip.mp4#5ecre7c0ffee",
    ],
)
def test_a_link_of_any_scheme_is_redacted_in_a_text_as_it_is_alone(link: str) -> None:
    assert "5ecre7c0ffee" not in redacted_text(f"see {link} please")
    assert "5ecre7c0ffee" not in str(redacted_body({"prompt": f"like {link}"}))


def test_a_long_text_without_links_is_redacted_at_once() -> None:
    for text in ("a" * 200_000, "a." * 100_000, "a:" * 100_000, "://" * 60_000):
        assert redacted_text(text) == text


# Media


def test_a_table_of_chunks_takes_no_more_memory_than_a_few_times_its_size() -> None:
    entries = 300_000
    table = bytes(4) + struct.pack(">I", entries) + struct.pack(">3I", 1000, 2000, 1) * entries
    sample = movies.clips()["moov-last-8s.mp4"]
    moov = next(box for box in movies.tree(sample) if box.kind == b"moov")
    stsc = next(box for box in movies.tree(sample) if box.kind == b"stsc")
    data = movies.replaced(sample, stsc, struct.pack(">I4s", len(table) + 8, b"stsc") + table)
    tracemalloc.start()
    try:
        movie = read_movie(data[moov.body :])
        assert movie.tracks
        assert tracemalloc.get_traced_memory()[1] < 6 * len(table)
    finally:
        tracemalloc.stop()


def many_tracks(folder: Path, count: int) -> Path:
    """A movie whose one track stands in it so many times."""
    sample = movies.clips()["moov-last-8s.mp4"]
    trak = next(box for box in movies.tree(sample) if box.kind == b"trak")
    file = folder / "clip.mp4"
    file.write_bytes(movies.replaced(sample, trak, sample[trak.start : trak.end] * count))
    return file


FFPROBES = [path for path in (bundled("ffprobe"), shutil.which("ffprobe")) if path]


@pytest.mark.parametrize("ffprobe", FFPROBES)
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux bounds what a process holds")
def test_ffprobe_does_not_hold_more_memory_than_it_is_given(ffprobe: str, tmp_path: Path) -> None:
    script = (
        "import resource, sys\n"
        "from motion_preflight import PreflightError, probe\n"
        "try: probe(sys.argv[1], ffprobe=sys.argv[2])\n"
        "except PreflightError: pass\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024)\n"
    )
    command = [sys.executable, "-c", script, str(many_tracks(tmp_path, 500)), ffprobe]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert int(done.stdout) < 240 * MiB


@pytest.mark.parametrize("ffprobe", FFPROBES)
def test_a_clip_that_needs_more_memory_than_ffprobe_gets_is_unsure_and_does_not_fail(
    ffprobe: str, tmp_path: Path, media: Path
) -> None:
    """The words for it differ: glibc's `Cannot allocate memory` is musl's `Out of memory`."""
    request = body(video_url=str(many_tracks(tmp_path, 2000)), image_url=str(media / "image.png"))
    result = preflight(request, profile=PROFILE, now=NOW, ffprobe=ffprobe)
    assert isinstance(result.video, Unmeasured)
    assert result.video.reason is Reason.UNSUPPORTED
    assert result.verdict == "unsure"


def test_a_time_that_no_clock_has_is_not_known() -> None:
    absurd = "9.9e999999"
    answer = {"streams": [{"codec_type": "video", "start_time": absurd, "duration": absurd}]}
    assert not durations(answer, None, answer["streams"][0]).judged
    stream = video_stream({"start_time": absurd, "width": 720, "height": 1280}, raw=False)
    assert stream.start is None


# What is sent and kept


@pytest.mark.parametrize("task_id", ["\udcff", "a\ud800", "a\nb"])
def test_a_task_id_that_can_be_no_part_of_a_url_is_none(task_id: str) -> None:
    with Api("http://127.0.0.1:1", KEY) as api, pytest.raises(CallFailed, match="no task id"):
        api.task(task_id)


def ledger_with(folder: Path, *changes: tuple[str, Any]) -> Path:
    """A ledger with one intent that is under way, changed by hand."""
    with Ledger(folder) as ledger:
        built = intent("a request")
        ledger.begin(built, again=False, budget=Budget())
        ledger.settle(built.intent, State.SUBMITTED, task_id="task_1")
    file = folder / "ledger.sqlite3"
    with closing(sqlite3.connect(file)) as database:
        for sql, value in changes:
            database.execute(sql, () if value is None else (value,))
        database.commit()
    return file


@pytest.mark.parametrize(
    ("column", "value"),
    [
        *((name, b"\xff\xfe") for name in ("label", "origin", "currency", "task_id", "error")),
        *((name, b"text") for name in ("label", "identity", "idempotency_key", "request_id")),
        ("cost", "1e999999"), ("cost", "9e30"), ("cost", "-5"), ("cost", "1e-999999"),
        ("low", "9e30"), ("high", "-1"), ("high", b"1"), ("state", "SUBMITTED"), ("state", ""),
    ],
)  # fmt: skip
def test_a_row_that_is_none_of_ours_makes_the_ledger_unusable_and_nothing_else(
    column: str, value: object, tmp_path: Path
) -> None:
    ledger_with(tmp_path, (f"UPDATE intents SET {column} = ?", value))
    with Ledger(tmp_path) as ledger, pytest.raises(LedgerUnusable):
        shown(ledger)


@pytest.mark.parametrize("column", ["low", "intent", "body", "error", "state"])
def test_a_table_with_other_columns_makes_the_ledger_unusable_and_nothing_else(
    column: str, tmp_path: Path
) -> None:
    ledger_with(tmp_path, (f"ALTER TABLE intents RENAME COLUMN {column} TO other", None))
    with pytest.raises(LedgerUnusable), Ledger(tmp_path) as ledger:
        shown(ledger)


def shown(ledger: Ledger) -> None:
    """Everything that the commands show of a ledger."""
    result = ledger.rows()
    list_text(result, Style())
    json.loads(json_text(tasks_document(result)))
    for item in result:
        show_text(item, Style())


def test_a_ledger_whose_words_are_no_utf8_is_unusable_and_nothing_else(tmp_path: Path) -> None:
    file = ledger_with(tmp_path)
    data = file.read_bytes()
    assert b"tableintentsintents" in data
    file.write_bytes(data.replace(b"tableintentsintents", b"tableint\x80ntsintents"))
    with pytest.raises(LedgerUnusable), Ledger(tmp_path) as ledger:
        ledger.rows()


@pytest.mark.parametrize("state", ["SUBMITTED", "unknowm", "", b"submitted"])
def test_a_request_is_not_sent_again_because_the_state_of_its_row_cannot_be_read(
    state: object, tmp_path: Path
) -> None:
    ledger_with(tmp_path, ("UPDATE intents SET state = ?", state))
    with Ledger(tmp_path) as ledger, pytest.raises(LedgerUnusable):
        ledger.begin(intent("a request"), again=False, budget=Budget())


def test_a_request_is_not_sent_again_because_an_index_lost_its_row(tmp_path: Path) -> None:
    file = ledger_with(tmp_path)
    with closing(sqlite3.connect(file)) as database:
        (size,) = database.execute("PRAGMA page_size").fetchone()
        sql = "SELECT rootpage FROM sqlite_master WHERE name = 'by_identity'"
        (page,) = database.execute(sql).fetchone()
    data, start = file.read_bytes(), (page - 1) * size
    index = data[start : start + size]
    assert index.count(b"a request") == 1
    damaged = index.replace(b"a request", b"a\x00request")
    file.write_bytes(data[:start] + damaged + data[start + size :])
    with Ledger(tmp_path) as ledger, pytest.raises(LedgerUnusable, match="it is damaged"):
        ledger.begin(intent("a request"), again=False, budget=Budget())


def test_an_amount_that_cannot_be_one_is_spent_by_nobody(tmp_path: Path) -> None:
    ledger_with(tmp_path, ("UPDATE intents SET high = ?, cost = NULL", "9e999999"))
    with Ledger(tmp_path, now=lambda: NOW) as ledger, pytest.raises(LedgerUnusable):
        ledger.spent(Budget(day=Decimal(5)), "USD")


@pytest.mark.parametrize("quote", ["'", ""])
def test_a_quote_in_somebody_elses_text_is_no_command_and_drives_no_terminal(quote: str) -> None:
    odd = f"`ffmpeg -i {'x' * 60} {quote}\u202e b`"
    shown = "".join(Style().wrap_remedy(odd, "", "", set()))
    assert "ffmpeg -i" in shown
    assert "\u202e" not in shown
