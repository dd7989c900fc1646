"""Why a host refuses, read from its answer: the reason in words, and the remedy for it."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING

from motion_preflight.network.refusal_signs import SIGNS, Refused
from motion_preflight.text.lazy_dataclass import dataclass
from motion_preflight.text.links.direct import second_form
from motion_preflight.text.links.signatures import is_signed

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["BODY", "Refusal", "Refused", "read_refusal", "remedy_without_reason"]

BODY = 16 << 10  # bytes of an error's body that are read
_SHOWN = 140  # characters of a host's own words that are shown

_CODE = re.compile(r"<Code>\s*([A-Za-z][A-Za-z0-9_.-]{1,60})\s*</Code>", re.IGNORECASE)
_MESSAGE = re.compile(r"<Message>([^<]{1,600})", re.IGNORECASE)
_JSON_CODE = re.compile(
    r'"(?:code|error|errorCode|error_code|reason|status)"\s*:\s*"([A-Za-z][\w.-]{1,60})"'
)
_JSON_MESSAGE = re.compile(
    r'"(?:message|msg|error_description|error_message|detail|error)"\s*:\s*"((?:[^"\\]|\\.){1,600})'
)
_JSON_FAILED = re.compile(
    r'"(?:error|errors|error_code|errorCode|errcode|error_msg|errmsg|message|msg|statusCode|detail)"'
)
_POINTER = "version https://git-lfs.github.com/spec/"
_TOKEN = re.compile(r"[A-Za-z0-9+/_=%.:-]{16,}")
_TAGS = re.compile(r"<(script|style)\b.*?(?:</\1>|$)|<[^>]*>", re.IGNORECASE | re.DOTALL)


class _Form(StrEnum):
    XML = "XML"
    JSON = "JSON"
    PAGE = "page"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Refusal:
    """What an answer without media says about the reason. `kind` is `None` when only an error code
    is known.
    """

    kind: Refused | None
    words: str
    remedy: str | None

    @property
    def is_final(self) -> bool:
        """Whether the host will not give the file at another time or to another network either."""
        return self.kind not in {None, Refused.QUOTA, Refused.BOT_WALL, *_OF_THE_PLACE}


def read_refusal(
    status: int, headers: Mapping[str, str], body: bytes, *, url: str
) -> Refusal | None:
    """The reason in an answer; `None` when it gives none.

    `headers` have lower-case names. `body` is the beginning of the body, of which `BODY` bytes
    count. `url` is the requested one: a signature can mismatch only when the link is signed.

    A host may echo parts of the request, so only the code of its error is shown, and its message
    without anything that may be a key. Control characters of the host may remain in it.
    """
    text = body[:BODY].decode("utf-8", "replace").lstrip("\ufeff \t\r\n")
    if text.startswith(_POINTER):
        words, remedy = Refused.POINTER.value
        return Refusal(Refused.POINTER, words, second_form(url) or remedy)
    form = _form(text)
    if status < 400 and form is _Form.TEXT:
        return None
    code, message = _own_words(text, form)
    where = message + " " + code if form in {_Form.XML, _Form.JSON} else _visible(text, form)
    kind = _kind(headers, code, where, text if form is _Form.PAGE else "")
    if kind is Refused.SIGNATURE and not is_signed(url):
        kind = Refused.DENIED
    if kind is not None and (status >= 400 or form is not _Form.PAGE or kind in _OF_PAGES):
        return _refusal(kind)
    is_error = form is _Form.XML or (form is _Form.JSON and _JSON_FAILED.search(text))
    if form is _Form.PAGE or not (code or message) or not (status >= 400 or is_error):
        return None
    quoted = ": ".join(part for part in (code, _harmless(message)) if part)
    return Refusal(None, f'it says "{quoted}"', None)


_OF_THE_PLACE = (Refused.REGION, Refused.ADDRESS, Refused.ENDPOINT)
_OF_PAGES = {Refused.BOT_WALL, Refused.QUOTA, Refused.EXPIRED, Refused.HOTLINK, Refused.REGION}


def remedy_without_reason(status: int | None, *, url: str) -> str | None:
    """What to do when only the status is known; `None` when the network or the time may be the
    cause.
    """
    if status in {400, 401, 403, 410} and is_signed(url):
        return (
            "make a new signed link and copy all of it, from https:// to its last parameter; "
            "in a shell put it in quotes"
        )
    if status == 400:
        return "check the link for characters that are missing or were added; the host refuses it"
    return None


def _refusal(kind: Refused) -> Refusal:
    words, remedy = kind.value
    return Refusal(kind, words, remedy)


def _form(text: str) -> _Form:
    start = text[:1024].lower()
    if start.startswith(("{", "[")):
        return _Form.JSON
    if "<html" in start or start.startswith(("<!doctype html", "<head", "<title", "<body")):
        return _Form.PAGE
    return _Form.XML if start.startswith(("<?xml", "<error", "<code")) else _Form.TEXT


def _own_words(text: str, form: _Form) -> tuple[str, str]:
    """The code and the message of an error in XML or JSON, each `""` when absent."""
    if form is _Form.XML:
        code, message = _CODE.search(text), _MESSAGE.search(text)
    elif form is _Form.JSON:
        code = _JSON_CODE.search(text)
        messages = dict.fromkeys(_JSON_MESSAGE.findall(text))
        return code[1] if code else "", " ".join(messages).replace('\\"', '"')
    else:
        return "", ""
    detail = re.search(r"<AuthenticationErrorDetail>([^<]{1,300})", text)
    words = (message[1] if message else "") + (f" {detail[1]}" if detail else "")
    return code[1] if code else "", words


def _visible(text: str, form: _Form) -> str:
    return " ".join(_TAGS.sub(" ", text).split()) if form is _Form.PAGE else text


def _kind(headers: Mapping[str, str], code: str, words: str, source: str) -> Refused | None:
    """The kind of the first sign that matches; `None` without one. Codes are surer than words, and
    words surer than the source of a page.
    """
    if "challenge" in headers.get("cf-mitigated", "") or headers.get("x-amzn-waf-action"):
        return Refused.BOT_WALL
    if headers.get("x-datadome") or headers.get("x-dd-b"):
        return Refused.BOT_WALL
    if headers.get("x-ms-error-code"):
        code = code or headers["x-ms-error-code"]
    for sign in SIGNS:
        if sign.matches(code, words, source):
            return sign.kind
    if headers.get("www-authenticate"):
        return Refused.LOGIN
    return None


def _harmless(message: str) -> str:
    """A host's message on one line, without anything that may be a key or a link's signature, and
    without a quotation mark that would end the quotation.
    """
    plain = _TOKEN.sub("…", " ".join(message.replace("\\n", " ").split())).replace('"', "'")
    return plain if len(plain) <= _SHOWN else f"{plain[:_SHOWN]}…"
