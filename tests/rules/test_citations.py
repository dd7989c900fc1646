"""What a limit decides cites the limit's own source: a user's profile may have changed it."""

from __future__ import annotations

from dataclasses import fields, replace
from decimal import Decimal
from typing import Any

import pytest
from builders import NOW, PROFILE, body, case, image, seconds, video
from findings import findings_of, single

from motion_preflight.media.facts import VideoStream
from motion_preflight.provider.profile import Profile, Source
from motion_preflight.rules import (
    image_aspect_ratio,
    image_dimensions,
    image_format,
    image_too_large,
    prompt_too_long,
    video_container,
    video_dimensions,
    video_duration_above_maximum,
    video_duration_below_minimum,
    video_too_large,
)


def _own() -> Profile:
    """The profile, every limit of it from one source of the user's."""
    limits, changed = PROFILE.limits, {}
    for field in fields(limits):
        limit = getattr(limits, field.name)
        changed[field.name] = replace(limit, source="mine") if hasattr(limit, "source") else limit
    both = limits.video_duration
    changed["video_duration"] = replace(
        both, image=replace(both.image, source="mine"), video=replace(both.video, source="mine")
    )
    mine = Source("my own tests", NOW.date(), "own")
    sources = PROFILE.sources | {"mine": mine}
    return replace(PROFILE, limits=replace(limits, **changed), sources=sources)


def _own_of_the_model() -> Profile:
    """The profile, in which the limits of the request's model alone are from the user's source."""
    own, model = _own(), body()["model"]
    models = PROFILE.models | {model: replace(PROFILE.models[model], limits=own.limits)}
    return replace(PROFILE, models=models, sources=own.sources)


SIDES = VideoStream("h264", 100, 100, 0, None)
WIDE = VideoStream("png", 3000, 300, 0, None)


@pytest.mark.parametrize(
    ("rule", "parts"),
    [
        (video_duration_above_maximum, {"video": video(durations=seconds("31"))}),
        (video_duration_below_minimum, {"video": video(durations=seconds("1"))}),
        (video_too_large, {"video": video(size=10**12)}),
        (video_container, {"video": video(container="webm")}),
        (video_dimensions, {"video": video(video=SIDES)}),
        (image_format, {"image": image(container="webp")}),
        (image_too_large, {"image": image(size=10**9)}),
        (image_dimensions, {"image": image(video=SIDES)}),
        (image_aspect_ratio, {"image": image(video=WIDE)}),
        (prompt_too_long, {"draft": case(body(prompt="x" * 3000)).draft}),
    ],
    ids=lambda value: value.__name__.rpartition(".")[2] if hasattr(value, "__name__") else "",
)  # fmt: skip
@pytest.mark.parametrize("own", [_own(), _own_of_the_model()], ids=["common", "of the model"])
def test_a_limit_of_ones_own_is_cited(own: Profile, rule: Any, parts: dict[str, Any]) -> None:
    finding = single(findings_of(rule, case(profile=own, **parts)))
    assert finding.source == f"my own tests, read {NOW.date()}"
    usual = single(findings_of(rule, case(**parts)))
    assert usual.source != finding.source
    assert usual.message == finding.message


def test_the_limits_of_another_model_decide_nothing() -> None:
    other = "kling-v3-motion-control"
    short = replace(PROFILE.limits.prompt_length, maximum={"": Decimal(5)})
    limits = replace(PROFILE.limits, prompt_length=short)
    models = PROFILE.models | {other: replace(PROFILE.models[other], limits=limits)}
    own = replace(PROFILE, models=models)
    assert findings_of(prompt_too_long, case(profile=own)) == []
    finding = single(findings_of(prompt_too_long, case(body(model=other), profile=own)))
    assert "5" in finding.message
