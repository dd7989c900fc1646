"""Looks at the pictures of a clip, where that is asked for."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from motion_preflight.media.content import content_of, pictures_in
from motion_preflight.media.errors import FfmpegFailed
from motion_preflight.media.faces import MISSING, FacesUnseen, can_look
from motion_preflight.media.framing import framing_of
from motion_preflight.media.programs.search_faces import search_faces
from motion_preflight.media.programs.watch import watch
from motion_preflight.text.lazy_dataclass import replace
from motion_preflight.text.numbers import format_decimal

if TYPE_CHECKING:
    from pathlib import Path

    from motion_preflight.media.content import Content, Picture
    from motion_preflight.media.facts import MediaFacts
    from motion_preflight.provider.content import ContentThresholds


_ROOM = Decimal("0.5")  # seconds by which the last picture may come early


class Watcher(NamedTuple):
    """The ffmpeg to use, and the thresholds to judge by."""

    ffmpeg: str
    thresholds: ContentThresholds

    def content(self, path: Path, stream: int, seconds: Decimal | None = None) -> Content:
        """What the pictures of one stream of a local file show. `seconds` is how long the stream
        lasts, `None` where that is not known.

        Raises `FfmpegMissing`, and `FfmpegFailed` when ffmpeg did not get to the end.
        """
        content = content_of(self._pictures(path, stream), self.thresholds, seconds)
        return self._framed(content, path, stream)

    def watched(self, facts: MediaFacts, path: Path) -> MediaFacts:
        """The facts of a clip with what its pictures show, or with the reason why nobody looked.
        Raises `FfmpegMissing`.
        """
        video = facts.video
        if video is None or video.index is None:
            return facts
        if video.encrypted:
            return replace(facts, unwatched="they are encrypted")
        try:
            pictures, seconds = self._pictures(path, video.index), facts.durations.samples
            _ensure_whole(pictures[-1].time, video.longest_frame, seconds)
        except FfmpegFailed as error:
            return replace(facts, unwatched=str(error))
        content = content_of(pictures, self.thresholds, seconds)
        return replace(facts, stretches=self._framed(content, path, video.index))

    def _framed(self, content: Content, path: Path, stream: int) -> Content:
        """The same content with how much of a person it shows, or with why nobody looked."""
        if not can_look():
            return replace(content, unframed=MISSING)
        seconds = content.seconds
        try:
            faces = search_faces(path, ffmpeg=self.ffmpeg, stream=stream, seconds=seconds)
        except FacesUnseen as error:
            return replace(content, unframed=str(error))
        return replace(content, framing=framing_of(faces, self.thresholds))

    def _pictures(self, path: Path, stream: int) -> list[Picture]:
        level = self.thresholds.dark_level.value
        text = watch(path, ffmpeg=self.ffmpeg, stream=stream, dark_level=level)
        pictures = pictures_in(text)
        if not pictures:
            raise FfmpegFailed("ffmpeg decoded no picture of it")
        return pictures


def _ensure_whole(last: Decimal, longest: Decimal | None, seconds: Decimal | None) -> None:
    """Raises `FfmpegFailed` when the last picture cannot be shown up to the end: pictures that did
    not decode would otherwise seem to be frozen.
    """
    if longest is not None and seconds is not None and seconds - last > longest + _ROOM:
        raise FfmpegFailed(
            f"ffmpeg decoded pictures up to {format_decimal(last)} s only, "
            f"of {format_decimal(seconds)} s"
        )
