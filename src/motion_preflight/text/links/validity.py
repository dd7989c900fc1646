"""From when to when a link is valid, and how each signature style writes that down."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from motion_preflight.text.lazy_dataclass import dataclass
from motion_preflight.text.links.claims import json_object, policy_dates
from motion_preflight.text.links.moments import after, hex_moment, iso_moment, moment

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    Dates = tuple[datetime | None, datetime | None]
    Reader = Callable[[Mapping[str, str]], Dates]

# CDNs that sign with a time add a validity from their settings: 30 minutes unless it was changed.
# https://www.alibabacloud.com/help/en/cdn/user-guide/type-a-signing
CDN_VALIDITY = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Validity:
    """The times that a link states; `None` where it states none."""

    style: str
    start: datetime | None
    end: datetime | None
    most: timedelta | None = None  # the longest that the style allows

    @property
    def too_long(self) -> bool:
        """Whether it asks for more time than its style allows, so that the host refuses it."""
        complete = self.start and self.end and self.most
        return bool(complete and self.end - self.start > self.most)  # type: ignore[operator]  # all are set


def silent(_: Mapping[str, str]) -> Dates:
    """The dates of a style that states no time in the link: none."""
    return None, None


def dated(vendor: str) -> Reader:
    """A reader of a date of signing and a length in seconds. Some older versions write the end
    instead of the length.
    """

    def read(parameters: Mapping[str, str]) -> Dates:
        start = iso_moment(parameters.get(f"{vendor}-date", ""))
        length = parameters.get(f"{vendor}-expires", "")
        return start, after(start, length) if start else moment(length)

    return read


def between(start: str, end: str) -> Reader:
    """A reader of two parameters, the start and the end, in any spelling."""
    return lambda parameters: (moment(parameters.get(start)), moment(parameters.get(end)))


def until(end: str) -> Reader:
    """A reader of one parameter, the end."""
    return lambda parameters: (None, moment(parameters.get(end)))


def until_hex(end: str) -> Reader:
    """A reader of an end in hexadecimal digits. A decimal number there would be the time of
    signing.
    """
    return lambda parameters: (None, hex_moment(parameters.get(end, "")))


def discord(parameters: Mapping[str, str]) -> Dates:
    """Reads the start `is` and the end `ex`, in hexadecimal digits."""
    return hex_moment(parameters["is"]), hex_moment(parameters["ex"])


def azure(parameters: Mapping[str, str]) -> Dates:
    """Reads the start `st` and the end `se`. A link that is signed with a user's key also ends with
    that key.
    """
    own, key = moment(parameters.get("se")), moment(parameters.get("ske"))
    end = min(own, key) if own and key else own or key
    return moment(parameters.get("st")), end


def tencent(parameters: Mapping[str, str]) -> Dates:
    """Reads `start;end` of the signature and of its key."""
    start, _, end = parameters.get("q-sign-time", "").partition(";")
    return moment(start), moment(end)


def policy(parameters: Mapping[str, str]) -> Dates:
    """Reads start and end from a CloudFront policy."""
    start, end = policy_dates(parameters.get("policy", ""))
    return moment(start), moment(end)


def timestamped(name: str) -> Reader:
    """A reader of `timestamp-random-user-digest`, which is valid from then on for as long as the
    CDN's own settings say.
    """

    def read(parameters: Mapping[str, str]) -> Dates:
        stamp = moment(parameters.get(name, "").partition("-")[0])
        return None, stamp + CDN_VALIDITY if stamp else None

    return read


def baidu(parameters: Mapping[str, str]) -> Dates:
    """Reads the date of signing and a length from `bce-auth-v1/key/date/seconds/…`."""
    pieces = [*parameters.get("authorization", "").split("/"), "", "", "", ""]
    start = iso_moment(pieces[2])
    return start, after(start, pieces[3])


def upyun(parameters: Mapping[str, str]) -> Dates:
    """Reads the end, which follows eight digits of a digest."""
    return None, moment(parameters["_upt"][8:])


def twitch(parameters: Mapping[str, str]) -> Dates:
    """Reads the end from a JSON object that stands beside its signature."""
    return None, moment(json_object(parameters["token"]).get("expires"))


def fastly(parameters: Mapping[str, str]) -> Dates:
    """Reads the end from `end_digest`."""
    return None, moment(parameters["token"].partition("_")[0])


def cdn77(parameters: Mapping[str, str]) -> Dates:
    """Reads the end from `digest,end`."""
    return None, moment(parameters["secure"].rpartition(",")[2])


_ENDS = (
    "expires", "x-expires", "expire", "exp", "expiry", "expires_at", "expiresat", "expiration",
    "expirationtimestamp", "expire_at", "expireat", "expire_time", "expiretime", "valid_until",
    "validuntil", "deadline", "not_after", "notafter",
)  # fmt: skip


def is_end(name: str, value: str) -> bool:
    """Whether a parameter states an end, judged by its name and its value."""
    return name in _ENDS and moment(value) is not None


def end_by_name(parameters: Mapping[str, str]) -> datetime | None:
    """The first end among the parameters whose name says that they are one; `None` without any.

    `t`, `v`, `_` and `ts` do not count: they only keep caches from answering.
    """
    return next(
        (moment(parameters[name]) for name in _ENDS if is_end(name, parameters.get(name, ""))), None
    )
