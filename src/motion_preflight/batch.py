"""Many requests → their reports, in the order of the input.

    requests → media, each once → facts (threads here, or an executor of yours) → rules → reports

Only a window of requests is held at a time. What runs elsewhere is the measuring of media alone:
their facts come back, and the rules, which take no time, are applied here.
"""

from __future__ import annotations

import datetime as dt
from collections import deque
from contextlib import ExitStack
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from motion_preflight.crew import Crew, Options, Threads
from motion_preflight.instruments import TIMEOUT, not_given
from motion_preflight.manifest.entry import Entry
from motion_preflight.media.measurements import Measurements
from motion_preflight.preflight import amount, checked_options, default_profile, report_of
from motion_preflight.report import Conditions
from motion_preflight.request import Draft, read_draft
from motion_preflight.settings import keys_in_force

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from concurrent.futures import Executor
    from pathlib import Path

    from motion_preflight.facts import Kind
    from motion_preflight.memo import Known, Medium
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
    keys = keys_in_force()
    options = Options(profile, timeout, allow_private, ffprobe, scan)
    with ExitStack() as stack:
        crew = Crew(executor, options) if executor else stack.enter_context(Threads(options, jobs))
        media = Measurements(crew)
        stack.callback(media.close)
        window: deque[_Held] = deque()
        numbered, mistake = enumerate(requests), None
        while mistake is None:
            try:
                number, request = next(numbered)
                window.append(_held(request, number, conditions, media, keys))
            except StopIteration:
                break
            except Exception as error:  # noqa: BLE001  of whoever makes them, told after what is done
                mistake = error
            while window and (len(window) > _AHEAD or _is_known(window[0], media)):
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
    left_out: tuple[str, ...]
    video: Medium | None
    image: Medium | None


def _held(
    request: MotionControlRequest | Mapping[str, Any] | Entry,
    number: int,
    conditions: Conditions,
    media: Measurements,
    keys: tuple[str, ...],
) -> _Held:
    label, body, folder = f"request[{number}]", request, conditions.folder
    left_out: tuple[str, ...] = ()
    if isinstance(request, Entry):
        left_out = tuple(request.left_out)
        label, body, folder = request.label, request.body, request.folder or folder
    assert not isinstance(body, Entry)
    draft = read_draft(body, conditions.profile.models, left_out, keys=keys)
    return _Held(
        label,
        draft,
        folder,
        left_out,
        _wanted(draft.video_url, "video", folder, media),
        _wanted(draft.image_url, "image", folder, media),
    )


def _wanted(
    location: str | None, kind: Kind, folder: Path | None, media: Measurements
) -> Medium | None:
    return None if location is None else media.want(location, kind, folder)


def _is_known(held: _Held, media: Measurements) -> bool:
    """Whether nothing has to be waited for."""
    return all(medium is None or media.is_known(medium) for medium in (held.video, held.image))


def _reported(
    held: _Held, media: Measurements, conditions: Conditions, *, fixed: dt.datetime | None
) -> Report:
    video, seen = _known(held.video, "video", media)
    image, also_seen = _known(held.image, "image", media)
    at = fixed or dt.datetime.now(dt.UTC)
    conditions = replace(
        conditions,
        folder=held.folder,
        left_out=held.left_out,
        at=at,
        measured=min(seen, also_seen, at),
    )
    return report_of(held.draft, video, image, label=held.label, conditions=conditions)


def _known(medium: Medium | None, kind: Kind, media: Measurements) -> Known:
    return media.get(medium) if medium else (not_given(kind), _NEVER)
