"""A file name that says another kind of file

Some services believe the name, others the content. A name without an ending says nothing and is
not judged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from motion_preflight.media.facts import MediaFacts
from motion_preflight.report.findings import Authority, Level
from motion_preflight.rules.rule import Rule
from motion_preflight.text.locations import extension

if TYPE_CHECKING:
    from collections.abc import Iterator

    from motion_preflight.report.findings import Finding
    from motion_preflight.rules.rule import RuleContext

RULE = Rule(
    id="media-extension-misleading",
    level=Level.WARNING,
    authority=Authority.INFERRED,
    source="services that go by the name will take it for something else",
)


_NAMES = {
    "mp4": {"mp4", "m4v", "m4a", "m4b", "f4v"}, "mov": {"mov", "qt"}, "webm": {"webm"},
    "matroska": {"mkv", "mka", "mk3d"}, "avi": {"avi"}, "3gp": {"3gp", "3g2"}, "gif": {"gif"},
    "jpeg": {"jpg", "jpeg", "jpe", "jfif"}, "png": {"png"}, "webp": {"webp"}, "bmp": {"bmp"},
    "tiff": {"tif", "tiff"}, "mpegts": {"ts", "m2ts", "mts"}, "flv": {"flv"},
}  # fmt: skip
_ENDINGS = set().union(*_NAMES.values())


def check(case: RuleContext) -> Iterator[Finding]:
    """A warning for each medium whose extension names another kind of file."""
    for field, word, medium in case.media():
        if not isinstance(medium, MediaFacts) or medium.container not in _NAMES:
            continue
        ending = extension(medium.location)
        if is_misleading(ending, medium.container):
            message = f"the {word} is named .{ending} and is {medium.container}"
            better = min(_NAMES[medium.container], key=_usual)
            remedy = f"publish it under a name that ends in .{better}"
            if not medium.truncated and _is_converted(case, field, medium):
                remedy = "the command above gives it the right one"
            yield RULE.finding(case, Level.WARNING, field, message, remedy)


def is_misleading(ending: str, container: str) -> bool:
    """Whether the extension, in lower case and without its dot, names another kind of file."""
    return ending in _ENDINGS and ending not in _NAMES.get(container, _ENDINGS)


def _is_converted(case: RuleContext, field: str, medium: MediaFacts) -> bool:
    """Whether the command of another finding converts the medium and gives it a correct name."""
    limits = case.limits
    if field == "video_url":
        return medium.container not in limits.video_container.allowed
    allowed = limits.image_container.allowed
    return medium.container not in allowed and not medium.undecodable


def _usual(ending: str) -> tuple[bool, str]:
    return ending not in {"mp4", "mov", "mkv", "jpg", "3gp"}, ending
