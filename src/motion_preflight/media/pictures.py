"""Measures a picture: its sides as displayed, whether it is whole, and whether anything can be
seen.

Headers and metadata are read here, the rows of a PNG by zlib, other pixels by Pillow. What is too
large for that is reported as not known.
"""

from __future__ import annotations

from importlib.machinery import PathFinder
from typing import TYPE_CHECKING

from motion_preflight.media.facts import MediaFacts, Unmeasured, VideoStream
from motion_preflight.media.picture_headers.header import SidesUnknown
from motion_preflight.media.picture_kinds import read_picture
from motion_preflight.network.errors import Reason

if TYPE_CHECKING:
    from motion_preflight.media.source.opening import Source

_SELF = "motion-preflight"  # measured the picture where the header alone was enough
_CODECS = {"jpeg": "mjpeg", "heic": "hevc", "avif": "av1"}  # as ffprobe names them


def measure_picture(source: Source, location: str, kind: str) -> MediaFacts | Unmeasured:
    """The facts of a picture whose bytes are here; `kind` is what its first bytes say it is. Raises
    `MediaUnavailable` where the bytes cannot be read.
    """
    try:
        header, seen = read_picture(source.read, source.size, kind)
    except SidesUnknown as unknown:
        named = unknown.kind or kind
        return Unmeasured(
            location,
            Reason.UNSUPPORTED,
            f"the sides of this {named.upper()} picture cannot be found: {unknown}",
            size=source.size,
            container=named,
            transfer=source.transfer,
        )
    missing = header.missing or seen.missing
    width, height = header.width, header.height
    if header.rotation in {90, 270}:
        width, height = height, width
    return MediaFacts(
        location=location,
        size=source.size,
        container=header.kind,
        format_name=None,
        brand=None,
        probed_by=seen.by or _SELF,
        truncated=missing is not None,
        truncation=missing,
        undecodable=header.damage or seen.damage,
        video=VideoStream(_CODECS.get(kind, kind), width, height, header.rotation, None),
        transfer=source.transfer,
        version=source.version,
        colour=header.colour or seen.colour,
        transparent=seen.transparent,
    )


def measurable(kind: str) -> bool:
    """Whether pictures of this kind can be measured although Pillow alone does not read them."""
    return kind in {"heic", "avif"} and PathFinder.find_spec("pillow_heif") is not None
