"""MotionControlRequest: the body of the POST as a type, for those who build requests in code.

What is right and wrong is said in `request.py`; this is the same as a pydantic model. It stands
alone because pydantic takes longer to import than a whole check does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from motion_preflight.errors import RequestInvalid
from motion_preflight.request import violations


class WatermarkInfo(BaseModel):
    """Whether the result carries a watermark."""

    model_config = ConfigDict(extra="allow", strict=True, frozen=True)

    enabled: bool


class MotionControlRequest(BaseModel):
    """A motion-control request with the names and types of the wire (APIMart's API page).

    Raises `RequestInvalid`, which names every wrong field at once. Unknown fields are kept.
    """

    model_config = ConfigDict(extra="allow", strict=True, frozen=True)

    model: str
    image_url: str
    video_url: str
    character_orientation: Literal["image", "video"]
    mode: Literal["std", "pro"]
    prompt: str = ""
    keep_original_sound: Literal["yes", "no"] = "yes"
    watermark_info: WatermarkInfo | None = None

    def __init__(self, /, **fields: Any) -> None:  # noqa: ANN401  unknown fields may be anything
        watermark = fields.get("watermark_info")
        if isinstance(watermark, BaseModel):
            fields["watermark_info"] = watermark.model_dump()
        elif isinstance(watermark, Mapping):
            fields["watermark_info"] = dict(watermark)
        elif watermark is None:  # in Python that is "not given"; null on the wire is a mistake
            fields.pop("watermark_info", None)
        wrong = violations(fields)
        if wrong:
            raise RequestInvalid(wrong)
        super().__init__(**fields)

    def body(self) -> dict[str, Any]:
        """The fields as they were given, unknown ones too: what is sent."""
        return self.model_dump(mode="json", exclude_unset=True)
