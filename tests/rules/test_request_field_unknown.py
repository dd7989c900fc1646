"""A field that the API page does not name is a warning that guesses what was meant."""

from __future__ import annotations

import pytest
from build import body, case, only, said

from motion_preflight.report import Level
from motion_preflight.rules import request_field_unknown


def test_known_fields_are_silent() -> None:
    assert said(request_field_unknown, case(body(watermark_info={"enabled": True}))) == []


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
    finding = only(said(request_field_unknown, case(body(**{name: "x"}))))
    assert (finding.level, finding.field) == (Level.WARNING, name)
    assert f'"{name}"' in finding.message
    assert finding.remedy == f'was "{near}" meant?'


@pytest.mark.parametrize("name", ["seed", "duration", "callback_url", "aspect_ratio", "x", ""])
def test_a_field_near_to_nothing_is_to_be_taken_out(name: str) -> None:
    finding = only(said(request_field_unknown, case(body(**{name: 5}))))
    assert f'"{name}"' in finding.message
    assert finding.remedy.startswith("take it out")


def test_each_unknown_field_is_a_finding_of_its_own() -> None:
    found = said(request_field_unknown, case(body(seed=1, duration=8)))
    assert [each.field for each in found] == ["seed", "duration"]


def test_a_name_cannot_drive_a_terminal_or_fill_it() -> None:
    finding = only(said(request_field_unknown, case(body(**{"\x1b[2J" + "x" * 99: 1}))))
    assert "\x1b" not in finding.message
    assert "x" * 61 not in finding.message
