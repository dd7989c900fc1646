"""What measuring needs for as long as it lasts: an ffprobe, and one HTTP client if any."""

from __future__ import annotations

import threading
import time
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, Any

from motion_preflight.child import end_children
from motion_preflight.facts import Reason, Unmeasured
from motion_preflight.measure import AT_ONCE, is_version, measure
from motion_preflight.probe import find_ffprobe
from motion_preflight.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path
    from typing import Self

    from motion_preflight.facts import Kind, Measured
    from motion_preflight.profile import Profile
    from motion_preflight.request import Draft
    from motion_preflight.source.web import Progress, Web

_TIDY = 5.0  # seconds that an aborted measurement gets
_MOMENT = 0.05  # seconds between two attempts to end it
TIMEOUT = 10.0  # seconds to connect, and of any silence


class Instruments:
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
        """Whether something is being measured."""
        return bool(self._at_work)

    def abort(self) -> None:
        """Ends every exchange and every ffprobe under way, in whichever thread it waits. What is
        about to begin is not met: to be called until nothing is at work.
        """
        with self._lock:
            self._aborted = True
            if self._web:
                self._web.abort()
        end_children(self._at_work.copy())

    def both(self, draft: Draft, *, folder: Path | None, scan: bool) -> tuple[Measured, Measured]:
        """The video and the image of a request, side by side."""
        video = partial(self._given, draft.video_url, "video", folder, scan=scan)
        image = partial(self._given, draft.image_url, "image", folder, scan=False)
        found = self._beside(video, image)
        return found[0], found[1]

    def alone(self, location: str, kind: Kind | None, *, scan: bool = False) -> Measured:
        """One medium; who waits for it may be interrupted."""
        return self._beside(partial(self.one, location, kind, scan=scan))[0]

    def _beside(self, *calls: Callable[[], Measured]) -> list[Measured]:
        """Calls side by side, none of them in the thread that may be interrupted: an interruption
        that meets an import there can be lost, and leave the others waiting for ever; one that
        meets the beginning of a child would leave it behind.
        """
        sides: list[_Beside] = []
        try:
            for call in calls:
                sides.append(_Beside(call))  # noqa: PERF401  those that have begun must be known
            return [each.result() for each in sides]
        except BaseException:
            until = time.monotonic() + _TIDY
            for each in sides:
                while not each.wait(_MOMENT) and time.monotonic() < until:
                    self.abort()
            raise

    def one(
        self,
        location: str,
        kind: Kind | None,
        *,
        folder: Path | None = None,
        scan: bool = False,
        turn: AbstractContextManager[object] = AT_ONCE,
    ) -> Measured:
        """One medium, in this thread; `turn` is held while its bytes are brought."""
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
                turn=turn,
            )
        finally:
            self._at_work.discard(thread)

    def is_version(self, location: str, kind: Kind, known: str, *, folder: Path | None) -> bool:
        """Whether a medium is what it was when it had that version; False: not to be had now."""
        return is_version(location, known, folder=folder, cap=self._caps[kind], web=self._client)

    def _given(
        self, location: str | None, kind: Kind, folder: Path | None, *, scan: bool
    ) -> Measured:
        if location is None:
            return not_given(kind)
        return self.one(location, kind, folder=folder, scan=scan)

    def _client(self) -> Web:
        with self._lock:
            if self._web is None:
                from motion_preflight.source.web import Web  # noqa: PLC0415  imports httpx

                self._web = self._stack.enter_context(Web(**self._web_options))
                if self._aborted:
                    self._web.abort()
            return self._web


def not_given(kind: Kind) -> Unmeasured:
    """What is known of a medium that a request does not name."""
    return Unmeasured(None, Reason.NOT_GIVEN, f"the request names no {kind}")


class _Beside:
    """A call that runs in a thread of its own; `concurrent.futures` takes longer to import."""

    def __init__(self, call: Callable[[], Measured]) -> None:
        self._call = call
        self._value: Measured | None = None
        self._error: BaseException | None = None
        self._done = threading.Event()  # an interrupted Thread.join takes a live thread for dead
        try:
            threading.Thread(target=self._run, name="measure", daemon=True).start()
        except RuntimeError:  # the machine has none left
            self._run()

    def _run(self) -> None:
        try:
            self._value = self._call()
        except BaseException as error:  # noqa: BLE001  raised again where the result is asked for
            self._error = error
        finally:
            self._done.set()

    def wait(self, seconds: float | None = None) -> bool:
        """Whether the call is over; an aborted one tidies up behind itself."""
        return self._done.wait(seconds)

    def result(self) -> Measured:
        self.wait()
        if self._error:
            raise self._error
        assert self._value is not None
        return self._value


def _cap(profile: Profile, kind: Kind) -> int:
    """The bytes from which on a URL is not read: the most that any reading of the limit allows."""
    limit = profile.limits.video_size if kind == "video" else profile.limits.image_size
    if limit.below:
        return int(max(limit.below.values()))
    return int(max(limit.maximum.values())) + 1 if limit.maximum else 1 << 40
