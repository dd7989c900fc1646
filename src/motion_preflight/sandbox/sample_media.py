"""The clip and the picture that come with the package: a request of both passes every rule."""

from __future__ import annotations

from functools import cache
from importlib import resources
from pathlib import PurePosixPath

CLIP, PICTURE = "clip-8s.mp4", "image.png"


@cache
def sample_media(name: str) -> bytes | None:
    """The bytes of one of the two; `None` for any other name. The package may be a zip file."""
    inside = str(PurePosixPath(name))  # a link may say `./`
    if inside not in (CLIP, PICTURE):
        return None
    return resources.files(__package__).joinpath("samples", inside).read_bytes()
