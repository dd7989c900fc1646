"""The pipeline, to be read first: request → media measured → findings and estimate → report."""

from __future__ import annotations

import datetime as dt
from contextlib import ExitStack
from decimal import Decimal
from functools import cache
from os import PathLike, fspath
from typing import TYPE_CHECKING, Any

from motion_preflight.estimate import Estimate, estimated
from motion_preflight.facts import MediaFacts, Unmeasured
from motion_preflight.instruments import TIMEOUT, Instruments
from motion_preflight.profile import Profile
from motion_preflight.report import Conditions, Finding, Report
from motion_preflight.request import read_draft
from motion_preflight.rules import run_rules
from motion_preflight.rules.rule import Case
from motion_preflight.settings import keys_in_force, load_profile

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from motion_preflight.facts import Kind, Measured
    from motion_preflight.motion_control_request import MotionControlRequest
    from motion_preflight.request import Draft
    from motion_preflight.source.web import Progress

_LEAST, _MOST = Decimal("1e-9"), 10**9  # seconds or money; anything else is a slip


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
    instruments: Instruments | None = None,
    left_out: Sequence[str] = (),
) -> Report:
    """Everything that can be known of a request before it is sent; nothing is sent.

    A mapping may have any mistakes: they become findings.

    profile        limits and prices; `None`: the built-in ones with the user's profile.toml over
                   them, read once a process
    label          what the report calls the request
    folder         where relative paths of the request start; `None`: the current folder
    now            the time that signed links and prices are held against; `None`: the clock's
    strict         warnings count as errors for the verdict
    scan           decode every frame of the judged video track, within bounds; of a URL the whole
                   file is fetched
    price          your own for a second, in the profile's currency; `None`: the profile's
    tolerance      seconds that a reading may lie beyond a limit
    timeout        seconds to connect, and of any silence of a host
    allow_private  contact hosts of private networks too
    ffprobe        the program to use; `None`: the setting's, the bundled one, or that on PATH
    progress       called with the bytes held and the size (`None`: not known) of a whole file
    instruments    those of several requests, which keep connections; `timeout`, `allow_private`,
                   `ffprobe` and `progress` are then theirs
    left_out       names of columns that stood beside the request and are not sent: a note tells

    Threads may call it side by side. Raises `FfprobeMissing`, `ProfileInvalid`, `SettingsInvalid`;
    `TypeError` and `ValueError` for options that are none.
    """
    checked_options(
        profile=profile,
        now=now,
        timeout=timeout,
        strict=strict,
        scan=scan,
        allow_private=allow_private,
    )
    profile = profile or default_profile()
    price, tolerance = amount("price", price), amount("tolerance", tolerance) or Decimal(0)
    draft = read_draft(request, profile.models, left_out, keys=keys_in_force())
    with ExitStack() as stack:
        if instruments is None:
            instruments = Instruments(
                profile,
                timeout=timeout,
                allow_private=allow_private,
                ffprobe=ffprobe,
                progress=progress,
            )
            stack.enter_context(instruments)
        video, image = instruments.both(draft, folder=folder, scan=scan)
    conditions = Conditions(
        profile,
        now or dt.datetime.now(dt.UTC),
        folder,
        strict,
        scan,
        price,
        tolerance,
        allow_private,
        tuple(left_out),
    )
    return report_of(draft, video, image, label=label, conditions=conditions)


def report_of(
    draft: Draft, video: Measured, image: Measured, *, label: str, conditions: Conditions
) -> Report:
    """The report of a request whose media were measured. Pure."""
    case = Case(
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
        cost = estimated(draft, video, conditions.profile, conditions.price)
    return Report(label, draft.body, findings, skipped, video, image, cost, conditions)


def preflight_again(report: Report, *, instruments: Instruments | None = None) -> Report:
    """The same check of the same request, made now. Raises what `preflight` raises."""
    made = report.conditions
    return preflight(
        report.body,
        profile=made.profile,
        label=report.label,
        folder=made.folder,
        strict=made.strict,
        scan=made.scan,
        price=made.price,
        tolerance=made.tolerance,
        allow_private=made.allow_private,
        instruments=instruments,
        left_out=made.left_out,
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
    """What the rules say of a request whose media were measured. Pure: reads and writes nothing.
    The options are those of `preflight`.
    """
    draft = read_draft(request, profile.models)
    tolerance = amount("tolerance", tolerance) or Decimal(0)
    price = amount("price", price)
    case = Case(draft, video, image, profile, now, tolerance, allow_private, price)
    return run_rules(case)[0]


def estimate(
    request: MotionControlRequest | Mapping[str, Any],
    video: MediaFacts,
    *,
    profile: Profile,
    price: Decimal | None = None,
) -> Estimate | None:
    """What a request with this video may be billed; `None` when no duration is known. Pure."""
    draft = read_draft(request, profile.models)
    return estimated(draft, video, profile, amount("price", price))


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
    `SourceError` or `ProbeError` when there are none, and what `preflight` raises.
    """
    location = medium_location(location)
    with Instruments(
        default_profile(), timeout=timeout, allow_private=allow_private, ffprobe=ffprobe
    ) as instruments:
        found = instruments.alone(location, kind, scan=scan)
    if isinstance(found, Unmeasured):
        raise found.exception()
    return found


def medium_location(medium: object) -> str:
    """The path or URL as text. Raises `TypeError` for what is neither."""
    location = fspath(medium) if isinstance(medium, PathLike) else medium
    if not isinstance(location, str):
        raise TypeError(f"a medium is a path or a URL, not {type(location).__name__}")
    return location


@cache
def default_profile() -> Profile:
    """The built-in profile with the user's own over it, read once a process."""
    return load_profile()


def checked_options(
    *,
    profile: object,
    now: object,
    timeout: object,
    strict: object = False,
    scan: object = False,
    allow_private: object = False,
) -> None:
    """Raises `TypeError` and `ValueError` for options that are none: `"no"` would be a yes."""
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
    """A price or a tolerance that is one. Raises `TypeError` and `ValueError`."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, Decimal | int):
        raise TypeError(f"{name} must be a Decimal, not {type(value).__name__}")
    amount = Decimal(value)
    if not amount.is_finite() or (amount != 0 and not _LEAST <= amount <= _MOST):
        raise ValueError(f"{name} must be 0, or between {_LEAST} and {_MOST}")
    return amount
