"""A redirect of the provider, in words: it is never followed, because the key would go along."""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

from motion_preflight.source.location import redacted, scrubbed

# What may stand behind the base URL of the API: the paths of its documents.
_ENDPOINT = re.compile(
    r"/+v1(/+(videos(/+generations)?|images(/+generations)?|tasks(/+[^/]*)?|(user/+)?balance"
    r"|uploads(/+images)?|chat(/+completions)?|models|usage))?/*|/+videos/+generations/*",
    re.IGNORECASE,
)
_SHOWN = 200  # characters of a target


def without_endpoint(path: str) -> str:
    """The path of a base URL without an endpoint's at its end, and without a slash there."""
    starts = (match.start() for match in re.finditer("/", path))
    cut = (start for start in starts if _ENDPOINT.fullmatch(path, start))
    return path[: next(cut, len(path))].rstrip("/")


def redirect_words(asked: str, location: str | None) -> str:
    """Where a redirect of the URL `asked` leads, and what to do about it; `""` when it does not
    say. The target is shown without its query values.
    """
    if not location or not location.strip():
        return ""
    try:
        target = urljoin(asked, location.strip())
        parts, here = urlsplit(target), urlsplit(asked)
        base = f"{parts.scheme}://{parts.netloc}{without_endpoint(parts.path)}"
        base_here = f"{here.scheme}://{here.netloc}{without_endpoint(here.path)}"
    except ValueError:
        return f"it leads to {scrubbed(location)[:_SHOWN]}, which is no URL"
    text = f"it leads to {scrubbed(redacted(target))[:_SHOWN]}, and is not followed"
    if parts.scheme != "https":
        return f"{text}: the API key is sent to https only"
    if base.lower() == base_here.lower() or "@" in parts.netloc:
        return text
    shown = scrubbed(redacted(base))[:_SHOWN]
    return f"{text}: if you trust that server, give `--base-url {shown}` or APIMART_BASE_URL"
