"""Values that pass every rule; a test changes only what it is about."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import fields, replace
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from motion_preflight.batch import report_of
from motion_preflight.media.content import Content, Stretch
from motion_preflight.media.facts import AudioStream, Durations, MediaFacts, Unmeasured, VideoStream
from motion_preflight.media.framing import Framing
from motion_preflight.network.errors import Reason
from motion_preflight.network.transfer import Transfer
from motion_preflight.provider.limits import Limit
from motion_preflight.provider.profile import Profile
from motion_preflight.provider.state import State
from motion_preflight.report.findings import Authority, Finding, Level, Report
from motion_preflight.report.options import CheckOptions
from motion_preflight.request.parse import parse_request
from motion_preflight.rules.rule import RuleContext
from motion_preflight.submission.receipt import Receipt
from motion_preflight.text.numbers import AmountRange

if TYPE_CHECKING:
    from collections.abc import Iterable

NOW = dt.datetime(2026, 12, 1, 12, 0, tzinfo=dt.UTC)
PROFILE = Profile.load()
VIDEO_URL = "https://apimart-user.com/clip.mp4"
IMAGE_URL = "https://apimart-user.com/image.png"
OPTIONS = CheckOptions(profile=PROFILE, now=NOW)
NOBODY = Framing(8, 0)  # what eight pictures without a close face show
MISSING = object()  # as the value of a field: leave it out


def body(**fields: Any) -> dict[str, Any]:
    """A request that passes."""
    usual = {
        "model": "kling-v2-6-motion-control",
        "prompt": "she dances",
        "image_url": IMAGE_URL,
        "video_url": VIDEO_URL,
        "keep_original_sound": "yes",
        "character_orientation": "video",
        "mode": "std",
    }
    return {name: value for name, value in (usual | fields).items() if value is not MISSING}


def seconds(every: str | None = None, **ways: str | None) -> Durations:
    """Durations: the same for header, container, video and audio, some of them otherwise."""
    same = dict.fromkeys(("header", "container", "video", "audio"), every) | ways
    return Durations(**{way: Decimal(value) for way, value in same.items() if value is not None})


def video(**facts: Any) -> MediaFacts:
    """An 8-second clip that passes."""
    usual = MediaFacts(
        location=VIDEO_URL,
        size=5_000_000,
        container="mp4",
        format_name="mov,mp4,m4a,3gp,3g2,mj2",
        brand="isom",
        probed_by="ffprobe 8.1",
        durations=seconds("8"),
        faststart=True,
        fragmented=False,
        truncated=False,
        video=VideoStream("h264", 720, 1280, 0, Fraction(30), Decimal(0)),
        audio=AudioStream("aac", 44100, 2),
        transfer=Transfer(1, 65536, 200, "video/mp4", VIDEO_URL, '"1"'),
    )
    return replace(usual, **facts)


def with_content(
    shots: str = "0-8", black: str = "", frozen: str = "", framing: Framing | None = NOBODY
) -> MediaFacts:
    """The same clip with what its pictures show: `shots="0-3 3-8"`; `black` and `frozen` too."""
    parts = [
        tuple(Stretch(*map(Decimal, part.split("-"))) for part in text.split())
        for text in (shots, black, frozen)
    ]
    return video(stretches=Content(parts[0], parts[1], parts[2], Decimal(8), framing))


def with_stream(**changes: Any) -> MediaFacts:
    """The same clip with another video stream."""
    usual = video()
    assert usual.video is not None
    return replace(usual, video=replace(usual.video, **changes))


def image(**facts: Any) -> MediaFacts:
    """A picture that passes."""
    usual = MediaFacts(
        location=IMAGE_URL,
        size=400_000,
        container="png",
        format_name=None,
        brand=None,
        probed_by="Pillow 12.0",
        truncated=False,
        video=VideoStream("png", 800, 800, 0, None),
    )
    return replace(usual, **facts)


def unmeasured(reason: Reason, error: str = "why", **existing: Any) -> Unmeasured:
    return replace(Unmeasured(VIDEO_URL, reason, error), **existing)


def case(request: dict[str, Any] | None = None, **parts: Any) -> RuleContext:
    """A case in which every rule is silent. A test changes its parts, or some of its options."""
    usual = RuleContext(
        draft=parse_request(request or body(), PROFILE.models),
        video=video(),
        image=image(),
        options=OPTIONS,
        now=NOW,
    )
    names = parts.keys() & {field.name for field in fields(CheckOptions)} - {"now"}
    options = replace(usual.options, **{name: parts.pop(name) for name in names})
    return replace(usual, options=options, **parts)


def profile(**limits: dict[str, Any]) -> Profile:
    """APIMart's profile with some of its limits otherwise."""
    changed = {
        name: replace(getattr(PROFILE.limits, name), **_bounds(bounds))
        for name, bounds in limits.items()
    }
    return replace(PROFILE, limits=replace(PROFILE.limits, **changed))


def duration_profile(**bounds: Any) -> Profile:
    """APIMart's profile with another limit of seconds, the same for both orientations."""
    limit = Limit("motion-control-page", **_bounds(bounds))
    both = replace(PROFILE.limits.video_duration, image=limit, video=limit)
    return replace(PROFILE, limits=replace(PROFILE.limits, video_duration=both))


def _bounds(bounds: dict[str, Any]) -> dict[str, Any]:
    """Bounds as a profile holds them: the reading's name → its figure."""
    return {
        key: {name: Decimal(figure) for name, figure in readings.items()}
        for key, bound in bounds.items()
        for readings in [bound if isinstance(bound, dict) else {"": bound}]
    }


def intent(name: str = "a request", **fields: Any) -> Receipt:
    """What may be written into a ledger before it is sent; those of one name are identical."""
    unique = uuid.uuid4().hex
    usual = Receipt(
        intent=unique[:12],
        state=State.SENDING,
        created=NOW,
        updated=NOW,
        label="dance.json",
        origin="https://api.example",
        identity=name,
        idempotency_key=f"motion-preflight-{unique}",
        body=body(),
        currency="USD",
        estimate=AmountRange(Decimal("0.45"), Decimal("0.46")),
    )
    return replace(usual, **fields)


def report(
    request: dict[str, Any] | None = None,
    *,
    label: str = "dance.json",
    strict: bool = False,
    findings: Iterable[Finding] | None = None,
    **parts: Any,
) -> Report:
    """The report of a case: what the rules say of it, or other findings than theirs."""
    built = case(request, **parts)
    result = report_of(
        built.draft,
        built.video,
        built.image,
        replace(built.options, strict=strict),
        label=label,
        now=built.now,
        measured_at=built.now,
    )
    return result if findings is None else replace(result, findings=tuple(findings))


def finding(level: Level = Level.ERROR, **fields: Any) -> Finding:
    """Something that a rule says."""
    usual = Finding(
        rule="video-too-large",
        level=level,
        field="video_url",
        message="the video is too large",
        remedy="make it smaller",
        authority=Authority.APIMART,
        source="the API page",
    )
    return replace(usual, **fields)


def reports() -> list[Report]:
    """One that passes, one that fails, and one that is unsure, as a batch has them."""
    unsure = body(character_orientation="image")
    return [
        report(),
        report(label="list.json[2]", video=video(durations=seconds("42"))),
        report(unsure, label="many.jsonl:17", video=video(durations=seconds("8", video="10.4"))),
    ]
