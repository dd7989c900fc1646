"""Where a medium is: a URL or a path, and how to show a URL without its secrets."""

from __future__ import annotations

import re

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")  # two letters at least: `C:` is a drive
_URL_IN_TEXT = re.compile(r"https?://\S+", re.IGNORECASE)  # to its end: brackets may be of it
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def is_url(location: str) -> bool:
    """Whether the location is a URL of any scheme; everything else is a path."""
    found = _SCHEME.match(location.strip())
    if not found:
        return False
    return "://" in location or found[0].lower() in {"data:", "http:", "https:", "file:", "blob:"}


def redacted(location: str) -> str:
    """The location with user, password, every query value and the fragment as `…`; paths as is."""
    location = printable(location.strip())
    if not is_url(location):
        return location
    if location.lower().startswith("data:"):
        return "data:…"
    base, hash_mark, _ = location.partition("#")
    base, question, query = base.partition("?")
    scheme, slashes, rest = base.partition("://")
    host, slash, path = rest.partition("/")
    if "@" in host or "\\" in host:
        host = "…@" + re.split(r"[@\\]", host)[-1]
    shown = f"{scheme}{slashes}{host}{slash}{path}"
    if question:
        names = (part.partition("=") for part in re.split("[&;]", query))
        shown += "?" + "&".join(f"{name}=…" if equals else "…" for name, equals, _ in names)
    return shown + ("#…" if hash_mark else "")


def scrubbed(text: str) -> str:
    """Text of somebody else (a library, a host) on one line, every URL in it redacted."""
    return _URL_IN_TEXT.sub(lambda found: redacted(found[0]), printable(" ".join(text.split())))


def printable(text: str) -> str:
    """The text without control and direction characters, so that it cannot drive a terminal."""
    return _CONTROL.sub("�", text)


def file_name(location: str) -> str:
    """The last part of the path of a location, `""` when there is none."""
    if is_url(location):
        location = re.split("[?#]", location.partition("://")[2])[0].partition("/")[2]
    return re.split(r"[/\\]", location)[-1]


def extension(location: str) -> str:
    """The file name's ending in lower case without its dot, `""` when there is none."""
    name = file_name(location)
    return name.rpartition(".")[2].lower() if "." in name[1:] else ""
