"""A redirect of the provider, in words. It is never followed, because the key would go along."""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

from motion_preflight.text.locations import redacted, sanitize_external_text

# What may follow the base URL of the API: the paths that its documents name.
_ENDPOINT = re.compile(
    r"/+v1(/+(videos(/+generations)?|images(/+generations)?|tasks(/+[^/]*)?|(user/+)?balance"
    r"|uploads(/+images)?|chat(/+completions)?|models|usage))?/*|/+videos/+generations/*",
    re.IGNORECASE,
)
_SHOWN = 200  # characters of a target that are shown


def without_endpoint(path: str) -> str:
    """The path of a base URL without a final endpoint and without a final slash."""
    starts = (match.start() for match in re.finditer("/", path))
    cut = (start for start in starts if _ENDPOINT.fullmatch(path, start))
    return path[: next(cut, len(path))].rstrip("/")


def redirect_words(asked: str, location: str | None) -> str:
    """Where a redirect of the URL `asked` leads, and what to do about it; `""` when it names no
    target.

    The target is shown without its query values.
    """
    if not location or not location.strip():
        return ""
    try:
        target = urljoin(asked, location.strip())
        parts, here = urlsplit(target), urlsplit(asked)
        base = f"{parts.scheme}://{parts.netloc}{without_endpoint(parts.path)}"
        base_here = f"{here.scheme}://{here.netloc}{without_endpoint(here.path)}"
    except ValueError:
        return f"it leads to {sanitize_external_text(location)[:_SHOWN]}, which is no URL"
    text = f"it leads to {sanitize_external_text(redacted(target))[:_SHOWN]}, and is not followed"
    if parts.scheme != "https":
        return f"{text}: the API key is sent to https only"
    if base.lower() == base_here.lower() or "@" in parts.netloc:
        return text
    shown = sanitize_external_text(redacted(base))[:_SHOWN]
    return f"{text}: if you trust that server, make {shown} the base URL (APIMART_BASE_URL)"
