"""The pipeline, to be read first: request → media measured → findings and estimate → report."""

from __future__ import annotations

import datetime as dt
import threading
from contextlib import ExitStack
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

from motion_preflight.estimate import Estimate, estimated
from motion_preflight.facts import MediaFacts, Reason, Unmeasured
from motion_preflight.measure import measure
from motion_preflight.probe import find_ffprobe
from motion_preflight.report import Finding, Report
from motion_preflight.request import read_draft
from motion_preflight.rules import run_rules
from motion_preflight.rules.rule import Case
from motion_preflight.settings import load_profile, load_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path
    from typing import Self

    from motion_preflight.facts import Kind, Measured
    from motion_preflight.motion_control_request import MotionControlRequest
    from motion_preflight.profile import Profile
    from motion_preflight.request import Draft
    from motion_preflight.source.web import Progress, Web

TIMEOUT = 10.0  # seconds to connect, and of any silence


def preflight(
    request: MotionControlRequest | Mapping[str, Any],
    *,
    profile: Profile | None = None,
    label: str = "request",
    folder: Path | None = None,
    now: dt.datetime | None = None,
    strict: bool = False,
    scan: bool = False,
    price: Decimal | None = None,
    tolerance: Decimal = Decimal(0),
    timeout: float = TIMEOUT,
    allow_private: bool = False,
    ffprobe: str | None = None,
    progress: Progress | None = None,
) -> Report:
    """Everything that can be known of a request before it is sent; nothing is sent.

    A mapping may have any mistakes: they become findings. Relative paths start at `folder`
    (`None`: the current one). `price` is your own for a second, `tolerance` the seconds that a
    reading may lie beyond a limit, `timeout` the seconds to connect and of any silence.
    Raises `FfprobeMissing`, `ProfileInvalid` and `SettingsInvalid`.
    """
    profile = profile or default_profile()
    draft = read_draft(request, profile.models)
    with Measuring(
        profile, timeout=timeout, allow_private=allow_private, ffprobe=ffprobe, progress=progress
    ) as measuring:
        video, image = measuring.both(draft, folder=folder, scan=scan)
    case = Case(
        draft=draft,
        video=video,
        image=image,
        profile=profile,
        now=now or dt.datetime.now(dt.UTC),
        tolerance=tolerance,
        allow_private=allow_private,
        price=price,
        folder=folder,
    )
    findings, skipped = run_rules(case)
    cost = None
    if isinstance(video, MediaFacts) and video.video is not None:
        cost = estimated(draft, video, profile, price)
    return Report(label, draft.body, findings, skipped, video, image, cost, strict, folder)


def check(
    request: MotionControlRequest | Mapping[str, Any],
    video: Measured,
    image: Measured,
    *,
    profile: Profile,
    now: dt.datetime,
    tolerance: Decimal = Decimal(0),
    allow_private: bool = False,
) -> tuple[Finding, ...]:
    """What the rules say of a request whose media were measured. Pure: reads and writes nothing."""
    draft = read_draft(request, profile.models)
    case = Case(draft, video, image, profile, now, tolerance, allow_private)
    return run_rules(case)[0]


def estimate(
    request: MotionControlRequest | Mapping[str, Any],
    video: MediaFacts,
    *,
    profile: Profile,
    price: Decimal | None = None,
) -> Estimate | None:
    """What a request with this video may be billed; `None` when no duration is known. Pure."""
    return estimated(read_draft(request, profile.models), video, profile, price)


def probe(
    location: str,
    *,
    kind: Kind | None = None,
    scan: bool = False,
    timeout: float = TIMEOUT,
    allow_private: bool = False,
    ffprobe: str | None = None,
) -> MediaFacts:
    """The facts of a clip or picture at a path or URL.

    `kind` is what it must be, `None` for either; `scan` reads every packet. Raises `SourceError`
    or `ProbeError` when there are none.
    """
    with Measuring(
        default_profile(), timeout=timeout, allow_private=allow_private, ffprobe=ffprobe
    ) as measuring:
        found = measuring.one(location, kind, scan=scan)
    if isinstance(found, Unmeasured):
        raise found.exception()
    return found


@cache
def default_profile() -> Profile:
    """The built-in profile with the user's own over it, read once a process."""
    return load_profile()


class Measuring:
    """What measuring needs for as long as it lasts: an ffprobe, and one HTTP client if any."""

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
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def both(self, draft: Draft, *, folder: Path | None, scan: bool) -> tuple[Measured, Measured]:
        """The video and the image of a request, side by side."""
        image = _Beside(lambda: self._given(draft.image_url, "image", folder, scan=False))
        try:
            video = self._given(draft.video_url, "video", folder, scan=scan)
        except BaseException:
            self.abort()
            raise
        finally:
            image.join()
        return video, image.result()

    def one(
        self, location: str, kind: Kind | None, *, folder: Path | None = None, scan: bool = False
    ) -> Measured:
        """One medium."""
        return measure(
            location,
            kind,
            cap=self._caps[kind or "video"],
            ffprobe=self._ffprobe,
            web=self._client,
            folder=folder,
            scan=scan,
        )

    def abort(self) -> None:
        """Ends every exchange under way."""
        if self._web:
            self._web.abort()

    def _given(
        self, location: str | None, kind: Kind, folder: Path | None, *, scan: bool
    ) -> Measured:
        if location is None:
            return Unmeasured(None, Reason.NOT_GIVEN, f"the request names no {kind}")
        return self.one(location, kind, folder=folder, scan=scan)

    def _client(self) -> Web:
        with self._lock:
            if self._web is None:
                from motion_preflight.source.web import Web  # noqa: PLC0415  imports httpx

                self._web = self._stack.enter_context(Web(**self._web_options))
            return self._web


class _Beside:
    """A call that runs in a thread of its own; `concurrent.futures` takes longer to import."""

    def __init__(self, call: Callable[[], Measured]) -> None:
        self._call = call
        self._value: Measured | None = None
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="image", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._value = self._call()
        except BaseException as error:  # noqa: BLE001  raised again where the result is asked for
            self._error = error

    def join(self) -> None:
        self._thread.join()

    def result(self) -> Measured:
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
