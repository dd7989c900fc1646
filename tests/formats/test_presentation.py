"""The values of the library for people and programs: short in a log, whole as text and as JSON."""

from __future__ import annotations

import json
from decimal import Decimal
from html import unescape

import pytest
from builders import NOW, body, finding, intent, report, reports, seconds, video
from odd_texts import HOSTILE

from motion_preflight.formats.json import Json
from motion_preflight.formats.names import Detail
from motion_preflight.formats.registry import writer
from motion_preflight.formats.style import Style
from motion_preflight.media.facts import Unmeasured
from motion_preflight.network.errors import Reason
from motion_preflight.provider.state import State
from motion_preflight.report.totals import totals

SIGNED = "https://apimart-user.com/clip.mp4?X-Amz-Signature=5ecret5ecret"
UNMEASURED = Unmeasured(SIGNED, Reason.MISSING, "not there")
FAILED = report(findings=[finding(rule=f"rule-{number}") for number in range(5)])


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (report(), "<Report 'dance.json' pass, USD 0.46>"),
        (
            FAILED,
            "<Report 'dance.json' fail, USD 0.46: rule-0, rule-1, rule-2, 2 more>",
        ),
        (
            report(video=UNMEASURED, findings=[]),
            "<Report 'dance.json' unsure, unknown cost (the duration of the video is not known)>",
        ),
        (report(body(model="x")).estimate, "<Estimate 8 s, unknown cost (no price is known)>"),
        (
            report(video=video(durations=seconds("8", video="9.5"))).estimate,
            "<Estimate 8 to 10 s, USD 0.46 to 0.57>",
        ),
        (
            video(location=SIGNED.replace("X-Amz-Signature", "sig"), size=12),
            "<MediaFacts 'https://apimart-user.com/clip.mp4?sig=…': mp4, 720x1280, 8 s, 12 bytes>",
        ),
        (
            intent(state=State.COMPLETED, task_id="task_1", cost=Decimal("0.4569")),
            "<Receipt 'dance.json' completed, task task_1, USD 0.4569 billed>",
        ),
        (
            intent(intent="abc"),
            "<Receipt 'dance.json' sending, intent abc, USD 0.45 to 0.46 estimated>",
        ),
    ],
)
def test_repr_is_a_line_with_the_verdict_and_the_price(value: object, shown: str) -> None:
    assert repr(value) == shown


@pytest.mark.parametrize("text", HOSTILE)
def test_repr_stays_a_line_whatever_the_names_are(text: str) -> None:
    for value in (report(label=text), video(location=text), intent(label=text, task_id=None)):
        assert repr(value).isprintable()
        assert len(repr(value)) < 1500


def test_str_is_the_page_that_the_command_prints() -> None:
    for item in reports():
        profile, detail = item.options.profile, Detail.VERBOSE
        text = writer("text", profile=profile, style=Style(), detail=detail)
        assert text.report(item) + text.end(totals([item], None)) == f"{item}\n"
    assert "USD 0.46 (8 s x" in str(report().estimate)
    assert str(video(location=SIGNED)).startswith(
        "https://apimart-user.com/clip.mp4?X-Amz-Signature=…\n"
    )
    assert str(intent(task_id="task_1")).startswith("sending     dance.json")


def test_a_notebook_shows_the_page_and_no_markup_of_others() -> None:
    item = report(label="<script>alert(1)</script>")
    shown = item._repr_html_()
    assert "<script" not in shown
    assert unescape(shown) == f"<pre>{item}</pre>"


def test_the_dictionary_is_the_entry_of_the_document() -> None:
    items, json_writer = reports(), Json()
    document = json.loads(
        json_writer.begin()
        + "".join(json_writer.report(item) for item in items)
        + json_writer.end(totals(items, None))
    )
    for item, entry in zip(items, document["reports"], strict=True):
        assert item.to_dict() == entry == json.loads(item.to_json())
        assert item.estimate is not None
        assert item.estimate.to_dict() == entry["estimate"]
        assert video().to_dict() == report().to_dict()["facts"]["video"]


def test_the_dictionary_of_a_receipt_is_that_of_tasks_and_holds_no_secret() -> None:
    entry = intent(body=body(video_url=SIGNED), task_id="task_1").to_dict()
    assert (entry["state"], entry["task_id"], entry["created"]) == (
        "sending",
        "task_1",
        NOW.isoformat(),
    )
    item = report(body(video_url=SIGNED), video=video(location=SIGNED))
    for text in (item.to_json(), str(item), repr(item), item._repr_html_()):
        assert "5ecret" not in text


def test_json_stands_on_one_line_or_on_many() -> None:
    assert "\n" not in report().to_json()
    assert report().to_json(indent=2).startswith('{\n  "label"')
