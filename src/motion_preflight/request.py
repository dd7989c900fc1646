"""The body of the POST: what it must be, and what somebody wrote instead."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from motion_preflight.errors import Violation
from motion_preflight.provider.model_names import choice, model_meant
from motion_preflight.provider.other_sellers import field_meant, word_meant
from motion_preflight.source.location import is_url, printable, redacted, redacted_text
from motion_preflight.text.credentials import separate_credentials
from motion_preflight.text.links.embedded import embedded_file
from motion_preflight.text.links.problems import link_problem
from motion_preflight.text.links.white_space import around_link, trim_link

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from motion_preflight.motion_control_request import MotionControlRequest
    from motion_preflight.text.credentials import CredentialPlace

# The fields of APIMart's API page, with the words that they may hold; `None`: any text.
_TEXTS: dict[str, tuple[str, ...] | None] = {
    "model": None,  # a string that the profile knows or not
    "prompt": None,
    "image_url": None,
    "video_url": None,
    "keep_original_sound": ("yes", "no"),
    "character_orientation": ("image", "video"),
    "mode": ("std", "pro"),
}
# What other APIs call the link inside of an object.
_LINK_KEYS = ("url", "image_url", "video_url", "uri", "href", "src", "link", "file_url")
_BEGINNING = 5  # letters that are enough to mean a longer word
_LONG = 10**30
_LONG_TEXT = 1000  # characters from which on a text is looked at for a file
_LINKS = ("image_url", "video_url")
_FEW = 5  # places of credentials that are named
_TAKE_OUT = (
    "take it out, and change it if others may have seen it: the key is read from APIMART_API_KEY, "
    "and goes to the provider in a header of its own"
)
FIELDS = (*_TEXTS, "watermark_info")
REQUIRED = ("model", "image_url", "video_url", "character_orientation", "mode")
# What people write for the wire's words, without their dashes and capitals.
_SYNONYMS = {
    "orientation": "characterorientation", "sound": "keeporiginalsound", "image": "imageurl",
    "video": "videourl", "watermark": "watermarkinfo", "modelname": "model",
}  # fmt: skip
_WORD_SYNONYMS = {
    "standard": "std", "professional": "pro", "true": "yes", "on": "yes", "false": "no",
    "off": "no", "picture": "image", "photo": "image", "clip": "video", "img": "image",
    "pic": "image", "vid": "video",
}  # fmt: skip


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
    # Of each link that had something around it: its field, and what was taken off, in words.
    trimmed: tuple[tuple[str, str], ...] = ()
    left_out: tuple[str, ...] = ()  # columns of its file that are not sent


def read_draft(
    request: MotionControlRequest | Mapping[str, Any],
    models: Collection[str],
    left_out: Iterable[str] = (),
    *,
    keys: Collection[str] = (),
) -> Draft:
    """The request with everything that is wrong with it. `models` are those the profile knows,
    `left_out` what stood beside the request in its file and is not sent, `keys` the API keys that
    are in force: a body that holds one, or any other credential, is wrong, and is kept without it.
    """
    if isinstance(request, Mapping):
        given = request
    elif hasattr(request, "body"):
        given = request.body()
    else:
        raise TypeError(f"a request is a mapping, not {type(request).__name__}")
    body, places = separate_credentials({named(name): value for name, value in given.items()}, keys)
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

    return Draft(
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
    """Every field that is missing or that the wire does not take, whichever model it is for."""
    found = [
        Violation(name, f"{name} is missing{_words(_TEXTS[name])}")
        for name in REQUIRED
        if name not in body
    ]
    for name, words in _TEXTS.items():
        value = body.get(name)
        if name not in body or value in (words or ()):
            continue
        if words:
            found.append(_not_allowed(name, value, words))
        elif not isinstance(value, str):
            text = f"{name} is {_shown(value)}; it must be text"
            found.append(Violation(name, text, *_one_link(name, value)))
        elif name in REQUIRED and not value.strip():
            found.append(Violation(name, f"{name} is empty"))
        elif name in _LINKS:
            found += _wrong_link(name, value)
    return found + _watermark(body)


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
    near, hint = model_meant(f"{model} {version}"[:_LONG_TEXT], models)
    return replace(wrong, near=near, hint="its version is a part of its name" if near else hint)


def named(name: object) -> str:
    """A field's name, which in a mapping of Python may be no text."""
    return name if isinstance(name, str) else _shown(name)


def _credentials(places: list[CredentialPlace]) -> Iterator[Violation]:
    """What is wrong with a body that holds credentials, a few of them by name."""
    for place in places[:_FEW]:
        more = len(places) - _FEW
        others = f" (and {more:,} more places)" if more > 0 and place is places[0] else ""
        message = f"{printable(place.field)} {place.kind}, which is not shown{others}"
        yield Violation(place.field, message, None, _TAKE_OUT)


def redacted_body(body: Mapping[str, Any]) -> dict[str, Any]:
    """The body as it may be shown and stored: without credentials, and every URL in it without its
    secrets.
    """
    plain: dict[str, Any] = _redacted(separate_credentials(body)[0])
    return plain


def _redacted(value: Any) -> Any:  # noqa: ANN401  JSON
    if isinstance(value, str):
        inside = embedded_file(value) if len(value) > _LONG_TEXT else None
        if inside:
            return f"({inside})"
        return redacted(value) if is_url(value) else redacted_text(value)
    if isinstance(value, Mapping):
        return {_redacted(name): _redacted(each) for name, each in value.items()}
    return [_redacted(each) for each in value] if isinstance(value, list) else value


def near_miss(given: str, allowed: Iterable[str]) -> str | None:
    """The allowed word that was probably meant, `None` when none is near."""
    plain = {_plain(word): word for word in allowed}
    word = _plain(given)
    other = _WORD_SYNONYMS.get(word, word)
    for meant in (word, other, _SYNONYMS.get(other)):
        if meant in plain:
            return plain[meant]
    begun = [known for known in plain if len(word) >= _BEGINNING and known.startswith(word)]
    if len(begun) == 1:
        return plain[begun[0]]
    from difflib import get_close_matches  # noqa: PLC0415  only for a wrong request

    cutoff = 0.8 if len(word) < _BEGINNING else 0.75  # a letter of a short word is much of it
    near = get_close_matches(word, plain, n=1, cutoff=cutoff)
    return plain[near[0]] if near else None


def field_near(name: str) -> str | None:
    """The field that another name was probably meant for: a misspelt one, one of another seller,
    or `image` and `video` in other words.
    """
    if near := field_meant(name) or near_miss(name, FIELDS):
        return near
    medium = near_miss(name, ("image", "video"))
    return f"{medium}_url" if medium else None


def names_a_link(name: str) -> bool:
    """Whether a field is one of the two links, also as other sellers call them."""
    return name in {*_LINKS, "image", "video"} or field_meant(name) in _LINKS


def _plain(word: str) -> str:
    return re.sub("[^a-z0-9]", "", word.lower())


def _order(violation: Violation) -> int:
    """The place of a field on the API page."""
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


def value_meant(name: str, value: object, models: Collection[str]) -> tuple[str | None, str | None]:
    """The text that a field takes in place of a value that stands under another name, and what to
    say of it. Both are `None` where the value may stay as it is.
    """
    words = sorted(models) if name == "model" else _TEXTS.get(name)
    if words and value not in words:
        wrong = _not_allowed(name, value, words)
        return wrong.near, wrong.hint
    return (None, None) if isinstance(value, str) else _one_link(name, value)


def _not_allowed(name: str, given: object, allowed: Collection[str]) -> Violation:
    text = str(given) if isinstance(given, str | bool) else ""
    near, hint = near_miss(text, allowed) if text else None, None
    if not near and (isinstance(given, str) or (isinstance(given, int) and given in {720, 1080})):
        near, hint = word_meant(name, str(given))
    if name == "model" and isinstance(given, str):
        meant, remark = model_meant(given, allowed)
        near, hint = (meant, remark) if meant or remark else (near, hint)
    if not near and not hint and allowed:
        hint = choice(allowed)
    return Violation(name, f"{name} is {_shown(given)}{_words(allowed)}", near, hint)


def _one_link(name: str, value: object) -> tuple[str | None, str | None]:
    """The link in a list or an object, where others take one, and what to say of it."""
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
    """A wrong value as a person reads it in a JSON file, with its type where that is the point."""
    if isinstance(value, bool):
        return f"{str(value).lower()} (a boolean)"
    if isinstance(value, int) and abs(value) >= _LONG:  # Python does not even write some of them
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
