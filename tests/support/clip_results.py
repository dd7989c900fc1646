"""What is seen and heard in a clip: every frame decoded, its corners, its flash and its beep."""

from __future__ import annotations

import array
import json
import subprocess
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from motion_preflight.media.programs.ffmpeg import find_ffmpeg

if TYPE_CHECKING:
    from pathlib import Path

_SIDES = 16, 12  # pixels of a frame that is looked at
_HEARD = 8000  # samples a second
_LOUD = 6000  # of 32,768
Colour = tuple[int, int, int]


def described(ffprobe: str, path: Path) -> dict[str, Any]:
    """All that an ffprobe says of a file."""
    words = ["-v", "error", "-show_format", "-show_streams", "-show_chapters", "-of", "json"]
    done = subprocess.run([ffprobe, *words, path], capture_output=True, check=True)
    return dict(json.loads(done.stdout))


@dataclass(frozen=True)
class Decoded:
    """The decoded frames of a clip at a constant rate, and its sound."""

    frames: list[bytes]
    samples: array.array[int]
    rate: Fraction

    def corners(self, second: float) -> list[Colour]:
        """Red, green and blue of the middle of each quarter: top left, top right, and below."""
        width, height = _SIDES
        frame = self.frames[int(second * self.rate)]
        places = [
            (x, y) for y in (height // 4, height * 3 // 4) for x in (width // 4, width * 3 // 4)
        ]
        return [self._pixel(frame, x, y) for x, y in places]

    def white(self) -> Colour:
        """The brightest colour that the middle of a corner ever has."""
        return max((self._pixel(frame, 12, 9) for frame in self.frames), key=sum)

    def flash(self, after: float = 0) -> float:
        """The second of the first white frame, seen in the corner that is black before."""
        bright = [sum(self._pixel(frame, 12, 9)) > 3 * 128 for frame in self.frames]
        return float(bright.index(True, int(after * self.rate)) / self.rate)

    def beep(self, after: float = 0) -> float:
        """The second in which it becomes loud."""
        begin = int(after * _HEARD)
        loud = (abs(sample) > _LOUD for sample in self.samples[begin:])
        return (begin + list(loud).index(True)) / _HEARD

    @staticmethod
    def _pixel(frame: bytes, x: int, y: int) -> Colour:
        at = 3 * (y * _SIDES[0] + x)
        return frame[at], frame[at + 1], frame[at + 2]


def decode(path: Path, rate: Fraction, folder: Path, *, sound: bool) -> Decoded:
    """Decodes a clip; a complaint of ffmpeg about any frame fails the test."""
    seen, heard = folder / "seen", folder / "heard"
    words: list[str | Path] = [
        "-v",
        "error",
        "-xerror",
        "-y",
        "-i",
        path,
        "-map",
        "0:v",
        "-fps_mode",
        "passthrough",
    ]
    words += [
        "-vf",
        "scale={}:{}:flags=area".format(*_SIDES),
        "-pix_fmt",
        "rgb24",
        "-f",
        "rawvideo",
        seen,
    ]
    if sound:
        words += [
            "-map",
            "0:a",
            "-af",
            "aresample=async=1:first_pts=0",
            "-ac",
            "1",
            "-ar",
            str(_HEARD),
        ]
        words += ["-f", "s16le", heard]
    done = subprocess.run(
        [find_ffmpeg(), *words],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    content, size = seen.read_bytes(), 3 * _SIDES[0] * _SIDES[1]
    frames = [content[at : at + size] for at in range(0, len(content), size)]
    return Decoded(frames, array.array("h", heard.read_bytes() if sound else b""), rate)
