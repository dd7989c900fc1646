"""A table: a row a request, which a spreadsheet shows and does not calculate."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from decimal import Decimal

import pytest
from builders import body, finding, intent, report, reports, unmeasured
from hypothesis import given
from hypothesis import strategies as st
from odd_texts import HOSTILE

from motion_preflight.formats.csv import COLUMNS, Csv
from motion_preflight.formats.writer import Writer
from motion_preflight.network.errors import Reason
from motion_preflight.provider.state import State
from motion_preflight.report.findings import Level, Report
from motion_preflight.report.totals import totals
from motion_preflight.request.errors import ManifestInvalid
from motion_preflight.submission.receipt import Receipt

TEXTS = st.text(st.characters()) | st.sampled_from(HOSTILE)


def rows(text: str) -> list[dict[str, str]]:
    """The rows as a spreadsheet reads them."""
    reader = csv.DictReader(io.StringIO(text), strict=True)
    assert tuple(reader.fieldnames or ()) == COLUMNS
    result = list(reader)
    assert all(None not in row and None not in row.values() for row in result)
    return result


def written(built: list[Report], receipt: Receipt | None = None) -> list[dict[str, str]]:
    writer: Writer = Csv()
    parts = [writer.begin(), *(writer.report(item, receipt) for item in built)]
    return rows("".join([*parts, writer.end(totals(built, None))]))


def test_a_batch_reads_like_this() -> None:
    good, bad, unsure = written(reports())
    assert [good["request"], good["verdict"], good["errors"]] == ["dance.json", "pass", ""]
    assert [good[f"estimate_{end}"] for end in ("low", "high")] == ["0.45696", "0.45696"]
    assert [good["seconds_low"], good["currency"], good["state"]] == ["8", "USD", ""]
    assert good["model"] == "kling-v2-6-motion-control"
    assert [bad["verdict"], bad["errors"]] == ["fail", "video-duration-above-maximum"]
    assert bad["message"].startswith("the video is 42.000 s")
    assert [unsure["verdict"], unsure["unsure"]] == ["unsure", "video-duration-above-maximum"]


def test_rules_stand_below_their_level() -> None:
    (row,) = written([report(findings=[finding(level, rule=f"a-{level}") for level in Level])])
    assert [row[name] for name in ("errors", "unsure", "warnings", "notes")] == [
        "a-error", "a-unsure", "a-warning", "a-note",
    ]  # fmt: skip


def test_what_is_not_known_is_empty_and_never_0() -> None:
    missing = unmeasured(Reason.UNREACHABLE, "the host is down")
    (row,) = written([report(video=missing, findings=[])])
    assert row["verdict"] == "unsure"
    assert row["message"] == "the reference video was not measured: the host is down"
    assert row["seconds_low"] == row["estimate_high"] == row["billed"] == ""


def test_a_receipt_says_what_was_billed() -> None:
    sent = intent(state=State.COMPLETED, task_id="task-1", cost=Decimal("0.40"))
    (row,) = written([report()], sent)
    assert [row[name] for name in ("state", "task_id", "billed")] == ["completed", "task-1", "0.4"]
    (row,) = written([report()], replace(sent, already_done=True))
    assert row["state"] == "done already"


def test_what_is_no_request_and_what_ended_the_run_are_rows() -> None:
    writer = Csv()
    text = writer.begin() + writer.invalid_entry(ManifestInvalid("a.jsonl:3: not JSON: x"))
    text += writer.failure("no ffprobe") + writer.failure("not sent: why", "a.jsonl:1")
    text += writer.failure("rejected: the balance is too low", "a.jsonl:2")
    text += writer.end(replace(totals([], None), interrupted=True))
    assert [(row["request"], row["verdict"]) for row in rows(text)] == [
        ("a.jsonl:3", "no request"),
        ("", "cannot run"),
        ("a.jsonl:1", "not sent"),
        ("a.jsonl:2", "not completed"),
        ("", "interrupted"),
    ]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@a", " =1", "\t=1", "\n=1"])
def test_a_cell_that_begins_like_a_formula_is_text(text: str) -> None:
    (row,) = written([report(label=text)])
    assert row["request"].startswith("'")


@given(label=TEXTS, message=TEXTS, rule=TEXTS, model=TEXTS)
def test_whatever_the_texts_hold_a_request_is_one_line(
    label: str, message: str, rule: str, model: str
) -> None:
    checked = report(body(model=model), label=label, findings=[finding(message=message, rule=rule)])
    writer = Csv()
    text = writer.begin() + writer.report(checked)
    assert len(text.splitlines()) == 2
    (row,) = rows(text)
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in row.values())


def test_the_secrets_of_a_url_are_not_shown() -> None:
    signed = "https://u:s3cret@apimart-user.com/many.jsonl?sig=s3cret"
    (row,) = written([report(body(video_url=signed), label=signed)])
    assert "s3cret" not in "".join(row.values())
