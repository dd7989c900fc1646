"""How the bytes of a URL were transferred."""

from __future__ import annotations

from collections.abc import Callable

from motion_preflight.text.lazy_dataclass import dataclass, field

# Called with the bytes read so far and the size of the whole, `None` where that is not known.
Progress = Callable[[int, int | None], None]


@dataclass(frozen=True, slots=True)
class Transfer:
    """How the bytes of a URL arrived. `bytes` counts those of the bodies, as received; `None` means
    that no answer said it.
    """

    requests: int
    bytes: int
    status: int | None
    content_type: str | None
    final_url: str = field(repr=False)  # includes its secrets
    etag: str | None
    proxied: bool = False  # through a proxy, whose own connection nobody here could check
