"""Clips of every kind that people have, made by ffmpeg: small, and the same picture in all.

The picture is red at the top left, green at the top right, blue at the bottom left and black at the
bottom right. A second after its beginning it is white for a moment, and the sound beeps then.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from encoded import encoded

if TYPE_CHECKING:
    from pathlib import Path

FLASH, FLASH_LENGTH = 1.0, 0.19  # seconds
SECONDS = 2.6  # of a clip, where its kind asks for nothing else
RED, GREEN, BLUE, BLACK = (190, 50, 50), (50, 160, 70), (50, 70, 190), (0, 0, 0)
_DRAWN = "16x12"  # pixels: four plain patches are drawn small and enlarged, which is cheap
_PATCHES = (
    (RED, "0:0"), (GREEN, "iw/2:0"), (BLUE, "0:ih/2"), (BLACK, "iw/2:ih/2"),
)  # fmt: skip
_H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
_AAC = ("-c:a", "aac")
_TAGS = ("-color_primaries", "bt2020", "-colorspace", "bt2020nc")


def picture(
    sides: str = "480x360", rate: str = "24", seconds: float = SECONDS, flash: float = FLASH
) -> str:
    """The graph of the picture. It is RGB, so that whatever comes after it converts its colours."""
    boxes = ",".join(
        f"drawbox={place}:iw/2:ih/2:0x{bytes(colour).hex()}:fill" for colour, place in _PATCHES
    )
    white = (
        f"drawbox=0:0:iw:ih:white:fill:enable='between(t,{flash - 0.001},{flash + FLASH_LENGTH})'"
    )
    drawn = f"color=gray:{_DRAWN}:r={rate}:d={seconds},format=rgb24,{boxes},{white},format=gbrp"
    return f"{drawn},scale={sides.replace('x', ':')}:flags=neighbor,setsar=1"


def sound(flash: float = FLASH, seconds: float = SECONDS, rate: int = 48_000) -> str:
    """The graph of the sound."""
    beep = f"0.7*sin(2*PI*1000*t)*between(t,{flash},{flash + FLASH_LENGTH})"
    return f"aevalsrc='{beep}':s={rate}:d={seconds}"


def options(text: str) -> list[str]:
    """The words of a text."""
    return text.split()


def _inputs(*graphs: str, offsets: tuple[float, ...] = ()) -> list[str]:
    words: list[str] = []
    for number, graph in enumerate(graphs):
        if number < len(offsets) and offsets[number]:
            words += ["-itsoffset", str(offsets[number])]
        words += ["-f", "lavfi", "-i", graph]
    return words


@dataclass(frozen=True)
class Source:
    """How a clip is made.

    words    those of ffmpeg, before the name of the file
    name     of the file
    again    those that make the clip of that first file, after its name; empty: it is the clip
    before   options in front of the first file's name
    """

    words: tuple[str, ...]
    name: str = "clip.mp4"
    again: tuple[str, ...] = ()
    before: tuple[str, ...] = ()

    def make(self, folder: Path) -> Path:
        """The file, which is shared and stays as it is. `folder` is that of a test."""
        if not self.again:
            return encoded(folder, *self.words, name=self.name)
        first = encoded(folder, *self.words, name="first.mp4")
        words = (*self.before, "-i", str(first), *self.again)
        return encoded(folder, *words, name=self.name)


def usual(
    *words: str,
    name: str = "clip.mp4",
    video: str = "",
    audio: str = "",
    offsets: tuple[float, ...] = (),
    more: tuple[str, ...] = (),
) -> Source:
    """H.264 and AAC, with what else is asked for. `more` are further inputs."""
    inputs = _inputs(video or picture(), audio or sound(), offsets=offsets)
    return Source((*inputs, *more, *_H264, *_AAC, *words), name)


def twice(*words: str, before: tuple[str, ...] = (), video: str = "", audio: str = "") -> Source:
    """A usual clip, and what a second ffmpeg makes of it."""
    return replace(usual(video=video, audio=audio), again=words, before=before)


def again(before: tuple[str, ...]) -> Source:
    """The usual clip as it is copied with these options of its input."""
    return twice("-c", "copy", before=before)


def filtered(chain: str, *words: str, name: str = "clip.mp4") -> Source:
    """The usual clip with filters behind the picture."""
    return usual(*words, video=f"{picture()},{chain}", name=name)


def hdr(transfer: str) -> Source:
    """HDR by BT.2408: the white of an SDR picture is 203 candelas a square metre."""
    chain = (
        "zscale=min=gbr:m=gbr:tin=bt709:t=linear:pin=bt709:p=bt2020:npl=203,format=gbrpf32le,"
        f"zscale=min=gbr:m=bt2020nc:t={transfer}:p=bt2020:r=tv:npl=203,format=yuv420p10le"
    )
    return Source((
        *_inputs(f"{picture()},{chain}", sound()), "-c:v", "libx265", "-preset", "ultrafast",
        "-x265-params", "log-level=none", "-tag:v", "hvc1", *_TAGS, "-color_trc", transfer, *_AAC,
    ))  # fmt: skip
