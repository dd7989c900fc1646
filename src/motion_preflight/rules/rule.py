"""What a rule is: a declaration, a docstring that is its page, and a generator `check(case)`."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from motion_preflight.facts import Measured, MediaFacts, Reason, Standing, Unmeasured
from motion_preflight.report import Authority, Finding, Level
from motion_preflight.source.location import redacted_text
from motion_preflight.source.signature import PICTURES

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path
    from typing import Protocol

    from motion_preflight.facts import VideoStream
    from motion_preflight.profile import Allowed, Limit, Profile
    from motion_preflight.request import Draft

    class RuleModule(Protocol):
        """A module of this package."""

        __doc__: str | None
        RULE: Rule

        def check(self, case: Case) -> Iterable[Finding]: ...


Need = Literal[
    "video", "video stream", "duration", "image", "orientation", "video size", "image size"
]


# Characters; what people put in may have millions.
_FIELD, _MESSAGE, _REMEDY = 200, 600, 6000
CLIPS = {"mp4", "mov", "3gp", "webm", "matroska", "avi"}


@dataclass(frozen=True, slots=True)
class Case:
    """All that a rule may look at. The time is a value, nothing here reaches the world."""

    draft: Draft
    video: Measured
    image: Measured
    profile: Profile
    now: dt.datetime
    tolerance: Decimal  # seconds that a reading may lie beyond a limit
    allow_private: bool = False
    price: Decimal | None = None  # the user's own, a second
    folder: Path | None = None  # where relative paths of the request start

    @property
    def video_facts(self) -> MediaFacts:
        assert isinstance(self.video, MediaFacts)
        return self.video

    @property
    def video_stream(self) -> VideoStream:
        assert self.video_facts.video is not None
        return self.video_facts.video

    @property
    def image_facts(self) -> MediaFacts:
        assert isinstance(self.image, MediaFacts)
        return self.image

    @property
    def duration_limit(self) -> Limit:
        """The seconds that the request's orientation allows."""
        assert self.draft.character_orientation is not None
        return limit_of(self.profile, self.draft.character_orientation)

    def media(self) -> Iterator[tuple[str, str, Measured]]:
        """Field, word for people, and what was measured, of the video and of the image."""
        yield "video_url", "reference video", self.video
        yield "image_url", "reference image", self.image

    def lacks(self, need: Need) -> str | None:
        """Why a rule that needs this cannot be checked, `None` when it can."""
        if need == "orientation":
            lacking = self.draft.character_orientation is None
            return "character_orientation is not known" if lacking else None
        medium, word = (self.image, "image") if need.startswith("image") else (self.video, "video")
        if need.endswith(" size"):
            # a video over the cap is known to be too large, whatever its size
            over = word == "video" and unmeasured(medium, Reason.TOO_LARGE)
            known = medium.size is not None or over
            return None if known else f"the size of the {word} is not known"
        if isinstance(medium, Unmeasured):
            return f"the {word} was not measured: {medium.error}"
        if need == "video stream" and medium.video is None:
            return "the video has no video stream"
        if need == "duration" and not medium.durations.judged:
            return "no duration could be read from the video"
        return None


def limit_of(profile: Profile, orientation: Literal["image", "video"]) -> Limit:
    """The seconds of reference video that an orientation allows."""
    durations = profile.limits.video_duration
    return durations.image if orientation == "image" else durations.video


@dataclass(frozen=True, slots=True)
class Rule:
    """The declaration of a rule. `source` is a key of the profile's sources, or says why."""

    id: str
    level: Level  # the most it ever says
    authority: Authority
    source: str
    needs: tuple[Need, ...] = ()

    def finding(  # noqa: PLR0917  in the order in which a finding is read
        self,
        case: Case,
        level: Level,
        field: str | None,
        message: str,
        remedy: str,
        limit: Limit | Allowed | None = None,
    ) -> Finding:
        """A finding of this rule, never above its own level. What a limit decides cites the limit's
        own source, which a user's profile may have changed.
        """
        assert level.weight <= self.level.weight, f"{self.id} speaks above its level"
        return Finding(
            self.id,
            level,
            field and _bounded(redacted_text(field), _FIELD),
            _bounded(message, _MESSAGE),
            _bounded(remedy, _REMEDY),
            self.authority,
            self.cited(case.profile, limit),
        )

    def cited(self, profile: Profile, limit: Limit | Allowed | None = None) -> str:
        """Where it is from, with its date."""
        name = limit.source if limit else self.source
        source = profile.sources.get(name)
        return f"{source.title}, read {source.as_of}" if source else name


def _bounded(text: str, most: int) -> str:
    """The beginning of a text that an input has made long. A command that is cut is none."""
    return text if len(text) <= most else f"{text[:most].replace(chr(96), chr(39))}…"


def unmeasured(medium: Measured, *reasons: Reason) -> Unmeasured | None:
    """The medium when it is unmeasured for one of these reasons."""
    found = isinstance(medium, Unmeasured) and medium.reason in reasons
    return medium if found else None  # type: ignore[return-value]  # found says so


def swapped(case: Case) -> bool:
    """Whether the video is a picture and the image a clip."""
    return case.video.container in PICTURES and case.image.container in CLIPS


def level_of(standing: Standing, broken: Level, depends: Level) -> Level | None:
    """The level of a finding for a standing, `None` when the limit is met."""
    return {Standing.MET: None, Standing.BROKEN: broken, Standing.DEPENDS: depends}[standing]


def plural(count: int, noun: str) -> str:
    """A count with its noun: `1 frame`, `1,200 frames`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def plain(value: Decimal) -> str:
    """A number without needless zeros or exponents: `10`, `9.923`."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def bounds_text(bounds: Mapping[str, Decimal], unit: str = "") -> str:
    """A bound for people: `10 s`, or `100,000,000 bytes (MB) or 104,857,600 bytes (MiB)`."""
    texts = [
        f"{bound:,f}{f' {unit}' if unit else ''}{f' ({name})' if name else ''}"
        for name, bound in bounds.items()
    ]
    return " or ".join(texts)


def range_text(limit: Limit, unit: str = "") -> str:
    """What a limit allows, for people: `3 to 10 s`, `3 s at least`, `10 s at most`."""
    low = bounds_text(limit.minimum, "" if limit.maximum else unit) if limit.minimum else ""
    high = bounds_text(limit.maximum, unit) if limit.maximum else ""
    return f"{low} to {high}" if low and high else f"{low} at least" if low else f"{high} at most"


def tightest(limit: Limit) -> tuple[Decimal, Decimal]:
    """The least and the most that every reading of a limit allows."""
    low = max(limit.minimum.values()) if limit.minimum else Decimal(0)
    high = min(limit.maximum.values()) if limit.maximum else Decimal("Infinity")
    return low, high
