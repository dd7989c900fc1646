"""The shape of a request: the body of the POST, as APIMart's API page describes it."""

from __future__ import annotations

from typing import Literal, NotRequired

from typing_extensions import TypedDict


class WatermarkDocument(TypedDict):
    enabled: bool
    """Whether the result carries a watermark."""


class RequestDocument(TypedDict):
    """A motion-control request. Other fields are sent as they are, with a warning."""

    model: str
    """kling-v3-motion-control, kling-v2-6-motion-control, or another one of the profile."""
    prompt: NotRequired[str]
    """What the result should show."""
    image_url: str
    """The picture of the person: a direct link. For a check it may be a path, which starts at the
    folder of the request's file."""
    video_url: str
    """The clip with the motion: a direct link, or a path as above."""
    keep_original_sound: NotRequired[Literal["yes", "no"]]
    """Whether the result has the sound of the clip; `yes` where it is missing."""
    character_orientation: Literal["image", "video"]
    """Whose orientation the person of the result has, which decides how long the clip may be."""
    mode: Literal["std", "pro"]
    watermark_info: NotRequired[WatermarkDocument]
