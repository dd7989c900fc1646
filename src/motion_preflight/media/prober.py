"""Measures media with one ffprobe and, if any of them is a URL, one HTTP client."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from motion_preflight.media.measure import AT_ONCE, is_version, measure
from motion_preflight.media.programs.ffprobe import find_ffprobe
from motion_preflight.media.programs.limited_process import end_children
from motion_preflight.settings import load_settings

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path
    from typing import Self

    from motion_preflight.media.facts import Kind, Measured
    from motion_preflight.media.filmer import Filmer
    from motion_preflight.media.options import ProbeOptions
    from motion_preflight.media.watcher import Watcher
    from motion_preflight.network.client import Web
    from motion_preflight.network.transfer import Progress
    from motion_preflight.provider.limits import Limit
    from motion_preflight.provider.profile import Profile


class Prober:
    """Measures media, one in each thread that asks. `progress` is called with the bytes read and
    the size (`None`: not known) of a file that is read as a whole. Raises `FfprobeMissing` when
    there is no ffprobe, and `FfmpegMissing` when pictures are to be looked at and there is no
    ffmpeg.
    """

    def __init__(self, options: ProbeOptions, progress: Progress | None = None) -> None:
        self._ffprobe = find_ffprobe(options.ffprobe or load_settings().ffprobe)
        self._scan = options.scan
        self._watcher = _watcher(options) if options.content else None
        self._filmer = _filmer(options) if options.frames else None
        self._caps = {
            "video": _cap(options.profile, "video"),
            "image": _cap(options.profile, "image"),
        }
        self._web_options: dict[str, Any] = {
            "timeout": options.timeout,
            "allow_private": options.allow_private,
            "progress": progress,
        }
        self._web: Web | None = None
        self._lock = threading.Lock()
        self._aborted = False
        self._at_work: set[int] = set()  # threads that measure, by their native numbers
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def abort(self) -> None:
        """Ends every exchange and every ffprobe that is running, whichever thread waits for it. A
        measurement that is about to begin is not affected, so call this until none is left.
        """
        with self._lock:
            self._aborted = True
            if self._web:
                self._web.abort()
        end_children(self._at_work.copy())

    def one(
        self,
        location: str,
        kind: Kind | None,
        *,
        folder: Path | None = None,
        host_slot: AbstractContextManager[object] = AT_ONCE,
    ) -> Measured:
        """Measures one medium in this thread; `host_slot` is entered while its bytes are
        fetched.
        """
        thread = threading.get_native_id()
        self._at_work.add(thread)
        try:
            return measure(
                location,
                kind,
                cap=self._caps[kind or "video"],
                ffprobe=self._ffprobe,
                web=self._client,
                folder=folder,
                scan=self._scan and kind != "image",
                watcher=self._watcher if kind != "image" else None,
                filmer=self._filmer if kind != "image" else None,
                host_slot=host_slot,
            )
        finally:
            self._at_work.discard(thread)

    def is_version(
        self, location: str, kind: Kind | None, earlier: str, *, folder: Path | None
    ) -> bool:
        """Whether a medium still has the version `earlier`; False also when it cannot be
        read now.
        """
        cap = self._caps[kind or "video"]
        return is_version(location, earlier, folder=folder, cap=cap, web=self._client)

    def _client(self) -> Web:
        with self._lock:
            if self._web is None:
                from motion_preflight.network.client import Web  # noqa: PLC0415  imports httpx

                self._web = self._stack.enter_context(Web(**self._web_options))
                if self._aborted:
                    self._web.abort()
            return self._web


def _watcher(options: ProbeOptions) -> Watcher:
    from motion_preflight.media.programs.ffmpeg import find_ffmpeg  # noqa: PLC0415  rarely needed
    from motion_preflight.media.watcher import Watcher  # noqa: PLC0415

    ffmpeg = find_ffmpeg(options.ffmpeg or load_settings().ffmpeg)
    return Watcher(ffmpeg, options.profile.content)


def _filmer(options: ProbeOptions) -> Filmer:
    from motion_preflight.media.filmer import Filmer  # noqa: PLC0415  rarely needed

    return Filmer(options.ffmpeg or load_settings().ffmpeg)


def _cap(profile: Profile, kind: Kind) -> int:
    """The bytes from which on a URL is not read: the most that any model allows in any reading,
    because one measurement serves the requests of all models.
    """
    return max(
        _bytes_of(limits.video_size if kind == "video" else limits.image_size)
        for limits in profile.all_limits()
    )


def _bytes_of(limit: Limit) -> int:
    if limit.below:
        return int(max(limit.below.values()))
    return int(max(limit.maximum.values())) + 1 if limit.maximum else 1 << 40
