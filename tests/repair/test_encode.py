"""ffmpeg at work: what ends it, what it lacks, and that nothing is left behind or overwritten."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from time import sleep

import pytest
from builders import duration_profile
from clip_sources import picture, sound, usual
from clip_table import SOURCES
from processes import closed_folder, started, surroundings, unprivileged, wait_until

from motion_preflight.formats.fixes import fix_text
from motion_preflight.formats.style import Style
from motion_preflight.media.errors import FfmpegMissing
from motion_preflight.media.programs.ffmpeg import find_ffmpeg
from motion_preflight.media.programs.ffprobe import bundled
from motion_preflight.repair import encode as encoding
from motion_preflight.repair.encode import encode
from motion_preflight.repair.errors import CannotFix
from motion_preflight.repair.fix import fix

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals and limits of POSIX")
LONG = usual(video=picture(rate="10", seconds=10.5), audio=sound(seconds=10.5))
LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (9_000, 9_000))
from motion_preflight.formats.fixes import fix_text
from motion_preflight.formats.style import Style
from motion_preflight.repair.fix import fix
print(fix(sys.argv[1]).error)
"""


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """A clip a little too long, alone in a folder that only this test has."""
    folder = tmp_path / "clips"
    folder.mkdir()
    return Path(shutil.copy(LONG.make(tmp_path), folder / "clip.mp4"))


def script(folder: Path, text: str) -> str:
    """The path of an ffmpeg that is a script of sh, in which `$real` is the true one."""
    file = folder / "ffmpeg-script"
    file.write_text(f"#!/bin/sh\nreal='{find_ffmpeg()}'\n{text}\n", encoding="utf-8")
    file.chmod(0o755)
    return str(file)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_part_that_is_done_is_told(clip: Path) -> None:
    parts: list[float] = []
    assert fix(clip, watch=parts.append).error is None
    assert parts == sorted(parts)
    assert parts[-1] == pytest.approx(1, abs=0.02)


def wait_for_the_end_of(process: Path) -> None:
    """A busy machine may take a moment to bury what was killed."""
    for _ in range(50):
        if not process.exists():
            return
        sleep(0.1)
    pytest.fail(f"{process} goes on")


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -9)]
)
def test_what_ends_the_program_ends_ffmpeg_and_leaves_nothing(
    clip: Path, tmp_path: Path, number: int, code: int
) -> None:
    """The true ffmpeg, which reads as slowly as to take half a minute."""
    begun = tmp_path / "begun"
    slow = script(tmp_path, f'echo $$ > "{begun}.new"; mv "{begun}.new" "{begun}"\n'
                            'exec "$real" -readrate 0.3 "$@"')  # fmt: skip
    environment = {"MOTION_PREFLIGHT_FFMPEG": slow}
    with started("fix", clip, folder=tmp_path, environment=environment) as process:
        wait_until(begun.exists, process)
        ffmpeg = Path("/proc") / begun.read_text().strip()
        process.send_signal(number)
        assert process.wait(20) == code
        if number == signal.SIGKILL:  # nobody is left who could end it
            with suppress(ProcessLookupError):
                subprocess.run(["kill", "-9", ffmpeg.name], check=False, capture_output=True)
        else:
            wait_for_the_end_of(ffmpeg)
    assert names(clip.parent) == ["clip.mp4"]


def test_a_full_disk_is_told_and_leaves_nothing(clip: Path, tmp_path: Path) -> None:
    """No file of these processes may have more than 9,000 bytes."""
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, clip],
        capture_output=True, text=True, check=False, env=surroundings(tmp_path),
    )  # fmt: skip
    assert done.stdout == (
        f"there is no room left in {clip.parent}: free some, or name another place for the result\n"
    )
    assert names(clip.parent) == ["clip.mp4"]


@pytest.mark.parametrize(
    ("complaint", "error"),
    [
        ("[out#0/mp4 @ 0x55e1] Error writing trailer: No space left on device", OSError),
        ("av_interleaved_write_frame(): Disk quota exceeded", OSError),
        ("x: Cannot allocate memory", CannotFix),
        ("[mp4 @ 0x55e1] it is odd", CannotFix),
    ],
)
def test_what_ffmpeg_complains_of(tmp_path: Path, complaint: str, error: type[Exception]) -> None:
    failing = script(tmp_path, f"echo '{complaint}' >&2; exit 1")
    with pytest.raises(error) as caught:
        encode([failing], Decimal(1), 30)
    assert "0x55e1" not in str(caught.value)


def test_a_folder_that_takes_nothing_is_told(clip: Path) -> None:
    assert fix(clip, dry_run=True).error is None  # imports what it needs
    with closed_folder() as folder:
        source = Path(shutil.copy(clip, folder / "clip.mp4"))
        source.chmod(0o644)
        with unprivileged():
            done = fix(source)
        assert (
            done.error == f"nothing may be written into {folder}: name another place for the result"
        )
        assert names(folder) == ["clip.mp4"]


def test_a_folder_that_is_not_there_is_told(clip: Path) -> None:
    folder = clip.parent / "none"
    done = fix(clip, output=folder / "out.mp4")
    assert (
        done.error == f"there is no folder {folder}: make it, or name another place for the result"
    )


def test_an_ffmpeg_that_hangs_is_ended(
    clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoding, "_LEAST_SECONDS", 1.0)
    monkeypatch.setattr(encoding, "_SECONDS_EACH", 0.0)
    done = fix(clip, ffmpeg=script(tmp_path, "exec sleep 600"))
    assert done.error == "ffmpeg was ended because it took more than 1 s"
    assert names(clip.parent) == ["clip.mp4"]


def test_an_ffmpeg_that_is_not_there_or_cannot_run(clip: Path, tmp_path: Path) -> None:
    with pytest.raises(FfmpegMissing, match="cannot be run: /none/ffmpeg"):
        fix(clip, ffmpeg="/none/ffmpeg")
    broken = tmp_path / "broken"
    broken.write_bytes(b"\x7fELF")
    broken.chmod(0o755)
    with pytest.raises(FfmpegMissing, match="ffmpeg cannot be run: Exec format error"):
        fix(clip, ffmpeg=str(broken))
    assert names(clip.parent) == ["clip.mp4"]


@pytest.mark.parametrize(("kind", "lacking"), [("HLG", "zscale"), ("AV1", "AV1")])
def test_an_ffmpeg_that_lacks_something_is_told(tmp_path: Path, kind: str, lacking: str) -> None:
    """The ffmpeg that comes with the ffprobe has neither."""
    program = bundled("ffmpeg")
    if program is None:
        pytest.skip("the `ffmpeg` extra is not installed")
    source = SOURCES[kind].make(tmp_path)
    profile = duration_profile(minimum=1, maximum=2)
    done = fix(source, output=tmp_path / "out.mp4", profile=profile, ffmpeg=program)
    assert done.error == (
        f"{program} lacks {lacking}. Install one that has it with: "
        "pip install 'motion-preflight[fix]'"
    )


@pytest.mark.parametrize(
    "complaint",
    [
        "Decoder (codec av1) not found for input stream #0:0",
        "[vist#0:0/av1 @ 0x5] Decoding requested, but no decoder found for: av1",
        "[AVFilterGraph @ 0x5] No such filter: 'av1'",
        "Unknown encoder 'av1'",
    ],
)
def test_each_version_names_what_it_lacks(tmp_path: Path, complaint: str) -> None:
    failing = script(tmp_path, f'echo "{complaint}" >&2; exit 8')
    with pytest.raises(CannotFix, match=r"ffmpeg-script lacks av1\. Install one"):
        encode([failing], Decimal(1), 30)


def test_nothing_is_overwritten(clip: Path) -> None:
    taken = clip.with_name("clip-for-image.mp4")
    taken.write_text("mine")
    other = clip.with_name("other.mp4")
    other.symlink_to("nowhere")
    assert fix(clip).output == clip.with_name("clip-for-image-2.mp4")
    for output in (taken, other, clip):
        error = fix(clip, output=output).error
        assert error == f"{output} exists already, and nothing is overwritten: name another file"
    assert taken.read_text() == "mine"
    assert names(clip.parent) == [
        "clip-for-image-2.mp4", "clip-for-image.mp4", "clip.mp4", "other.mp4",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["new.mov", "new.mkv", "new.txt", "new.gif"])
def test_a_name_of_another_kind_is_refused_before_anything_is_made(clip: Path, name: str) -> None:
    """The script in the place of ffmpeg would tell that it was run."""
    told = clip.with_name("told")
    program = script(clip.parent, f"touch '{told}'; exit 1")
    output = clip.with_name(name)
    for dry_run in (True, False):
        error = fix(clip, output=output, dry_run=dry_run, ffmpeg=program).error
        assert error == (
            f"{output} ends in {output.suffix}, and what is made is an MP4: name a file that ends "
            "in .mp4"
        )
    assert names(clip.parent) == ["clip.mp4", "ffmpeg-script"]


@pytest.mark.parametrize("name", ["new", "NEW.MP4"])
def test_the_command_that_is_shown_makes_the_same_file(clip: Path, name: str) -> None:
    done = fix(clip, output=clip.with_name(name))
    assert (done.error, done.argv is None) == (None, False)
    shown = clip.parent / "shown"
    shown.mkdir()
    words = ["-nostdin", "-v", "error", *(done.argv or ())[1:-1]]
    subprocess.run([find_ffmpeg(), *words, shown / name], check=True)
    assert (shown / name).read_bytes() == clip.with_name(name).read_bytes()


def test_two_at_once_get_a_file_each(clip: Path, tmp_path: Path) -> None:
    """Two that make the same are content with one."""
    words: tuple[list[str], ...] = ([], [], ["--mute"])
    processes = [started("fix", clip, *more, folder=tmp_path, environment={}) for more in words]
    for process in processes:
        with process:
            process.communicate(timeout=60)
        assert process.returncode == 0
    assert names(clip.parent) == ["clip-for-image-2.mp4", "clip-for-image.mp4", "clip.mp4"]
    sizes = {path.stat().st_size for path in clip.parent.glob("*for-image*")}
    assert len(sizes) == 2


def test_a_result_that_grows_without_end_is_given_up(
    clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bound is lowered, so that a usual result exceeds it."""
    for module in ("encode", "clip"):
        monkeypatch.setattr(f"motion_preflight.repair.{module}.MOST_BYTES", 5_000)
    assert fix(clip).error == "the new clip would have more than 5,000 bytes"
    assert names(clip.parent) == ["clip.mp4"]


@pytest.mark.parametrize("name", ["a\x03\nb.mp4", "\x1b[31mred.mp4", "\u202eabc.mp4"])
def test_a_command_that_a_terminal_would_act_on_is_not_shown(clip: Path, name: str) -> None:
    own = clip.rename(clip.with_name(name))
    text = fix_text(fix(own, dry_run=True), Style(), command=True)
    assert "not shown, because of signs in the file's name: rename it" in text
    assert all(line.isprintable() for line in text.splitlines())
    assert "ffmpeg" not in text
