"""A request that can be rehearsed: of the media that are served, a clip and a picture that pass."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Literal

from motion_preflight.errors import PreflightError
from motion_preflight.media.facts import MediaFacts
from motion_preflight.pipeline import preflight
from motion_preflight.sandbox.sample_media import CLIP, PICTURE
from motion_preflight.text.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from motion_preflight.sandbox.server import Sandbox

REQUEST = {"model": "kling-v2-6-motion-control", "mode": "std", "character_orientation": "image"}
_TRIED = 12  # clips, and pictures, of a folder that are measured at most
_CLIPS, _PICTURES = (CLIP, "*.mp4", "*.mov"), (PICTURE, "*.png", "*.jpg", "*.jpeg")


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """The links of a clip and of a picture that one request can name."""

    video: str
    image: str


def rehearsal(sandbox: Sandbox, media: Path | None) -> Rehearsal:
    """A pair of a folder's media that passes every rule. The package's own clip and picture, which
    always pass, take the place of what the folder does not have, and of everything in it where
    nothing can be measured.
    """
    own = Rehearsal(sandbox.sample_url(CLIP), sandbox.sample_url(PICTURE))
    if media is None:
        return Rehearsal(sandbox.media_url(CLIP), sandbox.media_url(PICTURE))
    try:
        return next(_passing(sandbox, media), own)
    except PreflightError:  # no ffprobe is installed, for one
        return own


def _passing(sandbox: Sandbox, media: Path) -> Iterator[Rehearsal]:
    clips = (file for file in _files(media, *_CLIPS) if _passes("video", file))
    for clip in clips:
        pictures = (file for file in _files(media, *_PICTURES) if _passes("image", file))
        picture = next(pictures, None)
        image = sandbox.media_url(picture.name) if picture else sandbox.sample_url(PICTURE)
        yield Rehearsal(sandbox.media_url(clip.name), image)


def _files(media: Path, *patterns: str) -> Iterator[Path]:
    """Files of the folder itself, in the order of the patterns."""
    files = (file for pattern in patterns for file in sorted(media.glob(pattern)))
    return islice(dict.fromkeys(file for file in files if file.is_file()), _TRIED)


def _passes(medium: Literal["video", "image"], file: Path) -> bool:
    """Whether nothing speaks against a file in the request. Raises `PreflightError`."""
    field = f"{medium}_url"
    report = preflight(REQUEST | {field: str(file)})
    measured = isinstance(getattr(report, medium), MediaFacts)
    return measured and not any(
        report.decides(finding) for finding in report.findings if finding.field == field
    )
