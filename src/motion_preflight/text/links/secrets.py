"""Secrets in a link: which parts of its path must not be shown, and which give whoever receives the
link more than the file.

A signature that expires is meant to be passed on. The token of a bot or a webhook, an API key, or a
long random part of a path stays valid until somebody changes it, and often opens more than one
file.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_SEPARATOR = re.compile(r"([/\\])")
_BOT = re.compile(r"(?:bot)?[0-9]{5,}:[\w-]{10,}(?:/.*)?", re.IGNORECASE)
# Keys whose beginning shows which service they are for, as secret scanners know them.
KEY = re.compile(
    r"(?<![A-Za-z0-9])(?:"
    r"sk[-_](?:[a-z0-9]{2,8}[-_]){0,2}(?=[\w-]{0,99}[0-9])[A-Za-z0-9]{16,}[\w-]*"
    r"|[rp]k_(?:live|test)_[A-Za-z0-9]{10,}"
    r"|gh[oprsu]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|hf_[A-Za-z0-9]{20,}"
    r"|xox[a-z]-[\w-]{10,}|(?:AKIA|ASIA)[A-Z0-9]{16}|AIza[\w-]{30,}|ya29\.[\w-]{20,}"
    r"|SG\.[\w-]{16,}\.[\w-]{16,}|eyJ[\w-]{8,}\.eyJ[\w-]{4,}\.[\w-]*"
    r")"
)
_WEBHOOK = frozenset(("webhook", "webhooks", "webhookb2", "incomingwebhook", "interactions"))
_HOOK_HOST = re.compile(r"(?:.*\.)?(?:hooks?|webhooks?)\..+")
_SLACK_FILE = re.compile(r"[A-Z][A-Z0-9]{5,}-F[A-Z0-9]{5,}-[0-9a-zA-Z]{6,}")
# Names in a path after which a credential follows.
_NAMES = frozenset(
    ("token", "tokens", "accesstoken", "authtoken", "auth", "authkey", "key", "keys", "apikey",
     "accesskey", "secret", "secrets", "secretkey", "password", "credential", "credentials",
     "bearer", "jwt", "session", "sessionid", "sid", "jsessionid", "sas", "par", "private")
)  # fmt: skip
# Signatures in a path expire, so they are hidden but cause no warning.
_SIGNATURE = re.compile(
    r".*(?:^|[=~&,;:])(?:hmac|exp|expires|hdnts|hdnea|hdntl|bcdn_token|edge-cache-token|policy"
    r"|signature|sig)[=:].*|s--[\w-]{6,32}--|[\w+=-]{22,44},[0-9]{10}",
    re.IGNORECASE,
)
_SIGNATURE_NAMES = frozenset(("sig", "lsig", "signature", "hmac", "sign"))
# Sites where a long part of the path names the file, which its owner shares by that link.
_SHARING = re.compile(
    r"(?:.*\.)?(?:sharepoint\.com|onedrive\.live\.com|1drv\.ms|(?:drive|docs)\.google\.com"
    r"|lh[0-9]\.googleusercontent\.com|box\.com|arweave\.net)"
)
_ORACLE = re.compile(r"objectstorage\..*oraclecloud\..*|.*\.oci\.customer-oci\.com")
_QUERY_KEYS = frozenset(
    ("apikey", "xapikey", "accesstoken", "clientsecret", "secretkey", "password", "passwd",
     "privatekey", "authorization")
)  # fmt: skip
# Characters of a random part; fewer are enough where a name before it says what it is.
_LONG, _SOME = 40, 16
_LONGEST = 2000  # characters of a part of a path that are examined
_UNNAMED = "a long random part of its path"


def masked_path(host: str, path: str) -> str:
    """The path of a link, without its first slash, with each secret in it as `…`."""
    pieces = _SEPARATOR.split(path)
    segments = pieces[::2]
    for at in _secrets(host, segments):
        name, mark, _ = segments[at].partition(";")
        plain = mark and not dict(_kinds(host, [*segments[:at], name], only=at))
        pieces[2 * at] = f"{name};…" if plain else "…"
    return "".join(pieces)


def path_secrets(url: str) -> list[str]:
    """The parts of a link's path that must not be shown, both as written and decoded."""
    host, segments = _taken_apart(url)
    raw = [segments[at] for at in _secrets(host, segments)]
    return [form for text in raw for form in dict.fromkeys((text, _decoded(text)))]


def exposed_secrets(url: str) -> list[str]:
    """What a link reveals besides the file to whoever fetches it, in words for people. None of the
    link's text is in them.
    """
    host, segments = _taken_apart(url)
    kinds = [kind for _, kind in _kinds(host, segments) if kind]
    query = url.partition("#")[0].partition("?")[2]
    for part in re.split("[&;]", query):
        name, _, value = part.partition("=")
        if value and (_plain(name) in _QUERY_KEYS or KEY.fullmatch(_decoded(value))):
            signed = _plain(name) not in _QUERY_KEYS and value.startswith("eyJ")
            kinds += [] if signed else [f'a credential in its query ("{_plain(name)[:30]}")']
    return list(dict.fromkeys(kinds))


def _taken_apart(url: str) -> tuple[str, list[str]]:
    rest = re.split("[?#]", url.strip().partition("://")[2], maxsplit=1)[0]
    host, *segments = re.split(r"[/\\]", rest)
    return host.rpartition("@")[2].partition(":")[0].lower(), segments


def _secrets(host: str, segments: Sequence[str]) -> list[int]:
    return sorted(dict(_kinds(host, segments)))


def _kinds(
    host: str, segments: Sequence[str], only: int | None = None
) -> Iterator[tuple[int, str]]:
    """The indexes of the secrets in a path, each with what it is; `""` stands for a signature that
    expires.
    """
    host = host.rpartition("@")[2].partition(":")[0].lower()
    for at, segment in enumerate(segments):
        if len(segment) > _LONGEST:
            yield at, _UNNAMED
        elif only in {None, at} and segment:
            before = [_decoded(part) for part in segments[max(0, at - 6) : at]]
            kind = _kind(host, before, _decoded(segment), last=at == len(segments) - 1)
            if kind is not None:
                yield at, kind


def _kind(host: str, before: Sequence[str], segment: str, *, last: bool) -> str | None:
    """What secret a part of a path is, in words; `None` when it is not one."""
    if _BOT.fullmatch(segment):
        return "the token of a bot"
    if KEY.search(segment):
        return "" if _ends(segment) else "an API key or an access token in its path"
    named = re.fullmatch(r"(?:.*;)?([\w-]+)[=:](.{8,})", segment)
    if _SIGNATURE.fullmatch(segment) or (before and _plain(before[-1]) in _SIGNATURE_NAMES):
        return "" if len(segment) >= _SOME else None
    if named and _plain(named[1]) in _NAMES:
        return f'a credential in its path ("{_plain(named[1])}")'
    if _is_webhook(host, before, segment):
        return "the token of a webhook"
    if _SLACK_FILE.fullmatch(segment) or _is_storage(host, before, segment):
        return "a token of its storage"
    if last and re.search(r"\.[A-Za-z0-9]{2,5}$", segment):
        return None  # the name of a file, however long
    if before and _plain(before[-1]) in _NAMES and _looks_random(segment, _SOME):
        return f'a credential in its path ("{_plain(before[-1])}")'
    shared = _SHARING.fullmatch(host) or (before and before[-1].lower() in {"ipfs", "ipns"})
    return _UNNAMED if not shared and _is_random(segment) else None


def _ends(segment: str) -> bool:
    """Whether a part of a path is a JWT that states its expiry."""
    from motion_preflight.text.links.claims import jwt_claims  # noqa: PLC0415  few links hold one

    return "exp" in (jwt_claims(segment) or {})


def _is_webhook(host: str, before: Sequence[str], segment: str) -> bool:
    if _HOOK_HOST.fullmatch(host):
        return bool(before) and len(segment) >= 6
    behind = any(_plain(part) in _WEBHOOK for part in before)
    return behind and _looks_random(segment, _SOME) and not segment.isdigit()


def _is_storage(host: str, before: Sequence[str], segment: str) -> bool:
    if _ORACLE.fullmatch(host):  # a pre-authenticated request
        return before == ["p"] and len(segment) >= _SOME
    return "seafhttp" in before and re.fullmatch("[0-9a-f-]{32,36}", segment) is not None


def _looks_random(text: str, least: int) -> bool:
    """Whether a text is not made of words: unbroken characters, with digits among them."""
    run = max((len(part) for part in re.split("[^A-Za-z0-9]", text)), default=0)
    return len(text) >= least and run >= min(least, 12) and re.search("[0-9]", text) is not None


def _is_random(text: str) -> bool:
    """Whether capitals, small letters and digits alternate as often as in a random text."""
    signs = re.sub("[-_~.=+]", "", text)
    if len(text) < _LONG or not re.fullmatch("[A-Za-z0-9]+", signs) or len(signs) < _LONG - 8:
        return False
    if re.fullmatch("[0-9a-fA-F]+|[0-9A-Z]+", signs) or len(re.findall("[0-9]", signs)) < 2:
        return False  # a digest or an identifier
    kinds = ["0" if sign.isdigit() else "A" if sign.isupper() else "a" for sign in signs]
    changes = sum(one != other for one, other in pairwise(kinds))
    mixed = "A" in kinds and "a" in kinds
    return changes >= len(signs) * (0.42 if mixed else 0.3)


def _plain(name: str) -> str:
    return re.sub("[^a-z0-9]", "", name.lower())


def _decoded(text: str) -> str:
    for _ in range(3):  # an escape may have been encoded again
        decoded = unquote(text)
        if decoded == text:
            break
        text = decoded
    return text
