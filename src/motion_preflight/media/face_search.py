"""The program that looks for faces in a clip, which `programs.search_faces` starts.

It is a process of its own, because OpenCV changes the environment variable `LD_LIBRARY_PATH` when
it is imported. Every ffprobe that the same process started later would look for its libraries in
other folders, and in the current one. It is also bounded as ffmpeg is.
"""

from __future__ import annotations

import json
import sys
from decimal import Decimal
from pathlib import Path

from motion_preflight.media.errors import ProbeError
from motion_preflight.media.faces import FacesUnseen, faces_in
from motion_preflight.media.programs.stills import stills


def answer(path: str, ffmpeg: str, stream: str, seconds: str) -> object:
    """The faces in a few pictures of a clip as lists of figures; or why there are none, in words.
    The pictures are decoded first, before OpenCV is imported.
    """
    try:
        few = stills(Path(path), ffmpeg=ffmpeg, stream=int(stream), seconds=Decimal(seconds))
        return [[list(face) for face in faces] for faces in faces_in(few)]
    except (ProbeError, FacesUnseen) as error:
        return str(error)


if __name__ == "__main__":
    json.dump(answer(*sys.argv[1:]), sys.stdout)
