"""Files get their names when they are whole, and never in place of anything."""

from __future__ import annotations

import errno
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from paths import ROOT
from processes import closed_folder, unprivileged
from warm import warm

from motion_preflight.repair.placing import name_beside, place, temporary_beside, write_problem

CONTENT = b"whole"
AT_WORK = """
import sys, time
from pathlib import Path
from motion_preflight.repair.placing import temporary_beside
with temporary_beside(Path(sys.argv[1])) as temporary:
    temporary.write_bytes(b"half")
    print("written", flush=True)
    time.sleep(60)
"""
MANY = """
import sys
from pathlib import Path
from motion_preflight.repair.placing import place, temporary_beside
folder = Path(sys.argv[1])
for number in range(20):
    with temporary_beside(folder) as temporary:
        temporary.write_text(f"{sys.argv[2]} {number}")
        place(temporary, folder / "clip.mp4")
"""


@pytest.fixture(params=["nameless", "named"])
def _names(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files without a name, where there are some, and hidden ones as on other systems."""
    if request.param == "named":
        monkeypatch.delattr(os, "O_TMPFILE", raising=False)


@pytest.fixture
def _no_links(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system without hard links, as on memory cards."""

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)


def put(wanted: Path, content: bytes = CONTENT, *, numbered: bool = True) -> Path:
    with temporary_beside(wanted.parent) as temporary:
        temporary.write_bytes(content)
        return place(temporary, wanted, numbered=numbered)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.usefixtures("_names")
def test_a_file_gets_its_name_and_nothing_else_is_left(tmp_path: Path) -> None:
    assert put(tmp_path / "clip.mp4") == tmp_path / "clip.mp4"
    assert (tmp_path / "clip.mp4").read_bytes() == CONTENT
    assert names(tmp_path) == ["clip.mp4"]


@pytest.mark.usefixtures("_names", "_no_links")
def test_a_file_gets_its_name_where_there_are_no_hard_links(tmp_path: Path) -> None:
    (tmp_path / "clip.mp4").write_bytes(b"old")
    assert put(tmp_path / "clip.mp4") == tmp_path / "clip-2.mp4"
    assert (tmp_path / "clip-2.mp4").read_bytes() == CONTENT
    assert (tmp_path / "clip.mp4").read_bytes() == b"old"
    assert names(tmp_path) == ["clip-2.mp4", "clip.mp4"]


@pytest.mark.usefixtures("_names")
def test_a_file_has_the_rights_that_new_files_have(tmp_path: Path) -> None:
    (tmp_path / "usual").touch()
    rights = stat.S_IMODE((tmp_path / "usual").stat().st_mode)
    assert stat.S_IMODE(put(tmp_path / "clip.mp4").stat().st_mode) == rights


@pytest.mark.usefixtures("_names")
def test_nothing_is_left_of_a_file_that_was_not_placed(tmp_path: Path) -> None:
    def interrupted() -> None:
        with temporary_beside(tmp_path) as temporary:
            temporary.write_bytes(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert names(tmp_path) == []


@pytest.mark.usefixtures("_names")
@pytest.mark.parametrize("kind", ["file", "folder", "broken link"])
def test_nothing_that_is_there_is_replaced(tmp_path: Path, kind: str) -> None:
    taken = tmp_path / "clip.mp4"
    if kind == "file":
        taken.write_bytes(b"old")
    elif kind == "folder":
        taken.mkdir()
    else:
        taken.symlink_to("nowhere")
    (tmp_path / "clip-2.mp4").write_bytes(b"older")
    assert put(taken) == tmp_path / "clip-3.mp4"
    assert not (tmp_path / "nowhere").exists()
    assert (tmp_path / "clip-2.mp4").read_bytes() == b"older"
    with pytest.raises(FileExistsError):
        put(taken, numbered=False)
    assert names(tmp_path) == ["clip-2.mp4", "clip-3.mp4", "clip.mp4"]


def test_another_program_reads_and_writes_the_file(tmp_path: Path) -> None:
    with temporary_beside(tmp_path) as temporary:
        subprocess.run(["sh", "-c", 'printf whole > "$1"', "sh", temporary], check=True)
        assert subprocess.check_output(["cat", temporary]) == CONTENT
        placed = place(temporary, tmp_path / "clip.mp4")
    assert placed.read_bytes() == CONTENT


def script(code: str, *arguments: str | Path) -> subprocess.Popen[str]:
    """A process of its own that runs a script."""
    return warm().start(*arguments, cwd=ROOT, env=os.environ, beginning={"code": code})


def test_processes_that_want_the_same_name_get_different_ones(tmp_path: Path) -> None:
    running = [script(MANY, tmp_path, str(number)) for number in range(3)]
    assert [process.communicate(timeout=60) for process in running] == [("", "")] * 3
    assert [process.returncode for process in running] == [0, 0, 0]
    texts = {path.read_text() for path in tmp_path.iterdir()}
    assert texts == {f"{process} {number}" for process in range(3) for number in range(20)}


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has files without a name")
def test_nothing_is_left_by_a_process_that_is_killed(tmp_path: Path) -> None:
    with script(AT_WORK, tmp_path) as process:
        assert process.stdout
        assert process.stdout.readline() == "written\n"
        process.send_signal(signal.SIGKILL)
    assert names(tmp_path) == []


def test_what_a_killed_process_left_is_removed_after_a_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "O_TMPFILE", raising=False)
    for name, age in ((".motion-preflight-1.part", 90_000), (".motion-preflight-2.part", 80_000)):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (time.time() - age,) * 2)
    put(tmp_path / "clip.mp4")
    assert names(tmp_path) == [".motion-preflight-2.part", "clip.mp4"]


@pytest.mark.usefixtures("_names")
def test_a_folder_that_may_not_be_written_to_is_named() -> None:
    with closed_folder() as folder:
        with unprivileged(), pytest.raises(PermissionError) as caught:
            put(folder / "clip.mp4")
        words = f"nothing may be written into {folder}: name another place for the result"
        assert write_problem(caught.value, folder) == words


@pytest.mark.usefixtures("_names")
def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        put(tmp_path / "no" / "clip.mp4")
    assert write_problem(caught.value, tmp_path / "no").startswith("there is no folder")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is full")
def test_a_full_disk_is_called_so(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No space left") as caught:
        Path("/dev/full").write_bytes(CONTENT)
    assert write_problem(caught.value, tmp_path).startswith("there is no room left in")


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("clip.mov", "clip-for-image.mp4"),
        ("my clip.v2.mov", "my clip.v2-for-image.mp4"),
        ("clip", "clip-for-image.mp4"),
        (".mov", ".mov-for-image.mp4"),
        ("-rf.mov", "-rf-for-image.mp4"),
        ("two\nlines.mov", "two\nlines-for-image.mp4"),
    ],
)
def test_a_result_is_named_after_its_source(source: str, name: str) -> None:
    assert name_beside(Path("folder") / source, "for-image", ".mp4") == Path("folder") / name


@pytest.mark.parametrize("letter", ["x", "é", "漢"])
def test_a_long_name_is_cut_so_that_a_number_still_fits(tmp_path: Path, letter: str) -> None:
    source = tmp_path / (letter * (250 // len(letter.encode())) + ".mov")
    wanted = name_beside(source, "for-image", ".mp4")
    assert put(wanted, b"one").name == wanted.name
    assert put(wanted, b"other").name == f"{wanted.stem}-2.mp4"
    assert put(wanted, b"one").name == wanted.name  # it is there already
