"""The part of a JSON document about what the pictures of a clip show."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from motion_preflight.formats.media_schema import (
        ContentDocument,
        FramingDocument,
        StretchDocument,
    )
    from motion_preflight.media.content import Content, Stretch
    from motion_preflight.media.framing import Framing


def content_document(content: Content) -> ContentDocument:
    """What the pictures of a clip show, as the schema has it."""
    return {
        "shots": [_stretch(part) for part in content.shots],
        "black": [_stretch(part) for part in content.black],
        "frozen": [_stretch(part) for part in content.frozen],
        "framing": _framing(content.framing) if content.framing else None,
        "unframed": content.unframed,
    }


def _framing(framing: Framing) -> FramingDocument:
    return {
        "pictures": framing.pictures,
        "close": framing.close,
        "face": None if framing.face is None else float(framing.face),
        "room": None if framing.room is None else float(framing.room),
    }


def _stretch(stretch: Stretch) -> StretchDocument:
    return {"start": float(stretch.start), "end": float(stretch.end)}
