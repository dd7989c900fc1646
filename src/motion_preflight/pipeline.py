"""The functions of the library, to be read first: a request is checked, a medium is probed, a cost
is estimated. `batch.py` is the engine under them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Generator, Iterable
from decimal import Decimal
from functools import cache
from os import PathLike, fspath
from pathlib import Path
from typing import Any, Unpack

from motion_preflight.batch import check_requests
from motion_preflight.media.facts import Kind, Measured, MediaFacts, Unmeasured
from motion_preflight.media.measurements import measure_one
from motion_preflight.media.medium import Medium
from motion_preflight.media.options import ProbeKeywords, ProbeOptions
from motion_preflight.media.workers import Executor, ExecutorWorkers, LocalWorkers
from motion_preflight.network.transfer import Progress
from motion_preflight.provider.profile import Profile
from motion_preflight.report.estimate import Estimate, estimate_cost
from motion_preflight.report.findings import Finding, Report
from motion_preflight.report.options import CheckKeywords, CheckOptions, amount_option
from motion_preflight.request.files.entry import RequestEntry
from motion_preflight.request.parse import Request, fields_of, parse_request
from motion_preflight.rules import run_rules
from motion_preflight.rules.rule import RuleContext
from motion_preflight.settings import profile_files

_PATHS = {"folder", "ffprobe", "ffmpeg"}  # options that are paths


def preflight(
    request: Request,
    *,
    label: str = "request",
    progress: Progress | None = None,
    **options: Unpack[CheckKeywords],
) -> Report:
    """Checks a request before it is sent, and reports everything that can be known. Nothing is
    sent.

    A mapping may have any mistakes: they become findings.

    label          the name of the request in the report
    progress       called with the bytes read and the size (`None`: not known) of a whole file
    profile        limits and prices; `None`: APIMart's, with your own profile.toml over them
    folder         where relative paths of the request start; `None`: the current folder
    now            the time to compare signed links and prices with; `None`: the clock's time
    strict         warnings count as errors for the verdict
    scan           decode every frame of the judged video track, within bounds; fetches all of a URL
    content        look at its pictures for cuts, and for what is black or frozen; as a scan does
    frames         take small pictures of it, for a page; nothing more of a URL is fetched for them
    price          your own for a second, in the profile's currency; `None`: the profile's
    tolerance      seconds that a reading may lie beyond a limit
    timeout        seconds to connect, and of any silence of a host
    allow_private  contact hosts of private networks too
    ffprobe        the program to use; `None`: the setting's, the bundled one, or that on PATH
    ffmpeg         the program that looks at pictures; `None`: the setting's, or the one found

    Several threads may call it at once. Raises `FfprobeMissing`, `FfmpegMissing`, `ProfileInvalid`
    and `SettingsInvalid`; `TypeError` and `ValueError` for invalid options.
    """
    checked = CheckOptions(**_with_profile(options))
    entry = RequestEntry(label, dict(fields_of(request)))
    with LocalWorkers(checked, progress=progress) as workers:
        return next(check_requests([entry], checked, workers))


def preflight_many(
    requests: Iterable[Request | RequestEntry],
    *,
    jobs: int | None = None,
    executor: Executor | None = None,
    **options: Unpack[CheckKeywords],
) -> Generator[Report, None, None]:
    """The report of each request in the order of the input. A medium of several requests is
    measured once.

    jobs      media to measure at a time; `None`: 16 from hosts, and three files per processor.
              At most 8 are fetched from one host at a time
    executor  where to measure media instead: any `concurrent.futures.Executor`, also one over
              other machines, which need this package, an ffprobe, and the same files at the same
              paths

    The other options are those of `preflight`. `requests` may be endless: at most 1,024 are read
    ahead of the reports. A medium that cannot be measured, for whatever reason, makes its own
    report unsure and stops no other, and what is no request at all makes its report fail. Raises
    what `preflight` raises.
    """
    checked = CheckOptions(**_with_profile(options))
    _ensure_workers(executor, jobs)
    if executor:
        yield from check_requests(requests, checked, ExecutorWorkers(executor, checked))
        return
    with LocalWorkers(checked, jobs) as workers:
        yield from check_requests(requests, checked, workers)


def check(
    request: Request,
    video: Measured,
    image: Measured,
    *,
    profile: Profile,
    now: dt.datetime,
    tolerance: Decimal = Decimal(0),
    allow_private: bool = False,
    price: Decimal | None = None,
) -> tuple[Finding, ...]:
    """The findings about a request whose media were already measured. Reads and writes nothing.

    The options are those of `preflight`.
    """
    options = CheckOptions(
        profile=profile, tolerance=tolerance, allow_private=allow_private, price=price
    )
    parsed = parse_request(request, profile.models)
    return run_rules(RuleContext(parsed, video, image, options, now))[0]


def estimate(
    request: Request,
    video: MediaFacts,
    *,
    profile: Profile,
    price: Decimal | None = None,
) -> Estimate | None:
    """What a request with this video may be billed; `None` when no duration is known.

    Reads and writes nothing. `price` is the user's own for a second; `None` means the profile's.
    """
    price = amount_option("price", price)
    return estimate_cost(parse_request(request, profile.models), video, profile, price)


def probe(
    location: str | PathLike[str],
    *,
    kind: Kind | None = None,
    **options: Unpack[ProbeKeywords],
) -> MediaFacts:
    """The facts of a clip or picture at a path or URL.

    `kind` is what it must be, `None` for either; the options are those of `preflight`: `profile`,
    `scan`, `content`, `timeout`, `allow_private`, `ffprobe` and `ffmpeg`. Raises `SourceError` or
    `ProbeError` when it cannot be measured, and what `preflight` raises.
    """
    medium = Medium(medium_location(location), kind)
    with LocalWorkers(ProbeOptions(**_with_profile(options))) as workers:
        measured = measure_one(workers, medium)
    if isinstance(measured, Unmeasured):
        raise measured.exception()
    return measured


def medium_location(medium: object) -> str:
    """The path or URL as text. Raises `TypeError` for a value that is neither."""
    return _path_text(medium, "a medium is a path or a URL")


def path_option(name: str, path: object) -> str | None:
    """An option that is a path as text; `None` stays `None`. Raises `TypeError`."""
    return None if path is None else _path_text(path, f"{name} must be a path")


def _path_text(path: object, rule: str) -> str:
    text = fspath(path) if isinstance(path, PathLike) else path
    if not isinstance(text, str):
        raise TypeError(f"{rule}, not {type(text).__name__}")
    return text


@cache
def default_profile() -> Profile:
    """The built-in profile with the user's own over it, read once in a process."""
    return Profile.load(*profile_files())


def _with_profile(keywords: Any) -> Any:  # noqa: ANN401  the keywords of one of two classes
    """The options of a call as their class takes them, with the user's profile unless it gives
    one.
    """
    profile = keywords.get("profile")
    paths: dict[str, Any] = {
        name: path_option(name, keywords[name]) for name in _PATHS & keywords.keys()
    }
    if paths.get("folder") is not None:
        paths["folder"] = Path(paths["folder"])
    return {**keywords, **paths, "profile": default_profile() if profile is None else profile}


def _ensure_workers(executor: object, jobs: object) -> None:
    """Raises `TypeError` and `ValueError` for an invalid executor or number of jobs."""
    if executor is not None and not hasattr(executor, "submit"):
        raise TypeError(f"executor must be an Executor, not {type(executor).__name__}")
    if jobs is not None and (isinstance(jobs, bool) or not isinstance(jobs, int)):
        raise TypeError(f"jobs must be an int, not {type(jobs).__name__}")
    if jobs is not None and jobs < 1:
        raise ValueError("jobs must be 1 or more")
