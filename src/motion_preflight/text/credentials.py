"""Credentials in the body of a request, where none belongs: they are reported, and masked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

from motion_preflight.text.lazy_dataclass import dataclass
from motion_preflight.text.locations import printable, redacted_text

if TYPE_CHECKING:
    from collections.abc import Collection

HIDDEN = "…"
KEY_KINDS = ("holds the API key that is in force", "is named by the API key that is in force")
LEAST = 8  # characters; a shorter key is not looked for, because many words contain it
_DEEPEST = 100  # levels; a request has two
_LONGEST = 100_000  # characters of a text that are searched for keys of other services
_SHOWN = 60  # characters of a field's name
_KEY_LEAST = 14  # characters; the shortest text that looks like a key
_NAMES = frozenset(
    ("apikey", "xapikey", "apitoken", "apisecret", "auth", "authorization", "proxyauthorization",
     "authtoken", "authkey", "authentication", "bearer", "bearertoken", "token", "accesstoken",
     "refreshtoken", "idtoken", "sessiontoken", "sessionid", "secret", "secrets", "clientsecret",
     "secretkey", "secretaccesskey", "accesskey", "accesskeyid", "accesskeysecret", "appsecret",
     "appkey", "privatekey", "password", "passwd", "pwd", "passphrase", "credential",
     "credentials", "cookie", "cookies", "setcookie", "webhooksecret", "signingsecret", "ak", "sk")
)  # fmt: skip
_ENDINGS = ("apikey", "secretkey", "accesstoken", "authtoken", "bearertoken", "password",
            "clientsecret", "apitoken", "apisecret", "privatekey")  # fmt: skip
_HEADER = re.compile(
    r"\bbearer\s+[\w.~+/=-]{12,}|^\s*basic\s+[A-Za-z0-9+/]{12,}=*\s*$", re.IGNORECASE
)
_LINKS = frozenset(("video_url", "image_url"))  # link-exposes-secret judges what their links hold


@dataclass(frozen=True, slots=True)
class CredentialPlace:
    """Where a credential stands in a body. `field` is its path, the names joined by dots; `kind`
    says what it is, in words for people.
    """

    field: str
    kind: str


def separate_credentials(
    body: Mapping[str, Any], keys: Collection[str] = ()
) -> tuple[dict[str, Any], list[CredentialPlace]]:
    """The body with each credential as `…`, and the places where they stood.

    `keys` are the API keys in force. Each is looked for in every field and in the names of fields.
    """
    long_keys = [key for key in keys if len(key) >= LEAST]
    places: list[CredentialPlace] = []
    clean = {
        _clean_name(name, long_keys, places, ()): _clean(value, (_text(name),), long_keys, places)
        for name, value in body.items()
    }
    return clean, places


def holds_key(body: Mapping[str, Any], key: str) -> bool:
    """Whether an API key stands in the body of a request, where others could read it."""
    return any(place.kind in KEY_KINDS for place in separate_credentials(body, [key])[1])


@lru_cache(1024)  # all requests of a batch have the same names
def is_credential_name(name: str) -> bool:
    """Whether a field of that name holds a credential, however the name is spelled."""
    plain = re.sub("[^a-z0-9]", "", name.lower())
    return plain in _NAMES or plain.endswith(_ENDINGS)


def _clean(
    value: Any,  # noqa: ANN401  JSON
    path: tuple[str, ...],
    keys: list[str],
    places: list[CredentialPlace],
) -> Any:  # noqa: ANN401  the same type as before
    if len(path) > _DEEPEST:
        places.append(CredentialPlace(_shown(path), "is nested too deep to be looked through"))
        return HIDDEN
    if is_credential_name(path[-1]) and _holds_text(value):
        places.append(CredentialPlace(_shown(path), "holds a credential"))
        return HIDDEN
    if path[-1].lower() == "key" and isinstance(value, str) and re.fullmatch(r"\S{16,}", value):
        places.append(CredentialPlace(_shown(path), "holds what looks like an API key"))
        return HIDDEN
    if isinstance(value, str):
        return _clean_text(value, path, keys, places)
    if isinstance(value, Mapping):
        return {
            _clean_name(name, keys, places, path): _clean(inner, (*path, _text(name)), keys, places)
            for name, inner in value.items()
        }
    if type(value) in {list, tuple}:
        return type(value)([_clean(inner, path, keys, places) for inner in value])
    return value


def _clean_text(
    value: str, path: tuple[str, ...], keys: list[str], places: list[CredentialPlace]
) -> str:
    if any(_holds(value, key) for key in keys):
        places.append(CredentialPlace(_shown(path), KEY_KINDS[0]))
        return HIDDEN
    if path[0] in _LINKS and len(path) == 1:
        return value
    bare = value[:_LONGEST]
    bare = re.sub(r"[A-Za-z][A-Za-z0-9+.-]{1,20}://\S+", "", bare) if "://" in bare else bare
    if _HEADER.search(bare) or _key().search(bare):
        places.append(CredentialPlace(_shown(path), "holds what looks like an API key"))
        return HIDDEN
    return value


def _clean_name(
    name: Any,  # noqa: ANN401  a key of a Python mapping may be anything
    keys: list[str],
    places: list[CredentialPlace],
    path: tuple[str, ...],
) -> Any:  # noqa: ANN401  the same type as before
    if not isinstance(name, str):
        return name
    named = any(_holds(name, key) for key in keys)
    if named or _looks_like_key(name):
        kind = KEY_KINDS[1] if named else "is named by what looks like an API key"
        places.append(CredentialPlace(_shown((*path, HIDDEN)), kind))
        return HIDDEN
    return name


def _looks_like_key(name: str) -> bool:
    return len(name) >= _KEY_LEAST and _key().search(name) is not None


def shown_name(name: str) -> str:
    """The name of a field as a message may show it: without keys, the secrets of links and control
    characters, and cut.
    """
    name = redacted_text(printable(name))
    return (_key().sub(HIDDEN, name) if len(name) >= _KEY_LEAST else name)[:_SHOWN]


def _key() -> re.Pattern[str]:
    from motion_preflight.text.links.secrets import KEY  # noqa: PLC0415  few texts need it

    return KEY


def _holds(text: str, key: str) -> bool:
    return key in text or ("%" in text and key in unquote_plus(text))


def _holds_text(value: object) -> bool:
    """Whether the value holds anything that can be a credential: a text that is not blank, or a
    number.
    """
    if isinstance(value, str):
        return bool(value.strip())
    if isinstance(value, Mapping):
        return any(_holds_text(inner) for inner in value.values())
    if isinstance(value, list | tuple):
        return any(map(_holds_text, value))
    return isinstance(value, int | float) and not isinstance(value, bool)


def _text(name: object) -> str:
    return name if isinstance(name, str) else HIDDEN


def _shown(path: tuple[str, ...]) -> str:
    """The path of a field, shortened so that a message stays short."""
    names = [*path[:2], "…", path[-1]] if len(path) > 4 else list(path)
    return ".".join(name[:_SHOWN] for name in names)
