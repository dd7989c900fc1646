"""The body of the POST: what it must be, and what somebody wrote instead."""

from __future__ import annotations

import re
from collections.abc import Mapping
from os import PathLike, fspath
from typing import TYPE_CHECKING, Any, Literal, Protocol

from motion_preflight.provider.model_names import choice, suggest_model
from motion_preflight.provider.other_sellers import equivalent_field, equivalent_word
from motion_preflight.request.errors import Violation
from motion_preflight.request.suggest import near_miss
from motion_preflight.text.credentials import separate_credentials
from motion_preflight.text.lazy_dataclass import dataclass, replace
from motion_preflight.text.links.problems import link_problem
from motion_preflight.text.links.white_space import around_link, trim_link
from motion_preflight.text.locations import printable, redacted

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from motion_preflight.text.credentials import CredentialPlace

# The fields of APIMart's API page and the words that each allows; `None` means any text.
_TEXTS: dict[str, tuple[str, ...] | None] = {
    "model": None,  # any text here; the profile decides which models exist
    "prompt": None,
    "image_url": None,
    "video_url": None,
    "keep_original_sound": ("yes", "no"),
    "character_orientation": ("image", "video"),
    "mode": ("std", "pro"),
}
# What other APIs call the link when it stands in an object.
_LINK_KEYS = ("url", "image_url", "video_url", "uri", "href", "src", "link", "file_url")
_LONG = 10**30
_LONG_NAME = 1000  # characters of a model and its version that are compared
_NO_TEXT = re.compile("[\0\ud800-\udfff]")  # what servers refuse, or replace by another character
_LINKS = ("image_url", "video_url")
_FEW = 5  # the most places of credentials that are named
_TAKE_OUT = (
    "take it out, and change it if others may have seen it: the key is read from APIMART_API_KEY, "
    "and goes to the provider in a header of its own"
)
FIELDS = (*_TEXTS, "watermark_info")
REQUIRED = ("model", "image_url", "video_url", "character_orientation", "mode")


@dataclass(frozen=True, slots=True)
class ParsedRequest:
    """A body as somebody wrote it.

    Each field below holds a value that the API allows, the nearest allowed value, or `None`. So one
    wrong field does not hide what is wrong with the others.
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
    # For each link with white space around it: its field, and what was removed, in words.
    trimmed: tuple[tuple[str, str], ...] = ()
    left_out: tuple[str, ...] = ()  # names of columns in its file that are not sent


class HasBody(Protocol):
    """A request of a type of its own, like `MotionControlRequest`."""

    def body(self) -> dict[str, Any]:
        """The body of the POST, as JSON values."""
        ...


Request = HasBody | Mapping[str, Any]


def fields_of(request: Request) -> Mapping[str, Any]:
    """The fields of a request, with the paths of its media as text. Raises `TypeError` for what is
    neither a mapping nor has a `body` method.
    """
    if isinstance(request, Mapping):
        paths = {name: request[name] for name in _LINKS if isinstance(request.get(name), PathLike)}
        return {**request, **{name: fspath(path) for name, path in paths.items()}}
    if hasattr(request, "body"):
        return request.body()
    raise TypeError(f"a request is a mapping, not {type(request).__name__}")


def parse_request(
    request: Request,
    models: Collection[str],
    left_out: Iterable[str] = (),
    *,
    keys: Collection[str] = (),
) -> ParsedRequest:
    """The request together with everything that is wrong with it.

    `models` are the names that the profile has. `left_out` stood beside the request in its file and
    is not sent. `keys` are the API keys in force: a body that holds one, or any other credential,
    is wrong, and is kept without it.

    Raises what `fields_of` raises.
    """
    body, places = separate_credentials(
        {named(name): value for name, value in fields_of(request).items()}, keys
    )
    trimmed = {name: around for name in _LINKS if (around := _around(body.get(name)))}
    body |= {name: trim_link(body[name]) for name in trimmed}
    wrong = {violation.field: violation for violation in violations(body)}
    wrong |= {violation.field: violation for violation in _credentials(places)}
    model = body.get("model")
    if "model" in wrong or model not in models:
        wrong["model"] = _wrong_model(body, models)

    def understood(name: str, default: str | None = None) -> Any:  # noqa: ANN401  as the field
        violation = wrong.get(name)
        return violation.near if violation else body.get(name, default)

    return ParsedRequest(
        body=body,
        violations=tuple(sorted(wrong.values(), key=_order)),
        unknown=tuple(name for name in body if name not in FIELDS and name not in wrong),
        model=understood("model"),
        prompt=understood("prompt", "") or "",
        image_url=understood("image_url"),
        video_url=understood("video_url"),
        keep_original_sound=understood("keep_original_sound", "yes"),
        character_orientation=understood("character_orientation"),
        mode=understood("mode"),
        trimmed=tuple(trimmed.items()),
        left_out=tuple(left_out),
    )


def _around(value: object) -> str | None:
    return around_link(value) if isinstance(value, str) else None


def violations(body: Mapping[str, Any]) -> list[Violation]:
    """The violation of every field that is missing or that the API does not accept, whatever the
    model.
    """
    wrong = [
        Violation(name, f"{name} is missing{_words(_TEXTS[name])}")
        for name in REQUIRED
        if name not in body
    ]
    for name, words in _TEXTS.items():
        value = body.get(name)
        if name not in body or value in (words or ()):
            continue
        if words:
            wrong.append(_not_allowed(name, value, words))
        elif not isinstance(value, str):
            text = f"{name} is {_shown(value)}; it must be text"
            wrong.append(Violation(name, text, *_one_link(name, value)))
        elif name in REQUIRED and not value.strip():
            wrong.append(Violation(name, f"{name} is empty"))
        elif name in _LINKS:
            wrong += _wrong_link(name, value)
        elif no_text := _NO_TEXT.search(value):
            wrong.append(_cannot_be_text(name, no_text[0]))
    return wrong + _watermark(body)


def _cannot_be_text(name: str, sign: str) -> Violation:
    what = "half of a character" if sign != "\0" else "a NUL character"
    text = f"{name} holds {what} (U+{ord(sign):04X}), which text cannot hold"
    return Violation(name, text, None, "take it out, or write the whole character")


def _wrong_link(name: str, value: str) -> Iterator[Violation]:
    problem = link_problem(value, name.removesuffix("_url"))
    if problem:
        yield Violation(name, f"{name} {printable(problem.what)}", problem.link, problem.remedy)


def _wrong_model(body: Mapping[str, Any], models: Collection[str]) -> Violation:
    if "model" not in body:
        return Violation("model", f"model is missing{_words(sorted(models))}")
    model, version = body["model"], body.get("version", body.get("model_version"))
    wrong = _not_allowed("model", model, sorted(models))
    if wrong.near or not isinstance(model, str) or not isinstance(version, str | float | int):
        return wrong
    near, hint = suggest_model(f"{model} {version}"[:_LONG_NAME], models)
    return replace(wrong, near=near, hint="its version is a part of its name" if near else hint)


def named(name: object) -> str:
    """The name of a field as text. In a Python mapping it may be of another type."""
    return name if isinstance(name, str) else _shown(name)


def _credentials(places: list[CredentialPlace]) -> Iterator[Violation]:
    """The violations of a body that holds credentials. Only the first few places are named."""
    for place in places[:_FEW]:
        more = len(places) - _FEW
        others = f" (and {more:,} more places)" if more > 0 and place is places[0] else ""
        message = f"{printable(place.field)} {place.kind}, which is not shown{others}"
        yield Violation(place.field, message, None, _TAKE_OUT)


def field_near(name: str) -> str | None:
    """The field that another name was probably intended for, `None` when there is none.

    That is a misspelt field, one of another seller, or `image` and `video` in other words.
    """
    if near := equivalent_field(name) or near_miss(name, FIELDS):
        return near
    medium = near_miss(name, ("image", "video"))
    return f"{medium}_url" if medium else None


def names_a_link(name: str) -> bool:
    """Whether a field is one of the two links, also under the names of other sellers."""
    return name in {*_LINKS, "image", "video"} or equivalent_field(name) in _LINKS


def _order(violation: Violation) -> int:
    """The position of a field on the API page."""
    name = violation.field.partition(".")[0]
    return FIELDS.index(name) if name in FIELDS else len(FIELDS)


def _watermark(body: Mapping[str, Any]) -> list[Violation]:
    value = body.get("watermark_info", {"enabled": False})
    if not isinstance(value, Mapping):
        text = f'watermark_info is {_shown(value)}; it must be an object like {{"enabled": false}}'
        hint = 'write {"enabled": true} or {"enabled": false}; in a CSV, true or false'
        if isinstance(value, bool):
            hint = f'write {{"enabled": {str(value).lower()}}}'
        return [Violation("watermark_info", text, None, hint)]
    name = "watermark_info.enabled"
    if "enabled" not in value:
        return [Violation(name, f"{name} is missing; allowed: true, false")]
    if not isinstance(value["enabled"], bool):
        shown = _shown(value["enabled"])
        return [Violation(name, f"{name} is {shown}; allowed: true, false")]
    return []


def equivalent_value(
    name: str, value: object, models: Collection[str]
) -> tuple[str | None, str | None]:
    """The text that a field accepts in place of a value from a field of another name, and a remark.

    Both are `None` where the value may stay as it is.
    """
    words = sorted(models) if name == "model" else _TEXTS.get(name)
    if words and value not in words:
        wrong = _not_allowed(name, value, words)
        return wrong.near, wrong.hint
    return (None, None) if isinstance(value, str) else _one_link(name, value)


def _not_allowed(name: str, value: object, allowed: Collection[str]) -> Violation:
    text = str(value) if isinstance(value, str | bool) else ""
    near, hint = near_miss(text, allowed) if text else None, None
    if not near and (isinstance(value, str) or (isinstance(value, int) and value in {720, 1080})):
        near, hint = equivalent_word(name, str(value))
    if name == "model" and isinstance(value, str):
        intended, remark = suggest_model(value, allowed)
        near, hint = (intended, remark) if intended or remark else (near, hint)
    if not near and not hint and allowed:
        hint = choice(allowed)
    return Violation(name, f"{name} is {_shown(value)}{_words(allowed)}", near, hint)


def _one_link(name: str, value: object) -> tuple[str | None, str | None]:
    """The link inside a list or an object, as other sellers expect it, and a remark; each may be
    `None`.
    """
    if not name.endswith("_url"):
        return None, None
    if isinstance(value, list) and len(value) > 1:
        return None, f"{name} takes one link as text: make a request of each"
    inner = value[0] if isinstance(value, list) and value else value
    if isinstance(inner, Mapping):
        inner = next((inner[key] for key in _LINK_KEYS if key in inner), None)
    hint = f"{name} takes the link itself, as text"
    return (inner, hint) if isinstance(inner, str) and inner.strip() else (None, hint)


def _words(allowed: Iterable[str] | None) -> str:
    return "; allowed: " + ", ".join(f'"{word}"' for word in allowed) if allowed else ""


def _shown(value: object) -> str:
    """A wrong value as a person sees it in a JSON file, with its type where the type is wrong."""
    if isinstance(value, bool):
        return f"{str(value).lower()} (a boolean)"
    if isinstance(value, int) and abs(value) >= _LONG:  # Python refuses to print very long ones
        return "a very long number"
    if isinstance(value, int | float):
        return f"{value} (a number)"
    if value is None:
        return "null"
    if isinstance(value, str):
        shown = redacted(value)
        around = " (with white space around it)" if value != value.strip() else ""
        return (f'"{shown[:80]}…"' if len(shown) > 80 else f'"{shown}"') + around
    return "a list" if isinstance(value, list) else "an object"
