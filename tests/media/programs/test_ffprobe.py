"""ffprobe on a file: what it is given, what bounds it, and what its failures mean."""

import itertools
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pytest
from paths import MEDIA

from motion_preflight.media.errors import FfprobeFailed, FfprobeMissing
from motion_preflight.media.programs import limited_process as child
from motion_preflight.media.programs.ffprobe import CannotOpen, bundled, find_ffprobe, run_ffprobe
from motion_preflight.testing import mp4_surgery as surgery

probe = import_module(
    "motion_preflight.media.programs.ffprobe"
)  # the package has a function of that name
CLIP = MEDIA / "clip-3s.mp4"

pytestmark = pytest.mark.skipif(
    os.name != "posix", reason="stands-in for ffprobe are shell scripts"
)

Script = Callable[[str], str]
linux = pytest.mark.skipif(
    sys.platform != "linux", reason="this system lets nobody bound another process"
)


ANSWER = """echo '{"streams": [], "format": {"format_name": "'whole'"}}'"""  # as of an ffprobe


@pytest.fixture
def script(tmp_path: Path) -> Script:
    """A program in place of ffprobe."""

    def make(body: str) -> str:
        path = tmp_path / "stand in"
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(0o755)
        return str(path)

    return make


# --- what it says -------------------------------------------------------------------------------


def test_what_ffprobe_says_of_a_clip(ffprobe: str) -> None:
    answer = run_ffprobe(CLIP, ffprobe=ffprobe)
    assert answer["format"]["format_name"] == "mov,mp4,m4a,3gp,3g2,mj2"
    assert answer["format"]["duration"] == "3.000000"
    assert [stream["codec_name"] for stream in answer["streams"]] == ["h264", "aac"]
    assert answer["program_version"]["version"]


@pytest.mark.parametrize(
    "output",
    [
        {}, {"streams": []}, {"format": {"format_name": "mov"}}, {"streams": None, "format": None},
        {"streams": [1], "format": {"format_name": "mov"}},
        {"streams": [], "format": {"format_name": 1}},
        {"streams": [], "format": {"format_name": "mov"}, "program_version": "8"},
        {"streams": [{"disposition": 0}], "format": {"format_name": "mov"}},
        {"streams": [{"codec_name": ["h264"]}], "format": {"format_name": "mov"}},
        {"streams": [{"side_data_list": {}}], "format": {"format_name": "mov"}},
        {"streams": [{"side_data_list": [90]}], "format": {"format_name": "mov"}},
    ],
)  # fmt: skip
def test_what_ffprobe_never_says_is_no_answer(output: object, script: Script) -> None:
    with pytest.raises(FfprobeFailed, match="none of ffprobe's"):
        run_ffprobe(CLIP, ffprobe=script(f"echo '{json.dumps(output)}'"))


@pytest.mark.parametrize("name", ["image.png", "image.jpg", "image.webp", "image.gif", "image.bmp"])
def test_a_picture_is_not_opened(name: str, ffprobe: str) -> None:
    with pytest.raises(CannotOpen):
        run_ffprobe(MEDIA / name, ffprobe=ffprobe)


# --- what it is given ---------------------------------------------------------------------------


def test_the_arguments(script: Script, tmp_path: Path) -> None:
    shown = script(f'printf "%s\\n" "$@" > "{tmp_path}/arguments"; {ANSWER}')
    run_ffprobe(CLIP, ffprobe=shown)
    values = (tmp_path / "arguments").read_text().splitlines()
    assert values[-2:] == ["-i", str(CLIP)]
    assert not {"-show_format", "-show_streams"} & set(values)  # these would show tags too
    assert values.count("-of") == values.count("-show_entries") == 1
    assert len(values) == len(set(values))
    assert Path(values[-1]).is_absolute()
    options = dict(itertools.pairwise(values))
    assert not {"stream_tags", "format_tags"} & set(re.split("[=:]", options["-show_entries"]))
    assert "=" in options["-show_entries"]
    assert options["-protocol_whitelist"] == "file"
    assert (options["-v"], options["-of"]) == ("error", "json")
    demuxers = options["-format_whitelist"].split(",")
    assert not {"hls", "dash", "concat", "sdp", "srt", "image2", "jpeg_pipe"} & set(demuxers)


def _tagged_mp4(size: int) -> bytes:
    """A clip whose moov, behind the media, says so much about itself."""
    data = (MEDIA / "moov-last-8s.mp4").read_bytes()
    start, end = surgery.find(data, "moov")[0]

    def box(kind: bytes, *content: bytes) -> bytes:
        body = b"".join(content)
        return struct.pack(">I4s", len(body) + 8, kind) + body

    answer = box(b"data", struct.pack(">II", 1, 0), b"SECRET" * (size // 6))
    handler = box(b"hdlr", bytes(8), b"mdirappl", bytes(9))
    tags = box(b"udta", box(b"meta", bytes(4), handler, box(b"ilst", box(b"\xa9cmt", answer))))
    moov = surgery.put_number(data[start:end], 0, end - start + len(tags))
    return data[:start] + moov + tags + data[end:]


def _tagged_mkv(size: int) -> bytes:
    """A file with so much said about it, behind its clusters."""
    data = (MEDIA / "piped.mkv").read_bytes()  # its segment goes on to the end

    def element(name: str, *content: bytes) -> bytes:
        body = b"".join(content)
        return bytes.fromhex(name) + (len(body) | 1 << 56).to_bytes(8, "big") + body

    tag = element("67c8", element("45a3", b"COMMENT"), element("4487", b"SECRET" * (size // 6)))
    tags = element("1254c367", element("7373", element("63c0"), tag))
    at = data.index(bytes.fromhex("1f43b675"))  # the first cluster
    return data[:at] + tags + data[at:]


@pytest.mark.parametrize("make", [_tagged_mp4, _tagged_mkv], ids=["mp4", "mkv"])
def test_huge_tags_are_not_asked_for(
    tmp_path: Path, ffprobe: str, make: Callable[[int], bytes]
) -> None:
    path = tmp_path / "clip"
    path.write_bytes(make(5 << 20))
    answer = json.dumps(run_ffprobe(path, ffprobe=ffprobe))
    assert len(answer) < 1000
    assert "SECRET" not in answer
    assert '"codec_name": "h264"' in answer
    path.write_bytes(make(600))  # … though ffprobe knows them
    shown = [ffprobe, "-v", "error", "-show_format", str(path)]
    assert b"SECRET" in subprocess.run(shown, capture_output=True, check=True).stdout


@pytest.mark.parametrize("name", ["clip-8s.mp4", "rotated-8s.mp4", "with-cover.mp4", "clip-8s.mkv"])
def test_what_is_asked_for_is_what_is_used(name: str, ffprobe: str) -> None:
    """Every entry that facts are made of, and not one of another name."""
    answer = run_ffprobe(MEDIA / name, ffprobe=ffprobe)
    assert answer.keys() - {"programs", "stream_groups"} == {"program_version", "format", "streams"}
    assert answer["format"].keys() == {"format_name", "duration"}
    for stream in answer["streams"]:
        assert stream.keys() <= {
            "index", "id", "codec_type", "codec_name", "codec_tag_string", "width", "height",
            "avg_frame_rate", "time_base", "start_time", "duration", "nb_frames", "sample_rate",
            "channels", "disposition", "side_data_list", "pix_fmt", "sample_aspect_ratio",
            "field_order", "color_transfer", "color_primaries", "r_frame_rate",
        }  # fmt: skip
        assert {"codec_type", "codec_name", "avg_frame_rate", "start_time"} <= stream.keys()
        assert stream["disposition"].keys() == {"default", "attached_pic", "timed_thumbnails"}
    covers = [stream["disposition"]["attached_pic"] for stream in answer["streams"]]
    assert sum(covers) == (name == "with-cover.mp4")
    sides = [side for stream in answer["streams"] for side in stream.get("side_data_list", [])]
    assert [side["rotation"] for side in sides] == [-90] * (name == "rotated-8s.mp4")
    assert all(side.keys() == {"rotation", "displaymatrix"} for side in sides)


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
@pytest.mark.parametrize("name", ["concat.mp4", "list.mp4", "dash.mp4", "session.mp4", "clip.mp4"])
def test_nothing_but_the_file_is_opened(tmp_path: Path, name: str, ffprobe: str) -> None:
    """Scripts that name other files, under the name of a clip."""
    bait = shutil.copy(MEDIA / "clip-8s.mp4", tmp_path / "bait.mp4")
    content = {
        "concat.mp4": f"ffconcat version 1.0\nfile '{bait}'\n".encode(),
        "list.mp4": f"#EXTM3U\n#EXTINF:8,\n{bait}\n#EXT-X-ENDLIST\n".encode(),
        "dash.mp4": f'<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011">'
        f"<Period><AdaptationSet><Representation><BaseURL>{bait}</BaseURL>".encode(),
        "session.mp4": b"v=0\no=- 0 0 IN IP4 127.0.0.1\nm=video 9 RTP/AVP 96\n",
        "clip.mp4": (MEDIA / "external-dref.mov").read_bytes(),
    }[name]
    (tmp_path / name).write_bytes(content)
    (tmp_path / "elsewhere.mov").write_bytes(CLIP.read_bytes())
    tracing = tmp_path / "tracing"
    tracing.write_text(
        "#!/bin/sh\n"
        f'exec strace -f -qq -e trace=open,openat,connect,socket -o "{tmp_path}/trace" '
        f'"{ffprobe}" "$@"\n'
    )
    tracing.chmod(0o755)
    try:
        run_ffprobe(tmp_path / name, ffprobe=str(tracing))
    except FfprobeFailed:
        assert name != "clip.mp4"
    trace = (tmp_path / "trace").read_text()
    if "ptrace" in trace or str(tmp_path / name) not in trace:
        pytest.skip("nothing can be traced here")
    opened = [line for line in trace.splitlines() if str(tmp_path) in line]
    assert opened
    assert all(str(tmp_path / name) in line for line in opened)
    assert "elsewhere" not in trace
    assert "AF_INET" not in trace


@pytest.mark.parametrize(
    "name", ["-i.mp4", "a b.mp4", "%03d.mp4", "a\nb.mp4", "é.mp4", "x:y.mp4", "$(x).mp4", "'\".mp4"]
)
def test_a_file_of_any_name(tmp_path: Path, name: str, ffprobe: str) -> None:
    shutil.copy(CLIP, tmp_path / name)
    assert len(run_ffprobe(tmp_path / name, ffprobe=ffprobe)["streams"]) == 2


# --- what bounds it -----------------------------------------------------------------------------


@linux
def test_the_kernel_bounds_time_and_memory(script: Script, tmp_path: Path) -> None:
    looked = f'sleep 0.3; for each in t v d c; do ulimit -$each; done > "{tmp_path}/limits"'
    run_ffprobe(CLIP, ffprobe=script(f"{looked}; {ANSWER}"))
    seconds, memory, kept, core = (tmp_path / "limits").read_text().split()
    assert int(seconds) <= 30
    assert int(memory) <= 1 << 20  # KiB
    assert int(kept) <= 1 << 18
    assert core == "0"


@linux
def test_what_a_script_begins_before_it_is_bounded_is_bounded_too(
    script: Script, tmp_path: Path
) -> None:
    """As of a wrapper that starts the program and waits for it."""
    inner = f"sleep 0.5; ulimit -d >{tmp_path}/limit; {ANSWER}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(child, "_bound", _late(child._bound, 0.1))
        run_ffprobe(CLIP, ffprobe=script(f"({inner})"))
    assert int((tmp_path / "limit").read_text()) <= 1 << 18


def _late(call: Callable[..., None], seconds: float) -> Callable[..., None]:
    def waiting(number: int, bounds: child.Bounds) -> None:
        time.sleep(seconds)
        call(number, bounds)

    return waiting


@linux
def test_one_that_took_too_much_before_it_was_bounded_is_ended(script: Script) -> None:
    greedy = "import mmap, time; x = mmap.mmap(-1, 1 << 29, mmap.MAP_PRIVATE); time.sleep(20)"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(child, "_bound", _late(child._bound, 1.0))
        began = time.monotonic()
        with pytest.raises(FfprobeFailed, match="more time or memory"):
            run_ffprobe(CLIP, ffprobe=script(f"exec {sys.executable} -c '{greedy}'"))
    assert time.monotonic() - began < 15


@linux
@pytest.mark.parametrize("before", ["", "echo '[mov] a complaint' >&2; "])
def test_a_program_that_loops_is_ended(
    script: Script, before: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child, "USUAL", child.Bounds(cpu=1))
    looping = script(f"{before}while :; do :; done")
    began = time.monotonic()
    with pytest.raises(FfprobeFailed) as caught:
        run_ffprobe(CLIP, ffprobe=looping)
    assert time.monotonic() - began < 20
    assert not isinstance(caught.value, CannotOpen)  # nothing is known of the file
    assert "more time or memory" in str(caught.value)


@linux
def test_a_program_that_takes_all_memory_is_refused_it(script: Script) -> None:
    hungry = script(f'exec {sys.executable} -c "x = bytearray(1 << 30)"')
    with pytest.raises(FfprobeFailed):
        run_ffprobe(CLIP, ffprobe=hungry)


def test_the_real_one_needs_less_memory_than_it_is_given(ffprobe: str) -> None:
    assert run_ffprobe(MEDIA / "wide-3852.mp4", ffprobe=ffprobe)["streams"][0]["width"] == 3852


@pytest.mark.parametrize(
    "body",
    ["exec sleep 60", "sleep 60; :", "trap '' TERM; sleep 60; sleep 60", "sleep 60 & sleep 60; :"],
    ids=["sleeps", "waits for a child", "does not listen", "has a tree of children"],
)  # fmt: skip
@pytest.mark.parametrize("before", ["", "echo '[mov] a complaint' >&2; "], ids=["mute", "says"])
def test_a_program_that_hangs_is_ended(
    script: Script, tmp_path: Path, before: str, body: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pipe that nobody writes to costs no processor time."""
    monkeypatch.setattr(child, "USUAL", child.Bounds(seconds=0.3))
    hanging = script(f'echo $$ > "{tmp_path}/pid"; {before}{body}')
    began = time.monotonic()
    with pytest.raises(FfprobeFailed, match=r"took more than") as caught:
        run_ffprobe(CLIP, ffprobe=hanging)
    assert time.monotonic() - began < 20
    assert not isinstance(caught.value, CannotOpen)
    with pytest.raises(ProcessLookupError):  # gone, and nobody's zombie
        os.kill(int((tmp_path / "pid").read_text()), 0)


@pytest.mark.parametrize("code", [124, 125, 128 + 9, 128 + 24, 255])
def test_an_end_by_others_is_no_refusal(script: Script, code: int) -> None:
    """Whatever was printed before: of a program that was ended nothing is known."""
    with pytest.raises(FfprobeFailed) as caught:
        run_ffprobe(CLIP, ffprobe=script(f"echo 'Invalid data found' >&2; exit {code}"))
    assert not isinstance(caught.value, CannotOpen)


@pytest.mark.parametrize("code", [1, 2, 69, 123])
def test_an_exit_of_its_own_is_a_refusal(script: Script, code: int) -> None:
    with pytest.raises(CannotOpen, match="Invalid data found"):
        run_ffprobe(CLIP, ffprobe=script(f"echo 'Invalid data found' >&2; exit {code}"))


# --- what its failures mean ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("kill -SEGV $$", "crashed"),
        ("kill -KILL $$", "crashed"),
        ("exit 1", "cannot open a codec"),
        ("echo '{'; exit 1", "cannot open a codec"),
        ("echo '{\"format\": {}}'; exit 1", "cannot open a codec"),
        ("exit 2", "crashed"),
        ("echo '{'", "not JSON"),
        ("echo nonsense", "not JSON"),
        ("true", "not JSON"),
        ("printf '\\377\\376{}'", "not JSON"),
        ("echo '[]'", "not an object"),
        ("echo null", "not an object"),
        ("echo '12'", "not an object"),
        ("echo 'Option whatever not found.' >&2; exit 1", "does not work as expected"),
        ("echo 'x: error while loading shared libraries' >&2; exit 127", "does not work"),
        ("echo 'Cannot allocate memory' >&2; exit 1", "more memory"),
    ],
)
def test_a_failure_of_ffprobe_is_not_one_of_the_file(script: Script, body: str, words: str) -> None:
    with pytest.raises(FfprobeFailed) as caught:
        run_ffprobe(CLIP, ffprobe=script(body))
    assert not isinstance(caught.value, CannotOpen)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('echo "$0: Invalid data found" >&2; exit 1', "Invalid data found"),
        ("echo 'Format not on whitelist' >&2; exit 1", "none of the containers"),
        ("printf 'one\\ntwo\\n\\n' >&2; exit 1", "two"),
        ("printf '\\033[31mred\\n' >&2; exit 1", "�[31mred"),
    ],
)
def test_a_file_that_ffprobe_refuses(script: Script, body: str, words: str) -> None:
    with pytest.raises(CannotOpen) as caught:
        run_ffprobe(CLIP, ffprobe=script(body))
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["garbage.mp4", "text-named.png", "concat-script.mp4"])
def test_a_file_that_is_no_media(name: str, ffprobe: str) -> None:
    with pytest.raises(CannotOpen) as caught:
        run_ffprobe(MEDIA / name, ffprobe=ffprobe)
    assert str(MEDIA) not in str(caught.value)


def test_a_name_does_not_turn_a_refusal_into_a_failure(tmp_path: Path, ffprobe: str) -> None:
    """The words that failures are known by may stand in a name."""
    path = tmp_path / "Option Cannot allocate memory error while loading.mp4"
    shutil.copy(MEDIA / "garbage.mp4", path)
    with pytest.raises(CannotOpen):
        run_ffprobe(path, ffprobe=ffprobe)


@pytest.mark.parametrize("name", ["none", "folder", "not-executable", "no-program"])
def test_a_program_that_cannot_be_run(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "not-executable").write_text("#!/bin/sh\n")
    (tmp_path / "no-program").write_text("\x7fELF no")
    (tmp_path / "no-program").chmod(0o755)
    with pytest.raises((FfprobeMissing, FfprobeFailed)) as caught:
        run_ffprobe(CLIP, ffprobe=str(tmp_path / name))
    assert not isinstance(caught.value, CannotOpen)


# --- which one is used --------------------------------------------------------------------------


def test_the_one_of_the_settings_is_used(script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    path = script("true")
    assert find_ffprobe(path) == path
    folder, name = os.path.split(path)
    monkeypatch.setenv("PATH", folder)
    assert find_ffprobe(name) == path
    monkeypatch.setenv("HOME", folder)
    assert find_ffprobe(f"~/{name}") == path
    monkeypatch.chdir(folder)
    assert find_ffprobe(f"./{name}") == path


def test_a_setting_that_names_nothing_is_an_error_and_nothing_else_is_tried(tmp_path: Path) -> None:
    with pytest.raises(FfprobeMissing, match="named in the settings"):
        find_ffprobe(str(tmp_path / "none"))


def test_without_any_the_command_that_brings_one_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probe, "bundled", lambda _: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(FfprobeMissing, match=r"pip install 'motion-preflight\[ffmpeg\]'"):
        find_ffprobe()


def test_the_bundled_one_comes_first() -> None:
    path = bundled("ffprobe")
    if path is None:
        pytest.skip("the `ffmpeg` extra is not installed")
    assert find_ffprobe() == path
    done = subprocess.run([path, "-version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("ffprobe version")
    assert bundled("no-such-program") is None
