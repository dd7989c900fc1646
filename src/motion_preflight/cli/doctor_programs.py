"""What `doctor` tells of the programs that measure and mend: ffprobe and ffmpeg."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from motion_preflight.errors import PreflightError
from motion_preflight.media.faces import can_look
from motion_preflight.media.programs.ask import ask
from motion_preflight.media.programs.decoders import decodable_codecs
from motion_preflight.media.programs.ffmpeg import find_ffmpeg
from motion_preflight.media.programs.ffmpeg_parts import missing_parts
from motion_preflight.media.programs.ffprobe import MISSING, bundled, find_ffprobe
from motion_preflight.settings import FFPROBE, load_settings
from motion_preflight.text.locations import printable

if TYPE_CHECKING:
    from collections.abc import Mapping

# Codecs of clips, the most frequent first. Missing a rare one is not reported.
_USUAL = ("h264", "hevc", "av1", "vp9", "vp8", "mpeg4", "prores", "mjpeg")
_RARE = ("mpeg2video", "vvc")
_INSTALL = "pip install 'motion-preflight[fix]'"
_INSTALL_PEOPLE = "pip install 'motion-preflight[people]'"


def ffprobe_texts() -> tuple[list[str], bool]:
    """A few lines about the ffprobe in use, and whether it can be used."""
    try:
        path = find_ffprobe(load_settings().ffprobe)
    except PreflightError as error:
        return [f"MISSING: {error}"], False
    started = time.monotonic()
    try:
        name = _version(ask(path, "-version"))
    except PreflightError as error:
        return [f"{path} CANNOT BE USED: {error}"], False
    elapsed = time.monotonic() - started
    texts = [path, f"{name}, starts in {elapsed * 1000:.0f} ms", _codecs(path)]
    if bundled("ffprobe") is None:
        texts.append(f"a faster one: {MISSING.partition('with: ')[2].partition(' (or')[0]}")
    return texts, True


def ffmpeg_texts() -> list[str]:
    """A few lines about the ffmpeg that mends clips. No check needs it."""
    try:
        path = find_ffmpeg(load_settings().ffmpeg)
    except PreflightError as error:
        return [f"MISSING: {error}; fix and --content need it"]
    try:
        texts = [path, _version(ask(path, "-version", "ffmpeg"))]
    except PreflightError as error:
        return [f"{path} CANNOT BE USED: {error}; fix and --content need one: {_INSTALL}"]
    try:
        missing = missing_parts(path)
    except PreflightError as error:
        return [*texts, f"what it can do is not known: {error}"]
    return [*texts, _lacking(missing)]


def faces_text() -> str:
    """A line about the detector of faces. No check needs it."""
    if can_look():
        return "looked for by --content"
    return f"not looked for by --content: {_INSTALL_PEOPLE}"


def _lacking(missing: Mapping[str, tuple[str, ...]]) -> str:
    if not missing:
        return "has all filters, encoders and decoders that fix and --content use"
    lists = "; ".join(f"{kind} {', '.join(names)}" for kind, names in missing.items())
    return f"LACKS {lists}: fix cannot mend every clip; one that can: {_INSTALL}"


def _version(answer: str) -> str:
    """The program's name and version, of the first line that it prints."""
    return printable(answer.partition(" Copyright")[0].strip().partition("\n")[0][:200])


def _codecs(ffprobe: str) -> str:
    """The codecs that a scan can decode here, and what to do about usual ones that it cannot."""
    try:
        here = decodable_codecs(ffprobe)
    except PreflightError as error:
        return f"what it decodes is not known: {error}"
    missing = [codec for codec in _USUAL if codec not in here]
    text = f"decodes {', '.join(codec for codec in _USUAL + _RARE if codec in here) or 'nothing'}"
    if not missing:
        return text
    return (
        f"{text}; NOT {', '.join(missing)}: --scan cannot decode such a clip; {FFPROBE} can name "
        "an ffprobe that does"
    )
