"""What a rule is: a declaration, a docstring that is its page, and a generator `check(case)`."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from motion_preflight.media.containers.signature import PICTURES
from motion_preflight.media.facts import Compliance, Measured, MediaFacts, Unmeasured
from motion_preflight.network.errors import Reason
from motion_preflight.report.findings import Authority, Finding, Level
from motion_preflight.text.lazy_dataclass import dataclass
from motion_preflight.text.locations import redacted_text

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Protocol

    from motion_preflight.media.content import Content
    from motion_preflight.media.facts import VideoStream
    from motion_preflight.provider.content import Threshold
    from motion_preflight.provider.limits import Allowed, Limit, Limits
    from motion_preflight.provider.profile import Profile
    from motion_preflight.report.options import CheckOptions
    from motion_preflight.request.parse import ParsedRequest

    class RuleModule(Protocol):
        """A module of this package that holds one rule."""

        __doc__: str | None
        RULE: Rule

        def check(self, case: RuleContext) -> Iterable[Finding]:
            """The findings of this rule for a request whose `needs` are met."""
            ...


Need = Literal[
    "video",
    "video stream",
    "duration",
    "image",
    "orientation",
    "video size",
    "image size",
    "content",
    "framing",
]


# The most characters of each text of a finding; inputs may have millions.
_FIELD, _MESSAGE, _REMEDY = 200, 600, 6000
CLIPS = {"mp4", "mov", "3gp", "webm", "matroska", "avi"}


@dataclass(frozen=True, slots=True)
class RuleContext:
    """Everything that a rule may use. The time is a value, and nothing here reads a file or the
    network.
    """

    draft: ParsedRequest
    video: Measured
    image: Measured
    options: CheckOptions
    now: dt.datetime

    @property
    def profile(self) -> Profile:
        """The limits and prices in force."""
        return self.options.profile

    @property
    def video_facts(self) -> MediaFacts:
        """The facts of the video, for rules that need "video"."""
        assert isinstance(self.video, MediaFacts)
        return self.video

    @property
    def video_stream(self) -> VideoStream:
        """The judged video stream, for rules that need "video stream"."""
        assert self.video_facts.video is not None
        return self.video_facts.video

    @property
    def content(self) -> Content | None:
        """What the pictures of the video show; `None` unless somebody looked."""
        return self.video.stretches if isinstance(self.video, MediaFacts) else None

    @property
    def image_facts(self) -> MediaFacts:
        """The facts of the image, for rules that need "image"."""
        assert isinstance(self.image, MediaFacts)
        return self.image

    @property
    def limits(self) -> Limits:
        """The limits of the request's model, or the common ones if the profile has none for it."""
        return self.profile.limits_of(self.draft.model)

    @property
    def duration_limit(self) -> Limit:
        """The seconds that the request's orientation allows, for rules that need "orientation"."""
        assert self.draft.character_orientation is not None
        return self.limits.video_duration.of(self.draft.character_orientation)

    def media(self) -> Iterator[tuple[str, str, Measured]]:
        """The field, the word for people and the measurement, first of the video, then of the
        image.
        """
        yield "video_url", "reference video", self.video
        yield "image_url", "reference image", self.image

    def lacks(self, need: Need) -> str | None:
        """Why a rule with this need cannot be checked; `None` when it can."""
        if need == "orientation":
            lacking = self.draft.character_orientation is None
            return "character_orientation is not known" if lacking else None
        if need == "content":
            return self._lacks_content()
        if need == "framing":
            return self._lacks_content() or self._lacks_framing()
        medium, word = (self.image, "image") if need.startswith("image") else (self.video, "video")
        if need.endswith(" size"):
            # A video over the cap is too large even when its exact size is not known.
            over = word == "video" and unmeasured(medium, Reason.TOO_LARGE)
            enough = medium.size is not None or over
            return None if enough else f"the size of the {word} is not known"
        if isinstance(medium, Unmeasured):
            return f"the {word} was not measured: {medium.error}"
        if need == "video stream" and medium.video is None:
            return "the video has no video stream"
        if need == "duration" and not medium.durations.judged:
            return "no duration could be read from the video"
        return None

    def _lacks_content(self) -> str | None:
        """Why the pictures of the video, when they were to be looked at, are not known."""
        if self.content is not None or not self.options.content:
            return None
        lacking = self.lacks("video stream")
        why = self.video.unwatched if isinstance(self.video, MediaFacts) else None
        return lacking or f"the pictures of the video were not looked at: {why}"

    def _lacks_framing(self) -> str | None:
        """Why nobody looked for faces in pictures that were looked at."""
        content = self.content
        if content is None or content.framing is not None:
            return None
        return f"faces were not looked for: {content.unframed}"


@dataclass(frozen=True, slots=True)
class Rule:
    """The declaration of a rule. `source` is a key of the profile's sources, or a
    reason in words.
    """

    id: str
    level: Level  # the heaviest level of its findings
    authority: Authority
    source: str
    needs: tuple[Need, ...] = ()

    def finding(  # noqa: PLR0917  the order in which a finding is read
        self,
        case: RuleContext,
        level: Level,
        field: str | None,
        message: str,
        remedy: str,
        limit: Limit | Allowed | Threshold | None = None,
    ) -> Finding:
        """A finding of this rule, at most as heavy as the rule's own level.

        A finding about a limit cites the source of that limit, which a user's profile may have
        changed.
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

    def cited(self, profile: Profile, limit: Limit | Allowed | Threshold | None = None) -> str:
        """The title of the source with the date it was read, or the reason in words."""
        name = limit.source if limit else self.source
        source = profile.sources.get(name)
        return f"{source.title}, read {source.as_of}" if source else name


def _bounded(text: str, most: int) -> str:
    """The text, cut when an input made it too long. Backticks of a cut text are replaced, so that
    no cut command can be copied.
    """
    return text if len(text) <= most else f"{text[:most].replace(chr(96), chr(39))}…"


def unmeasured(medium: Measured, *reasons: Reason) -> Unmeasured | None:
    """The medium if it could not be measured for one of these reasons, otherwise `None`."""
    if isinstance(medium, Unmeasured) and medium.reason in reasons:
        return medium
    return None


def swapped(case: RuleContext) -> bool:
    """Whether the video is a picture and the image is a clip."""
    return case.video.container in PICTURES and case.image.container in CLIPS


def level_of(compliance: Compliance, broken: Level, depends: Level) -> Level | None:
    """The level of a finding; `None` when the limit is met."""
    if compliance is Compliance.MET:
        return None
    return broken if compliance is Compliance.BROKEN else depends


def bounds_text(bounds: Mapping[str, Decimal], unit: str = "") -> str:
    """A bound for people: `10 s`, or `100,000,000 bytes (MB) or 104,857,600
    bytes (MiB)`.
    """
    texts = [
        f"{bound:,f}{f' {unit}' if unit else ''}{f' ({name})' if name else ''}"
        for name, bound in bounds.items()
    ]
    return " or ".join(texts)


def range_text(limit: Limit, unit: str = "") -> str:
    """What a limit allows, in words for people: `3 to 10 s`, `3 s at least`, `10 s at most`."""
    low = bounds_text(limit.minimum, "" if limit.maximum else unit) if limit.minimum else ""
    high = bounds_text(limit.maximum, unit) if limit.maximum else ""
    return f"{low} to {high}" if low and high else f"{low} at least" if low else f"{high} at most"


def tightest(limit: Limit) -> tuple[Decimal, Decimal]:
    """The lowest and the highest value that every reading of a limit allows."""
    low = max(limit.minimum.values()) if limit.minimum else Decimal(0)
    high = min(limit.maximum.values()) if limit.maximum else Decimal("Infinity")
    return low, high
