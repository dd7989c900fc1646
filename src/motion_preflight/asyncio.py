"""The functions of the library with `await`, for asyncio and trio.

    from motion_preflight.asyncio import preflight
    report = await preflight({"model": "kling-v3-motion-control", …})

Each runs the function of the same name in a thread, and is cancelled as Ctrl-C ends that one: the
ffprobe and the transfer that it waits for are ended, and then the cancellation goes on. Callbacks
such as `progress` are called in that thread.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from decimal import Decimal
from functools import partial
from os import PathLike
from typing import Generic, TypeVar, Unpack

from anyio import CancelScope, CapacityLimiter, Event, create_task_group, to_thread
from anyio.lowlevel import RunVar

from motion_preflight import pipeline
from motion_preflight.interruption import Interruption
from motion_preflight.media.facts import Kind, MediaFacts
from motion_preflight.media.options import TIMEOUT, ProbeKeywords
from motion_preflight.media.workers import HOST_JOBS, Executor
from motion_preflight.network.transfer import Progress
from motion_preflight.provider.profile import Profile
from motion_preflight.publishing import publish as publishing
from motion_preflight.publishing import unpublish as removing
from motion_preflight.publishing.options import PublishOptions
from motion_preflight.publishing.published import Published, Unpublished
from motion_preflight.repair import fix as repair
from motion_preflight.repair import request as request_repair
from motion_preflight.repair.fix import Fixer
from motion_preflight.repair.options import FixKeywords
from motion_preflight.repair.request import FixedRequest
from motion_preflight.repair.result import Fix
from motion_preflight.report.clearance import ClearedRequest
from motion_preflight.report.findings import Report
from motion_preflight.report.options import CheckKeywords
from motion_preflight.request.files.entry import RequestEntry
from motion_preflight.request.parse import Request
from motion_preflight.submission import polling, resolution, submitter
from motion_preflight.submission.errors import OutcomeUnknown
from motion_preflight.submission.receipt import Receipt
from motion_preflight.text.lazy_dataclass import dataclass

__all__ = [
    "fix",
    "fix_request",
    "preflight",
    "preflight_many",
    "probe",
    "publish",
    "resolve",
    "submit",
    "unpublish",
    "wait",
]

T = TypeVar("T")
_CALLS = HOST_JOBS  # calls that run at a time in one event loop; the others wait for their turn
_WAITS = 64  # the same of `wait`, which hardly does anything but sleep
_CALL_SLOTS, _WAIT_SLOTS = RunVar[CapacityLimiter]("calls"), RunVar[CapacityLimiter]("waits")


async def preflight(
    request: Request,
    *,
    label: str = "request",
    progress: Progress | None = None,
    **options: Unpack[CheckKeywords],
) -> Report:
    """Checks a request before it is sent; see `motion_preflight.preflight`. However many are
    awaited at once, 8 run at a time in an event loop.
    """
    call = partial(pipeline.preflight, request, label=label, progress=progress, **options)
    return await run_in_thread(call)


async def preflight_many(
    requests: Iterable[Request | RequestEntry],
    *,
    jobs: int | None = None,
    executor: Executor | None = None,
    **options: Unpack[CheckKeywords],
) -> AsyncGenerator[Report, None]:
    """The report of each request in the order of the input; see `motion_preflight.preflight_many`.
    `requests` is read in a thread. A loop that may be left early belongs into
    `contextlib.aclosing`, which ends what is being measured at once.
    """
    reports = pipeline.preflight_many(requests, jobs=jobs, executor=executor, **options)
    step: Callable[[], Report | None] = partial(next, reports, None)
    interruption = Interruption()
    try:
        while (report := await run_in_thread(step, interruption)) is not None:
            yield report
    finally:
        interruption.request()  # ends what is being measured, before there is a thread for the rest
        with CancelScope(shield=True):
            await run_in_thread(reports.close, slots=CapacityLimiter(1))


async def probe(
    location: str | PathLike[str], *, kind: Kind | None = None, **options: Unpack[ProbeKeywords]
) -> MediaFacts:
    """The facts of a clip or picture at a path or URL; see `motion_preflight.probe`. It shares the
    8 turns of `preflight`.
    """
    return await run_in_thread(partial(pipeline.probe, location, kind=kind, **options))


async def fix(
    medium: str | PathLike[str],
    *,
    output: str | PathLike[str] | None = None,
    dry_run: bool = False,
    watch: Callable[[float], None] | None = None,
    profile: Profile | None = None,
    ffprobe: str | PathLike[str] | None = None,
    ffmpeg: str | PathLike[str] | None = None,
    **wish: Unpack[FixKeywords],
) -> Fix:
    """Makes a local clip or picture fit; see `motion_preflight.fix`. When it is cancelled, no file
    is left.
    """
    call = partial(
        repair.fix, medium, output=output, dry_run=dry_run, watch=watch, profile=profile,
        ffprobe=ffprobe, ffmpeg=ffmpeg, **wish,
    )  # fmt: skip
    return await run_in_thread(call)


async def fix_request(
    request: Request,
    *,
    folder: str | PathLike[str] | None = None,
    dry_run: bool = False,
    watch: Callable[[float], None] | None = None,
    profile: Profile | None = None,
    fixer: Fixer | None = None,
) -> FixedRequest:
    """Mends the local media that a request names; see `motion_preflight.fix_request`. When it is
    cancelled, the medium that is being made leaves no file.
    """
    call = partial(
        request_repair.fix_request, request, folder=folder, dry_run=dry_run, watch=watch,
        profile=profile, fixer=fixer,
    )  # fmt: skip
    return await run_in_thread(call)


async def publish(
    medium: str | PathLike[str],
    *,
    to: str | None = None,
    options: PublishOptions | None = None,
    watch: Callable[[float], None] | None = None,
    profile: Profile | None = None,
    ledger_folder: str | PathLike[str] | None = None,
) -> Published:
    """Publishes a local clip or picture, and proves the link; see `motion_preflight.publish`. When
    it is cancelled, what it has uploaded is taken away again.
    """
    call = partial(
        publishing.publish, medium, to=to, options=options, watch=watch, profile=profile,
        ledger_folder=ledger_folder,
    )  # fmt: skip
    return await run_in_thread(call)


async def unpublish(
    links: Sequence[str] = (),
    *,
    older_than: dt.timedelta | None = None,
    finished: bool = False,
    forget: bool = False,
    timeout: float = TIMEOUT,  # noqa: ASYNC109  of the network's steps
    allow_private: bool = False,
    ledger_folder: str | PathLike[str] | None = None,
) -> list[Unpublished]:
    """Takes published files away again; see `motion_preflight.unpublish`. When it is cancelled, the
    files whose turn has not come stay.
    """
    call = partial(
        removing.unpublish, links, older_than=older_than, finished=finished, forget=forget,
        timeout=timeout, allow_private=allow_private, ledger_folder=ledger_folder,
    )  # fmt: skip
    return await run_in_thread(call)


async def submit(
    cleared: ClearedRequest,
    *,
    api_key: str | None = None,
    base_url: str | None = None,
    again: bool = False,
    max_cost: Decimal | None = None,
    timeout: float | None = None,  # noqa: ASYNC109  of the network's steps, as without `await`
    ledger_folder: str | PathLike[str] | None = None,
) -> Receipt:
    """Sends a cleared request to the provider once; see `motion_preflight.submit`.

    When it is cancelled before a byte of the request has left, nothing is sent. When it is
    cancelled during the POST, `OutcomeUnknown` is raised in place of the cancellation, and the
    ledger has the request as unknown, as after Ctrl-C.
    """
    call = partial(
        submitter.submit, cleared, api_key=api_key, base_url=base_url, again=again,
        max_cost=max_cost, timeout=timeout, ledger_folder=ledger_folder,
    )  # fmt: skip
    return await run_in_thread(call)


async def wait(
    receipt: Receipt,
    *,
    api_key: str | None = None,
    base_url: str | None = None,
    timeout: float = polling.WAIT_TIMEOUT,  # noqa: ASYNC109  the last look comes after it
    ledger_folder: str | PathLike[str] | None = None,
) -> Receipt:
    """Waits for a task and returns its receipt; see `motion_preflight.wait`. 64 wait at a time in
    an event loop. Cancelling it changes nothing about the task.
    """
    call = partial(
        polling.wait, receipt, api_key=api_key, base_url=base_url, timeout=timeout,
        ledger_folder=ledger_folder,
    )  # fmt: skip
    return await run_in_thread(call, slots=_limiter(_WAIT_SLOTS, _WAITS))


async def resolve(
    receipt: Receipt,
    *,
    task_id: str | None,
    api_key: str | None = None,
    base_url: str | None = None,
    ledger_folder: str | PathLike[str] | None = None,
) -> Receipt:
    """Settles an unknown outcome by what you found out; see `motion_preflight.resolve`."""
    call = partial(
        resolution.resolve, receipt, task_id=task_id, api_key=api_key, base_url=base_url,
        ledger_folder=ledger_folder,
    )  # fmt: skip
    return await run_in_thread(call)


async def run_in_thread(
    call: Callable[[], T],
    interruption: Interruption | None = None,
    *,
    slots: CapacityLimiter | None = None,
) -> T:
    """Makes a call in a thread. A cancellation interrupts it, waits for its end, and goes on;
    `OutcomeUnknown` takes its place, because nobody must miss that.

    interruption  that of several calls, of which none begins after it; `None`: one of its own
    slots         how many run at a time; `None`: those of checks
    """
    interruption = interruption or Interruption()
    slots = slots or _limiter(_CALL_SLOTS, _CALLS)
    ended, results = Event(), list[_Result[T]]()

    async def work() -> None:
        try:
            # Once it runs, no cancellation ends this: the thread is never left behind.
            results.append(await to_thread.run_sync(_result_of, call, interruption, limiter=slots))
        finally:
            ended.set()

    try:
        async with create_task_group() as group:
            group.start_soon(work)
            try:
                await ended.wait()
            except BaseException:
                interruption.request()
                raise
    except BaseException:
        if results and isinstance(results[0].error, OutcomeUnknown):
            raise results[0].error from None
        raise
    return results[0].value()


@dataclass(frozen=True, slots=True)
class _Result(Generic[T]):
    """What a call returned, or raised."""

    values: tuple[T, ...] = ()
    error: BaseException | None = None

    def value(self) -> T:
        if self.error is not None:
            raise self.error
        return self.values[0]


def _result_of(call: Callable[[], T], interruption: Interruption) -> _Result[T]:
    """Makes the call in this thread."""
    try:
        with interruption.of_this_thread():
            return _Result((call(),))
    except BaseException as error:  # noqa: BLE001  raised again in the task
        return _Result(error=error)


def _limiter(variable: RunVar[CapacityLimiter], total: int) -> CapacityLimiter:
    """The slots of this event loop."""
    limiter = variable.get(None)
    if limiter is None:
        limiter = CapacityLimiter(total)
        variable.set(limiter)
    return limiter
