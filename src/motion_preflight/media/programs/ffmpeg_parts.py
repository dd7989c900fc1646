"""Which parts of an ffmpeg mending and looking at clips need, and which of them one lacks."""

from __future__ import annotations

import re

from motion_preflight.media.errors import FfmpegFailed
from motion_preflight.media.programs.ask import ask
from motion_preflight.media.programs.decoders import codecs_in

# Those that builds leave out. What every ffmpeg has, such as `scale`, is not listed.
FILTERS = ("zscale", "tonemap", "bwdif", "tpad", "premultiply", "scdet")
ENCODERS = ("libx264", "aac")
DECODERS = ("h264", "hevc", "av1", "vp9", "prores", "png")
# A line such as ` .SC zscale   V->V   …`, with two flags in newer versions and three in older ones.
_FILTER = re.compile(r"^ [A-Z.]{2,3} (\w+) +\S+->\S+", re.MULTILINE)
_ENCODER = re.compile(r"^ [VA]\S{5} (\w+)", re.MULTILINE)


def missing_parts(ffmpeg: str) -> dict[str, tuple[str, ...]]:
    """What this ffmpeg lacks, by kind: "filters", "encoders" and "decoders"; no kind that is
    complete.

    Raises `FfmpegMissing` when it cannot be run, `FfmpegFailed` when it lists nothing.
    """
    filters = set(_FILTER.findall(ask(ffmpeg, "-filters", "ffmpeg")))
    encoders = set(_ENCODER.findall(ask(ffmpeg, "-encoders", "ffmpeg")))
    decoders = codecs_in(ask(ffmpeg, "-decoders", "ffmpeg"))
    if not (filters and encoders and decoders):
        raise FfmpegFailed("ffmpeg does not list its filters, encoders and decoders")
    missing = {
        "filters": tuple(name for name in FILTERS if name not in filters),
        "encoders": tuple(name for name in ENCODERS if name not in encoders),
        "decoders": tuple(name for name in DECODERS if name not in decoders),
    }
    return {kind: names for kind, names in missing.items() if names}
