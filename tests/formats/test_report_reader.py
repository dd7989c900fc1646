"""A report that is read from its document says what the document says, and sends nothing."""

from __future__ import annotations

import copy
import json
import pickle
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from builders import body, finding, report, reports, video
from odd_texts import HOSTILE
from paths import ROOT

from motion_preflight import ClearedRequest, NotCleared, Report, ReportInvalid, preflight
from motion_preflight.formats.document import media_document
from motion_preflight.media.content import Content, Stretch
from motion_preflight.media.facts import Decoded, Unmeasured
from motion_preflight.media.framing import Framing
from motion_preflight.network.transfer import Transfer
from motion_preflight.report.findings import Verdict

SAMPLES = sorted((ROOT / "fixtures" / "requests").glob("*/*.report.json"))
CONTENT = Content(
    (Stretch(Decimal(0), Decimal("4.5")),), (), (), Decimal(8), Framing(5, 4, Decimal("21.5"))
)
TRANSFER = Transfer(2, 4096, 206, "video/mp4", "https://apimart-user.com/clip.mp4?a=b", '"x"')
RICH = report(
    video=video(stretches=CONTENT, decoded=Decoded(80, 0), transfer=TRANSFER),
)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_the_reports_of_the_samples_are_read_and_written_the_same(path: Path) -> None:
    entry = json.loads(path.read_text("utf-8"))
    read = Report.from_dict(entry)
    assert read.to_dict() == entry == json.loads(read.to_json())
    assert (read.label, read.verdict) == (entry["label"], entry["verdict"])
    rules = [finding["rule"] for finding in entry["findings"]]
    assert [finding.rule for finding in read.findings] == rules


@pytest.mark.parametrize("item", [*reports(), RICH], ids=lambda item: item.label)
def test_what_is_read_says_what_was_checked(item: Report) -> None:
    read = Report.from_dict(item.to_dict())
    assert (str(read), repr(read)) == (str(item), repr(item))
    assert (read.findings, read.skipped, read.cost) == (item.findings, item.skipped, item.cost)
    assert media_document(read.video) == media_document(item.video)
    assert media_document(read.image) == media_document(item.image)
    assert read.checked_at is read.measured_at is None
    assert pickle.loads(pickle.dumps(read)) == read


@pytest.mark.parametrize("text", [*HOSTILE, "a\udcff.mp4"])
def test_whatever_a_report_holds_is_read_and_written_the_same(text: str) -> None:
    for item in (
        report(label=text),
        report(body(prompt=text, **{text: text})),
        report(video=video(location=text)),
        report(findings=[finding(message=text, remedy=text)]),
    ):
        read = Report.from_dict(item.to_dict())
        assert read.to_dict() == item.to_dict() == json.loads(read.to_json())
        assert read.verdict is item.verdict
        assert str(read) == str(item)


def test_a_strict_report_stays_one() -> None:
    item = report(strict=True, video=video(container="webm"))
    read = Report.from_dict(item.to_dict())
    assert read.verdict is item.verdict is Verdict.FAIL
    assert [read.decides(finding) for finding in read.findings] == [
        item.decides(finding) for finding in item.findings
    ]


def test_a_medium_that_was_not_measured_is_read_as_such() -> None:
    item = preflight(body(video_url="not-there.mp4", image_url=7))
    read = Report.from_dict(item.to_dict())
    assert isinstance(read.video, Unmeasured)
    assert isinstance(read.image, Unmeasured)
    assert isinstance(item.video, Unmeasured)
    assert (read.video.reason, read.image.location) == (item.video.reason, None)


def test_no_change_of_the_dictionary_changes_the_report() -> None:
    entry = report().to_dict()
    read = Report.from_dict(entry)
    entry["label"] = read.to_dict()["findings"] = "changed"
    assert read.to_dict() == report().to_dict()


@pytest.mark.parametrize("accept_unsure", [False, True])
def test_what_was_read_is_never_sent(accept_unsure: bool) -> None:  # noqa: FBT001  a parameter
    """Its links have lost their queries: the provider would be sent to another address."""
    item = report(body(video_url="https://apimart-user.com/clip.mp4?token=1"))
    assert ClearedRequest(item)
    with pytest.raises(NotCleared, match="read from a document"):
        ClearedRequest(Report.from_dict(item.to_dict()), accept_unsure=accept_unsure)


def test_a_secret_in_a_document_of_somebody_else_is_not_shown() -> None:
    entry = RICH.to_dict()
    signed = "https://apimart-user.com/clip.mp4?X-Amz-Signature=5ecret5ecret"
    entry["request"]["video_url"] = entry["facts"]["video"]["location"] = signed
    entry["facts"]["video"]["transfer"]["final_url"] = signed
    read = Report.from_dict(entry)
    for text in (read.to_json(), str(read), repr(read), repr(read.video)):
        assert "5ecret" not in text


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in report().to_dict().items() if key != name}


def changed(name: str, value: object) -> dict[str, Any]:
    return report().to_dict() | {name: value}


def dated(day: str) -> dict[str, Any]:
    entry = copy.deepcopy(report().to_dict())
    entry["estimate"]["price_as_of"] = day
    return entry


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (without("findings"), "this is not a report: findings: Field required"),
        (changed("verdict", "fine"), "verdict: Input should be 'pass', 'fail' or 'unsure'"),
        (changed("label", 7), "label: Input should be a valid string"),
        (changed("request", {"prompt": {1}}), "JSON cannot carry it"),
        (changed("request", {"seed": float("nan")}), "JSON cannot carry it"),
        (dated("yesterday"), "estimate.price_as_of: Invalid isoformat string"),
        ({"schema": "motion-preflight/report/1", "reports": []}, "each of its `reports`"),
        ([], "this is not a report"),
        (None, "this is not a report"),
    ],
)
def test_what_is_no_report_is_refused_by_name(document: Any, message: str) -> None:
    with pytest.raises(ReportInvalid) as refused:
        Report.from_dict(document)
    assert message in str(refused.value)


def test_what_a_later_version_adds_is_left_out() -> None:
    assert Report.from_dict(changed("more", 1)).to_dict() == report().to_dict()
