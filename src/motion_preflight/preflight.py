"""The pipeline, to be read first: request → media measured → findings and estimate → report."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

from motion_preflight.estimate import Estimate, estimated
from motion_preflight.facts import MediaFacts, Unmeasured
from motion_preflight.instruments import TIMEOUT, Instruments
from motion_preflight.report import Finding, Report
from motion_preflight.request import read_draft
from motion_preflight.rules import run_rules
from motion_preflight.rules.rule import Case
from motion_preflight.settings import load_profile

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from motion_preflight.facts import Kind, Measured
    from motion_preflight.motion_control_request import MotionControlRequest
    from motion_preflight.profile import Profile
    from motion_preflight.source.web import Progress


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
    with Instruments(
        profile, timeout=timeout, allow_private=allow_private, ffprobe=ffprobe, progress=progress
    ) as instruments:
        video, image = instruments.both(draft, folder=folder, scan=scan)
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
    with Instruments(
        default_profile(), timeout=timeout, allow_private=allow_private, ffprobe=ffprobe
    ) as instruments:
        found = instruments.one(location, kind, scan=scan)
    if isinstance(found, Unmeasured):
        raise found.exception()
    return found


@cache
def default_profile() -> Profile:
    """The built-in profile with the user's own over it, read once a process."""
    return load_profile()
