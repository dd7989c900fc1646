"""Makes the picture of the page of `--format html` that the documentation shows: draws some clips,
checks requests that name them, and has a browser show the page.

    .venv/bin/python scripts/make_page_picture.py    needs chromium and an ffmpeg

It is not made anew by a test: another version of a browser draws other pixels.
"""

from __future__ import annotations

import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image, ImageDraw

from motion_preflight.media.programs.ffmpeg import find_ffmpeg

PICTURE = Path(__file__).parents[1] / "docs" / "pictures" / "page.png"
WIDTH, HEIGHT, RATE = 360, 640, 24
SKIES = [((247, 201, 150), (120, 70, 120)), ((30, 60, 90), (10, 20, 40))]  # from top to bottom
INKS = [(40, 30, 60), (240, 220, 120)]
LARGEST = 150_000  # bytes of the picture
WINDOW = (880, 1266)


def dancer(draw: ImageDraw.ImageDraw, time: float, size: float, ink: tuple[int, int, int]) -> None:
    """A figure that dances, at this time in seconds."""
    swing = math.sin(time * 4)
    hip = (180 + swing * 11 * size, 390 - abs(swing) * 14 * size)
    neck = (hip[0] + swing * 14 * size, hip[1] - 120 * size)
    head = (neck[0] + swing * 5 * size, neck[1] - 38 * size)
    thick = 16 * size
    for root, upper, lower in (
        (hip, 1.9 + swing * 0.18, 1.5 - swing * 0.36),
        (hip, 1.2 + swing * 0.18, 1.6 + swing * 0.36),
        (neck, 2.7 + swing * 0.5, 3.6 + swing * 1.2),
        (neck, 0.45 + swing * 0.5, -0.5 + swing * 1.2),
    ):
        joint = _from(root, upper, 65 * size)
        end = _from(joint, lower, 65 * size)
        draw.line([root, joint, end], fill=ink, width=round(thick), joint="curve")
        for x, y in (root, joint, end):
            draw.ellipse([x - thick / 2, y - thick / 2, x + thick / 2, y + thick / 2], fill=ink)
    draw.line([hip, neck], fill=ink, width=round(thick * 1.5))
    radius = 26 * size
    draw.ellipse([head[0] - radius, head[1] - radius, head[0] + radius, head[1] + radius], fill=ink)


def _from(point: tuple[float, float], angle: float, length: float) -> tuple[float, float]:
    return point[0] + math.cos(angle) * length, point[1] + math.sin(angle) * length


def sky(top: tuple[int, int, int], bottom: tuple[int, int, int]) -> Image.Image:
    """A sky that goes over from one colour into another."""
    shade = Image.linear_gradient("L").resize((WIDTH, HEIGHT))
    sizes = (WIDTH, HEIGHT)
    return Image.composite(Image.new("RGB", sizes, bottom), Image.new("RGB", sizes, top), shade)


def clip(file: Path, seconds: float, cut: float = math.inf) -> None:
    """A clip of a dancer that lasts so long, with a cut at that second."""
    skies = [sky(*colours) for colours in SKIES]
    sound = ("-f", "lavfi", "-t", str(seconds), "-i", "sine")
    raw = ("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{WIDTH}x{HEIGHT}", "-r", str(RATE))
    x264 = ("-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac", "-movflags", "+faststart")
    command = [find_ffmpeg(), "-v", "error", *raw, "-i", "-", *sound, *x264, str(file)]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        assert process.stdin
        for number in range(round(seconds * RATE)):
            time = number / RATE
            scene = int(time >= cut)
            picture = skies[scene].copy()
            dancer(ImageDraw.Draw(picture), time, 1.3 if scene else 1.0, INKS[scene])
            process.stdin.write(picture.tobytes())
    if process.returncode:
        raise SystemExit("ffmpeg could not make a clip")


def request(video: str, orientation: str, mode: str) -> dict[str, str]:
    """A request that names a clip."""
    return {
        "model": "kling-v2-6-motion-control",
        "prompt": "she dances in the evening light",
        "image_url": "me.png",
        "video_url": video,
        "keep_original_sound": "yes",
        "character_orientation": orientation,
        "mode": mode,
    }


def page(folder: Path) -> Path:
    """The page of some requests."""
    clip(folder / "evening.mp4", 8)
    clip(folder / "two-scenes.mp4", 12.4, cut=5.2)
    portrait = sky(*SKIES[0])
    dancer(ImageDraw.Draw(portrait), 0.3, 1.2, INKS[0])
    portrait.save(folder / "me.png")
    requests = [
        request("two-scenes.mp4", "image", "pro"), request("evening.mp4", "video", "std")
    ]  # fmt: skip
    (folder / "dances.json").write_text(json.dumps(requests), "utf-8")
    words = ("check", "dances.json", "--content", "--max-cost", "3", "--format", "html=page.html")
    subprocess.run([sys.executable, "-m", "motion_preflight", *words], cwd=folder, check=False)
    return folder / "page.html"


def seen(file: Path, folder: Path) -> Image.Image:
    """The top of a page as a browser shows it."""
    browser = shutil.which("chromium")
    if browser is None:
        raise SystemExit("chromium is not installed: on Debian, `apt install chromium`")
    shot = folder / "page.png"
    options = ["--headless", "--disable-gpu", "--hide-scrollbars", f"--screenshot={shot}"]
    options += [f"--window-size={WINDOW[0]},{WINDOW[1]}", f"--user-data-dir={folder / 'browser'}"]
    options += ["--no-sandbox"] if os.geteuid() == 0 else []  # as root there is no sandbox
    subprocess.run([browser, *options, file.as_uri()], check=True, capture_output=True)
    return Image.open(shot)


def main() -> None:
    """Writes the picture."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        picture = seen(page(folder), folder).convert("RGB").quantize(128, dither=Image.Dither.NONE)
        PICTURE.parent.mkdir(exist_ok=True)
        picture.save(PICTURE, optimize=True)
    size = PICTURE.stat().st_size
    print(f"{PICTURE.name}: {size:,} bytes")
    if size > LARGEST:
        raise SystemExit(f"more than {LARGEST:,} bytes")


if __name__ == "__main__":
    main()
