"""The command that mends a clip, as somebody may type it, and the name of what it makes.

`fix --dry-run` shows it, and so do the findings of a check, from the facts alone.
"""

from __future__ import annotations

import os
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from motion_preflight.repair.clip_command import clip_command
from motion_preflight.repair.clip_plan import plan_clip
from motion_preflight.repair.errors import CannotFix
from motion_preflight.repair.placing import name_beside
from motion_preflight.repair.result import Suggestion
from motion_preflight.text.locations import extension, printable

if TYPE_CHECKING:
    from motion_preflight.media.facts import MediaFacts
    from motion_preflight.provider.limits import Limits
    from motion_preflight.repair.clip_plan import ClipPlan
    from motion_preflight.repair.options import FixOptions, Orientation

# A clip of at most so many seconds is fitted to both orientations, a longer one to `video`, whose
# limit is wider: cutting it to fit both would take most of it away.
_BOTH = Decimal(11)


def suggest_clip(
    facts: MediaFacts, path: str, wish: FixOptions, limits: Limits
) -> Suggestion | None:
    """The command of ffmpeg that mends the clip at a path; `None` where `fix` cannot."""
    if facts.video is None or facts.details is None:
        return None
    orientations = orientations_of(facts, wish)
    try:
        plan = plan_clip(facts, wish, limits, orientations)
    except CannotFix:
        return None
    output = clip_name(Path(path), orientations)
    return Suggestion(shown_command(plan, path, output), os.fspath(output))


def orientations_of(facts: MediaFacts, wish: FixOptions) -> tuple[Orientation, ...]:
    """What the new clip must fit; the first one stands in its name."""
    if wish.orientation:
        return (wish.orientation,)
    times = facts.durations.judged
    longest = min(wish.seconds or times.high, times.high - wish.start) if times else None
    return ("image", "video") if longest is None or longest <= _BOTH else ("video",)


def clip_name(path: Path, orientations: tuple[Orientation, ...]) -> Path:
    """The name of the new clip beside its source."""
    return name_beside(path, f"for-{orientations[0]}", ".mp4")


def ensure_named_mp4(output: Path) -> None:
    """Raises `CannotFix` for the name of a result that stands for another kind of file."""
    ending = extension(output.name)
    if ending not in {"mp4", ""}:
        raise CannotFix(
            f"{printable(str(output))} ends in .{ending}, and what is made is an MP4: name a file "
            "that ends in .mp4"
        )


def shown_command(plan: ClipPlan, source: str, output: Path) -> tuple[str, ...]:
    """The command as somebody would type it."""
    words = clip_command(plan, _as_path(source), _as_path(os.fspath(output)))
    if not extension(output.name):  # by which ffmpeg would know what to make
        words[-1:] = ["-f", "mp4", words[-1]]
    return tuple(words)


def _as_path(name: str) -> str:
    """A name that ffmpeg takes neither for an option nor for a URL."""
    odd = name.startswith("-") or ":" in name.partition(os.sep)[0]
    return f".{os.sep}{name}" if odd and not Path(name).drive else name
