"""The command that mends what a finding is about, as the JSON documents show it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from motion_preflight.media.facts import MediaFacts
from motion_preflight.text.locations import is_url, path_from_here

if TYPE_CHECKING:
    from motion_preflight.formats.schema import FindingFixDocument
    from motion_preflight.repair.options import Orientation
    from motion_preflight.report.findings import Finding, Report


def finding_fix_document(finding: Finding, report: Report) -> FindingFixDocument | None:
    """The command that `fix --dry-run` shows for a local medium; `None` where `fix` mends nothing
    about it.
    """
    words = finding.fix_words
    medium = report.image if finding.field == "image_url" else report.video
    if words is None or not isinstance(medium, MediaFacts) or is_url(medium.location):
        return None
    path = path_from_here(medium.location, report.options.folder)
    if not path.isprintable():
        return None  # not every program can read such a name out of a document
    # Imported here, because most requests have nothing to mend.
    if finding.field == "image_url":
        from motion_preflight.repair.picture_suggestion import suggest_picture  # noqa: PLC0415

        suggestion = suggest_picture(medium, path, report.options.profile.limits)
    else:
        from motion_preflight.repair.clip_suggestion import suggest_clip  # noqa: PLC0415
        from motion_preflight.repair.options import FixOptions, in_shot  # noqa: PLC0415

        wish = FixOptions(orientation=_orientation(words), slow="--slow" in words)
        shot = medium.stretches and medium.stretches.longest_shot
        if shot and "--best-shot" in words:
            wish = in_shot(replace(wish, best_shot=True), shot)
        suggestion = suggest_clip(medium, path, wish, report.options.profile.limits)
    if suggestion is None:
        return None
    return {"argv": list(suggestion.argv), "output": suggestion.output}


def _orientation(words: tuple[str, ...]) -> Orientation | None:
    """The orientation that the remedy names; `None` where it leaves the choice to `fix`."""
    if "--for" not in words:
        return None
    return "image" if words[words.index("--for") + 1] == "image" else "video"
