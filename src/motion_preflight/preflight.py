"""The pipeline, to be read first: request → media measured → findings and estimate → report."""

from __future__ import annotations

import datetime as dt
from contextlib import ExitStack
from decimal import Decimal
from functools import cache
from os import PathLike, fspath
from typing import TYPE_CHECKING, Any

from motion_preflight.media.facts import MediaFacts, Unmeasured
from motion_preflight.media.prober import TIMEOUT, Prober
from motion_preflight.provider.profile import Profile
from motion_preflight.report.estimate import Estimate, estimate_cost
from motion_preflight.report.findings import CheckOptions, Finding, Report
from motion_preflight.request.parse import parse_request
from motion_preflight.rules import run_rules
from motion_preflight.rules.rule import RuleContext
from motion_preflight.settings import keys_in_force, profile_files
from motion_preflight.text.numbers import LEAST_AMOUNT, MOST_AMOUNT, is_amount

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from motion_preflight.media.facts import Kind, Measured
    from motion_preflight.network.client import Progress
    from motion_preflight.request.model import MotionControlRequest
    from motion_preflight.request.parse import ParsedRequest


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
    prober: Prober | None = None,
    left_out: Sequence[str] = (),
) -> Report:
    """Checks a request before it is sent, and reports everything that can be known. Nothing is
    sent.

    A mapping may have any mistakes: they become findings.

    profile        limits and prices; `None`: `default_profile()`
    label          the name of the request in the report
    folder         where relative paths of the request start; `None`: the current folder
    now            the time to compare signed links and prices with; `None`: the clock's time
    strict         warnings count as errors for the verdict
    scan           decode every frame of the judged video track, within bounds; fetches all of a URL
    price          your own for a second, in the profile's currency; `None`: the profile's
    tolerance      seconds that a reading may lie beyond a limit
    timeout        seconds to connect, and of any silence of a host
    allow_private  contact hosts of private networks too
    ffprobe        the program to use; `None`: the setting's, the bundled one, or that on PATH
    progress       called with the bytes read and the size (`None`: not known) of a whole file
    prober         one that several requests share; it replaces the four options above
    left_out       names of columns beside the request that are not sent; a note reports them

    Several threads may call it at once. Raises `FfprobeMissing`, `ProfileInvalid` and
    `SettingsInvalid`; `TypeError` and `ValueError` for invalid options.
    """
    conditions = checked_conditions(
        profile, now, folder, timeout, strict=strict, scan=scan, price=price, tolerance=tolerance,
        allow_private=allow_private, left_out=tuple(left_out),
    )  # fmt: skip
    profile = conditions.profile
    draft = parse_request(request, profile.models, left_out, keys=keys_in_force())
    with ExitStack() as stack:
        if prober is None:
            prober = stack.enter_context(Prober(
                profile, timeout=timeout, allow_private=allow_private, ffprobe=ffprobe,
                progress=progress,
            ))  # fmt: skip
        video, image = prober.both(draft.video_url, draft.image_url, folder=folder, scan=scan)
    return report_of(draft, video, image, label=label, conditions=conditions)


def report_of(
    draft: ParsedRequest, video: Measured, image: Measured, *, label: str, conditions: CheckOptions
) -> Report:
    """The report of a request whose media were already measured. Reads and writes nothing."""
    case = RuleContext(
        draft=draft,
        video=video,
        image=image,
        profile=conditions.profile,
        now=conditions.at,
        tolerance=conditions.tolerance,
        allow_private=conditions.allow_private,
        price=conditions.price,
        folder=conditions.folder,
    )
    findings, skipped = run_rules(case)
    cost = None
    if isinstance(video, MediaFacts) and video.video is not None:
        cost = estimate_cost(draft, video, conditions.profile, conditions.price)
    return Report(label, draft.body, findings, skipped, video, image, cost, conditions)


def preflight_again(report: Report, *, prober: Prober | None = None) -> Report:
    """Repeats the check of a report with the current time. Raises what `preflight` raises."""
    conditions = report.conditions
    return preflight(
        report.body,
        profile=conditions.profile,
        label=report.label,
        folder=conditions.folder,
        strict=conditions.strict,
        scan=conditions.scan,
        price=conditions.price,
        tolerance=conditions.tolerance,
        allow_private=conditions.allow_private,
        prober=prober,
        left_out=conditions.left_out,
    )


def check(
    request: MotionControlRequest | Mapping[str, Any],
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
    draft = parse_request(request, profile.models)
    tolerance = amount("tolerance", tolerance) or Decimal(0)
    price = amount("price", price)
    case = RuleContext(draft, video, image, profile, now, tolerance, allow_private, price)
    return run_rules(case)[0]


def estimate(
    request: MotionControlRequest | Mapping[str, Any],
    video: MediaFacts,
    *,
    profile: Profile,
    price: Decimal | None = None,
) -> Estimate | None:
    """What a request with this video may be billed; `None` when no duration is known.

    Reads and writes nothing. `price` is the user's own for a second; `None` means the profile's.
    """
    draft = parse_request(request, profile.models)
    return estimate_cost(draft, video, profile, amount("price", price))


def probe(
    location: str | PathLike[str],
    *,
    kind: Kind | None = None,
    scan: bool = False,
    timeout: float = TIMEOUT,
    allow_private: bool = False,
    ffprobe: str | None = None,
) -> MediaFacts:
    """The facts of a clip or picture at a path or URL.

    `kind` is what it must be, `None` for either; `scan` is that of `preflight`. Raises
    `SourceError` or `ProbeError` when it cannot be measured, and what `preflight` raises.
    """
    location = medium_location(location)
    with Prober(
        default_profile(), timeout=timeout, allow_private=allow_private, ffprobe=ffprobe
    ) as prober:
        measured = prober.alone(location, kind, scan=scan)
    if isinstance(measured, Unmeasured):
        raise measured.exception()
    return measured


def medium_location(medium: object) -> str:
    """The path or URL as text. Raises `TypeError` for a value that is neither."""
    location = fspath(medium) if isinstance(medium, PathLike) else medium
    if not isinstance(location, str):
        raise TypeError(f"a medium is a path or a URL, not {type(location).__name__}")
    return location


@cache
def default_profile() -> Profile:
    """The built-in profile with the user's own over it, read once in a process."""
    return Profile.load(*profile_files())


def checked_conditions(
    profile: Profile | None,
    now: dt.datetime | None,
    folder: Path | None,
    timeout: float,
    *,
    strict: bool,
    scan: bool,
    price: Decimal | None,
    tolerance: Decimal,
    allow_private: bool,
    left_out: tuple[str, ...] = (),
) -> CheckOptions:
    """The options of a check, from those of a call.

    Raises `TypeError` and `ValueError` for invalid options, `ProfileInvalid` and `SettingsInvalid`
    for the user's own profile.
    """
    checked_options(
        profile=profile, now=now, timeout=timeout, strict=strict, scan=scan,
        allow_private=allow_private,
    )  # fmt: skip
    return CheckOptions(
        profile=profile or default_profile(),
        at=now or dt.datetime.now(dt.UTC),
        folder=folder,
        strict=strict,
        scan=scan,
        price=amount("price", price),
        tolerance=amount("tolerance", tolerance) or Decimal(0),
        allow_private=allow_private,
        left_out=left_out,
    )


def checked_options(
    *,
    profile: object,
    now: object,
    timeout: object,
    strict: object = False,
    scan: object = False,
    allow_private: object = False,
) -> None:
    """Raises `TypeError` and `ValueError` for invalid options, because `"no"` would
    count as true.
    """
    for name, flag in (("strict", strict), ("scan", scan), ("allow_private", allow_private)):
        if not isinstance(flag, bool):
            raise TypeError(f"{name} must be a bool, not {type(flag).__name__}")
    if profile is not None and not isinstance(profile, Profile):
        raise TypeError(f"profile must be a Profile, not {type(profile).__name__}")
    if now is not None and not isinstance(now, dt.datetime):
        raise TypeError(f"now must be a datetime, not {type(now).__name__}")
    if now is not None and now.tzinfo is None:
        raise ValueError("now must have a time zone")
    if isinstance(timeout, bool) or not isinstance(timeout, int | float):
        raise TypeError(f"timeout must be a number of seconds, not {type(timeout).__name__}")
    if not timeout > 0:
        raise ValueError("timeout must be above 0 seconds")


def amount(name: str, value: object) -> Decimal | None:
    """A price or a tolerance as a number; `None` stays `None`. Raises `TypeError` and
    `ValueError`.
    """
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, Decimal | int):
        raise TypeError(f"{name} must be a Decimal, not {type(value).__name__}")
    amount = Decimal(value)
    if not is_amount(amount):
        raise ValueError(f"{name} must be 0, or between {LEAST_AMOUNT} and {MOST_AMOUNT}")
    return amount
