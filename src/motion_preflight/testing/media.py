"""Clips and pictures for tests, made on this machine."""

from __future__ import annotations

from decimal import Decimal
from os import PathLike
from pathlib import Path

from motion_preflight.media.programs.ffmpeg import find_ffmpeg, run_ffmpeg
from motion_preflight.media.programs.limited_process import Bounds
from motion_preflight.settings import load_settings

_RATES = (10, 25, 30, 50, 100)  # frames a second, of which the first that fits is taken
_TONE = 48_000  # samples a second
_BOUNDS = Bounds(
    seconds=120.0, cpu=240, data=2 << 30, address_space=6 << 30, file_size=256 << 20
)  # fmt: skip


def make_clip(
    path: str | PathLike[str],
    *,
    seconds: float | Decimal,
    audio: bool = True,
    width: int = 360,
    height: int = 640,
) -> Path:
    """Makes a clip of H.264 whose picture moves, and returns its path. What is there is replaced.

    path           its suffix names the container, like `.mp4` or `.mov`
    seconds        its exact length, in steps of a hundredth
    audio          with a tone in AAC, or without any sound
    width, height  in pixels, even

    Raises `FfmpegMissing` (the extra `fix` brings one), `FfmpegFailed` and `ValueError`.
    """
    file, length = Path(path).absolute(), Decimal(str(seconds))
    rate = next((rate for rate in _RATES if length * rate % 1 == 0), None)
    if rate is None or length <= 0:
        raise ValueError(f"seconds must be above 0, in steps of 0.01, not {seconds}")
    program = find_ffmpeg(load_settings().ffmpeg)
    picture = f"testsrc2=size={width}x{height}:rate={rate}:duration={length}"
    tone = ["-f", "lavfi", "-i", f"sine=sample_rate={_TONE}:duration={length}"] if audio else []
    command = [
        *(program, "-nostdin", "-hide_banner", "-y", "-v", "error"),
        *("-f", "lavfi", "-i", picture, *tone),
        *(
            "-c:v",
            "libx264",
            "-preset",
            "ultrafast",
            "-crf",
            "40",
            "-bf",
            "0",
            "-pix_fmt",
            "yuv420p",
        ),
        *(("-c:a", "aac", "-b:a", "64k") if audio else ()),
        *("-movflags", "+faststart", str(file)),
    ]
    run_ffmpeg(command, file, _BOUNDS)
    return file


def make_picture(
    path: str | PathLike[str], *, width: int = 768, height: int = 1024, alpha: int | None = None
) -> Path:
    """Makes a picture of gradients, and returns its path. What is there is replaced.

    path           its suffix names the format, like `.png`, `.jpg` or `.webp`
    width, height  in pixels
    alpha          of every pixel, from 0 (nothing is seen) to 255; `None`: no such channel

    Raises `ValueError` for a suffix that Pillow does not know, and `OSError` for a format that
    cannot hold it.
    """
    from PIL import Image  # noqa: PLC0415  only for who makes one

    file = Path(path).absolute()
    across = Image.linear_gradient("L").resize((width, height))
    around = Image.radial_gradient("L").resize((width, height))
    bands = [across, around, across.transpose(Image.Transpose.FLIP_TOP_BOTTOM)]
    if alpha is not None:
        bands.append(Image.new("L", (width, height), alpha))
    Image.merge("RGB" if alpha is None else "RGBA", bands).save(file)
    return file
