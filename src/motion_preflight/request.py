"""The body of the POST: what it must be, and what somebody wrote instead."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from motion_preflight.errors import RequestInvalid
from motion_preflight.source.location import redacted

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

# What people write for the wire's words.
_SYNONYMS = {
    "standard": "std", "professional": "pro", "true": "yes", "on": "yes", "false": "no",
    "off": "no", "picture": "image", "photo": "image", "clip": "video",
}  # fmt: skip
_ALLOWED = {
    "character_orientation": ("image", "video"),
    "mode": ("std", "pro"),
    "keep_original_sound": ("yes", "no"),
}


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
        try:
            super().__init__(**fields)
        except ValidationError as error:
            raise RequestInvalid([_violation(e) for e in error.errors(include_url=False)]) from None

    def body(self) -> dict[str, Any]:
        """The fields as they were given, unknown ones too: what is sent."""
        return self.model_dump(mode="json", exclude_unset=True)


@dataclass(frozen=True, slots=True)
class Violation:
    """A field that breaks the wire's contract."""

    field: str
    message: str  # what was found and what is allowed
    near: str | None  # the value that was probably meant


@dataclass(frozen=True, slots=True)
class Draft:
    """A body as somebody wrote it. Every field is what the wire allows, the near miss of what was
    written, or `None`: so that one wrong field does not hide what is wrong with the others.
    """

    body: Mapping[str, Any]
    violations: tuple[Violation, ...]
    unknown: tuple[str, ...]
    model: str | None
    prompt: str
    image_url: str | None
    video_url: str | None
    keep_original_sound: str | None
    character_orientation: Literal["image", "video"] | None
    mode: Literal["std", "pro"] | None


def read_draft(request: MotionControlRequest | Mapping[str, Any], models: Collection[str]) -> Draft:
    """The request with everything that is wrong with it. `models` are those the profile knows."""
    body = (
        request.body()
        if isinstance(request, MotionControlRequest)
        else {str(name): value for name, value in request.items()}
    )
    violations = {wrong.field: wrong for wrong in _violations(body)}
    model = body.get("model")
    if "model" not in violations and model not in models:
        violations["model"] = _not_allowed("model", model, sorted(models))
    for name in ("image_url", "video_url"):
        if name not in violations and not body[name].strip():
            violations[name] = Violation(name, f"{name} is empty; it must be a URL", None)

    def understood(name: str, default: str | None = None) -> Any:  # noqa: ANN401  as the field
        wrong = violations.get(name)
        return wrong.near if wrong else body.get(name, default)

    return Draft(
        body=body,
        violations=tuple(violations.values()),
        unknown=tuple(name for name in body if name not in MotionControlRequest.model_fields),
        model=understood("model"),
        prompt=understood("prompt", "") or "",
        image_url=understood("image_url"),
        video_url=understood("video_url"),
        keep_original_sound=understood("keep_original_sound", "yes"),
        character_orientation=understood("character_orientation"),
        mode=understood("mode"),
    )


def near_miss(given: str, allowed: Iterable[str]) -> str | None:
    """The allowed word that was probably meant, `None` when none is near."""
    plain = {re.sub("[^a-z0-9]", "", word.lower()): word for word in allowed}
    word = re.sub("[^a-z0-9]", "", given.lower())
    word = _SYNONYMS.get(word, word)
    if word in plain:
        return plain[word]
    from difflib import get_close_matches  # noqa: PLC0415  only for a wrong request

    near = get_close_matches(word, plain, n=1, cutoff=0.75)
    return plain[near[0]] if near else None


def _violations(body: Mapping[str, Any]) -> list[Violation]:
    try:
        MotionControlRequest(**body)
    except RequestInvalid as invalid:
        return invalid.violations
    return []


def _violation(error: Any) -> Violation:  # noqa: ANN401  pydantic's ErrorDetails
    name = ".".join(str(part) for part in error["loc"])
    given = error["input"]
    if error["type"] == "missing":
        allowed = _ALLOWED.get(name)
        return Violation(
            name, f"{name} is missing" + (f"; allowed: {_list(allowed)}" if allowed else ""), None
        )
    if name in _ALLOWED:
        return _not_allowed(name, given, _ALLOWED[name])
    must = "true or false" if name == "watermark_info.enabled" else "text"
    if name == "watermark_info":
        must = 'an object like {"enabled": false}'
    return Violation(name, f"{name} is {_shown(given)}; it must be {must}", None)


def _not_allowed(name: str, given: object, allowed: Iterable[str]) -> Violation:
    if isinstance(given, bool):
        near = near_miss(str(given), allowed)
    else:
        near = near_miss(given, allowed) if isinstance(given, str) else None
    return Violation(name, f"{name} is {_shown(given)}; allowed: {_list(allowed)}", near)


def _list(words: Iterable[str]) -> str:
    return ", ".join(f'"{word}"' for word in words)


def _shown(value: object) -> str:
    """A wrong value as a person reads it in a JSON file, with its type where that is the point."""
    if isinstance(value, bool):
        return f"{str(value).lower()} (a boolean)"
    if isinstance(value, int | float):
        return f"{value} (a number)"
    if value is None:
        return "null"
    if isinstance(value, str):
        shown = redacted(value)
        return f'"{shown[:80]}…"' if len(shown) > 80 else f'"{shown}"'
    return "a list" if isinstance(value, list) else "an object"
