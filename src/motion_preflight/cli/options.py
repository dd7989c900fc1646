"""Turns options of the command line into the types of the library."""

from __future__ import annotations

import sys
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from motion_preflight.errors import SettingsInvalid
from motion_preflight.request.errors import ManifestInvalid
from motion_preflight.text.locations import printable

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from motion_preflight.cli.progress import Bar
    from motion_preflight.formats.names import Detail
    from motion_preflight.formats.style import Style
    from motion_preflight.formats.writer import Writer
    from motion_preflight.media.measurements import Workers
    from motion_preflight.media.options import ProbeOptions
    from motion_preflight.provider.profile import Profile
    from motion_preflight.report.findings import Report
    from motion_preflight.report.options import CheckOptions
    from motion_preflight.request.files import RequestEntry


def entries(options: argparse.Namespace) -> Iterator[RequestEntry | ManifestInvalid]:
    """Every request in order, and an error for each place that holds none. Raises `ManifestInvalid`
    when the command line names no request, or both files and options.
    """
    from motion_preflight.request.files import RequestEntry  # noqa: PLC0415

    body = request_body(options)
    if body and options.requests:
        files = ", ".join(printable(name) for name in options.requests)
        raise ManifestInvalid(
            f"name request files ({files}) or the options of one request, not both; "
            "an option takes one value"
        )
    if not body and not options.requests:
        raise ManifestInvalid(
            f"name a request file, or make a request of options: motion-preflight {options.command}"
            " --video clip.mp4 --image me.png --model MODEL --orientation image --mode std"
        )
    if body:
        return iter([RequestEntry("request", body)])
    requests = (request for name in options.requests for request in _placed(name))
    if options.send_unknown:
        return (
            request.with_all() if isinstance(request, RequestEntry) else request
            for request in requests
        )
    return requests


def _placed(name: str) -> Iterator[RequestEntry | ManifestInvalid]:
    """The requests of a file; an error about it carries its place."""
    from motion_preflight.formats.source_location import label_in  # noqa: PLC0415
    from motion_preflight.request.files import read_requests  # noqa: PLC0415

    for request in read_requests(name):
        if isinstance(request, ManifestInvalid):
            request.place = label_in(str(request), name)
        yield request


def request_body(options: argparse.Namespace) -> dict[str, Any]:
    """The request that the options describe; fields that were not given are absent."""
    sound = {None: None, True: "yes", False: "no"}[options.sound]
    watermark = None if options.watermark is None else {"enabled": options.watermark}
    fields = {
        "model": options.model,
        "prompt": options.prompt,
        "image_url": options.image,
        "video_url": options.video,
        "keep_original_sound": sound,
        "character_orientation": options.orientation,
        "mode": options.mode,
        "watermark_info": watermark,
    }
    return {name: value for name, value in fields.items() if value is not None}


def probe_options(options: argparse.Namespace, profile: Profile) -> ProbeOptions:
    """How media are measured, as the command line wants it."""
    from motion_preflight.media.options import ProbeOptions  # noqa: PLC0415

    return ProbeOptions(**_measuring(options, profile))


def check_options(options: argparse.Namespace, profile: Profile) -> CheckOptions:
    """How requests are checked, as the command line wants it."""
    from motion_preflight.report.options import CheckOptions  # noqa: PLC0415

    return CheckOptions(
        **_measuring(options, profile),
        strict=options.strict,
        price=options.price,
        tolerance=options.tolerance,
    )


def _measuring(options: argparse.Namespace, profile: Profile) -> dict[str, Any]:
    """The options that every command has that measures."""
    from motion_preflight.media.options import TIMEOUT  # noqa: PLC0415

    return {
        "profile": profile,
        "scan": options.scan,
        "content": options.content,
        "frames": any(name == "html" for name, _ in getattr(options, "format", None) or ()),
        "timeout": options.timeout or TIMEOUT,
        "allow_private": options.allow_private,
    }


def reports_of(
    options: argparse.Namespace, requests: Iterable[RequestEntry], profile: Profile
) -> Iterator[Report]:
    """The reports of the requests, in their order. A bar shows how far the file of a single one
    was read.
    """
    from motion_preflight.batch import check_requests  # noqa: PLC0415

    checked, bar = check_options(options, profile), bar_on_stderr()
    with ExitStack() as stack:
        stack.callback(bar.clear)
        workers = stack.enter_context(_workers(options, checked, bar))
        for report in check_requests(bar.for_one_of(requests), checked, workers):
            bar.clear()
            yield report


@contextmanager
def _workers(options: argparse.Namespace, checked: CheckOptions, bar: Bar) -> Iterator[Workers]:
    """Where media are measured: on a Dask cluster if one is named, else here."""
    from motion_preflight.media.workers import ExecutorWorkers, LocalWorkers  # noqa: PLC0415

    if not options.dask:
        with LocalWorkers(checked, options.jobs, bar) as workers:
            yield workers
        return
    from motion_preflight.cli.commands.cluster import executor_of  # noqa: PLC0415

    with executor_of(options.dask) as executor:
        yield ExecutorWorkers(executor, checked)


def writer_of(options: argparse.Namespace, profile: Profile, name: str, style: Style) -> Writer:
    """A format, as the options want it."""
    from motion_preflight.formats.registry import writer  # noqa: PLC0415

    return writer(
        name,
        profile=profile,
        style=style,
        detail=_detail(options),
        cost_only=options.command == "estimate",
        max_cost=options.max_cost,
    )


def _detail(options: argparse.Namespace) -> Detail:
    """How much the text shows. Of the options that say it the parser takes one."""
    from motion_preflight.formats.names import Detail  # noqa: PLC0415

    names = (Detail.STATISTICS, Detail.CONCISE, Detail.QUIET, Detail.VERBOSE)
    return next((name for name in names if getattr(options, name)), Detail.USUAL)


def expected(options: argparse.Namespace) -> int | None:
    """The number of requests, as far as a quick look tells; `None` when it is not known."""
    from motion_preflight.request.files import quick_count  # noqa: PLC0415

    counts = [quick_count(name) for name in options.requests]
    return None if None in counts else sum(count or 0 for count in counts) or 1


def profile_of(options: argparse.Namespace, *, spending: bool = False) -> Profile:
    """The profile in force. With `spending`, a profile that exists but cannot be read is
    an error.
    """
    from motion_preflight.provider.profile import Profile  # noqa: PLC0415
    from motion_preflight.settings import profile_files  # noqa: PLC0415

    files = [options.profile] if options.profile else []
    return Profile.load(*profile_files(spending=spending), *files)


def bar_on_stderr() -> Bar:
    """A progress bar on stderr for files that are read as a whole."""
    from motion_preflight.cli.progress import Bar  # noqa: PLC0415

    return Bar(sys.stderr)


def formats_of(options: argparse.Namespace) -> list[tuple[str, Path | None]]:
    """Every format that was asked for, with its file, or `None` for stdout. Raises
    `SettingsInvalid` when one would overwrite another, or a file of requests.
    """
    formats: list[tuple[str, Path | None]] = options.format or [("text", None)]
    for place in [place for _, place in formats]:
        names = [name for name, path in formats if path == place]
        if len(names) > 1:
            where = printable(str(place)) if place else "stdout"
            raise SettingsInvalid(
                f"the formats {' and '.join(names)} both go to {where}; --format F=PATH writes one "
                "into a file"
            )
    for _, path in formats:
        for name in getattr(options, "requests", None) or []:
            if path is not None and name != "-" and same(path, name):
                raise SettingsInvalid(
                    f"--format would write over the requests of {printable(name)}"
                )
    return formats


def days_in_order(options: argparse.Namespace) -> None:
    """Raises `ManifestInvalid` when --since lies after --until."""
    if options.since and options.until and options.since > options.until:
        raise ManifestInvalid(f"--since {options.since} lies after --until {options.until}")


def output_needs_folder(options: argparse.Namespace) -> None:
    """Raises `ManifestInvalid` for --output without --download, before anything is paid for."""
    if options.output and not options.download:
        raise ManifestInvalid("--output names results inside of a folder: give --download DIR")


def same(path: Path, name: str) -> bool:
    """Whether a path and a name mean the same file."""
    try:
        return path.samefile(name)
    except (OSError, ValueError):
        return False
