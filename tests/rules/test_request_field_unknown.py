"""A field that the API page does not name is a warning that guesses what was meant."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from builders import MISSING, body, case
from findings import findings_of, single

from motion_preflight.report.findings import Level
from motion_preflight.request.redacted_body import redacted_body
from motion_preflight.rules import request_field_unknown

if TYPE_CHECKING:
    from motion_preflight.report.findings import Finding


def test_known_fields_are_silent() -> None:
    assert findings_of(request_field_unknown, case(body(watermark_info={"enabled": True}))) == []


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("promt", "prompt"),
        ("Prompt", "prompt"),
        ("imageUrl", "image_url"),
        ("image", "image_url"),
        ("images", "image_url"),
        ("video", "video_url"),
        ("clip", "video_url"),
        ("vid", "video_url"),
        ("img", "image_url"),
        ("vdeo", "video_url"),
        ("picture", "image_url"),
        ("photo", "image_url"),
        ("orientation", "character_orientation"),
        ("Orientation", "character_orientation"),
        ("character", "character_orientation"),
        ("sound", "keep_original_sound"),
        ("keep_original", "keep_original_sound"),
        ("model_name", "model"),
        ("modelName", "model"),
        ("characterOrientation", "character_orientation"),
        ("watermark", "watermark_info"),
        ("keepOriginalSound", "keep_original_sound"),
    ],
)
def test_a_near_miss_is_named(name: str, near: str) -> None:
    finding = single(findings_of(request_field_unknown, case(body(**{name: "x"}))))
    assert (finding.level, finding.field) == (Level.WARNING, name)
    assert f'"{name}"' in finding.message
    assert finding.remedy == f'was "{near}" meant?'


@pytest.mark.parametrize(
    "name", ["seed", "duration", "callback_url", "aspect_ratio", "x", "", "id", "uid", "code", "no"]
)
def test_a_field_near_to_nothing_is_to_be_taken_out(name: str) -> None:
    finding = single(findings_of(request_field_unknown, case(body(**{name: 5}))))
    assert f'"{name}"' in finding.message
    assert finding.remedy.startswith("take it out")


def test_each_unknown_field_is_a_finding_of_its_own() -> None:
    result = findings_of(request_field_unknown, case(body(seed=1, duration=8)))
    assert [item.field for item in result] == ["seed", "duration"]


def test_a_link_as_a_name_keeps_its_secrets() -> None:
    link = "https://cdn.apimart-user.com/a.mp4?X-Amz-Signature=deadbeefcafe"
    fields = body(**{link: 1, "deep": {link: 1}})
    for finding in findings_of(request_field_unknown, case(fields)):
        assert "deadbeef" not in f"{finding.field} {finding.message} {finding.remedy}"
    assert "deadbeef" not in str(redacted_body(fields))


def test_a_name_cannot_drive_a_terminal_or_fill_it() -> None:
    finding = single(findings_of(request_field_unknown, case(body(**{"\x1b[2J" + "x" * 99: 1}))))
    assert "\x1b" not in finding.message
    assert "x" * 61 not in finding.message


@pytest.mark.parametrize("name", ["n", "num", "count", "batch_size", "num_videos", "numOutputs"])
@pytest.mark.parametrize("value", [4, "4", 0, 4.0, None, True, "many", 10**400])
def test_a_field_that_may_multiply_the_bill_is_an_error(name: str, value: object) -> None:
    finding = single(findings_of(request_field_unknown, case(body(**{name: value}))))
    assert (finding.level, finding.field) == (Level.ERROR, name)
    assert "each is billed" in finding.message
    assert len(finding.message) < 200


@pytest.mark.parametrize("value", [1, "1", 1.0, " 1 ", "1.0"])
def test_one_video_is_a_warning_as_any_unknown_field(value: object) -> None:
    assert single(findings_of(request_field_unknown, case(body(n=value)))).level is Level.WARNING


def test_what_it_could_cost_is_said_where_it_is_known() -> None:
    finding = single(findings_of(request_field_unknown, case(body(n="4"), price=Decimal("0.1"))))
    assert '"n" may ask for 4 videos, and each is billed: USD ' in finding.message


def test_a_multiplier_inside_of_another_field_is_seen() -> None:
    finding = single(findings_of(request_field_unknown, case(body(options={"extra": {"n": 3}}))))
    assert (finding.level, finding.field) == (Level.ERROR, "options")


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("duration", "take it out: the seconds of the reference video are billed"),
        ("image_list", 'was "image_url" meant? It takes one link'),
        ("video_urls", 'was "video_url" meant? It takes one link'),
        ("resolution", 'was "mode" meant?'),
        ("negative_prompt", "take it out: it is of Kling's text-to-video"),
        ("callBackUrl", "take it out, unless you know"),
        ("external_task_id", "take it out: it is for your own books"),
    ],
)
def test_a_field_of_another_api_gets_the_hint_that_fits(name: str, remedy: str) -> None:
    assert single(findings_of(request_field_unknown, case(body(**{name: "x"})))).remedy.startswith(
        remedy
    )


def columns(*names: str, **fields: object) -> list[Finding]:
    built = case(body(**fields))
    return findings_of(
        request_field_unknown, replace(built, draft=replace(built.draft, left_out=tuple(names)))
    )


def test_columns_that_are_not_sent_are_one_note_that_names_them() -> None:
    finding = single(columns("id", "who", "a", "b", "c", "d", "e"))
    assert (finding.level, finding.field) == (Level.NOTE, None)
    assert finding.message == (
        '"id", "who", "a", "b", "c" and 2 more will not be sent: the API page names no such field'
    )
    assert finding.remedy == (
        "nothing is to be done, unless the API is to get it: then give `--send-unknown`"
    )


@pytest.mark.parametrize("name", ["callBackUrl", "webhook", "notify_hook"])
def test_a_callback_that_is_not_sent_is_told_what_takes_its_place(name: str) -> None:
    finding = single(columns("note", name))
    assert finding.level is Level.NOTE
    assert finding.remedy == "this API calls nothing back: `tasks wait` tells when a task is over"


def test_a_misspelt_column_is_a_warning_of_its_own() -> None:
    finding = single(columns("promt", prompt=MISSING))
    assert finding.level is Level.WARNING
    assert finding.remedy == 'was "prompt" meant?'


def test_a_field_beside_the_switch_of_the_watermark_is_unknown_too() -> None:
    finding = single(
        findings_of(
            request_field_unknown, case(body(watermark_info={"enabled": True, "text": "x"}))
        )
    )
    assert (finding.level, finding.field) == (Level.WARNING, "watermark_info.text")
    assert '"watermark_info.text"' in finding.message
    multiplied = body(watermark_info={"enabled": True, "count": 3})
    assert single(findings_of(request_field_unknown, case(multiplied))).level is Level.ERROR
