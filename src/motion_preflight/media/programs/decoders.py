"""Which video codecs an ffprobe decodes, by its own list."""

from __future__ import annotations

import re
import subprocess

from motion_preflight.child import answer_of
from motion_preflight.errors import FfprobeFailed, FfprobeMissing

# ` V....D libdav1d   dav1d AV1 decoder by VideoLAN (codec av1)`; the codec where the name differs.
_LINE = re.compile(r"^ V\S{5} (\w\S*)(?:.*\(codec (\S+)\))?", re.MULTILINE)
# These need a device which most machines lack, and fail without it.
_HARDWARE = (
    "_amf", "_cuvid", "_mediacodec", "_mmal", "_qsv", "_rkmpp", "_v4l2m2m", "_videotoolbox",
)  # fmt: skip
_SHELLS = {"av1"}  # native decoders that only drive a device; libdav1d and libaom-av1 decode


def decodable_codecs(ffprobe: str) -> frozenset[str]:
    """The names of the video codecs that this ffprobe decodes without special hardware.

    Raises `FfprobeMissing` when it cannot be run, `FfprobeFailed` when it lists nothing.
    """
    command = [ffprobe, "-v", "error", "-hide_banner", "-decoders"]
    pipe = subprocess.PIPE
    try:
        ended = answer_of(
            subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe)  # noqa: S603  a path
        )
    except OSError as error:
        raise FfprobeMissing(f"ffprobe cannot be run: {error}") from None
    names = _LINE.findall(ended.out.decode("utf-8", "replace"))
    codecs = {codec or name for name, codec in names if _decodes(name)}
    if ended.code or not codecs:
        raise FfprobeFailed("ffprobe does not list its decoders")
    return frozenset(codecs)


def _decodes(name: str) -> bool:
    return name not in _SHELLS and not name.endswith(_HARDWARE)
