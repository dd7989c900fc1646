"""The thresholds of pictures are data as limits are: sourced, and changed by a user's own file."""

from __future__ import annotations

from dataclasses import fields
from decimal import Decimal
from pathlib import Path

import pytest
from builders import case, with_content
from findings import findings_of, single

from motion_preflight.provider.profile import Profile
from motion_preflight.provider.profile_error import ProfileInvalid
from motion_preflight.rules import video_black

OWN = '[sources.mine]\ntitle = "my clips"\nas_of = 2026-12-01\nconfidence = "own"\n'


def load(folder: Path, text: str) -> Profile:
    file = folder / "profile.toml"
    file.write_text(text, encoding="utf-8")
    return Profile.load(file)


def test_every_built_in_threshold_says_where_it_was_measured() -> None:
    profile = Profile.load()
    for declared in fields(profile.content):
        threshold = getattr(profile.content, declared.name)
        assert "measurement on" in profile.source_of(threshold).title
        assert isinstance(threshold.value, Decimal)


def test_a_threshold_of_ones_own_is_cited(tmp_path: Path) -> None:
    text = f'{OWN}[content]\nblack_seconds = {{ value = 2, source = "mine" }}\n'
    own = load(tmp_path, text)
    assert own.content.black_seconds.value == 2
    assert own.content.frozen_seconds == Profile.load().content.frozen_seconds
    clip = with_content(black="0-3")
    assert "my clips" in single(findings_of(video_black, case(video=clip, profile=own))).source


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("content.cut_change.value = 0", "content.cut_change"),
        ("content.cut_change.value = nan", "content.cut_change.value"),
        ("content.cut_change.minimum = 3", "content.cut_change.minimum"),
        ("content.cuts.value = 3", "content.cuts"),
        ('content.cut_change.source = "none"', "content.cut_change.source"),
    ],
)
def test_a_mistake_is_named_with_its_key(tmp_path: Path, text: str, place: str) -> None:
    with pytest.raises(ProfileInvalid, match=place):
        load(tmp_path, text)
