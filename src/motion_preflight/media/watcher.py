"""Looks at the pictures of a clip, where that is asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from motion_preflight.media.content import content_of, pictures_in
from motion_preflight.media.errors import FfmpegFailed
from motion_preflight.media.programs.watch import watch

if TYPE_CHECKING:
    from decimal import Decimal
    from pathlib import Path

    from motion_preflight.media.content import Content
    from motion_preflight.media.facts import MediaFacts
    from motion_preflight.provider.content import ContentThresholds


class Watcher(NamedTuple):
    """The ffmpeg to use, and the thresholds to judge by."""

    ffmpeg: str
    thresholds: ContentThresholds

    def content(self, path: Path, stream: int, seconds: Decimal | None = None) -> Content:
        """What the pictures of one stream of a local file show. `seconds` is how long the stream
        lasts, `None` where that is not known.

        Raises `FfmpegMissing`, and `FfmpegFailed` when ffmpeg did not get to the end.
        """
        level = self.thresholds.dark_level.value
        text = watch(path, ffmpeg=self.ffmpeg, stream=stream, dark_level=level)
        return content_of(pictures_in(text), self.thresholds, seconds)

    def watched(self, facts: MediaFacts, path: Path) -> MediaFacts:
        """The facts of a clip with what its pictures show, or with the reason why nobody looked.
        Raises `FfmpegMissing`.
        """
        video = facts.video
        if video is None or video.index is None:
            return facts
        times = facts.durations
        try:
            shown = self.content(path, video.index, times.samples or times.video)
        except FfmpegFailed as error:
            return replace(facts, unwatched=str(error))
        return replace(facts, stretches=shown)
