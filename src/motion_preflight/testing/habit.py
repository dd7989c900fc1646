"""How a media host answers: the habits that a test can choose from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from motion_preflight.text.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from pathlib import Path

WrongRange = Literal[
    "shifted",  # another range than asked, honestly labelled: its start is one byte off
    "other-bytes",  # the right header, but every byte of the body inverted
    "short",  # half the bytes Content-Range speaks of, and a Content-Length to match that half
    "no-header",  # no Content-Range
    "star-total",  # `*` for the total
    "200-to-range",  # 200 with a valid Content-Range, and that range alone
    "206-to-plain",  # 206 for the whole although no range was asked for
    "multipart",  # multipart/byteranges with a single part
]


@dataclass(frozen=True, kw_only=True)
class Habit:
    """How a host answers for one name. The default is a well-behaved host."""

    # What is answered.
    head: bool = True  # False: 405 to HEAD
    status: int | None = None  # this status with a small body
    retry_after: int | str | None = None
    redirect_to: str | None = None  # the Location, sent as it stands
    redirect_status: int = 302
    endless_redirects: bool = False  # to itself, with a counter in the query
    html: bool = False  # a 200 text/html page instead of the media
    endless: bool = False  # a 200 whose body is the media over and over, chunked
    gzip: bool = False  # stored compressed: ranges count the compressed bytes
    changes_after: int | None = None  # requests of any method that still see the first version
    changed: bytes | Path = b""
    error_body: bytes = b""  # what is said with `status`
    coding: str | None = None  # a Content-Encoding that packs nothing
    # Ranges and validators.
    range_status: int | None = None  # this status for a Range alone; 200: with the range
    range_unsaid: bool = False  # the range has no Content-Range, and its length is not told
    etags: tuple[str, ...] = ()  # one for each server, in turn; "" sends none
    ranges: bool = True  # False: Range is ignored
    wrong_range: WrongRange | None = None
    if_range: bool = True  # False: If-Range is ignored, so a changed file still gets a 206
    declared_size: int | None = None  # the total it claims; only the real bytes are ever sent
    etag: Literal["strong", "weak", "none"] = "strong"
    last_modified: bool = True
    # Headers and framing.
    chunked: bool = False
    until_close: bool = False  # no length at all: the body ends with the connection
    close_each: bool = False
    set_cookie: str | None = None
    header_flood: int = 0  # bytes of extra headers, rounded up to lines of 1 KiB
    # How it goes out. A body shorter than an `_after` below is delivered as usual.
    stall_header: bool = False  # the request is read and never answered
    trickle_header: float | None = None  # seconds from one byte to the next
    trickle: float | None = None
    short_body: int | None = None  # body bytes before the connection is closed
    reset_after: int | None = None  # body bytes before the connection is reset
    stall_after: int | None = None  # body bytes before it goes silent, until the host closes
