"""Measures media with one ffprobe and, if any of them is a URL, one HTTP client."""

from __future__ import annotations

import threading
import time
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, Any

from motion_preflight.media.facts import Unmeasured
from motion_preflight.media.measure import AT_ONCE, is_version, measure
from motion_preflight.media.programs.ffprobe import find_ffprobe
from motion_preflight.media.programs.limited_process import end_children
from motion_preflight.network.errors import Reason
from motion_preflight.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path
    from typing import Self

    from motion_preflight.media.facts import Kind, Measured
    from motion_preflight.network.client import Progress, Web
    from motion_preflight.provider.limits import Limit
    from motion_preflight.provider.profile import Profile

_TIDY = 5.0  # seconds that an aborted measurement has to end
_MOMENT = 0.05  # seconds between two attempts to abort it
_ROUND = 0.2  # seconds that the calling thread waits at a time
TIMEOUT = 10.0  # seconds to connect, and seconds of silence of a host


class Prober:
    """Measures media, one or two at a time. Raises `FfprobeMissing` when there is no ffprobe."""

    def __init__(
        self,
        profile: Profile,
        *,
        timeout: float = TIMEOUT,
        allow_private: bool = False,
        ffprobe: str | None = None,
        progress: Progress | None = None,
    ) -> None:
        self._ffprobe = find_ffprobe(ffprobe or load_settings().ffprobe)
        self._caps = {"video": _cap(profile, "video"), "image": _cap(profile, "image")}
        self._web_options: dict[str, Any] = {
            "timeout": timeout,
            "allow_private": allow_private,
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

    @property
    def at_work(self) -> bool:
        """Whether a medium is being measured now."""
        return bool(self._at_work)

    def abort(self) -> None:
        """Ends every exchange and every ffprobe that is running, whichever thread waits for it. A
        measurement that is about to begin is not affected, so call this until nothing is at work.
        """
        with self._lock:
            self._aborted = True
            if self._web:
                self._web.abort()
        end_children(self._at_work.copy())

    def both(
        self, video_url: str | None, image_url: str | None, *, folder: Path | None, scan: bool
    ) -> tuple[Measured, Measured]:
        """Measures the video and the image of a request side by side. A URL of `None` means that
        the request names none.
        """
        video = partial(self._measure_if_named, video_url, "video", folder, scan=scan)
        image = partial(self._measure_if_named, image_url, "image", folder, scan=False)
        measured = self._beside(video, image)
        return measured[0], measured[1]

    def alone(self, location: str, kind: Kind | None, *, scan: bool = False) -> Measured:
        """Measures one medium, in a way that an interruption of the waiting thread ends cleanly."""
        return self._beside(partial(self.one, location, kind, scan=scan))[0]

    def _beside(self, *calls: Callable[[], Measured]) -> list[Measured]:
        """Runs calls side by side, each in a thread of its own and none in the calling one.

        The calling thread may be interrupted. An interruption during an import there could get lost
        and leave the others waiting for ever, and one during the start of a child would leave the
        child behind.
        """
        sides: list[_Beside] = []
        try:
            for call in calls:
                sides.append(_Beside(call))  # noqa: PERF401  an interruption must find those that began
            return [side.result() for side in sides]
        except BaseException:
            until = time.monotonic() + _TIDY
            for side in sides:
                while not side.wait(_MOMENT) and time.monotonic() < until:
                    self.abort()
            raise

    def one(
        self,
        location: str,
        kind: Kind | None,
        *,
        folder: Path | None = None,
        scan: bool = False,
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
                scan=scan,
                host_slot=host_slot,
            )
        finally:
            self._at_work.discard(thread)

    def is_version(self, location: str, kind: Kind, earlier: str, *, folder: Path | None) -> bool:
        """Whether a medium still has the version `earlier`; False also when it cannot be
        read now.
        """
        return is_version(location, earlier, folder=folder, cap=self._caps[kind], web=self._client)

    def _measure_if_named(
        self, location: str | None, kind: Kind, folder: Path | None, *, scan: bool
    ) -> Measured:
        if location is None:
            return not_given(kind)
        return self.one(location, kind, folder=folder, scan=scan)

    def _client(self) -> Web:
        with self._lock:
            if self._web is None:
                from motion_preflight.network.client import Web  # noqa: PLC0415  imports httpx

                self._web = self._stack.enter_context(Web(**self._web_options))
                if self._aborted:
                    self._web.abort()
            return self._web


def not_given(kind: Kind) -> Unmeasured:
    """The outcome for a medium that the request does not name."""
    return Unmeasured(None, Reason.NOT_GIVEN, f"the request names no {kind}")


class _Beside:
    """A call that runs in a thread of its own. `concurrent.futures` would take longer to import."""

    def __init__(self, call: Callable[[], Measured]) -> None:
        self._call = call
        self._value: Measured | None = None
        self._error: BaseException | None = None
        # An Event, because an interrupted Thread.join may take a live thread for a dead one.
        self._done = threading.Event()
        try:
            threading.Thread(target=self._run, name="measure", daemon=True).start()
        except RuntimeError:  # the machine has no thread left
            self._run()

    def _run(self) -> None:
        try:
            self._value = self._call()
        except BaseException as error:  # noqa: BLE001  raised again by `result`
            self._error = error
        finally:
            self._done.set()

    def wait(self, seconds: float | None = None) -> bool:
        """Waits for the call to end; False when it goes on after so many seconds."""
        return self._done.wait(seconds)

    def result(self) -> Measured:
        # A signal that arrives just before a wait begins does not end it, so each one is short:
        # between two of them Python calls the handler.
        while not self.wait(_ROUND):
            pass
        if self._error:
            raise self._error
        assert self._value is not None
        return self._value


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
