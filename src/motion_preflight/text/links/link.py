"""A link taken apart once, for all that is read from its text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote, unquote_plus, urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping


# Characters. The defaults of nginx, Apache and CloudFront are about 8,000; some take more.
LONGEST_LINK = 16_384


@dataclass(frozen=True, slots=True)
class Link:
    """The host in lower case, the parts of the path decoded, the parameters by lower-case name.

    Of a parameter that stands twice the first value counts, as it does for storage services.
    """

    host: str
    segments: tuple[str, ...]
    parameters: Mapping[str, str]


def read_link(url: str) -> Link:
    """Takes a URL apart. Raises `ValueError` where `urlsplit` does."""
    parts = urlsplit(url.strip())
    parameters: dict[str, str] = {}
    for part in parts.query.split("&"):
        name, _, value = part.partition("=")
        if name:
            parameters.setdefault(unquote_plus(name).lower(), unquote_plus(value))
    segments = tuple(unquote(segment) for segment in parts.path.split("/")[1:])
    return Link((parts.hostname or "").rstrip("."), segments, parameters)
