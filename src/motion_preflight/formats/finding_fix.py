"""The command that mends what a finding is about, as the JSON documents show it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from motion_preflight.media.facts import MediaFacts
from motion_preflight.text.lazy_dataclass import replace
from motion_preflight.text.locations import is_url, path_from_here

if TYPE_CHECKING:
    from motion_preflight.formats.schema import FindingFixDocument
    from motion_preflight.repair.options import Orientation
    from motion_preflight.report.findings import Finding, Report


class FindingFixes:
    """The commands for the findings of a report. Building one takes longer than all else about the
    document, so that one that several findings share is built once.
    """

    def __init__(self, report: Report) -> None:
        self._report = report
        self._built: dict[tuple[str | None, tuple[str, ...]], FindingFixDocument | None] = {}

    def document(self, finding: Finding) -> FindingFixDocument | None:
        """The command that `fix --dry-run` shows for a local medium; `None` where `fix` mends
        nothing about it.
        """
        words = finding.fix_words
        if words is None:
            return None
        key = finding.field, words
        if key not in self._built:
            self._built[key] = _fix_document(finding.field, words, self._report)
        return self._built[key]


def _fix_document(
    field: str | None, words: tuple[str, ...], report: Report
) -> FindingFixDocument | None:
    medium = report.image if field == "image_url" else report.video
    if not isinstance(medium, MediaFacts) or is_url(medium.location):
        return None
    path = path_from_here(medium.location, report.options.folder)
    if not path.isprintable():
        return None  # not every program can read such a name out of a document
    limits = report.options.profile.limits
    # Imported here, because most requests have nothing to mend.
    if field == "image_url":
        from motion_preflight.repair.picture_suggestion import suggest_picture  # noqa: PLC0415

        suggestion = suggest_picture(medium, path, limits)
    else:
        from motion_preflight.repair.clip_suggestion import suggest_clip  # noqa: PLC0415
        from motion_preflight.repair.options import FixOptions, in_shot  # noqa: PLC0415

        wish = FixOptions(orientation=_orientation(words), slow="--slow" in words)
        shot = medium.stretches and medium.stretches.longest_shot
        if shot and "--best-shot" in words:
            wish = in_shot(replace(wish, best_shot=True), shot)
        suggestion = suggest_clip(medium, path, wish, limits)
    if suggestion is None:
        return None
    return {"argv": list(suggestion.argv), "output": suggestion.output}


def _orientation(words: tuple[str, ...]) -> Orientation | None:
    """The orientation that the remedy names; `None` where it leaves the choice to `fix`."""
    if "--for" not in words:
        return None
    return "image" if words[words.index("--for") + 1] == "image" else "video"
