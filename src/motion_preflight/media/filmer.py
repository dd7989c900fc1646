"""Takes small pictures of clips, where a page that shows them is asked for."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from motion_preflight.media.errors import FfmpegFailed, FfmpegMissing
from motion_preflight.media.filmstrip import MOST_CLIPS, MOST_FRAMES, Filmstrip, frame_size
from motion_preflight.media.programs.ffmpeg import find_ffmpeg
from motion_preflight.media.programs.film import film_frames
from motion_preflight.text.lazy_dataclass import replace

if TYPE_CHECKING:
    from decimal import Decimal
    from pathlib import Path

    from motion_preflight.media.facts import MediaFacts

_NOT_FETCHED = "its bytes were not fetched for pictures"
_ONLY_FIRST = "the rest of it was not fetched for pictures"
_ENOUGH = f"pictures are taken of {MOST_CLIPS} clips a run"
_SHORTEST = 1_000_000  # a clip is at least one in so many seconds long


class Filmer:
    """Takes the pictures of at most `MOST_CLIPS` clips, in any number of threads. A clip without
    pictures is measured all the same, and what is missing is said in words.
    """

    def __init__(self, ffmpeg: str | None) -> None:
        """`ffmpeg` is the one in the settings; `None`: the one that is found."""
        self._ffmpeg, self._why = "", ""
        try:
            self._ffmpeg = find_ffmpeg(ffmpeg)
        except FfmpegMissing as error:
            self._why = str(error)
        self._left, self._lock = MOST_CLIPS, threading.Lock()

    def filmed(
        self, facts: MediaFacts, path: Path, *, whole: bool, first_sample: bool
    ) -> MediaFacts:
        """The facts of a clip with its pictures.

        whole         every byte of the clip is in the file
        first_sample  its first sample is, at least
        """
        return replace(
            facts, filmstrip=self._filmstrip(facts, path, whole=whole, first_sample=first_sample)
        )

    def _filmstrip(
        self, facts: MediaFacts, path: Path, *, whole: bool, first_sample: bool
    ) -> Filmstrip | None:
        video = facts.video
        if video is None or video.index is None:
            return None
        if video.encrypted:
            return Filmstrip(missing="it is encrypted")
        if not whole and not first_sample:
            return Filmstrip(missing=_NOT_FETCHED)
        if not self._ffmpeg or not self._take_one():
            return Filmstrip(missing=self._why or _ENOUGH)
        seconds = _seconds(facts) if whole else None
        size = frame_size(video.width, video.height)
        try:
            frames = film_frames(
                path, ffmpeg=self._ffmpeg, stream=video.index, size=size, seconds=seconds
            )
        except (FfmpegFailed, FfmpegMissing) as error:
            return Filmstrip(missing=str(error))
        if not frames:
            return Filmstrip(missing="ffmpeg decoded no picture of it")
        step = seconds / MOST_FRAMES if seconds is not None else None
        return Filmstrip(frames, *size, step, None if whole else _ONLY_FIRST)

    def _take_one(self) -> bool:
        """Whether one more clip may have pictures, which is then counted."""
        with self._lock:
            self._left -= 1
            return self._left >= 0


def _seconds(facts: MediaFacts) -> Decimal | None:
    """How long the pictures are spread over: what was measured, else the longest that is
    declared.
    """
    judged = facts.durations.judged
    seconds = facts.durations.samples or (judged.high if judged else None)
    return seconds if seconds and seconds * _SHORTEST >= 1 else None
