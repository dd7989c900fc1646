"""The command that mends a picture, and the name of what it makes, from the facts alone."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from motion_preflight.repair.errors import CannotFix
from motion_preflight.repair.picture_plan import (
    ENDINGS,
    PictureTraits,
    most_pixels,
    plan_picture,
)
from motion_preflight.repair.placing import name_beside
from motion_preflight.repair.result import Suggestion
from motion_preflight.report.findings import FIX
from motion_preflight.text.locations import extension

if TYPE_CHECKING:
    from motion_preflight.media.facts import MediaFacts
    from motion_preflight.provider.limits import Limits


def suggest_picture(facts: MediaFacts, path: str, limits: Limits) -> Suggestion | None:
    """The command `fix`, since a picture is mended without ffmpeg; `None` where it cannot."""
    traits = _traits(facts)
    if traits is None:
        return None
    try:
        plan = plan_picture(traits, limits)
    except CannotFix:
        return None
    output = name_beside(Path(path), "for-image", f".{ENDINGS[plan.kind][0]}")
    return Suggestion((*FIX.split(), path), os.fspath(output))


def _traits(facts: MediaFacts) -> PictureTraits | None:
    """What decides whether a picture can be mended, and what kind it becomes. What only its pixels
    tell decides neither. `None` where too little is known of it.
    """
    picture, kind = facts.video, facts.container
    if picture is None or not picture.width or not picture.height or kind is None:
        return None
    return PictureTraits(
        kind=kind,
        size=facts.size or 0,
        width=picture.width,
        height=picture.height,
        orientation=1,
        mode=facts.colour or "RGB",
        bits=8,
        alpha=False,
        several=False,
        profile=None,
        ending=extension(facts.location),
        most_pixels=most_pixels(kind),
        shrinks=kind == "jpeg",
    )
