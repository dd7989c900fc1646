"""MotionControlRequest: the body of the POST as a type, for those who build requests in code.

`parse.py` decides what is right and wrong; this module offers the same as a pydantic model. It is
separate because importing pydantic takes longer than a whole check.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from motion_preflight.request.errors import RequestInvalid, Violation
from motion_preflight.request.parse import FIELDS, named, violations
from motion_preflight.request.redacted_body import redacted_body


class WatermarkInfo(BaseModel):
    """Whether the result carries a watermark."""

    model_config = ConfigDict(extra="allow", strict=True, frozen=True)

    enabled: bool


class MotionControlRequest(BaseModel):
    """A motion-control request with the field names and types of the API (APIMart's API page).

    Raises `RequestInvalid`, which names every wrong field at once. As a part of another pydantic
    model it fails like any other field of that model. Unknown fields are kept.
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

    if not TYPE_CHECKING:  # type checkers read the fields above instead

        def __init__(self, /, **fields: Any) -> None:  # noqa: ANN401  unknown ones may be anything
            """Raises `RequestInvalid`, which names every wrong field at once."""
            watermark = fields.get("watermark_info")
            if isinstance(watermark, BaseModel):
                fields["watermark_info"] = watermark.model_dump()
            elif isinstance(watermark, Mapping):
                fields["watermark_info"] = {named(key): value for key, value in watermark.items()}
            elif watermark is None:  # in Python None means "not set"; null in JSON is a mistake
                fields.pop("watermark_info", None)
            wrong = violations(fields)
            if wrong:
                raise RequestInvalid(wrong)
            try:
                super().__init__(**fields)
            # A name with lone surrogates, which no encoding can write.
            except ValidationError as error:
                raise RequestInvalid([_of_pydantic(error)]) from None

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        """The fields with redacted links, because a signed link must not appear in a log."""
        yield from redacted_body(self.body()).items()

    @classmethod
    def model_validate(cls, obj: Any, **options: Any) -> Self:  # noqa: ANN401  pydantic's
        """Works as in pydantic, but raises `RequestInvalid` instead of `ValidationError`."""
        with _ours():
            _look_at_names(obj)
            return super().model_validate(obj, **options)

    @classmethod
    def model_validate_json(cls, *arguments: Any, **options: Any) -> Self:  # noqa: ANN401  pydantic's
        """Works as in pydantic, but raises `RequestInvalid` instead of `ValidationError`."""
        with _ours():
            return super().model_validate_json(*arguments, **options)

    def body(self) -> dict[str, Any]:
        """The body of the POST: the fields as they were set, unknown ones included."""
        return self.model_dump(exclude_unset=True)


@contextmanager
def _ours() -> Iterator[None]:
    """Replaces pydantic's error by our own, which it may carry inside."""
    try:
        yield
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            carried = detail.get("ctx", {}).get("error")
            if isinstance(carried, RequestInvalid):
                raise carried from None
        raise RequestInvalid([_of_pydantic(error)]) from None


def _of_pydantic(error: ValidationError) -> Violation:
    first = error.errors(include_url=False, include_input=False)[0]
    field = str(first["loc"][0]) if first["loc"] else ""
    return Violation(field if field in FIELDS else "", first["msg"])


def _look_at_names(fields: object) -> None:
    """Raises `RequestInvalid` for a field name that is not text, which pydantic cannot handle."""
    for name in fields if isinstance(fields, Mapping) else ():
        if not isinstance(name, str):
            raise RequestInvalid([Violation("", f"a field's name is {named(name)}, not text")])
