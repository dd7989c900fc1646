"""How media are measured."""

from __future__ import annotations

from os import PathLike
from typing import TypedDict

from motion_preflight.provider.profile import Profile
from motion_preflight.text.lazy_dataclass import dataclass
from motion_preflight.text.option_values import ensure_flag, ensure_seconds

TIMEOUT = 10.0  # seconds to connect, and seconds of silence of a host


class ProbeKeywords(TypedDict, total=False):
    """The fields of `ProbeOptions` as keywords of a call."""

    profile: Profile | None
    scan: bool
    timeout: float
    allow_private: bool
    ffprobe: str | PathLike[str] | None
    content: bool
    frames: bool
    ffmpeg: str | PathLike[str] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeOptions:
    """How media are measured. Other machines get these options too, when an executor measures.

    profile        limits, of which the caps of sizes bound what is read
    scan           decode every frame of the judged video track, within bounds; fetches all of a URL
    content        look at its pictures for cuts, and for what is black or frozen; as a scan does
    frames         take small pictures of it, for a page; nothing more of a URL is fetched for them
    timeout        seconds to connect, and of any silence of a host
    allow_private  contact hosts of private networks too
    ffprobe        the program to use; `None`: the setting's, the bundled one, or that on PATH
    ffmpeg         the program that looks at pictures; `None`: the setting's, or the one found

    Raises `TypeError` and `ValueError` for invalid values.
    """

    profile: Profile
    scan: bool = False
    timeout: float = TIMEOUT
    allow_private: bool = False
    ffprobe: str | None = None
    content: bool = False
    frames: bool = False
    ffmpeg: str | None = None

    __hash__ = None  # type: ignore[assignment]  # the mappings of its profile can be changed

    def __post_init__(self) -> None:
        if not isinstance(self.profile, Profile):
            raise TypeError(f"profile must be a Profile, not {type(self.profile).__name__}")
        ensure_flag("scan", self.scan)
        ensure_flag("content", self.content)
        ensure_flag("frames", self.frames)
        ensure_flag("allow_private", self.allow_private)
        ensure_seconds("timeout", self.timeout)
