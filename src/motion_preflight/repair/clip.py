"""Mends a clip: a plan, ffmpeg, and the proof that the result passes before it gets its name."""

from __future__ import annotations

import os
from decimal import Decimal
from typing import TYPE_CHECKING

from motion_preflight.media.errors import FfmpegMissing
from motion_preflight.media.facts import MediaFacts
from motion_preflight.media.measurements import measure_one
from motion_preflight.media.medium import Medium
from motion_preflight.media.programs.ffprobe import ALWAYS, VIDEO_DEMUXERS
from motion_preflight.repair.clip_changes import changes_of
from motion_preflight.repair.clip_command import clip_command
from motion_preflight.repair.clip_plan import plan_clip
from motion_preflight.repair.clip_shape import frame_seconds
from motion_preflight.repair.clip_suggestion import (
    clip_name,
    ensure_named_mp4,
    orientations_of,
    shown_command,
)
from motion_preflight.repair.encode import CANNOT_MAKE, MOST_BYTES, encode
from motion_preflight.repair.errors import CannotFix
from motion_preflight.repair.options import in_shot
from motion_preflight.repair.placing import in_folder, place, temporary_beside, write_problem
from motion_preflight.repair.result import Fix
from motion_preflight.report.findings import Level, Verdict
from motion_preflight.rules.video_undecodable import are_few
from motion_preflight.suitability import fits
from motion_preflight.text.lazy_dataclass import dataclass, replace
from motion_preflight.text.numbers import format_decimal, plural

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable
    from pathlib import Path

    from motion_preflight.media.measurements import Workers
    from motion_preflight.provider.profile import Profile
    from motion_preflight.repair.clip_plan import ClipPlan
    from motion_preflight.repair.options import FixOptions, Orientation
    from motion_preflight.report.findings import Finding
    from motion_preflight.suitability import Suitability

_LOST = Decimal("0.25")  # seconds that a result may be shorter than planned: ends are often damaged
_INPUT_LIMITS = {
    "protocol_whitelist": ALWAYS["protocol_whitelist"],
    "format_whitelist": VIDEO_DEMUXERS,
}


@dataclass(frozen=True, slots=True)
class ClipTools:
    """What mending a clip needs besides the clip.

    workers  measure the result, each frame of it decoded
    watch    called with the part that is done, 0 to 1; `None`: nobody looks
    """

    profile: Profile
    now: dt.datetime
    ffmpeg: str
    workers: Workers
    watch: Callable[[float], None] | None = None


def fix_clip(
    before: MediaFacts,
    path: Path,
    wish: FixOptions,
    tools: ClipTools,
    *,
    output: Path | None = None,
    folder: Path | None = None,
    dry_run: bool = False,
) -> Fix:
    """Makes a clip fit. `before` is its measurement; `output` is the name of the result, `None`:
    one in `folder`, which is that of the source where it is `None`. With `dry_run` the command is
    made and not run.

    Raises `FfmpegMissing`; all else stands in the result.
    """
    source = before.location
    suits = fits(before, profile=tools.profile, now=tools.now)
    if not wish.changes_content and _is_fine(suits, orientations_of(before, wish)):
        return Fix(source, None, (), None, before, None, suits.verdicts)
    changes: tuple[str, ...] = ()
    problem: str | None = None
    wanted = output or path
    try:
        if output is not None:
            _ensure_free(output)
        wish = _resolved(before, wish)
        orientations = orientations_of(before, wish)
        wanted = output or clip_name(in_folder(path, folder), orientations)
        for strict in (False, True):
            limits = tools.profile.limits
            plan = plan_clip(before, wish, limits, orientations, strict=strict)
            changes = changes_of(plan, before, wish, limits)
            if dry_run:
                return Fix(
                    source, None, changes, shown_command(plan, source, wanted), before, None,
                    suits.verdicts,
                )  # fmt: skip
            with temporary_beside(wanted.parent) as temporary:
                smooth = _encode(plan, path, temporary, tools)
                after = _measured(temporary, wanted, tools)
                result = fits(after, profile=tools.profile, now=tools.now)
                problem = _problem(result, orientations, after)
                losses = _losses(plan, after)
                changes += (() if smooth else _damage(path, wish, tools)) + losses
                if not problem:
                    placed = place(temporary, wanted, numbered=output is None)
                    return Fix(
                        source, placed, changes, shown_command(plan, source, placed), before,
                        replace(after, location=os.fspath(placed)), result.verdicts,
                    )  # fmt: skip
                if losses:  # no other plan reads more
                    problem = f"{problem}; {losses[0]}"
                    break
        error = f"the new clip does not pass either: {problem}"
    except (CannotFix, OSError) as failed:
        error = _reason(failed, before, wanted)
    return Fix(source, None, changes, None, before, None, suits.verdicts, error)


def _ensure_free(output: Path) -> None:
    """Raises `CannotFix` for a name of another kind, `FileExistsError` for one that is taken."""
    ensure_named_mp4(output)
    if os.path.lexists(output):
        raise FileExistsError


def _reason(failed: CannotFix | OSError, before: MediaFacts, wanted: Path) -> str:
    """Why a clip was not mended, and what to do, in words for people."""
    if isinstance(failed, FfmpegMissing):
        raise failed  # it is an `OSError`, but no fault of the folder
    if isinstance(failed, FileExistsError):
        return f"{wanted} exists already, and nothing is overwritten: name another file"
    if isinstance(failed, OSError):
        return write_problem(failed, wanted.parent)
    doubt = before.undecodable if str(failed).startswith(CANNOT_MAKE) else None
    return f"{doubt}; {failed}" if doubt else str(failed)


def _resolved(before: MediaFacts, wish: FixOptions) -> FixOptions:
    """The wish with the seconds of the best shot, where that is wanted. Raises `CannotFix` also for
    a file without a video.
    """
    if before.video is None or before.details is None:
        raise CannotFix("it has no video stream that can be mended")
    if not wish.best_shot:
        return wish
    shot = before.stretches and before.stretches.longest_shot
    if not shot:
        raise CannotFix("its shots are not known: give `start` and `seconds` instead")
    if wish.start >= shot.seconds:
        length = format_decimal(shot.seconds)
        raise CannotFix(f"`start` lies behind the end of the longest shot, which has {length} s")
    return in_shot(wish, shot)


def _is_fine(suits: Suitability, orientations: tuple[Orientation, ...]) -> bool:
    """Whether the clip passes as it is, and nothing about it is worth another file."""
    passes = all(suits.verdicts.get(name) is Verdict.PASS for name in orientations)
    return passes and not _mendable(suits)


def _mendable(suits: Suitability) -> list[Finding]:
    """The warnings and notes whose remedy is another file. Errors are left out: where the verdict
    passes they are about an orientation that is not wanted.
    """
    light = {Level.WARNING, Level.NOTE}
    return [finding for finding in suits.findings if finding.level in light and finding.fix_words]


def _encode(plan: ClipPlan, path: Path, temporary: Path, tools: ClipTools) -> bool:
    """Makes the new clip, and returns whether ffmpeg read the source without a complaint. Raises
    `CannotFix` and `OSError`.
    """
    source, target = f"file:{path.resolve()}", f"file:{temporary}"
    command = clip_command(plan, source, target, program=tools.ffmpeg, limits=_INPUT_LIMITS)
    line = [*command[:-1], "-f", "mp4", command[-1]]
    try:
        return encode(line, plan.seconds, plan.frames, tools.watch)
    except OSError:
        if temporary.stat().st_size < MOST_BYTES:
            raise
        raise CannotFix(f"the new clip would have more than {MOST_BYTES:,} bytes") from None


def _measured(temporary: Path, wanted: Path, tools: ClipTools) -> MediaFacts:
    """The facts of the new clip, every frame of it decoded. Raises `CannotFix`."""
    measured = measure_one(tools.workers, Medium(os.fspath(temporary), "video"))
    if not isinstance(measured, MediaFacts):
        raise CannotFix(f"the new clip cannot be measured: {measured.error}")
    return replace(measured, location=os.fspath(wanted))


def _damage(path: Path, wish: FixOptions, tools: ClipTools) -> tuple[str, ...]:
    """The sentence about frames of the source that do not decode, of which ffmpeg complained. The
    frame before them is shown instead, so a clip with many of them would stand still: for that one
    `CannotFix` is raised, unless somebody chose the part to take.
    """
    measured = measure_one(tools.workers, Medium(os.fspath(path), "video"))
    decoded = measured.decoded if isinstance(measured, MediaFacts) else None
    if decoded is None or not decoded.errors:
        return ()
    failed = plural(decoded.errors, "frame")
    chosen = not wish.best_shot and (wish.start or wish.seconds is not None)
    if not chosen and not are_few(decoded):
        raise CannotFix(
            f"{failed} of it did not decode, {decoded.frames:,} did: get it again from its source, "
            "or choose a part that plays with the options `start` and `seconds`"
        )
    return (f"{failed} of the source did not decode: the picture stands still there",)


def _problem(
    result: Suitability, orientations: tuple[Orientation, ...], after: MediaFacts
) -> str | None:
    """What keeps the new clip from passing; `None` when nothing does."""
    if after.decoded is None or after.decoded.errors:
        return "not every frame of it can be decoded"
    passes = all(result.verdicts.get(name) is Verdict.PASS for name in orientations)
    serious = [
        finding for finding in result.findings if finding.level in {Level.ERROR, Level.UNSURE}
    ]
    wrong = _mendable(result) if passes else serious
    if passes and not wrong:
        return None
    return "; ".join(finding.message for finding in wrong[:2]) or "its verdict is not known"


def _losses(plan: ClipPlan, after: MediaFacts) -> tuple[str, ...]:
    """The sentence about a clip that is shorter than it should have become."""
    low = after.durations.judged.low if after.durations.judged else Decimal(0)
    if plan.copied or low > plan.seconds - max(2 * frame_seconds(plan.rate), _LOST):
        return ()
    lengths = [format_decimal(round(length, 3)) for length in (low, plan.seconds)]
    return ("only {} of {} s could be read from the source".format(*lengths),)
