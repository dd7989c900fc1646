"""ffprobe opens the file that it was given, and nothing else: whatever the file names, however it
is named itself.

The files name a clip beside them, a host that listens, and what is on every system. The calls of
ffprobe are watched by strace; where that is missing, the host still tells.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from paths import MEDIA

from hostile.media import PICTURE, gab2_avi, linked_mkv, traps
from motion_preflight import PreflightError, probe
from motion_preflight.media.errors import FfprobeFailed
from motion_preflight.media.programs.decode import decode
from motion_preflight.media.programs.ffprobe import find_ffprobe, run_ffprobe
from motion_preflight.media.programs.packets import packets
from motion_preflight.testing.host import Host

pytestmark = pytest.mark.skipif(os.name != "posix", reason="paths and links are those of POSIX")

CLIP = MEDIA / "clip-3s.mp4"
CALLS = "?open,?openat,?openat2,?creat,?connect,?bind,?socket,?sendto,?execve,?execveat"
# What a program of this system opens before its first line, and a library for itself.
LIBRARY = re.compile(r"(/usr)?/lib[^ ]*\.so(\.[0-9]+)*|/etc/ld\.so\.(cache|preload)")
START = {
    "/proc/filesystems", "/proc/self/status", "/proc/cpuinfo", "/proc/meminfo", "/proc/stat",
    "/proc/sys/crypto/fips_enabled", "/etc/gcrypt/hwf.deny", "/etc/gnutls/config",
    "/etc/ssl/openssl.cnf", "/usr/lib/ssl/openssl.cnf", "/usr/lib/locale/locale-archive",
    "/dev/urandom", "/sys/devices/system/cpu", "/sys/devices/system/cpu/possible",
    "/sys/devices/system/cpu/online", "/sys/devices/system/node",
}  # fmt: skip
NODE = re.compile(r"/sys/devices/system/node/node\d+/meminfo")


@cache
def strace() -> list[str] | None:
    """The beginning of a command that is watched; `None` where none can be."""
    program = shutil.which("strace")
    for options in [["--seccomp-bpf"], []] if program else []:
        command = [str(program), *options, "-f", "-qq", "-xx", "-s", "9999", "-e", f"trace={CALLS}"]
        done = subprocess.run([*command, "true"], capture_output=True, text=True, check=False)
        if done.returncode == 0 and "open" in done.stderr:
            return command
    return None


@dataclass
class Watched:
    """ffprobe, with its calls written down."""

    folder: Path
    ffprobe: str
    real: str

    def calls(self) -> list[tuple[str, str]]:
        """Every call with the path (or what else) that it was about, since the last look."""
        results = []
        for trace in sorted(self.folder.glob("trace.*")):
            for line in trace.read_text(errors="replace").splitlines():
                call = re.match(r"\d* *(\w+)\((.*)", line)
                if call:
                    paths = re.findall(r'"((?:\\x[0-9a-f]{2})*)"', call[2])
                    first = bytes.fromhex(paths[0].replace("\\x", "")) if paths else b""
                    results.append((call[1], os.fsdecode(first) or call[2]))
                    if "open" in call[1]:
                        assert "O_WRONLY" not in line
                        assert "O_RDWR" not in line
                        assert "O_CREAT" not in line
            trace.unlink()
        return results

    def opened(self) -> set[str]:
        """What was opened beside what every start of ffprobe opens; no socket was made."""
        if strace() is None:
            return set()
        calls = self.calls()
        assert {name for name, _ in calls} <= {"open", "openat", "execve"}, calls
        assert all(about == self.real for name, about in calls if name == "execve")
        paths = {about for name, about in calls if name != "execve"}
        return {
            path
            for path in paths
            if not (path in START or LIBRARY.fullmatch(path) or NODE.fullmatch(path))
        }


@pytest.fixture
def watched(ffprobe: str, tmp_path: Path) -> Watched:
    """Each ffprobe of this machine in turn."""
    return _watched(ffprobe, tmp_path)


@pytest.fixture
def one(tmp_path: Path) -> Watched:
    """The ffprobe that is used here: names and links are nothing that versions differ in."""
    return _watched(find_ffprobe(), tmp_path)


def _watched(ffprobe: str, tmp_path: Path) -> Watched:
    folder = tmp_path / "watch"
    folder.mkdir()
    program = folder / "ffprobe"
    command = strace()
    if command is None:
        return Watched(folder, ffprobe, ffprobe)
    before = " ".join(command)
    program.write_text(f'#!/bin/sh\nexec {before} -o "{folder}/trace.$$" "{ffprobe}" "$@"\n')
    program.chmod(0o755)
    return Watched(folder, str(program), ffprobe)


def only_if_watched() -> None:
    """At the end of a test, which is worth something all the same."""
    if strace() is None:
        pytest.skip("strace is not installed, or may not be used here: only the host has watched")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the files are: a bait among them."""
    built = tmp_path / "media"
    built.mkdir()
    shutil.copy(CLIP, built / "bait.mp4")
    return built


def opens_itself_alone(path: Path, watched: Watched) -> bool:
    """Whether anything was measured; nothing but the file was opened. What a look at the first
    bytes rules out is given to ffprobe, too.
    """
    ffprobe, measured = watched.ffprobe, False
    ways: list[Callable[[], object]] = [
        lambda: probe(path, ffprobe=ffprobe),
        lambda: probe(path, kind="image", ffprobe=ffprobe),
        lambda: run_ffprobe(path, ffprobe=ffprobe),
    ]
    for way in ways:
        with suppress(PreflightError):
            way()
            measured = True
        assert watched.opened() <= {str(path)}
    if measured:
        with suppress(PreflightError):  # a picture
            packets(path, ffprobe=ffprobe, stream=0)
            decode(path, ffprobe=ffprobe, stream=0)
        assert watched.opened() <= {str(path)}
    return measured


# --- the traps, and what is at stake ---------------------------------------------------------

# What ffprobe knows by its ending is called otherwise, too.
NAMED = {
    "m3u8": {"m3u8", "mp4"}, "ffconcat": {"ffconcat", "mp4"}, "mpd": {"mpd", "mp4"},
    "sdp": {"sdp", "mp4"}, "svg": {"svg", "png"}, "png": {"png", "mp4"}, "xml": {"mp4"},
    "asf": {"mp4"}, "avs": {"avs", "png"}, "lavfi": {"mp4"},
}  # fmt: skip
TRAPS = sorted(traps(Path("/bait.mp4"), "http://127.0.0.1/"))


@pytest.mark.parametrize("name", TRAPS)
def test_a_file_that_names_others_opens_none_of_them(
    name: str, watched: Watched, folder: Path, host: Host
) -> None:
    url = host.serve("canary.mp4", CLIP)
    content = traps(folder / "bait.mp4", url)[name]
    stem, _, ending = name.rpartition(".")
    names = {f"{stem}.{item}" for item in NAMED.get(ending, {ending})}
    for item in sorted(names):
        (folder / item).write_bytes(content)
        measured = opens_itself_alone(folder / item, watched)
        assert measured or ending not in {"mov", "mkv", "avi", "mp4"}
    assert host.log == []
    assert host.connections == 0
    assert {path.name for path in folder.iterdir()} == names | {"bait.mp4"}
    only_if_watched()


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("list.m3u8", ["-allowed_extensions", "ALL", "-extension_picky", "0"]),
        ("net.m3u8", ["-allowed_extensions", "ALL", "-extension_picky", "0"]),
        ("list.ffconcat", ["-safe", "0"]),
        ("net.ffconcat", ["-safe", "0"]),
    ],
)
def test_these_traps_work_where_nobody_is_careful(
    name: str, options: list[str], watched: Watched, folder: Path, host: Host
) -> None:
    """Or the tests above would say nothing."""
    if strace() is None:
        pytest.skip("strace is not installed, or may not be used here")
    url = host.serve("canary.mp4", CLIP)
    path = folder / name
    path.write_bytes(traps(folder / "bait.mp4", url)[name])
    careless = ["-protocol_whitelist", "file,http,tcp,crypto,data"]
    for values in (options, options[:2]):  # older ones do not know them all
        subprocess.run(
            [watched.ffprobe, "-v", "error", *careless, *values, str(path)],
            capture_output=True, check=False, timeout=30,
        )  # fmt: skip
    calls = watched.calls()
    if "net" in name:
        assert "socket" in {call for call, _ in calls}
        assert host.connections
    else:
        assert str(folder / "bait.mp4") in {about for _, about in calls}


def test_subtitles_inside_of_a_video_are_not_looked_into(tmp_path: Path, ffprobe: str) -> None:
    """A format within the format: ffprobe would open it."""
    path = tmp_path / "clip.avi"
    path.write_bytes(gab2_avi(b"1\n00:00:00,000 --> 00:00:08,000\nhello\n\n" * 2))
    command = [ffprobe, "-v", "error", "-show_entries", "stream=codec_name", str(path)]
    assert b"subrip" in subprocess.run(command, capture_output=True, check=True).stdout
    assert "subrip" not in str(run_ffprobe(path, ffprobe=ffprobe))


def test_a_linked_file_is_a_good_one(tmp_path: Path, ffprobe: str) -> None:
    path = tmp_path / "clip.mkv"
    path.write_bytes(linked_mkv("bait.mp4"))
    (tmp_path / "bait.mp4").write_bytes(CLIP.read_bytes())
    facts = probe(path, ffprobe=ffprobe)
    assert facts.video
    assert facts.durations == probe(MEDIA / "piped.mkv", ffprobe=ffprobe).durations


# --- names -----------------------------------------------------------------------------------

NAMES = (
    "-i", "-.mp4", "--help", "-f lavfi", "a b.mp4", "a\nb.mp4", "a\rb", "\n", "a\\b.mp4",
    "a`id`.mp4", "$(id).mp4", "a'b\"c.mp4", "a;b|c&d.mp4", "%03d.mp4", "frame%03d.mp4", "%s%n",
    "*.mp4", "[a].mp4", "{a,b}.mp4", "a?b=c#d.mp4", "http:bait.mp4", "concat:bait.mp4|bait.mp4",
    "subfile,,start,0,end,9,,:bait.mp4", "pipe:0", "fd:0", "cache:bait.mp4", "async:bait.mp4",
    "crypto:bait.mp4", "concatf:list", "tee:a|b", "md5:x", "unix:x", "srtp:x", "file,mp4:x",
    "data", "x:", ":x", "é日本😀.mp4", "\u202egnp.4pm", "\x1b[2J.mp4", "con", "a.mp4.", "..mp4",
    "~", "~root",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_a_clip_of_any_name_is_opened_as_itself(name: str, one: Watched, folder: Path) -> None:
    path = folder / name
    shutil.copy(CLIP, path)
    assert probe(path, ffprobe=one.ffprobe).video
    assert one.opened() == ({str(path)} if strace() else set())
    only_if_watched()


@pytest.mark.parametrize("name", ["frame%03d.png", "%d.png", "frame*.png", "frame?.png", "-%d.png"])
def test_a_picture_is_opened_by_its_whole_name_and_not_by_ffprobe(
    name: str, one: Watched, folder: Path
) -> None:
    for number in range(3):
        (folder / f"frame{number:03}.png").write_bytes(PICTURE)
        (folder / f"{number}.png").write_bytes(PICTURE)
    with pytest.raises(PreflightError):
        probe(folder / name, ffprobe=one.ffprobe)
    assert one.calls() == []
    (folder / name).write_bytes(PICTURE)
    assert probe(folder / name, ffprobe=one.ffprobe).video
    assert one.calls() == []


@pytest.mark.parametrize(
    "location",
    [
        "concat:bait.mp4|bait.mp4", "concat:bait.mp4", "subfile,,start,0,end,9999,,:bait.mp4",
        "file:bait.mp4", "cache:bait.mp4", "async:bait.mp4", "crypto:bait.mp4", "pipe:0", "pipe:",
        "fd:0", "data:video/mp4;base64,AAAA", "concatf:list.txt", "http:bait.mp4",
        "https:bait.mp4", "rtmp:bait.mp4", "unix:socket", "tcp:127.0.0.1:1", "udp://127.0.0.1:9",
        "rtp://127.0.0.1:9", "file:///etc/passwd", "ftp://127.0.0.1/x", "gopher://127.0.0.1/x",
        "subfile,,start,0,end,9,,:/etc/passwd", "bait.mp4\0.png", "\0", "", " ", "-", "--", "-i",
        "bait.mp4|bait.mp4", "movie=bait.mp4", "lavfi:movie=bait.mp4", "video4linux2:/dev/video0",
        "x11grab::0", "%03d.png", "bait.mp4/x", "./nowhere/../bait.mp4x", "//bait.mp4",
        "\\bait.mp4",
    ],
    ids=ascii,
)  # fmt: skip
def test_what_is_no_path_opens_nothing(
    location: str, one: Watched, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The way other programs spell protocols is a name here, of a file that is not there."""
    monkeypatch.chdir(folder)
    (folder / "list.txt").write_text("file 'bait.mp4'\n")
    with pytest.raises(PreflightError) as caught:
        probe(location, ffprobe=one.ffprobe)
    assert not isinstance(caught.value, FfprobeFailed)
    assert str(caught.value).isprintable()
    assert one.calls() == []
    only_if_watched()


# --- what is no regular file -----------------------------------------------------------------


def test_a_link_to_a_clip_is_opened_under_its_name(one: Watched, folder: Path) -> None:
    link = folder / "link.mov"
    link.symlink_to("bait.mp4")
    assert probe(link, ffprobe=one.ffprobe).video
    assert one.opened() == ({str(link)} if strace() else set())
    only_if_watched()


@pytest.mark.parametrize(
    "to",
    [
        "/dev/zero", "/dev/random", "/dev/full", "/dev/tty", "/dev/stdin", "/dev/null",
        "/proc/self/fd/0", "fifo", "socket", "folder", "nowhere", "itself.mp4", "/etc/passwd",
        "/proc/self/environ", "/proc/self/cmdline", "/proc/version",
    ],
)  # fmt: skip
@pytest.mark.parametrize("linked", [True, False])
def test_what_is_no_media_file_is_not_given_to_ffprobe(
    to: str, one: Watched, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, linked: bool
) -> None:
    """A pipe that nobody writes to and a device without end are not waited for."""
    folder = tmp_path / "f"
    (folder / "folder").mkdir(parents=True)
    monkeypatch.chdir(folder)
    os.mkfifo("fifo")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket")
        path = Path("itself.mp4" if linked else to)
        if linked:
            path.symlink_to(to)
        with pytest.raises(PreflightError) as caught:
            probe(path, ffprobe=one.ffprobe)
    assert str(caught.value).isprintable()
    assert one.calls() == []
    only_if_watched()


@pytest.mark.parametrize(
    "path",
    ["/proc/self/mem", "/proc/self/environ", "/proc/self/pagemap", "/proc/self/attr/current",
     "/sys/class/net/lo/speed", "/proc/self/task", "/proc/1/mem", "/dev/mem", "/proc/self/fd/99"],
)  # fmt: skip
def test_a_file_of_the_kernel_is_an_outcome(path: str, one: Watched) -> None:
    """Some of them are regular files that cannot be read."""
    with pytest.raises(PreflightError):
        probe(path, ffprobe=one.ffprobe)
    assert one.opened() <= {path}
    only_if_watched()
