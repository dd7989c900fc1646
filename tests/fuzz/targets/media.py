"""Media as targets: from a path, and from a host."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Any

from builders import NOW, PROFILE, body, profile

from fuzz.corpus import movies
from fuzz.corpus.mutations import mutated
from fuzz.engine.case import MEMORY, Dice, Target, Violation
from motion_preflight.formats.json import Json
from motion_preflight.formats.style import Style
from motion_preflight.formats.text import Text
from motion_preflight.media.errors import ProbeError, SourceError
from motion_preflight.media.facts import MediaFacts, Unmeasured
from motion_preflight.media.programs.decode import BOUNDS
from motion_preflight.pipeline import preflight, probe
from motion_preflight.report.findings import Verdict
from motion_preflight.testing.habit import Habit
from motion_preflight.testing.host import Host

if TYPE_CHECKING:
    from pathlib import Path

    from motion_preflight.report.findings import Report

_DAY = 86_400
SMALL = profile(video_size={"below": 3_000_000}, image_size={"maximum": 1_000_000})
# Habits of hosts whose every answer can be used,
_USABLE: tuple[dict[str, Any], ...] = (
    {}, {"ranges": False}, {"chunked": True}, {"ranges": False, "chunked": True},
    {"until_close": True}, {"close_each": True}, {"head": False}, {"if_range": False},
    {"etag": "weak"}, {"etag": "none"}, {"last_modified": False}, {"set_cookie": "a=b"},
    {"header_flood": 3000}, {"wrong_range": "shifted"}, {"wrong_range": "short"},
    {"wrong_range": "no-header"}, {"wrong_range": "star-total"}, {"wrong_range": "multipart"},
)  # fmt: skip
# of those that fail, and tell no lie about the bytes they have,
_FAILING: tuple[dict[str, Any], ...] = (
    {"gzip": True}, {"wrong_range": "206-to-plain"}, {"short_body": 70_000}, {"reset_after": 3000},
    {"stall_after": 66_000}, {"endless": True}, {"trickle": 0.001}, {"html": True},
    {"header_flood": 300_000}, {"endless_redirects": True}, {"redirect_to": "/other"},
    {"redirect_to": "http://[::1"}, {"redirect_to": "//\u00e9\0"}, {"stall_header": True},
)  # fmt: skip
# and of those that do: what they say counts, whatever the bytes are.
_FALSE: tuple[dict[str, Any], ...] = (
    {"wrong_range": "other-bytes"}, {"declared_size": 0}, {"declared_size": 1 << 20},
    {"declared_size": 1 << 62}, {"status": 206}, {"status": 416}, {"status": 304}, {"status": 299},
    {"status": 429, "retry_after": "\u00ff never"}, {"status": 503, "retry_after": 10**30},
)  # fmt: skip


def broken_clip(dice: Dice, *, huge: float = 0.0) -> bytes:
    """A clip with something wrong, or nothing."""
    samples = movies.clips()
    if dice.likely(huge):
        return movies.huge(dice)
    data = samples[dice.choice(sorted(samples))]
    if dice.likely(0.25):
        data = movies.padded(dice, data)
    way = dice.random()
    if way < 0.5:
        return movies.with_broken_boxes(dice, data)
    if way < 0.6:
        return data[: dice.randint(0, len(data))]
    return mutated(dice, data, list(samples.values())) if way < 0.93 else data


def broken_picture(dice: Dice) -> bytes:
    """A picture with something wrong, or nothing."""
    samples = movies.pictures()
    data = samples[dice.choice(sorted(samples))]
    return mutated(dice, data, list(samples.values())) if dice.likely(0.8) else data


def passed_by_its_samples(report: Report) -> None:
    """What holds of every report on media that were really read: declared alone does not pass."""
    measured_or_not_passed(report)
    if report.verdict is Verdict.PASS and report.video.durations.samples is None:  # type: ignore[union-attr]  # it was measured
        raise Violation("a video whose samples were not measured passes")


def measured_or_not_passed(report: Report) -> None:
    """What holds of every report."""
    media = (report.video, report.image)
    if report.verdict is Verdict.PASS:
        if any(isinstance(medium, Unmeasured) for medium in media):
            raise Violation("a medium that was not measured passes")
        if not report.video.durations.judged:  # type: ignore[union-attr]  # it was measured
            raise Violation("a video without a duration passes")
    for medium in media:
        if isinstance(medium, MediaFacts):
            for way, value in medium.durations.judged.ways.items():
                if not 0 < value <= _DAY:
                    raise Violation(f"the duration of {way} is {value}")
    for writer in (Json(), Text(PROFILE, Style())):
        writer.report(report)


class LocalMedia(Target):
    """Broken files, measured by the real ffprobe."""

    name = "media-local"
    share = 25
    clock = 150.0
    processor = 12.0

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._ffprobes = [None, shutil.which("ffprobe")]

    def run(self, dice: Dice) -> None:
        clip, picture = self.folder / "clip.mp4", self.folder / "image.png"
        self.inputs["clip.mp4"] = broken_clip(dice, huge=0.04)
        self.inputs["image.png"] = broken_picture(dice)
        if dice.likely(0.03):
            self.inputs["clip.mp4"], self.inputs["image.png"] = [*self.inputs.values()][::-1]
        clip.write_bytes(self.inputs["clip.mp4"])
        picture.write_bytes(self.inputs["image.png"])
        if dice.likely(0.05):  # a length that nothing stands behind
            os.truncate(clip, dice.pick(1 << 20, 90_000_000, 101 << 20, 1 << 40))
        scan, orientation = dice.likely(0.15), dice.pick("image", "video")
        request = body(
            video_url="clip.mp4", image_url="image.png", character_orientation=orientation
        )
        self.memory = MEMORY + (BOUNDS.data if scan else 0)
        ffprobe = dice.choice(self._ffprobes) if dice.likely(0.3) else None
        result = preflight(
            request, profile=PROFILE, folder=self.folder, now=NOW, scan=scan, ffprobe=ffprobe
        )
        passed_by_its_samples(result)
        if dice.likely(0.1):
            try:
                probe(dice.pick(clip, picture), kind=dice.pick(None, "video", "image"))
            except (SourceError, ProbeError) as error:
                self.note_input("error.txt", str(error))


class RemoteMedia(Target):
    """The same from a host that may have any habit: what does not pass as a file never does."""

    name = "media-remote"
    share = 15
    clock = 150.0
    processor = 15.0

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._host = Host()
        self._host.__enter__()

    def close(self) -> None:
        self._host.__exit__(None, None, None)

    def run(self, dice: Dice) -> None:
        clip, picture = broken_clip(dice, huge=0.01), movies.pictures()["image.png"]
        self.inputs |= {"clip.mp4": clip, "image.png": picture}
        kind, habits = dice.random(), dict[str, Any]()
        for _ in range(dice.few(3)):
            chosen = _USABLE if kind < 0.7 else _FAILING if kind < 0.85 else _FALSE
            habits |= dice.choice(chosen)
        versions = [clip]
        if dice.likely(0.1):
            versions.append(broken_clip(dice))
            habits |= {"changes_after": dice.few(4), "changed": versions[1]}
        self.note_input("habit.txt", {**habits, "changed": "…"})
        request = body(
            video_url=self._host.serve("clip.mp4", clip, Habit(**habits)),
            image_url=self._host.serve("image.png", picture),
        )
        slow = {"stall_header", "stall_after", "trickle"} & set(habits)
        remote = preflight(
            request, profile=SMALL, now=NOW, allow_private=True, timeout=0.3 if slow else 3.0
        )
        passed_by_its_samples(remote)
        if kind >= 0.85:
            return
        local = [self._of_file(version) for version in versions]
        if remote.verdict is Verdict.PASS and Verdict.PASS not in {item.verdict for item in local}:
            raise Violation("what does not pass as a file passes from a host")
        if isinstance(remote.video, MediaFacts) and _facts(remote) not in map(_facts, local):
            raise Violation(f"from a host {_facts(remote)}, as a file {[*map(_facts, local)]}")

    def _of_file(self, clip: bytes) -> Report:
        """What the file says; that it is no URL does not count."""
        (self.folder / "clip.mp4").write_bytes(clip)
        (self.folder / "image.png").write_bytes(movies.pictures()["image.png"])
        request = body(video_url="clip.mp4", image_url="image.png")
        return preflight(request, profile=SMALL, folder=self.folder, now=NOW)


def _facts(report: Report) -> object:
    """What a video says, wherever it came from."""
    facts = report.video
    if isinstance(facts, Unmeasured):
        return facts.error
    return facts.durations, facts.video, facts.truncated, facts.fragmented, facts.faststart
