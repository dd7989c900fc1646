"""The engine: requests → media, each measured once → facts → rules → reports in the same order.

A single request is a batch of one. Only a window of requests is held in memory at a time. Workers
only measure media: their facts come back, and the rules, which take no time, run here.
"""

from __future__ import annotations

import datetime as dt
from collections import deque
from contextlib import closing
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from motion_preflight.media.facts import MediaFacts
from motion_preflight.media.measurements import Measurements
from motion_preflight.media.medium import not_given
from motion_preflight.report.estimate import estimate_cost
from motion_preflight.report.findings import Report
from motion_preflight.request.errors import Violation
from motion_preflight.request.files.entry import RequestEntry
from motion_preflight.request.parse import fields_of, parse_request
from motion_preflight.rules import run_rules
from motion_preflight.rules.rule import RuleContext
from motion_preflight.settings import keys_in_force
from motion_preflight.text.lazy_dataclass import replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from motion_preflight.media.facts import Kind, Measured
    from motion_preflight.media.measurements import Workers
    from motion_preflight.media.medium import CachedFacts, Medium
    from motion_preflight.report.options import CheckOptions
    from motion_preflight.request.parse import ParsedRequest, Request

_NEVER = dt.datetime.max.replace(tzinfo=dt.UTC)  # later than anything
_A_REQUEST = "give a mapping with the fields of the API, or a MotionControlRequest"
_AHEAD = 1024  # the most requests that are held in memory


def check_requests(
    requests: Iterable[Request | RequestEntry], options: CheckOptions, workers: Workers
) -> Iterator[Report]:
    """The reports in the order of the requests, with a window of requests ahead of them.

    An exception from the iterator of requests is raised after the reports of the requests before
    it.
    """

    @lru_cache(16)  # the requests of one file have the same folder
    def options_in(folder: Path | None) -> CheckOptions:
        return replace(options, folder=folder) if folder else options

    window: deque[_Pending] = deque()
    numbered, mistake, keys = enumerate(requests), None, keys_in_force()
    with closing(Measurements(workers)) as media:
        while mistake is None:
            try:
                number, request = next(numbered)
                window.append(_start(request, number, options_in, media, keys))
            except StopIteration:
                break
            except Exception as error:  # noqa: BLE001  raised again below
                mistake = error
            while window and (len(window) > _AHEAD or window[0].is_measured(media)):
                yield _report(window.popleft(), media)
        while window:
            yield _report(window.popleft(), media)
    if mistake:
        raise mistake


def check_again(report: Report, workers: Workers) -> Report:
    """Repeats the check of a report with the clock's time. Raises `FfprobeMissing`."""
    left_out = dict.fromkeys(report.left_out)
    entry = RequestEntry(report.label, dict(report.body), report.options.folder, left_out)
    return next(check_requests([entry], replace(report.options, now=None), workers))


def is_own_result(report: Report) -> bool:
    """Whether a report has the cost and every finding that its own request and facts lead to, as
    one has not whose parts were replaced. It may have more: what was trimmed off a link is not in
    the request any more.
    """
    if report.checked_at is None or report.measured_at is None:
        return False
    left_out = dict.fromkeys(report.left_out)
    parsed = parse_request(dict(report.body), report.options.profile.models, left_out)
    own = report_of(
        parsed, report.video, report.image, report.options, label=report.label,
        now=report.checked_at, measured_at=report.measured_at,
    )  # fmt: skip
    same = (own.body, own.skipped, own.estimate) == (report.body, report.skipped, report.estimate)
    return same and all(finding in report.findings for finding in own.findings)


def report_of(
    parsed: ParsedRequest,
    video: Measured,
    image: Measured,
    options: CheckOptions,
    *,
    label: str,
    now: dt.datetime,
    measured_at: dt.datetime,
) -> Report:
    """The report of a request whose media were already measured. Reads and writes nothing."""
    findings, skipped = run_rules(RuleContext(parsed, video, image, options, now))
    cost = None
    if isinstance(video, MediaFacts) and video.video is not None:
        cost = estimate_cost(parsed, video, options.profile, options.price)
    return Report(
        label, parsed.body, findings, skipped, video, image, cost, options, now, measured_at,
        parsed.left_out,
    )  # fmt: skip


class _Pending(NamedTuple):
    """A request whose media are being measured."""

    label: str
    parsed: ParsedRequest
    options: CheckOptions
    video: Medium | None
    image: Medium | None

    def is_measured(self, media: Measurements) -> bool:
        """Whether both media are measured, so that nothing has to be waited for."""
        return all(medium is None or media.is_known(medium) for medium in (self.video, self.image))


def _start(
    request: Request | RequestEntry,
    number: int,
    options_in: Callable[[Path | None], CheckOptions],
    media: Measurements,
    keys: tuple[str, ...],
) -> _Pending:
    """Parses a request, and begins to measure its media."""
    wrong = None
    if not isinstance(request, RequestEntry):
        label = f"request[{number}]"
        try:
            request = RequestEntry(label, dict(fields_of(request)))
        except TypeError as error:  # one of many must not stop the others
            request = RequestEntry(label, {})
            wrong = Violation("", str(error), hint=_A_REQUEST)
    options = options_in(request.folder)
    parsed = parse_request(request.body, options.profile.models, request.left_out, keys=keys)
    if wrong:
        parsed = replace(parsed, violations=(wrong,))
    return _Pending(
        request.label,
        parsed,
        options,
        _measurement(parsed.video_url, "video", options, media),
        _measurement(parsed.image_url, "image", options, media),
    )


def _measurement(
    location: str | None, kind: Kind, options: CheckOptions, media: Measurements
) -> Medium | None:
    """The medium to measure, `None` when the request names none."""
    return None if location is None else media.want(location, kind, options.folder)


def _report(pending: _Pending, media: Measurements) -> Report:
    """The report of a request whose media are measured, waiting for them if necessary."""
    video, video_at = _facts(pending.video, "video", media)
    image, image_at = _facts(pending.image, "image", media)
    now = pending.options.now or dt.datetime.now(dt.UTC)
    return report_of(
        pending.parsed,
        video,
        image,
        pending.options,
        label=pending.label,
        now=now,
        measured_at=min(video_at, image_at, now),
    )


def _facts(medium: Medium | None, kind: Kind, media: Measurements) -> CachedFacts:
    """The facts of a medium and the moment of their measurement."""
    return media.get(medium) if medium else (not_given(kind), _NEVER)
