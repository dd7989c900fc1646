"""How many pictures an MP4/MOV track shows: fewer than its samples, where an edit list hides some,
more, where it shows some again.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING

from motion_preflight.media.containers.mp4_samples import EMPTY, NORMAL, table_runs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from motion_preflight.media.containers.mp4_samples import Edit
    from motion_preflight.media.containers.mp4_tables import Track

_MOST = 200_000  # samples that are looked at one by one: 55 minutes at 60 frames a second


def pictures_shown(track: Track, edits: Sequence[Edit], movie_timescale: int) -> int | None:
    """The number of pictures that a track shows by its tables. `None` when only a decoder can tell.

    The first samples behind the first keyframe may be shown before it. They refer to frames in
    front of it, which are not in the file, and then a decoder leaves them out. Raises `BoxError`.
    """
    runs = table_runs(track.stts, track.ctts, track.reachable)
    first = next(runs, None)
    if first is None:
        return 0
    if not edits or not movie_timescale:
        return None if any(run.shown < first.shown for run in runs) else track.reachable
    if track.reachable > _MOST:
        return None
    times = sorted(
        run.shown + run.step * index for run in (first, *runs) for index in range(run.length)
    )
    ticks, number = Fraction(track.timescale, movie_timescale), 0
    for edit in edits:
        shown = _shown_by(edit, times, ticks)
        if shown and times[shown.start] < first.shown:
            return None
        number += len(shown)
    return number


def _shown_by(edit: Edit, times: Sequence[int], ticks: Fraction) -> range:
    """The places of the samples that an edit shows, in the order in which they are shown. As for
    ffmpeg, that is what begins within the edit; what is already shown when it begins counts only
    where nothing else does. `ticks` of the track are one of the movie.
    """
    opens = edit.media_time
    if opens == EMPTY:
        return range(0)
    closes = opens + ceil(edit.duration * ticks * Fraction(abs(edit.rate), NORMAL))
    first, behind = bisect_left(times, opens), bisect_left(times, closes)
    if first < behind:
        return range(first, behind)
    before = bisect_right(times, opens) - 1
    return range(max(before, 0), before + 1)
