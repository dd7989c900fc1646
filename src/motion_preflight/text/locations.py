"""The location of a medium, a URL or a path, and how to show a URL without its secrets."""

from __future__ import annotations

import os
import re

from motion_preflight.text.links.link import LONGEST_LINK
from motion_preflight.text.links.white_space import UNSEEN

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")  # two letters at least: `C:` is a drive
# Signs that a path may hold a secret. Most links show none, and are not searched any further.
_SUSPECT = re.compile(r"[^/\\.]{16,}|[;=]|hook|oraclecloud|(?i:key|token|auth|secret|sess)")
_NAME = 40  # characters; longer text before `=` in a query is not a name
# A URL of any scheme up to white space, because brackets may belong to it. The length of the
# scheme is limited, because trying longer ones takes long.
_URL_IN_TEXT = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{1,20}://\S+")
# Signs of a link in a text that is none as it stands: a host before the path, a slash of a scheme,
# the parameters of a signature.
_LINK_IN_PATH = re.compile(
    r"//|^(?:[\w-]+\.)+[A-Za-z]{2,24}(?::[0-9]{1,5})?/|[?&]X-(?:Amz|Goog)-", re.IGNORECASE
)
_USER_IN_PATH = re.compile(r"[^\s/\\:@]{1,200}:[^\s/\\@]{1,200}@(?=[\w.-]+[:/])")
# Control, direction and invisible characters, line separators, and halves of surrogate pairs.
_CONTROL = (
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)


def is_url(location: str) -> bool:
    """Whether the location is a URL of any scheme; everything else is a path."""
    # The test for ":" comes first because it is fast, and each request calls this many times.
    scheme = ":" in location and _SCHEME.match(location.strip(UNSEEN))
    if not scheme:
        return False
    return "://" in location or scheme[0].lower() in {"data:", "http:", "https:", "file:", "blob:"}


def path_from_here(path: str, folder: str | os.PathLike[str] | None) -> str:
    """A path that starts in a folder, as it is written in the current one, and so that no program
    takes it for an option. `None` means the current folder.
    """
    path = os.path.normpath(os.path.join(folder or "", path))  # noqa: PTH118  a ~ must stay
    return f".{os.sep}{path}" if path.startswith("-") else path


def redacted(location: str) -> str:
    """The location as it may be shown: a URL with its user, password, query values, fragment and
    the secret parts of its path as `…`; the path of a file as it is, but for a link inside of it.
    """
    location = printable(location.strip(UNSEEN if is_url(location) else None))
    if not is_url(location):
        return redacted_path(location)
    if location.lower().startswith("data:"):
        return "data:…"
    scheme, slashes, rest = re.fullmatch("([^:]*:)([/\\\\]*)(.*)", location, re.DOTALL).groups()  # type: ignore[union-attr]  # is_url says that it has a scheme
    if len(rest) > LONGEST_LINK:  # no host accepts it, and searching it takes long
        return f"{scheme}{slashes}…"
    head = re.split("[?#]", rest, maxsplit=1)[0]
    rest = _without_path_secrets(_without_user(head)) + rest[len(head) :]
    base, hash_mark, _ = rest.partition("#")
    base, question, query = base.partition("?")
    shown = f"{scheme}{slashes}{base}"
    if question:
        shown += "?" + "&".join(_shown_part(part) for part in re.split("[&;]", query))
    return shown + ("#…" if hash_mark else "")


def redacted_path(path: str) -> str:
    """A path without the secrets of a link that somebody wrote in place of one (`host.com/a?sig=…`,
    `=HYPERLINK("https://…")`). A file may be called `a?b=c`, so its own name stays as it is.
    """
    if "@" in path:
        path = _USER_IN_PATH.sub("…@", path)
    if "?" not in path or not _LINK_IN_PATH.search(path):
        return redacted_text(path)
    head, _, query = redacted_text(path).partition("?")
    base, hash_mark, _ = query.partition("#")
    return f"{head}?{'&'.join(map(_shown_part, base.split('&')))}{'#…' if hash_mark else ''}"


def _without_user(head: str) -> str:
    """The host and path without a user and password before them.

    A password may hold characters that end a host, so the last `@` counts, unless a plain host name
    stands before the path.
    """
    plain = re.match(r"[A-Za-z0-9.-]+\.[A-Za-z]{2,}/", head)
    if "@" in head and not plain:
        return f"…@{head.rpartition('@')[2]}"
    host, slash, path = head.partition("/")
    if "\\" in host:
        return f"…@{host.rpartition(chr(92))[2]}{slash}{path}"
    port = host.rpartition(":")[2] if ":" in host else ""
    if port and not port.isdigit() and "]" not in port:
        return "…"  # not a port, but the beginning of a password that continues after a `?` or `#`
    return head


def _without_path_secrets(head: str) -> str:
    """Host and path without tokens and keys in the path."""
    host, slash, path = head.partition("/")
    if not slash or not _SUSPECT.search(head):
        return head
    from motion_preflight.text.links.secrets import masked_path  # noqa: PLC0415  rarely needed

    return f"{host}/{masked_path(host, path)}"


def _shown_part(part: str) -> str:
    """The name of one query parameter with its value as `…`; only `…` when the name itself may be a
    token.
    """
    name, equals, value = part.partition("=")
    return f"{name}=…" if equals and value.strip("=") and len(name) <= _NAME else "…"


def sanitize_external_text(text: str) -> str:
    """A text that somebody else wrote (a library, a host) on one line, with every URL in it
    redacted.
    """
    return redacted_text(printable(" ".join(text.split())))


def redacted_text(text: str) -> str:
    """The text with every URL in it redacted."""
    return _URL_IN_TEXT.sub(lambda url: redacted(url[0]), text) if "://" in text else text


def printable(text: str) -> str:
    """The text without control and direction characters, so that it cannot drive a terminal."""
    if text.isprintable():  # then there is none of them, and the pattern need not be compiled
        return text
    return re.sub(_CONTROL, "�", text)


def file_name(location: str) -> str:
    """The last part of a location's path; `""` when there is none or it is a secret."""
    if is_url(location):
        rest = re.split("[?#]", location.partition("://")[2])[0]
        location = _without_path_secrets(rest).partition("/")[2].removesuffix(";…")
        location = "" if location.endswith("…") else location
    return re.split(r"[/\\]", location)[-1]


def extension(location: str) -> str:
    """The extension of the file name in lower case, without its dot; `""` when there is none."""
    name = file_name(location)
    return name.rpartition(".")[2].lower() if "." in name[1:] else ""
