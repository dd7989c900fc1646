"""A link split into its parts once, for every reader of its text."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote, unquote_plus, urlsplit

from motion_preflight.text.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping


# Characters. The defaults of nginx, Apache and CloudFront are about 8,000; some take more.
LONGEST_LINK = 16_384


@dataclass(frozen=True, slots=True)
class Link:
    """A link in parts: the host in lower case, the decoded parts of the path, and the parameters by
    their lower-case names.

    When a parameter stands twice, the first value counts, as storage services do it.
    """

    host: str
    segments: tuple[str, ...]
    parameters: Mapping[str, str]


def read_link(url: str) -> Link:
    """Splits a URL into its parts. Raises `ValueError` where `urlsplit` does."""
    parts = urlsplit(url.strip())
    parameters: dict[str, str] = {}
    for part in parts.query.split("&"):
        name, _, value = part.partition("=")
        if name:
            parameters.setdefault(unquote_plus(name).lower(), unquote_plus(value))
    segments = tuple(unquote(segment) for segment in parts.path.split("/")[1:])
    return Link((parts.hostname or "").rstrip("."), segments, parameters)
