"""MotionControlRequest: the body of the POST as a type, for those who build requests in code.

What is right and wrong is said in `request.py`; this is the same as a pydantic model. It stands
alone because pydantic takes longer to import than a whole check does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from motion_preflight.errors import RequestInvalid, Violation
from motion_preflight.request import FIELDS, named, redacted_body, violations

if TYPE_CHECKING:
    from typing import Self


class WatermarkInfo(BaseModel):
    """Whether the result carries a watermark."""

    model_config = ConfigDict(extra="allow", strict=True, frozen=True)

    enabled: bool


class MotionControlRequest(BaseModel):
    """A motion-control request with the names and types of the wire (APIMart's API page).

    Raises `RequestInvalid`, which names every wrong field at once; as a part of another pydantic
    model it is a mistake of that model, as any other. Unknown fields are kept.
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

    if not TYPE_CHECKING:  # checkers read the fields above

        def __init__(self, /, **fields: Any) -> None:  # noqa: ANN401  unknown ones may be anything
            watermark = fields.get("watermark_info")
            if isinstance(watermark, BaseModel):
                fields["watermark_info"] = watermark.model_dump()
            elif isinstance(watermark, Mapping):
                fields["watermark_info"] = {named(key): each for key, each in watermark.items()}
            elif watermark is None:  # in Python that is "not given"; null on the wire is a mistake
                fields.pop("watermark_info", None)
            wrong = violations(fields)
            if wrong:
                raise RequestInvalid(wrong)
            try:
                super().__init__(**fields)
            except ValidationError as error:  # a name that is no text in any encoding
                raise RequestInvalid([_of_pydantic(error)]) from None

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        """Signed links are not to be seen in somebody's log."""
        yield from redacted_body(self.body()).items()

    @classmethod
    def model_validate(cls, obj: Any, **options: Any) -> Self:  # noqa: ANN401  pydantic's
        """As pydantic's, but it raises `RequestInvalid`."""
        with _ours():
            _look_at_names(obj)
            return super().model_validate(obj, **options)

    @classmethod
    def model_validate_json(cls, *arguments: Any, **options: Any) -> Self:  # noqa: ANN401  pydantic's
        """As pydantic's, but it raises `RequestInvalid`."""
        with _ours():
            return super().model_validate_json(*arguments, **options)

    def body(self) -> dict[str, Any]:
        """The fields as they were given, unknown ones too: what is sent."""
        return self.model_dump(exclude_unset=True)


@contextmanager
def _ours() -> Iterator[None]:
    """Our exception in place of pydantic's, which carries it."""
    try:
        yield
    except ValidationError as error:
        for each in error.errors(include_url=False):
            carried = each.get("ctx", {}).get("error")
            if isinstance(carried, RequestInvalid):
                raise carried from None
        raise RequestInvalid([_of_pydantic(error)]) from None


def _of_pydantic(error: ValidationError) -> Violation:
    first = error.errors(include_url=False, include_input=False)[0]
    field = str(first["loc"][0]) if first["loc"] else ""
    return Violation(field if field in FIELDS else "", first["msg"])


def _look_at_names(given: object) -> None:
    """Raises `RequestInvalid` for a name that is no text, which pydantic cannot take."""
    for name in given if isinstance(given, Mapping) else ():
        if not isinstance(name, str):
            raise RequestInvalid([Violation("", f"a field's name is {named(name)}, not text")])
