"""The ffmpeg command that mends a clip: one re-encoding, whatever is wrong with it."""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING

from motion_preflight.rules.rule import plain
from motion_preflight.source.location import file_name, is_url

if TYPE_CHECKING:
    from decimal import Decimal

    from motion_preflight.rules.rule import Case


def mend_video(
    case: Case,
    *,
    seconds: Decimal | None = None,
    tempo: Decimal | None = None,
    scale: str | None = None,
    kilobits: int | None = None,
) -> str:
    """What to do, with the command between backticks: the clip from its first frame, at most
    `seconds` long, `tempo` times as fast, `scale`d, at most so many `kilobits` a second.
    """
    source = _local_name(case, case.draft.video_url, "clip.mp4")
    filters = [f"setpts={plain(1 / tempo)[:8]}*(PTS-STARTPTS)" if tempo else "setpts=PTS-STARTPTS"]
    sound = ["asetpts=PTS-STARTPTS"] + ([f"atempo={plain(tempo)}"] if tempo else [])
    command = ["ffmpeg", "-i", source, "-map", "0:V:0"]  # V: no cover art; the one measured
    command += ["-map", "0:a:0"] if case.video_facts.audio else []
    command += ["-t", plain(seconds)] if seconds else []
    command += ["-vf", ",".join([*filters, *([scale] if scale else [])])]
    command += ["-af", ",".join(sound), "-c:a", "aac"] if case.video_facts.audio else []
    command += ["-c:v", "libx264", "-crf", "18", "-pix_fmt", "yuv420p"]
    command += ["-maxrate", f"{kilobits}k", "-bufsize", f"{2 * kilobits}k"] if kilobits else []
    command += ["-movflags", "+faststart", _mended_name(source, ".mp4")]
    return _with_links(case.draft.video_url, command)


def move_index(case: Case) -> str:
    """The same streams in a new file whose moov box stands in front."""
    source = _local_name(case, case.draft.video_url, "clip.mp4")
    command = ["ffmpeg", "-i", source, "-c", "copy", "-movflags", "+faststart"]
    return _with_links(case.draft.video_url, [*command, _mended_name(source, ".mp4")])


def mend_image(case: Case, *, scale: str | None = None) -> str:
    """The same for a picture: a JPEG, `scale`d."""
    source = _local_name(case, case.draft.image_url, "image.png")
    command = ["ffmpeg", "-i", source, *(["-vf", scale] if scale else [])]
    command += ["-q:v", "2", "-frames:v", "1", _mended_name(source, ".jpg")]
    return _with_links(case.draft.image_url, command)


def _local_name(case: Case, location: str | None, unnamed: str) -> str:
    """The path of a medium as it works from the current folder; a URL's is that of its download."""
    if not location or is_url(location):
        path = file_name(location or "") or unnamed
    else:
        path = os.path.normpath(os.path.join(case.folder or "", location))  # noqa: PTH118  ~ and // stay
    # ffmpeg takes a first part with a colon for a protocol, and one with a dash for an option
    odd = path.startswith("-") or (":" in path.split("/")[0] and not os.path.isabs(path))  # noqa: PTH117
    return f".{os.sep}{path}" if odd else path


def _mended_name(path: str, suffix: str) -> str:
    return os.path.splitext(path)[0] + "-mended" + suffix  # noqa: PTH122  as above


def _with_links(location: str | None, command: list[str]) -> str:
    quoted = f"`{shlex.join(command)}`"
    if location and is_url(location):
        return f"download it, run {quoted} and publish the result under a new link"
    return f"run {quoted}"
