"""Which addresses may be contacted: public ones only. Nothing here uses the network.

The table is explicit, because `ipaddress.is_global` of Python 3.11 accepts private addresses that
are spelled as NAT64, 6to4 or IPv4-compatible ones, and site-local and multicast addresses.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, unquote, urlsplit

from motion_preflight.text.links.link import LONGEST_LINK
from motion_preflight.text.links.placeholders import reserved_ending, reserved_host
from motion_preflight.text.links.problems import long_words

# IANA's special-purpose registries and the multicast and reserved blocks.
_V4_NOT_PUBLIC = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
        "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16",
        "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        "168.63.129.16/32",  # the platform address inside Azure
    )
)  # fmt: skip
_V6_PUBLIC = IPv6Network("2000::/3")
_V6_NOT_PUBLIC = tuple(
    IPv6Network(network) for network in ("2001::/23", "2001:db8::/32", "3fff::/20")
)
_NAT64, _MAPPED, _6TO4 = (
    IPv6Network(network) for network in ("64:ff9b::/96", "::ffff:0:0/96", "2002::/16")
)
_ISATAP = {0x00005EFE, 0x02005EFE}
_SPECIAL_NAME = re.compile(
    r"(^|\.)(localhost|local|internal|home\.arpa|lan|intranet|corp|home|localdomain|svc|onion)$"
)


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether any host of the internet can reach the address."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _V4_NOT_PUBLIC)
    number = int(address)
    if address in _NAT64 or address in _MAPPED:
        return is_public(IPv4Address(number & 0xFFFFFFFF))
    if address in _6TO4:
        return is_public(IPv4Address(number >> 80 & 0xFFFFFFFF))
    if address not in _V6_PUBLIC or any(address in network for network in _V6_NOT_PUBLIC):
        return False
    if number >> 32 & 0xFFFFFFFF in _ISATAP:
        return is_public(IPv4Address(number & 0xFFFFFFFF))
    return True


def parse_ip(host: str) -> IPv4Address | IPv6Address | None:
    """The address that a host spells, in any spelling that a resolver accepts; `None` for a name.

    Raises `ValueError` for numbers that are not an address, because no name consists of numbers
    alone.
    """
    host = normalised(host).strip("[]").partition("%")[0]
    try:
        return ip_address(host)
    except ValueError:
        return _loose_ipv4(host)


def normalised(host: str) -> str:
    """The host in lower case, without its last dot, its percent escapes and full-width characters
    decoded.
    """
    return unicodedata.normalize("NFKC", unquote(host)).replace("。", ".").lower().rstrip(".")


@lru_cache(maxsize=1024)  # a rule judges each URL, and so does each request to it
def url_problem(url: str, *, allow_private: bool = False) -> str | None:
    """Why the URL cannot be a public direct link, judged by its text alone; `None` if it may be
    one.
    """
    if len(url) > LONGEST_LINK:
        return f"it {long_words(url)}"
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:  # its text is not shown, because it may hold a password
        return "it is not a URL"
    if parts.scheme.lower() not in {"http", "https"}:
        return f'its scheme is "{parts.scheme}"; allowed: http, https'
    if re.search(r"[\s\x00-\x1f\x7f]", url):
        return "it contains white space or control characters"
    if "@" in parts.netloc or "\\" in parts.netloc:
        return "it carries credentials"
    if not host:
        return "it names no host"
    if not _is_port(parts):
        return "its port is not a number from 1 to 65535"
    if reserved_host(normalised(host)):
        return _placeholder(normalised(host))
    return None if allow_private else host_problem(host)


def _is_port(parts: SplitResult) -> bool:
    """Whether the port of a URL is one that a host can listen on, or is not named."""
    try:
        return parts.port != 0
    except ValueError:
        return False


def host_problem(host: str) -> str | None:
    """Why a host cannot be public, judged by its name or address alone; `None` if it may be."""
    try:
        address = parse_ip(host)
    except ValueError:
        return "its host is a number that is no address"
    if address is not None:
        return None if is_public(address) else f"{address} is not a public address"
    name = normalised(host)
    if not name.isprintable():
        return "its host contains control characters"
    if "" in name.split("."):
        return "its host has an empty part between two dots"
    if reserved_host(name) or reserved_ending(name):
        return _placeholder(name)
    if _SPECIAL_NAME.search(name) or "." not in name:
        return f'"{name}" is not a public name'
    return None


def _placeholder(name: str) -> str:
    return f'"{name[:100]}" is a placeholder, a name of examples where nobody keeps files'


def _loose_ipv4(host: str) -> IPv4Address | None:
    """The address of spellings like `127.1`, `0x7f000001`, `2130706433` and `0177.0.0.1`."""
    parts = host.split(".")
    if not 1 <= len(parts) <= 4 or not all(re.fullmatch("0x[0-9a-f]*|[0-9]+", p) for p in parts):
        return None
    *leading, last = (_number(part) for part in parts)
    if any(number > 0xFF for number in leading) or last >= 1 << (32 - 8 * len(leading)):
        raise ValueError("no address")
    return IPv4Address(
        last + sum(number << (24 - 8 * index) for index, number in enumerate(leading))
    )


def _number(part: str) -> int:
    if part.startswith("0x"):
        return int(part, 16) if part != "0x" else 0
    return int(part, 8) if part.startswith("0") and part != "0" else int(part)
