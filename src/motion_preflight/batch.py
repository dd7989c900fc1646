"""Many requests → their reports, in the order of the input.

    requests → media, each once → facts (threads here, or an executor of yours) → rules → reports

Only a window of requests is held at a time. What runs elsewhere is the measuring of media alone:
their facts come back, and the rules, which take no time, are applied here.
"""

from __future__ import annotations

import datetime as dt
from collections import deque
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from motion_preflight.crew import Crew, Options, Threads
from motion_preflight.errors import PreflightError
from motion_preflight.facts import Kind, Measured, Reason, Unmeasured
from motion_preflight.instruments import TIMEOUT, not_given
from motion_preflight.manifest.entry import Entry
from motion_preflight.memo import Known, Medium, Memo
from motion_preflight.preflight import amount, checked_options, default_profile, report_of
from motion_preflight.report import Conditions
from motion_preflight.request import Draft, read_draft
from motion_preflight.source.local import is_relative
from motion_preflight.source.location import is_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from concurrent.futures import Executor
    from pathlib import Path

    from motion_preflight.motion_control_request import MotionControlRequest
    from motion_preflight.profile import Profile
    from motion_preflight.report import Report

_NEVER = dt.datetime.max.replace(tzinfo=dt.UTC)  # later than anything
_AHEAD = 1024  # requests held at most


def preflight_many(
    requests: Iterable[MotionControlRequest | Mapping[str, Any] | Entry],
    *,
    profile: Profile | None = None,
    folder: Path | None = None,
    now: dt.datetime | None = None,
    strict: bool = False,
    scan: bool = False,
    price: Decimal | None = None,
    tolerance: Decimal = Decimal(0),
    timeout: float = TIMEOUT,
    allow_private: bool = False,
    ffprobe: str | None = None,
    jobs: int | None = None,
    executor: Executor | None = None,
) -> Iterator[Report]:
    """The report of each request, in the order given; a medium that several name is measured once.

    jobs      media measured at a time; `None`: 16 of hosts, and three files a processor. No more
              than 8 are ever fetched of one host at a time
    executor  where media are measured instead: any `concurrent.futures.Executor`, also one over
              other machines, which need this package, an ffprobe, and the same files at the same
              paths

    The other options are those of `preflight`. `requests` may be endless: 1,024 at most are read
    ahead of the reports. A medium that cannot be measured, for whatever reason, makes its own
    report unsure and stops no other. Raises what `preflight` raises.
    """
    checked_options(
        profile=profile,
        now=now,
        timeout=timeout,
        strict=strict,
        scan=scan,
        allow_private=allow_private,
    )
    if executor is not None and not hasattr(executor, "submit"):
        raise TypeError(f"executor must be an Executor, not {type(executor).__name__}")
    if jobs is not None and (isinstance(jobs, bool) or not isinstance(jobs, int)):
        raise TypeError(f"jobs must be an int, not {type(jobs).__name__}")
    if jobs is not None and jobs < 1:
        raise ValueError("jobs must be 1 or more")
    profile = profile or default_profile()
    conditions = Conditions(
        profile=profile,
        at=now or dt.datetime.now(dt.UTC),
        folder=folder,
        strict=strict,
        scan=scan,
        price=amount("price", price),
        tolerance=amount("tolerance", tolerance) or Decimal(0),
        allow_private=allow_private,
    )
    options = Options(profile, timeout, allow_private, ffprobe, scan)
    with ExitStack() as stack:
        crew = Crew(executor, options) if executor else stack.enter_context(Threads(options, jobs))
        media = _Media(crew)
        stack.callback(media.close)
        window: deque[_Held] = deque()
        numbered, mistake = enumerate(requests), None
        while mistake is None:
            try:
                number, request = next(numbered)
                window.append(_held(request, number, conditions, media))
            except StopIteration:
                break
            except Exception as error:  # noqa: BLE001  of whoever makes them, told after what is done
                mistake = error
            while window and (len(window) > _AHEAD or media.known(window[0])):
                yield _reported(window.popleft(), media, conditions, fixed=now)
        while window:
            yield _reported(window.popleft(), media, conditions, fixed=now)
        if mistake:
            raise mistake


class _Held(NamedTuple):
    """A request whose media are being measured."""

    label: str
    draft: Draft
    folder: Path | None
    video: Medium | None
    image: Medium | None


def _held(
    request: MotionControlRequest | Mapping[str, Any] | Entry,
    number: int,
    conditions: Conditions,
    media: _Media,
) -> _Held:
    label, body, folder = f"request[{number}]", request, conditions.folder
    if isinstance(request, Entry):
        label, body, folder = request.label, request.body, request.folder or folder
    assert not isinstance(body, Entry)
    draft = read_draft(body, conditions.profile.models)
    return _Held(
        label,
        draft,
        folder,
        media.want(draft.video_url, "video", folder),
        media.want(draft.image_url, "image", folder),
    )


def _reported(
    held: _Held, media: _Media, conditions: Conditions, *, fixed: dt.datetime | None
) -> Report:
    video, seen = media.get(held.video, "video")
    image, also_seen = media.get(held.image, "image")
    at = fixed or dt.datetime.now(dt.UTC)
    conditions = replace(conditions, folder=held.folder, at=at, measured=min(seen, also_seen, at))
    return report_of(held.draft, video, image, label=held.label, conditions=conditions)


class _Media:
    """Media that are wanted, and what was measured of them: each of them once a run."""

    def __init__(self, crew: Crew | Threads) -> None:
        self._crew = crew
        self._memo = Memo()
        self._flying: dict[Medium, tuple[Future[list[Measured]], int]] = {}
        self._sent: dict[Medium, dt.datetime] = {}  # of those in flight
        self._pending: list[Medium] = []

    def want(self, location: str | None, kind: Kind, folder: Path | None) -> Medium | None:
        """Has a medium measured, if it is none that was or is being measured."""
        if location is None:
            return None
        relative = not is_url(location) and is_relative(location)
        medium = Medium(location, kind, folder if relative else None)
        if medium not in self._flying and medium not in self._pending:
            if self._memo.get(medium) is None:
                self._pending.append(medium)
            if len(self._pending) >= self._crew.chunk:
                self._send()
        return medium

    def known(self, held: _Held) -> bool:
        """Whether nothing has to be waited for."""
        return self._known(held.video) and self._known(held.image)

    def _known(self, medium: Medium | None) -> bool:
        if medium in self._flying:
            return self._flying[medium][0].done()
        return medium is None or self._memo.get(medium) is not None

    def get(self, medium: Medium | None, kind: Kind) -> Known:
        """What was measured of a medium that was wanted before, and when it was looked at or a
        little before.
        """
        if medium is None:
            return not_given(kind), _NEVER
        known = self._memo.get(medium)
        if known is None:
            if medium not in self._flying:
                self._send()
            future, index = self._flying[medium]
            known = _outcome(future, index, medium), self._sent.pop(medium)
            self._memo.put(medium, known)
            del self._flying[medium]
        return known

    def close(self) -> None:
        for future, _ in self._flying.values():
            future.cancel()
        self._memo.close()

    def _send(self) -> None:
        if self._pending:
            future = _begun(self._crew, self._pending)
            self._flying |= {each: (future, index) for index, each in enumerate(self._pending)}
            self._sent |= dict.fromkeys(self._pending, dt.datetime.now(dt.UTC))
            self._pending = []


def _begun(crew: Crew | Threads, media: list[Medium]) -> Future[list[Measured]]:
    """Media on their way; what takes none any more gives a future that says so."""
    try:
        return crew.submit(media)
    except Exception as error:  # noqa: BLE001  an executor may break down in the middle
        future: Future[list[Measured]] = Future()
        future.set_exception(error)
        return future


def _outcome(future: Future[list[Measured]], index: int, medium: Medium) -> Measured:
    try:
        return future.result()[index]
    except PreflightError:
        raise  # no ffprobe: it would be the same for all
    except Exception as error:  # noqa: BLE001  a worker that died must not stop the others
        text = f"its measurement was lost ({type(error).__name__}); check it again"
        return Unmeasured(medium.location, Reason.UNSUPPORTED, text)
