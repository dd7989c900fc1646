"""The base URL of the provider, the only place where the API key may go."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import httpx

from motion_preflight.errors import SettingsInvalid
from motion_preflight.network.addresses import parse_ip
from motion_preflight.provider.redirects import without_endpoint
from motion_preflight.text.links.comparison import origin_of
from motion_preflight.text.links.placeholders import placeholder_in, reserved_host
from motion_preflight.text.locations import redacted

GENERATIONS = "/v1/videos/generations"


BASE_URL = "https://api.apimart.ai"  # APIMart's API pages (documented)


def checked_base(base_url: str | None) -> tuple[str, str, bool]:
    """The base URL without an endpoint at its end, its origin, and whether it is this machine.
    `None` means APIMart's.

    Raises `SettingsInvalid` for a base URL that the key must not go to.
    """
    base = base_url or BASE_URL
    shown = redacted(base)
    try:
        parts = urlsplit(base.strip())
        origin, host = origin_of(parts), parts.hostname or ""
        plain = parts.username is None and not parts.query and not parts.fragment
        address = parse_ip(host)
    except ValueError:
        raise SettingsInvalid(f"the base URL {shown} is not a URL") from None
    here = host == "localhost" or (address is not None and address.is_loopback)
    if not host or not plain or re.search(r"[\s\x00-\x1f\x7f\\]", base.strip()):
        raise SettingsInvalid(f"the base URL {shown} must be like {BASE_URL}, and nothing more")
    if parts.scheme.lower() != "https" and not (here and parts.scheme.lower() == "http"):
        raise SettingsInvalid(f"the base URL {shown} must be https: the API key goes there")
    if reserved_host(host.lower().rstrip(".")) or placeholder_in(base):
        raise SettingsInvalid(f"the base URL {shown} is a placeholder: name the provider's own")
    checked = f"{parts.scheme}://{parts.netloc}{without_endpoint(parts.path)}"
    try:
        _ = httpx.URL(checked + GENERATIONS).host
    except (httpx.InvalidURL, ValueError):
        raise SettingsInvalid(f"the base URL {shown} is not a URL") from None
    return checked, origin, here
