"""Makes the pictures of the terminal that the documentation shows: runs each command in a terminal
of 80 columns, and writes what it drew as SVG.

    .venv/bin/python scripts/make_terminal_pictures.py    needs an ffmpeg; a test compares nothing
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import shlex
import shutil
import struct
import subprocess
import sys
import tempfile
import termios
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

ROOT = Path(__file__).parents[1]
MEDIA, FOLDER = ROOT / "fixtures" / "media", ROOT / "docs" / "pictures"
COLUMNS = 80
# Name of the picture → the commands that it shows, run one after the other in one folder.
PICTURES = {
    "overview": ["motion-preflight dance.mp4 me.png"],
    "check": ["motion-preflight check too-long.json"],
    "fix": ["motion-preflight fix walk.mp4 --for image", "motion-preflight check fixed.json"],
}
THEME = TerminalTheme(
    (250, 250, 248),
    (40, 40, 45),
    [(40, 40, 45), (178, 32, 32), (24, 120, 72), (150, 100, 10), (40, 80, 160), (130, 60, 130),
     (20, 110, 120), (120, 120, 120)],
)  # fmt: skip


def drawn(command: str, folder: Path) -> str:
    """What a command draws in a terminal, with the codes of its colours."""
    master, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 50, COLUMNS, 0, 0))
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "TERM": "xterm-256color",
        "LANG": "C.UTF-8",
        "MOTION_PREFLIGHT_STATE": str(folder / "state"),
        "FORCE_HYPERLINK": "0",
    }
    words = [sys.executable, "-m", "motion_preflight", *shlex.split(command)[1:]]
    with subprocess.Popen(
        words, stdin=terminal, stdout=terminal, stderr=terminal, cwd=folder, env=environment
    ) as process:
        os.close(terminal)
        output = bytearray()
        while True:
            try:
                piece = os.read(master, 1 << 16)
            except OSError:  # the last one has closed the terminal
                break
            output += piece
            if not piece:
                break
    os.close(master)
    assert process.returncode in {0, 1, 3}, output.decode()
    lines = output.decode("utf-8").replace("\r\n", "\n").split("\n")
    return "\n".join(line.rpartition("\r\x1b[K")[2] for line in lines)  # a bar is drawn over


def picture(commands: list[str], folder: Path) -> str:
    """The commands and what they draw, as SVG."""
    console = Console(
        record=True,
        width=COLUMNS + 2,
        file=StringIO(),
        force_terminal=True,
        color_system="standard",
    )
    for number, command in enumerate(commands):
        before = "\n" if number else ""
        console.print(Text(f"{before}$ {command}", style="bold"))
        console.print(Text.from_ansi(drawn(command, folder)))
    text = console.export_svg(title="motion-preflight", theme=THEME, unique_id="terminal")
    # A picture of the documentation fetches no font.
    text = re.sub(r"@font-face \{[^}]*\}\s*|<!--.*?-->\s*", "", text, flags=re.DOTALL)
    return text.replace("Fira Code", "DejaVu Sans Mono")


def write_media(folder: Path) -> None:
    """A good clip, one that is too long, a picture, and requests."""
    shutil.copyfile(MEDIA / "clip-8s.mp4", folder / "dance.mp4")
    shutil.copyfile(MEDIA / "clip-12s.mp4", folder / "walk.mp4")
    shutil.copyfile(MEDIA / "image.png", folder / "me.png")
    for name, clip in (("too-long.json", "walk.mp4"), ("fixed.json", "walk-for-image.mp4")):
        fields = ["--video", clip, "--image", "me.png", "--model", "kling-v2-6-motion-control"]
        subprocess.run(
            [sys.executable, "-m", "motion_preflight", "new", name, *fields, "--mode", "std",
             "--orientation", "image"],
            cwd=folder, check=True, capture_output=True,
        )  # fmt: skip


def main() -> int:
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_media(folder)
        for title, commands in PICTURES.items():
            (FOLDER / f"{title}.svg").write_text(picture(commands, folder), encoding="utf-8")
            print(f"{title}.svg")
    return 0


if __name__ == "__main__":
    sys.exit(main())
