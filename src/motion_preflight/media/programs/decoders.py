"""Which video codecs an ffprobe or an ffmpeg decodes, by its own list."""

from __future__ import annotations

import re

from motion_preflight.media.errors import FfprobeFailed
from motion_preflight.media.programs.ask import ask

# A line such as ` V....D libdav1d   dav1d AV1 decoder by VideoLAN (codec av1)`. The codec stands at
# its end only where the decoder has another name.
_LINE = re.compile(r"^ V\S{5} (\w\S*)(?:.*\(codec (\S+)\))?", re.MULTILINE)
# Decoders with these endings need a device that most machines lack, and fail without it.
_HARDWARE = (
    "_amf", "_cuvid", "_mediacodec", "_mmal", "_qsv", "_rkmpp", "_v4l2m2m", "_videotoolbox",
)  # fmt: skip
_SHELLS = {"av1"}  # ffmpeg's own "av1" only drives a device; libdav1d and libaom-av1 really decode


def decodable_codecs(ffprobe: str) -> frozenset[str]:
    """The names of the video codecs that this ffprobe decodes without special hardware.

    Raises `FfprobeMissing` when it cannot be run, `FfprobeFailed` when it lists nothing.
    """
    codecs = codecs_in(ask(ffprobe, "-decoders"))
    if not codecs:
        raise FfprobeFailed("ffprobe does not list its decoders")
    return codecs


def codecs_in(decoders: str) -> frozenset[str]:
    """The video codecs in a list of decoders, without those that need special hardware."""
    return frozenset(codec or name for name, codec in _LINE.findall(decoders) if _decodes(name))


def _decodes(name: str) -> bool:
    return name not in _SHELLS and not name.endswith(_HARDWARE)
