"""Checks many requests, and gives their reports in the order of the input.

    requests → media, each once → facts (threads here, or an executor of yours) → rules → reports

Only a window of requests is held in memory at a time. An executor only measures media: their facts
come back, and the rules, which take no time, run here.
"""

from __future__ import annotations

import datetime as dt
from collections import deque
from contextlib import ExitStack
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from motion_preflight.media.measurements import Measurements
from motion_preflight.media.prober import TIMEOUT, not_given
from motion_preflight.media.workers import ExecutorWorkers, LocalWorkers, Options
from motion_preflight.preflight import checked_conditions, report_of
from motion_preflight.request.files.entry import RequestEntry
from motion_preflight.request.parse import ParsedRequest, parse_request
from motion_preflight.settings import keys_in_force

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from concurrent.futures import Executor
    from pathlib import Path

    from motion_preflight.media.cache import CachedFacts, Medium
    from motion_preflight.media.facts import Kind
    from motion_preflight.provider.profile import Profile
    from motion_preflight.report.findings import CheckOptions, Report
    from motion_preflight.request.model import MotionControlRequest

_NEVER = dt.datetime.max.replace(tzinfo=dt.UTC)  # later than anything
_AHEAD = 1024  # the most requests that are held in memory


def preflight_many(
    requests: Iterable[MotionControlRequest | Mapping[str, Any] | RequestEntry],
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
    """The report of each request in the order of the input. A medium of several requests is
    measured once.

    jobs      media to measure at a time; `None`: 16 from hosts, and three files per processor.
              At most 8 are fetched from one host at a time
    executor  where to measure media instead: any `concurrent.futures.Executor`, also one over
              other machines, which need this package, an ffprobe, and the same files at the same
              paths

    The other options are those of `preflight`. `requests` may be endless: at most 1,024 are read
    ahead of the reports. A medium that cannot be measured, for whatever reason, makes its own
    report unsure and stops no other. Raises what `preflight` raises.
    """
    conditions = checked_conditions(
        profile, now, folder, timeout, strict=strict, scan=scan, price=price, tolerance=tolerance,
        allow_private=allow_private,
    )  # fmt: skip
    _ensure_workers(executor, jobs)
    keys = keys_in_force()
    options = Options(conditions.profile, timeout, allow_private, ffprobe, scan)
    with ExitStack() as stack:
        workers = (
            ExecutorWorkers(executor, options)
            if executor
            else stack.enter_context(LocalWorkers(options, jobs))
        )
        media = Measurements(workers)
        stack.callback(media.close)
        yield from _reports(requests, conditions, media, keys, fixed=now)


def _reports(
    requests: Iterable[MotionControlRequest | Mapping[str, Any] | RequestEntry],
    conditions: CheckOptions,
    media: Measurements,
    keys: tuple[str, ...],
    *,
    fixed: dt.datetime | None,
) -> Iterator[Report]:
    """The reports in order, with a window of requests ahead of them.

    An exception from the iterator of requests is raised after the reports of the requests before
    it.
    """
    window: deque[_Pending] = deque()
    numbered, mistake = enumerate(requests), None
    while mistake is None:
        try:
            number, request = next(numbered)
            window.append(_start(request, number, conditions, media, keys))
        except StopIteration:
            break
        except Exception as error:  # noqa: BLE001  raised again below
            mistake = error
        while window and (len(window) > _AHEAD or _is_measured(window[0], media)):
            yield _report(window.popleft(), media, conditions, fixed=fixed)
    while window:
        yield _report(window.popleft(), media, conditions, fixed=fixed)
    if mistake:
        raise mistake


def _ensure_workers(executor: object, jobs: object) -> None:
    """Raises `TypeError` and `ValueError` for an invalid executor or number of jobs."""
    if executor is not None and not hasattr(executor, "submit"):
        raise TypeError(f"executor must be an Executor, not {type(executor).__name__}")
    if jobs is not None and (isinstance(jobs, bool) or not isinstance(jobs, int)):
        raise TypeError(f"jobs must be an int, not {type(jobs).__name__}")
    if jobs is not None and jobs < 1:
        raise ValueError("jobs must be 1 or more")


class _Pending(NamedTuple):
    """A request whose media are being measured."""

    label: str
    draft: ParsedRequest
    folder: Path | None
    left_out: tuple[str, ...]
    video: Medium | None
    image: Medium | None


def _start(
    request: MotionControlRequest | Mapping[str, Any] | RequestEntry,
    number: int,
    conditions: CheckOptions,
    media: Measurements,
    keys: tuple[str, ...],
) -> _Pending:
    """Parses a request, and begins to measure its media."""
    label, body, folder = f"request[{number}]", request, conditions.folder
    left_out: tuple[str, ...] = ()
    if isinstance(request, RequestEntry):
        left_out = tuple(request.left_out)
        label, body, folder = request.label, request.body, request.folder or folder
    assert not isinstance(body, RequestEntry)
    draft = parse_request(body, conditions.profile.models, left_out, keys=keys)
    return _Pending(
        label,
        draft,
        folder,
        left_out,
        _measurement(draft.video_url, "video", folder, media),
        _measurement(draft.image_url, "image", folder, media),
    )


def _measurement(
    location: str | None, kind: Kind, folder: Path | None, media: Measurements
) -> Medium | None:
    """The medium to measure, `None` when the request names none."""
    return None if location is None else media.want(location, kind, folder)


def _is_measured(pending: _Pending, media: Measurements) -> bool:
    """Whether both media of a request are measured, so that nothing has to be waited for."""
    return all(
        medium is None or media.is_known(medium) for medium in (pending.video, pending.image)
    )


def _report(
    pending: _Pending, media: Measurements, conditions: CheckOptions, *, fixed: dt.datetime | None
) -> Report:
    """The report of a request whose media are measured, waiting for them if necessary."""
    video, seen = _facts(pending.video, "video", media)
    image, also_seen = _facts(pending.image, "image", media)
    at = fixed or dt.datetime.now(dt.UTC)
    conditions = replace(
        conditions,
        folder=pending.folder,
        left_out=pending.left_out,
        at=at,
        measured=min(seen, also_seen, at),
    )
    return report_of(pending.draft, video, image, label=pending.label, conditions=conditions)


def _facts(medium: Medium | None, kind: Kind, media: Measurements) -> CachedFacts:
    """The facts of a medium and the moment of their measurement."""
    return media.get(medium) if medium else (not_given(kind), _NEVER)
