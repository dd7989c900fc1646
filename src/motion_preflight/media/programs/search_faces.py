"""Starts the program that looks for faces, and reads its answer."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from motion_preflight.media.faces import FacesUnseen
from motion_preflight.media.framing import Face
from motion_preflight.media.programs.limited_process import run_limited, start
from motion_preflight.media.programs.watch import BOUNDS
from motion_preflight.text.lazy_dataclass import replace

if TYPE_CHECKING:
    from decimal import Decimal

# The package stands last among the places of modules, wherever it was installed or zipped.
_START = (
    "import runpy, sys; sys.path.append(sys.argv.pop(1)); "
    "runpy.run_module('motion_preflight.media.face_search', run_name='__main__', alter_sys=True)"
)
# OpenCV and NumPy with their libraries, beside the ffmpeg that the program starts.
_BOUNDS = replace(BOUNDS, data=1 << 30, address_space=8 << 30)


def search_faces(path: Path, *, ffmpeg: str, stream: int, seconds: Decimal) -> list[list[Face]]:
    """The faces in each of a few pictures of a clip's stream. Raises `FacesUnseen`."""
    package = str(Path(__file__).parents[3])  # also inside a zip file
    # With more threads NumPy reserves memory for each, which is never used here.
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
    words = [os.fspath(path.absolute()), ffmpeg, str(stream), f"{seconds:f}"]
    command = [sys.executable, "-P", "-c", _START, package, *words]
    try:
        ended = run_limited(start(command, environment), _BOUNDS)
    except (OSError, ValueError, MemoryError) as error:
        raise FacesUnseen(f"what looks for them cannot be started ({error})") from None
    if ended.late:
        raise FacesUnseen(f"it took more than {_BOUNDS.seconds:.0f} s")
    try:
        faces = json.loads(ended.out)
    except ValueError:
        why = "what looks for them crashed, or needed more time or memory than it is given"
        raise FacesUnseen(why) from None
    if isinstance(faces, str):
        raise FacesUnseen(faces)
    return [[Face(*figures) for figures in picture] for picture in faces]
