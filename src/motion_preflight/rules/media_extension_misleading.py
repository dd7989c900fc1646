"""A file name that says another kind of file

Some services believe the name, others the content. A name without an ending says nothing and is
not judged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from motion_preflight.media.facts import MediaFacts
from motion_preflight.report.findings import Authority, Level
from motion_preflight.rules.remedies import image_remedy, video_remedy
from motion_preflight.rules.rule import Rule
from motion_preflight.text.locations import extension, is_url

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
            yield RULE.finding(case, Level.WARNING, field, message, _remedy(case, field, medium))


def is_misleading(ending: str, container: str) -> bool:
    """Whether the extension, in lower case and without its dot, names another kind of file."""
    return ending in _ENDINGS and ending not in _NAMES.get(container, _ENDINGS)


def _remedy(case: RuleContext, field: str, medium: MediaFacts) -> str:
    better = min(_NAMES[medium.container or ""], key=_usual)
    rename = f"publish it under a name that ends in .{better}"
    is_video = field == "video_url"
    if medium.truncated or medium.video is None or (medium.undecodable and not is_video):
        return rename
    command = video_remedy(case) if is_video else image_remedy(case)
    allowed = case.limits.video_container if is_video else case.limits.image_container
    if medium.container not in allowed.allowed:  # under its right name it is not taken either
        return f"to convert it, {command}"
    return rename if is_url(medium.location) else f"{rename}; or {command}"


def _usual(ending: str) -> tuple[bool, str]:
    return ending not in {"mp4", "mov", "mkv", "jpg", "3gp"}, ending
