"""A clip → its facts: what it declares is held against its own samples, in every kind of file."""

from __future__ import annotations

import shutil
import struct
import subprocess
import zlib
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from encoded import encoded
from paths import MEDIA
from processes import ffprobe_script

from motion_preflight.media.containers.first_sample import NO_KEYFRAME
from motion_preflight.media.facts import Measured, MediaFacts, Unmeasured
from motion_preflight.media.measure import measure
from motion_preflight.media.programs.ffmpeg import find_ffmpeg
from motion_preflight.media.programs.ffprobe import find_ffprobe
from motion_preflight.network.client import Web
from motion_preflight.network.errors import Reason
from motion_preflight.testing import mp4_surgery as surgery

if TYPE_CHECKING:
    from collections.abc import Callable

    from motion_preflight.testing.host import Host

MOOV_LAST = (MEDIA / "moov-last-8s.mp4").read_bytes()  # 80 frames; its moov may grow
FRAGMENTED = (MEDIA / "fragmented.mp4").read_bytes()
STBL = "moov/trak/mdia/minf/stbl"
RATE_1 = 1 << 16
SECONDS_30 = [(79, 1024), (1, 22 * 10_240 + 1024)]  # the last frame is held for 22 s


def box(kind: bytes, *content: bytes) -> bytes:
    body = b"".join(content)
    return struct.pack(">I4s", len(body) + 8, kind) + body


def numbers(*values: int) -> bytes:
    return struct.pack(f">{len(values)}I", *(value & 0xFFFFFFFF for value in values))


def replaced(data: bytes, path: str, new: bytes) -> bytes:
    """Another box in place of one; those around it grow with it."""
    *around, (start, end) = surgery.find(data, path)
    for at, _ in around:
        size = int.from_bytes(data[at : at + 4], "big")
        data = surgery.put_number(data, at, size + len(new) - (end - start))
    return data[:start] + new + data[end:]


def added(data: bytes, path: str, new: bytes) -> bytes:
    """A box more at the end of another one."""
    start, end = surgery.find(data, path)[-1]
    return replaced(data, path, box(data[start + 4 : start + 8], data[start + 8 : end], new))


def with_moov(data: bytes, new: bytes) -> bytes:
    start, end = surgery.find(data, "moov")[0]
    return data[:start] + new + data[end:]


MVEX = box(b"mvex", box(b"trex", numbers(0, 1, 1, 0, 0, 0)))
UNEDITED = replaced(MOOV_LAST, "moov/trak/edts", box(b"free"))


def stts(*runs: tuple[int, int]) -> bytes:
    return box(b"stts", numbers(0, len(runs), *(value for run in runs for value in run)))


def elst(*edits: tuple[int, int, int]) -> bytes:
    return box(
        b"edts", box(b"elst", numbers(0, len(edits), *(value for edit in edits for value in edit)))
    )


def edited(*edits: tuple[int, int, int]) -> bytes:
    return replaced(MOOV_LAST, "moov/trak/edts", elst(*edits))


def duration_of(path: str, number: int, data: bytes = MOOV_LAST, shift: int = 0) -> bytes:
    at = surgery.find(data, path)[-1][0] + surgery.DURATION + shift
    return surgery.put_number(data, at, number)


def look(tmp_path: Path, data: bytes, name: str = "clip.mp4", **options: Any) -> Measured:
    path = tmp_path / name
    path.write_bytes(data)
    return read(path, **options)


def read(location: Path | str, *, ffprobe: str, scan: bool = False) -> Measured:
    with Web(timeout=5, allow_private=True) as web:
        return measure(
            str(location), "video", cap=100 << 20, ffprobe=ffprobe, web=lambda: web, scan=scan
        )


def facts(tmp_path: Path, data: bytes, name: str = "clip.mp4", **options: Any) -> MediaFacts:
    result = look(tmp_path, data, name, **options)
    assert isinstance(result, MediaFacts), result
    return result


def ffmpeg(tmp_path: Path, *words: str, to: str) -> bytes:
    """What ffmpeg makes of its words, for what only an encoder can make."""
    target = tmp_path / to
    if str(tmp_path) in " ".join(words):
        subprocess.run(
            [find_ffmpeg(), "-v", "error", "-y", *words, str(target)],
            check=True,
            stdin=subprocess.DEVNULL,
        )
    else:
        shutil.copy(encoded(tmp_path, *words, name=to), target)
    return target.read_bytes()


# --- declared is not measured -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "samples", "stored"),
    [
        (MOOV_LAST, "8", None),
        (replaced(UNEDITED, f"{STBL}/stts", stts(*SECONDS_30)), "30", None),
        (replaced(UNEDITED, f"{STBL}/stts", stts((80, 358))), "2.796875", None),
        (added(UNEDITED, STBL, box(b"ctts", numbers(0, 2, 79, 0, 1, 20 * 10_240))), "28", None),
        (edited((3000, 0, RATE_1), (3000, 0, RATE_1), (3000, 0, RATE_1)), "9", "8"),
        (edited((5000, 0, RATE_1)), "5", "8"),
        (edited((4000, 4 * 10_240, RATE_1)), "4", "8"),
        (edited((1500, -1, RATE_1), (8000, 0, RATE_1)), "8", None),
        (edited((2000, 0, RATE_1), (3000, -1, RATE_1), (6000, 20_480, RATE_1)), "11", "8"),
        (edited((2000, 0, RATE_1), (7000, 20_480, 0)), "9", "8"),
        (added(MOOV_LAST, "moov", MVEX), "8", None),
        (box(b"uuid", bytes(16)) + MOOV_LAST, None, None),  # every offset is wrong then
        (FRAGMENTED, "9.964063", None),
    ],
    ids=["plain", "a long last sample", "short samples", "a late presentation", "repeated edits",
         "cut at the tail", "cut at the start", "late", "a hole", "a held picture",
         "an mvex without fragments", "an odd first box", "fragments"],
)  # fmt: skip
def test_samples_and_stored_are_measured(
    tmp_path: Path, data: bytes, samples: str | None, stored: str | None, ffprobe: str
) -> None:
    result = facts(tmp_path, data, ffprobe=ffprobe)
    if samples is not None:
        assert result.durations.samples == Decimal(samples)
    assert result.durations.stored == (None if stored is None else Decimal(stored))
    assert result.contradiction is None
    assert result.video is not None
    assert result.video.tracks == 1
    assert result.video.encrypted is False


@pytest.mark.parametrize(
    ("edits", "longest"),
    [
        (((8000, 0, RATE_1),), "0.1"),
        (((8000, 0, 0),), "8"),  # one picture is held
        (((100, 0, RATE_1),) * 80, "8"),  # the first one eighty times
        (((4000, 0, RATE_1), (4000, 0, RATE_1)), "0.1"),
    ],
    ids=["plain", "a held picture", "the same picture", "twice the half"],
)
def test_edits_in_which_nothing_moves_are_seen(
    tmp_path: Path, edits: tuple[tuple[int, int, int], ...], longest: str, ffprobe: str
) -> None:
    stream = facts(tmp_path, edited(*edits), ffprobe=ffprobe).video
    assert stream is not None
    assert stream.longest_frame == Decimal(longest)


def test_a_sidx_that_says_less_is_not_believed(tmp_path: Path, ffprobe: str) -> None:
    data = (MEDIA / "fragmented-sidx.mp4").read_bytes()
    start, _ = surgery.find(data, "sidx")[0]
    first = start + 32  # size, kind, version, id, timescale, earliest time, offset, count
    length = int.from_bytes(data[first + 4 : first + 8], "big")
    result = facts(tmp_path, surgery.put_number(data, first + 4, length // 4), ffprobe=ffprobe)
    assert result.durations.samples == Decimal("8.064063")


@pytest.mark.parametrize(
    ("data", "contradiction"),
    [
        (
            replaced(MOOV_LAST, f"{STBL}/stts", stts((80, 0))),
            "its 80 frames last no time at all by its sample tables",
        ),
        (
            duration_of("moov/trak/mdia/mdhd", 0, shift=-4),
            "its video track has no timescale, so that nothing says how long it lasts",
        ),
        (edited((4000, 99 * 10_240, RATE_1)), "its edit list shows nothing of what is stored"),
        (edited((0, 0, RATE_1)), "its edit list shows nothing of what is stored"),
        (
            replaced(MOOV_LAST, f"{STBL}/stts", stts((80, 1 << 30))),
            "its sample tables add up to more than a day",
        ),
        (MOOV_LAST + MOOV_LAST, "it has a second moov box, as clips joined end to end have"),
        (
            MOOV_LAST + box(b"moof", box(b"mfhd", numbers(0, 1))),
            "it has fragments that its moov does not announce",
        ),
        (edited((8000, 0, -RATE_1)), "its edit list plays it backwards"),
        (
            added(FRAGMENTED, "moov/mvex", box(b"trex", numbers(0, 1, 1, 0, 0, 0))),
            "it has two trex boxes for one track",
        ),
        (
            edited(*[(1, 0, RATE_1)] * 10_001),
            "its boxes cannot be followed: its edit lists have more than 1,000 entries",
        ),
        (
            MOOV_LAST + box(b"free") * 100_001,
            "its boxes cannot be followed: more than 100,000 boxes",
        ),
    ],
    ids=["no steps", "no timescale", "edits beside it", "an edit of no length", "ages",
         "two clips", "fragments", "backwards", "two defaults", "edits", "boxes"],
)  # fmt: skip
def test_what_cannot_be_measured_is_a_contradiction_and_never_silently_believed(
    tmp_path: Path, data: bytes, contradiction: str, ffprobe: str
) -> None:
    assert facts(tmp_path, data, ffprobe=ffprobe).contradiction == contradiction


def test_a_second_video_track_that_lies_is_a_contradiction(tmp_path: Path, ffprobe: str) -> None:
    data = (MEDIA / "two-video-tracks.mp4").read_bytes()
    honest = facts(tmp_path, data, ffprobe=ffprobe)
    assert honest.contradiction is None
    assert honest.video is not None
    assert (honest.video.tracks, honest.video.width) == (2, 480)  # the largest is judged
    at = data.index(b"mdhd")  # of the first track
    lying = surgery.put_number(data, at + 20, 30 * 10_240)
    assert facts(tmp_path, lying, ffprobe=ffprobe).contradiction == (
        "another video track declares 30.000 s and its samples last 8.000 s"
    )


@pytest.mark.parametrize("unnamed", [b"\0\1\2\3", b"\xff\xfe\xfd\xfc"])
def test_a_box_whose_kind_is_no_text_is_passed_over(
    tmp_path: Path, unnamed: bytes, ffprobe: str
) -> None:
    result = facts(tmp_path, MOOV_LAST + box(unnamed, bytes(20)), ffprobe=ffprobe)
    assert result.contradiction is None
    assert result.durations.samples == 8
    start, _ = surgery.find(MOOV_LAST, "moov")[0]
    before = MOOV_LAST[:start] + box(unnamed, bytes(20)) + MOOV_LAST[start:]
    assert facts(tmp_path, before, ffprobe=ffprobe).durations.samples == 8


def test_four_billion_samples_take_no_time(tmp_path: Path, ffprobe: str) -> None:
    count = (1 << 32) - 1
    stsz = box(b"stsz", numbers(0, 1, count))
    stsc = box(b"stsc", numbers(0, 1, 1, count, 1))
    data = replaced(replaced(UNEDITED, f"{STBL}/stsz", stsz), f"{STBL}/stsc", stsc)
    result = look(tmp_path, replaced(data, f"{STBL}/stts", stts((count, 0))), ffprobe=ffprobe)
    assert isinstance(result, Unmeasured) or result.contradiction is not None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda moov: zlib.compress(moov)[:-20], "its compressed moov is cut short"),
        (lambda moov: zlib.compress(moov + bytes(40 << 20)), "larger than any is"),
    ],
    ids=["cut", "a bomb"],
)
def test_a_compressed_moov_that_cannot_be_unpacked_is_asked_of_no_ffprobe(
    tmp_path: Path, change: Callable[[bytes], bytes], words: str, ffprobe: str
) -> None:
    start, end = surgery.find(MOOV_LAST, "moov")[0]
    cmvd = box(b"cmvd", numbers(end - start), change(MOOV_LAST[start:end]))
    moov = box(b"moov", box(b"free"), box(b"cmov", box(b"dcom", b"zlib"), cmvd))
    result = look(tmp_path, with_moov(MOOV_LAST, moov), ffprobe=ffprobe)
    assert isinstance(result, Unmeasured)
    assert result.reason is Reason.UNSUPPORTED
    assert words in result.error


def test_a_compressed_moov_behind_many_media_bytes_is_read(tmp_path: Path, ffprobe: str) -> None:
    """What lies before it is not copied for ffprobe, but every box has its header there."""
    start, end = surgery.find(MOOV_LAST, "moov")[0]
    cmvd = box(b"cmvd", numbers(end - start), zlib.compress(MOOV_LAST[start:end]))
    moov = box(b"moov", box(b"cmov", box(b"dcom", b"zlib"), cmvd))
    data = MOOV_LAST[:start] + box(b"skip", bytes(300_000)) + box(b"wide") + moov
    result = facts(tmp_path, data, "clip.mov", ffprobe=ffprobe)
    assert result.durations.samples == 8
    assert result.contradiction is None


@pytest.mark.parametrize("good", [True, False])
def test_a_compressed_moov_is_read_by_every_ffprobe(
    tmp_path: Path, ffprobe: str, host: Host, *, good: bool
) -> None:
    start, end = surgery.find(MOOV_LAST, "moov")[0]
    moov = MOOV_LAST[start:end]
    packed = zlib.compress(moov) if good else b"no zlib at all"
    cmvd = box(b"cmvd", numbers(len(moov)), packed)
    data = with_moov(MOOV_LAST, box(b"moov", box(b"cmov", box(b"dcom", b"zlib"), cmvd)))
    for location in (tmp_path / "clip.mp4", host.serve("clip.mp4", data)):
        (tmp_path / "clip.mp4").write_bytes(data)
        result = read(location, ffprobe=ffprobe, scan=True)
        if good:
            assert isinstance(result, MediaFacts)
            assert result.durations.samples == 8
            assert result.decoded is not None
            assert result.decoded.frames == 80
            assert result.contradiction is None
        else:
            assert not isinstance(result, MediaFacts) or result.contradiction is not None
    assert not list(tmp_path.glob("motion-preflight-*"))


@pytest.mark.parametrize(
    "name", ["clip-8s.mp4", "rotated-8s.mp4", "audio-longer.mp4", "edit-list.mp4"]
)
def test_an_ffprobe_that_cannot_open_the_sound_is_given_the_video_alone(
    tmp_path: Path, name: str
) -> None:
    """5.1 ends so, without a word, over xHE-AAC."""
    script = (
        'for each; do [ "$last" = -i ] && file=$each; last=$each; done\n'
        'case "$file" in *motion-preflight-*) real "$@";; *) exit 1;; esac'
    )
    picky = ffprobe_script(tmp_path, script)
    result, real = (read(MEDIA / name, ffprobe=item) for item in (picky, find_ffprobe()))
    assert isinstance(result, MediaFacts)
    assert isinstance(real, MediaFacts)
    assert result.video == real.video
    assert result.durations == real.durations
    assert result.audio is not None


def test_an_ffprobe_that_fails_without_a_word_on_a_silent_clip_measures_nothing(
    tmp_path: Path,
) -> None:
    result = read(MEDIA / "silent-8s.mp4", ffprobe=ffprobe_script(tmp_path, "exit 1"))
    assert isinstance(result, Unmeasured)
    assert result.error == "this ffprobe cannot open a codec of the file, and says no more"


# --- other containers ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["clip-8s.mkv", "clip-8s.webm", "clip-8s.avi", "live.webm"])
def test_the_packets_of_other_containers_are_counted(name: str, ffprobe: str) -> None:
    result = read(MEDIA / name, ffprobe=ffprobe)
    assert isinstance(result, MediaFacts)
    assert result.durations.samples == 8
    assert result.video is not None
    assert result.video.frames == 80
    assert result.contradiction is None


@pytest.mark.parametrize(
    ("name", "encrypted"),
    [("clip-8s.mkv", False), ("clip-8s.webm", False), ("clip-8s.avi", None)],
)
def test_a_container_that_nobody_looked_into_is_not_said_to_be_clear(
    name: str, ffprobe: str, *, encrypted: bool | None
) -> None:
    result = read(MEDIA / name, ffprobe=ffprobe)
    assert isinstance(result, MediaFacts)
    assert result.video is not None
    assert result.video.encrypted is encrypted


def test_a_matroska_that_cannot_be_followed_is_not_said_to_be_clear(
    tmp_path: Path, ffprobe: str
) -> None:
    void = b"\xec\x80"
    data = (MEDIA / "clip-8s.mkv").read_bytes()
    result = facts(tmp_path, data + void * 100_001, "clip.mkv", ffprobe=ffprobe)
    assert result.video is not None
    assert result.video.encrypted is None
    assert result.undecodable is not None
    assert "whether it is encrypted" in result.undecodable


def test_a_matroska_duration_that_says_less_is_not_believed(tmp_path: Path, ffprobe: str) -> None:
    data = (MEDIA / "clip-8s.mkv").read_bytes()
    at = data.index(bytes.fromhex("448988")) + 3  # Duration, a float of 8 bytes
    result = facts(
        tmp_path,
        data[:at] + struct.pack(">d", 3500.0) + data[at + 8 :],
        "clip.mkv",
        ffprobe=ffprobe,
    )
    assert result.durations.container == Decimal("3.5")
    assert result.durations.samples == 8


@pytest.mark.parametrize("name", ["clip.ts", "clip.mp4"])
def test_transport_streams_joined_end_to_end_have_the_sum_of_their_lengths(
    tmp_path: Path, name: str, ffprobe: str
) -> None:
    once = ffmpeg(tmp_path, "-i", str(MEDIA / "clip-8s.mp4"), "-c", "copy", "-an", to="once.ts")
    result = facts(tmp_path, once, name, ffprobe=ffprobe)
    assert result.durations.samples == 8
    assert result.clock_jump is None
    twice = facts(tmp_path, once + once, name, ffprobe=ffprobe)
    assert twice.durations.samples == 16
    assert twice.clock_jump is not None
    assert "its clock goes from 9." in twice.clock_jump


def test_a_transport_stream_in_many_pieces_that_overlap_is_not_shorter(
    tmp_path: Path, ffprobe: str
) -> None:
    pieces = [
        ffmpeg(
            tmp_path, *GENERATED, "-t", "0.5", "-c:v", "mpeg4", "-output_ts_offset",
            str(number * 0.13), to="piece.ts",
        )
        for number in range(16)
    ]  # fmt: skip
    clip = facts(tmp_path, b"".join(pieces), "clip.ts", ffprobe=ffprobe)
    assert clip.durations.samples == 8


GENERATED = ("-f", "lavfi", "-i", "testsrc=s=64x64:r=10")
H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")


@pytest.mark.parametrize("rate", [11, 24, 60, 70])
@pytest.mark.parametrize("name", ["clip.mkv", "clip.flv", "clip.ts"])
@pytest.mark.parametrize("sound", [(), ("-f", "lavfi", "-i", "sine=d=3", "-c:a", "aac")])
def test_exactly_three_seconds_are_three_on_every_clock(
    tmp_path: Path, rate: int, name: str, sound: tuple[str, ...], ffprobe: str
) -> None:
    source = ("-f", "lavfi", "-i", f"testsrc=s=64x64:r={rate}")
    frames = ("-frames:v", str(3 * rate))
    data = ffmpeg(tmp_path, *source, *sound[:4], *H264, *sound[4:], *frames, to=name)
    times = facts(tmp_path, data, name, ffprobe=ffprobe).durations
    assert times.samples == 3
    assert times.judged.low == 3


def test_frames_that_are_stored_long_before_they_are_shown_have_one_clock(
    tmp_path: Path, ffprobe: str
) -> None:
    words = ("-f", "lavfi", "-i", "testsrc=s=64x64:r=5", "-t", "9.6")
    data = ffmpeg(tmp_path, *words, "-c:v", "libx264", "-pix_fmt", "yuv420p", to="slow.mkv")
    clip = facts(tmp_path, data, "slow.mkv", ffprobe=ffprobe)
    assert clip.durations.samples == Decimal("9.6")
    assert clip.clock_jump is None


@pytest.mark.parametrize("name", ["clip.mkv", "clip.flv", "clip.avi"])
def test_a_gap_of_more_than_ten_seconds_is_time(tmp_path: Path, name: str, ffprobe: str) -> None:
    words = (
        "-f",
        "lavfi",
        "-i",
        "testsrc=s=64x64:r=10:d=8",
        "-vf",
        "setpts=PTS+gte(N\\,40)*20/TB",
        "-fps_mode",
        "vfr",
    )
    data = ffmpeg(tmp_path, *words, "-c:v", "mpeg4" if "avi" in name else "flv", to=name)
    assert facts(tmp_path, data, name, ffprobe=ffprobe).durations.samples == 28


def test_another_video_track_that_lasts_longer_than_the_file_says_is_a_contradiction(
    tmp_path: Path, ffprobe: str
) -> None:
    for seconds, number in ((8, 0), (30, 1), (5, 2)):
        ffmpeg(tmp_path, *GENERATED, "-t", str(seconds), "-c:v", "mpeg4", to=f"{number}.mkv")
    words = ["-i", str(tmp_path / "0.mkv"), "-i", str(tmp_path / "1.mkv"), "-map", "0", "-map", "1"]
    data = ffmpeg(tmp_path, *words, "-c", "copy", to="two.mkv")
    at = data.index(bytes.fromhex("448988")) + 3  # Duration, a float of 8 bytes
    lie = data[:at] + struct.pack(">d", 8000.0) + data[at + 8 :]
    clip = facts(tmp_path, lie, "clip.mkv", ffprobe=ffprobe)
    answer = "the packets of another video track last 30.000 s, the file says 8.000 s"
    assert clip.contradiction == answer
    assert facts(tmp_path, data, "clip.mkv", ffprobe=ffprobe).contradiction is None
    words[3] = str(tmp_path / "2.mkv")
    short = ffmpeg(tmp_path, *words, "-c", "copy", to="two.mkv")
    assert facts(tmp_path, short, "clip.mkv", ffprobe=ffprobe).contradiction is None


def test_two_flv_files_in_one_contradict_each_other(tmp_path: Path, ffprobe: str) -> None:
    once = ffmpeg(tmp_path, *GENERATED, "-t", "8", "-c:v", "flv", to="once.flv")
    clip = facts(tmp_path, once + once, "clip.flv", ffprobe=ffprobe)
    assert clip.contradiction == f"another FLV file begins in it, at byte {len(once):,}"
    assert facts(tmp_path, once, "clip.flv", ffprobe=ffprobe).contradiction is None


def test_an_avi_file_that_is_cut_is_seen(tmp_path: Path, ffprobe: str) -> None:
    data = (MEDIA / "clip-8s.avi").read_bytes()
    clip = facts(tmp_path, data[: len(data) // 2], "clip.avi", ffprobe=ffprobe)
    assert clip.truncation is not None
    assert "its RIFF chunk declares" in clip.truncation
    assert facts(tmp_path, data, "clip.avi", ffprobe=ffprobe).truncation is None


@pytest.mark.parametrize(
    ("name", "codec"),
    [("clip.mkv", H264), ("clip.flv", ("-c:v", "flv")), ("clip.avi", ("-c:v", "mpeg4"))],
)
def test_packets_of_zeros_are_seen(
    tmp_path: Path, name: str, codec: tuple[str, ...], ffprobe: str
) -> None:
    from motion_preflight.media.programs.packets import packets  # noqa: PLC0415

    data = bytearray(ffmpeg(tmp_path, *GENERATED, "-t", "8", *codec, to=name))
    clean = facts(tmp_path, bytes(data), name, ffprobe=ffprobe)
    assert clean.undecodable is None
    for packet in packets(tmp_path / name, ffprobe=ffprobe, stream=0).items[40:]:
        assert packet.position is not None
        assert packet.size is not None
        for start in range(packet.position, packet.position + 24):
            if f"{zlib.crc32(data[start : start + packet.size]):08x}" == packet.crc:
                data[start : start + packet.size] = bytes(packet.size)
                break
    clip = facts(tmp_path, bytes(data), name, ffprobe=ffprobe)
    assert clip.undecodable == ZEROS.format("a later frame of it")


@pytest.mark.parametrize("codec", ["mpeg1video", "mpeg2video"])
def test_a_program_stream_lasts_as_long_as_its_frames(
    tmp_path: Path, codec: str, ffprobe: str
) -> None:
    """Not every packet has a time in it, and the last ones are not stored as they are shown."""
    words = ("-r", "25", "-t", "3", "-c:v", codec, "-bf", "2")
    clip = facts(tmp_path, ffmpeg(tmp_path, *GENERATED, *words, to="clip.mpg"), ffprobe=ffprobe)
    assert clip.durations.samples == 3


def test_an_flv_file_that_is_cut_is_seen(tmp_path: Path, ffprobe: str) -> None:
    data = ffmpeg(tmp_path, *GENERATED, "-t", "8", "-c:v", "flv", to="clip.flv")
    assert facts(tmp_path, data, "clip.flv", ffprobe=ffprobe).truncation is None
    clip = facts(tmp_path, data[: len(data) // 2], "clip.flv", ffprobe=ffprobe)
    assert clip.truncation is not None


@pytest.mark.parametrize(
    ("name", "codec"),
    [("clip.mkv", H264), ("clip.flv", ("-c:v", "flv")), ("clip.avi", ("-c:v", "mpeg4"))],
)
def test_a_download_that_left_zeros_is_seen(
    tmp_path: Path, name: str, codec: tuple[str, ...], ffprobe: str
) -> None:
    """Demuxers step over them, to the end or to the next packet."""
    data = ffmpeg(tmp_path, *GENERATED, "-t", "8", *codec, to=name)
    start = len(data) * 6 // 10
    for end in (start + len(data) // 5, len(data)):
        spoiled = data[:start] + bytes(end - start) + data[end:]
        clip = facts(tmp_path, spoiled, name, ffprobe=ffprobe)
        assert clip.undecodable is not None or clip.truncation is not None


def test_a_scrambled_transport_stream_is_encrypted(tmp_path: Path, ffprobe: str) -> None:
    data = bytearray(ffmpeg(tmp_path, *GENERATED, "-t", "8", *H264, to="clip.ts"))
    clip = facts(tmp_path, bytes(data), "clip.ts", ffprobe=ffprobe)
    assert clip.video is not None
    assert clip.video.encrypted is False
    for at in range(0, len(data), 188):
        if data[at + 1] & 0x1F == 1 and data[at + 2] == 0:  # PID 0x100
            data[at + 3] |= 0x80
    locked = facts(tmp_path, bytes(data), "clip.ts", ffprobe=ffprobe)
    assert locked.video is not None
    assert locked.video.encrypted is True


def test_theora_has_the_frames_that_are_repeated(tmp_path: Path, ffprobe: str) -> None:
    words = ("-f", "lavfi", "-i", "color=red:s=64x64:r=10", "-t", "5")
    target = encoded(tmp_path, *words, "-c:v", "libtheora", "-g", "1000", name="still.ogv")
    clip = read(target, ffprobe=ffprobe)
    assert isinstance(clip, MediaFacts)
    assert clip.video is not None
    assert clip.video.frames is not None
    assert clip.video.frames > 1
    assert clip.durations.samples == Decimal(clip.video.frames) / 10


def test_a_new_codec_in_flv_is_measured_or_said_to_be_unreadable(
    tmp_path: Path, ffprobe: str
) -> None:
    words = ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8")
    data = ffmpeg(tmp_path, *GENERATED, "-t", "5", *words, to="clip.flv")
    clip = look(tmp_path, data, "clip.flv", ffprobe=ffprobe)
    if isinstance(clip, Unmeasured):
        assert clip.error == "this ffprobe cannot read VP9 in FLV"
    else:
        assert clip.durations.samples == 5


# --- nobody can decode it -----------------------------------------------------------------------


def entry_of(data: bytes, kind: bytes, *, more: bytes = b"") -> bytes:
    """The clip with another sample entry for its video."""
    start, end = surgery.find(data, f"{STBL}/stsd")[-1]
    stsd = data[start:end]
    size, content = int.from_bytes(stsd[16:20], "big"), stsd[24:]
    entry = numbers(size + len(more)) + kind + content + more
    return replaced(data, f"{STBL}/stsd", box(b"stsd", stsd[8:16], entry))


SINF = box(b"sinf", box(b"frma", b"avc1"), box(b"schm", numbers(0), b"cenc", numbers(0x10000)))


@pytest.mark.parametrize(
    "data",
    [entry_of(MOOV_LAST, b"encv", more=SINF), entry_of(MOOV_LAST, b"avc1", more=SINF)],
    ids=["encv", "sinf"],
)
def test_an_encrypted_video_is_seen(tmp_path: Path, data: bytes, ffprobe: str) -> None:
    result = facts(tmp_path, data, ffprobe=ffprobe)
    assert result.video is not None
    assert result.video.encrypted is True


def test_a_codec_that_nobody_knows_is_named(tmp_path: Path, ffprobe: str) -> None:
    result = facts(tmp_path, entry_of(MOOV_LAST, b"bvc2"), ffprobe=ffprobe)
    assert result.undecodable == "no reader here knows its codec (bvc2)"
    assert result.video is not None
    assert result.video.codec is None


ZEROS = "the bytes of {} are zeros, as a download leaves that stopped"


def zeroed(data: bytes, start: float, end: float, *, box: int = 0) -> bytes:
    """The clip with a part of the media bytes of one box as zeros."""
    spans = [span for kind, *span in surgery.boxes(data, 0, len(data)) if kind == "mdat"]
    at, stop = spans[box]
    first, last = (at + 8 + int((stop - at - 8) * part) for part in (start, end))
    return data[:first] + bytes(last - first) + data[last:]


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (MOOV_LAST, None),
        (zeroed(MOOV_LAST, 0, 1), ZEROS.format("its first frame")),
        (zeroed(MOOV_LAST, 0.4, 1), ZEROS.format("its frame after 37 % of it")),
        (FRAGMENTED, None),
        (zeroed(FRAGMENTED, 0, 1, box=-1), ZEROS.format("its frame after 75 % of it")),
    ],
    ids=["plain", "all", "from the middle on", "fragments", "the end of fragments"],
)
def test_media_bytes_that_are_zero_are_seen(
    tmp_path: Path, data: bytes, problem: str | None, ffprobe: str
) -> None:
    assert facts(tmp_path, data, ffprobe=ffprobe).undecodable == problem


@pytest.fixture(scope="module")
def silent(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A clip of one track in one chunk, whose moov is last."""
    clip = str(MEDIA / "silent-8s.mp4")
    return ffmpeg(tmp_path_factory.mktemp("silent"), "-i", clip, "-c", "copy", to="silent.mp4")


def beginning_late(data: bytes, *, by: int, samples: int) -> bytes:
    """The clip whose only chunk begins some bytes later, with so many samples less."""
    start, end = surgery.find(data, f"{STBL}/stsz")[-1]
    count = int.from_bytes(data[start + 16 : start + 20], "big") - samples
    sizes = data[start + 20 + 4 * samples : end]
    data = replaced(data, f"{STBL}/stsz", box(b"stsz", numbers(0, 0, count), sizes))
    at = surgery.find(data, f"{STBL}/stco")[-1][0] + 16
    return surgery.put_number(data, at, int.from_bytes(data[at : at + 4], "big") + by)


def test_a_first_frame_that_is_no_keyframe_is_seen(
    tmp_path: Path, silent: bytes, ffprobe: str
) -> None:
    """Every table is right but for the sample that is not there; none says that it is missing."""
    start, _ = surgery.find(silent, f"{STBL}/stsz")[-1]
    first = int.from_bytes(silent[start + 20 : start + 24], "big")
    data = beginning_late(silent, by=first, samples=1)
    assert facts(tmp_path, data, ffprobe=ffprobe).undecodable == NO_KEYFRAME


def test_tables_that_point_beside_the_samples_are_seen(
    tmp_path: Path, silent: bytes, ffprobe: str
) -> None:
    result = facts(tmp_path, beginning_late(silent, by=1, samples=0), ffprobe=ffprobe)
    assert result.undecodable == "what lies where its first frame should be is no frame of h264"


def test_a_table_outside_its_place_is_a_contradiction(tmp_path: Path, ffprobe: str) -> None:
    """One ffprobe believes it, another does not."""
    table = stts((80, 30 * 128))
    twice = "one of its tracks has more than one stts box"
    outside = "it has a stts box outside its stbl"
    tagged = added(MOOV_LAST, "moov/trak", box(b"udta", table))
    for data, words in (
        (added(MOOV_LAST, "moov", table), outside),
        (added(MOOV_LAST, STBL, table), twice),
        (tagged, outside),
        (added(MOOV_LAST, "moov", box(b"udta", box(b"trak"))), "it has a trak box inside its udta"),
    ):
        result = look(tmp_path, data, ffprobe=ffprobe)
        assert words == (result.error if isinstance(result, Unmeasured) else result.contradiction)


def test_frames_that_lie_in_another_file_do_not_play(ffprobe: str) -> None:
    result = read(MEDIA / "external-dref.mov", ffprobe=ffprobe)
    assert isinstance(result, MediaFacts)
    assert result.undecodable == "its frames are said to lie in another file, which nobody has"


def test_frames_of_another_codec_than_their_entry_says_do_not_play(
    tmp_path: Path, ffprobe: str
) -> None:
    result = look(tmp_path, entry_of(MOOV_LAST, b"av01"), ffprobe=ffprobe)
    assert isinstance(result, Unmeasured) or result.undecodable == (
        "what lies where its first frame should be is no frame of av1"
    )


def test_samples_decoded_over_more_time_than_they_are_shown_in_are_a_contradiction(
    tmp_path: Path, ffprobe: str
) -> None:
    offsets = [(-index * 3 * 1024) for index in range(80)]
    ctts = box(b"ctts", numbers(1 << 24, 80, *(item for offset in offsets for item in (1, offset))))
    data = replaced(UNEDITED, f"{STBL}/stts", stts((80, 4 * 1024)))
    result = facts(tmp_path, added(data, STBL, ctts), ffprobe=ffprobe)
    assert result.contradiction == "its samples are decoded over 32.000 s and shown within 8.300 s"


def test_a_frame_that_is_held_all_the_time_is_measured(tmp_path: Path, ffprobe: str) -> None:
    data = replaced(UNEDITED, f"{STBL}/stts", stts((79, 1), (1, 8 * 10_240 - 79)))
    stream = facts(tmp_path, data, ffprobe=ffprobe).video
    assert stream is not None
    assert stream.longest_frame == Decimal("7.992285")


# --- only a part --------------------------------------------------------------------------------


def parts(data: bytes) -> tuple[bytes, list[bytes]]:
    """A fragmented file's beginning, and its fragments with their media."""
    starts = [start for kind, start, _ in surgery.boxes(data, 0, len(data)) if kind == "moof"]
    return data[: starts[0]], [
        data[at:stop] for at, stop in zip(starts, [*starts[1:], len(data)], strict=True)
    ]


def test_a_part_of_a_fragmented_file_says_what_it_is(tmp_path: Path, ffprobe: str) -> None:
    head, fragments = parts(FRAGMENTED)
    for data, words in ((head, "only the beginning"), (fragments[1], "a lone fragment")):
        result = look(tmp_path, data, ffprobe=ffprobe)
        assert isinstance(result, Unmeasured)
        assert result.reason is Reason.INCOMPLETE
        assert words in result.error


def test_fragments_from_the_middle_last_as_long_as_they_do(tmp_path: Path, ffprobe: str) -> None:
    head, fragments = parts(FRAGMENTED)
    result = facts(tmp_path, head + b"".join(fragments[2:]), ffprobe=ffprobe)
    assert result.durations.samples == Decimal("3.9")
    assert result.video is not None
    assert result.video.start is not None
    assert result.video.start > 5


def test_fragments_that_overlap_again_and_again_are_added_up(tmp_path: Path, ffprobe: str) -> None:
    """Each begins a little before the one before it ends, which a single one may."""
    data, at = FRAGMENTED, 0
    for _ in range(4):
        at = data.index(b"tfdt", at + 4)
        clock = int.from_bytes(data[at + 8 : at + 16], "big")
        moved = max(clock - clock // 10, 0).to_bytes(8, "big")
        data = surgery.put(data, at + 8, moved) if clock else data
        at = data.index(b"moof", at) if b"moof" in data[at:] else at
    result = facts(tmp_path, data, ffprobe=ffprobe)
    assert result.durations.samples == Decimal("9.964063")


def test_fragments_whose_clock_starts_again_are_added_up(tmp_path: Path, ffprobe: str) -> None:
    result = facts(tmp_path, FRAGMENTED + b"".join(parts(FRAGMENTED)[1]), ffprobe=ffprobe)
    assert result.durations.samples == Decimal("19.928125")
    assert result.clock_jump is not None


@pytest.mark.parametrize("name", ["clip-8s.mp4", "fragmented.mp4", "moov-last-8s.mp4"])
def test_a_list_of_packets_that_ends_early_is_no_scan(tmp_path: Path, name: str) -> None:
    cut = 'case "$*" in *show_log*);; *packet=*) real "$@" | head -n 9; exit;; esac; real "$@"'
    result = read(MEDIA / name, ffprobe=ffprobe_script(tmp_path, cut), scan=True)
    assert isinstance(result, MediaFacts)
    assert result.video is not None
    assert result.unscanned == f"ffprobe lists 9 of the {result.video.frames:,} frames"
    assert (result.durations.scan, result.decoded) == (None, None)


# --- what the tables of samples and fragments say ------------------------------------------------

CENC = ("-encryption_scheme", "cenc-aes-ctr", "-encryption_key", "0" * 32,
        "-encryption_kid", "0" * 32)  # fmt: skip


@pytest.mark.parametrize("options", [(), ("-movflags", "frag_keyframe+empty_moov")])
def test_keys_beside_samples_that_are_said_to_be_clear_are_seen(
    tmp_path: Path, options: tuple[str, ...], ffprobe: str
) -> None:
    words = (*GENERATED, "-t", "5", *H264, *CENC, *options)
    data = ffmpeg(tmp_path, *words, to="locked.mp4")
    locked = facts(tmp_path, data, ffprobe=ffprobe)
    assert locked.video is not None
    assert locked.video.encrypted is True
    assert locked.undecodable is None
    unmarked = data.replace(b"encv", b"avc1").replace(b"sinf", b"free")
    clip = facts(tmp_path, unmarked, ffprobe=ffprobe)
    assert clip.undecodable == (
        "its frames have the data of an encryption beside them, which its tables do not name"
    )


def test_a_fragment_whose_samples_lie_beyond_the_end_is_cut(tmp_path: Path, ffprobe: str) -> None:
    at = FRAGMENTED.rindex(b"trun") + 4
    assert FRAGMENTED[at + 3] & 1  # it has the offset of its data
    lie = surgery.put_number(FRAGMENTED, at + 8, 1 << 24)
    truncation = facts(tmp_path, lie, ffprobe=ffprobe).truncation
    assert truncation is not None
    assert truncation.startswith("the samples of a fragment lie")


@pytest.mark.parametrize(("empty", "speaks"), [(0, False), (8, False), (9, True), (60, True)])
def test_samples_without_a_byte_show_nothing(
    tmp_path: Path, empty: int, ffprobe: str, *, speaks: bool
) -> None:
    """Demuxers pass over them: what they should show is not there."""
    start, _ = surgery.find(MOOV_LAST, f"{STBL}/stsz")[-1]
    first = start + 20  # size, kind, version, the size of all, their number
    data = surgery.put(MOOV_LAST, first + 4 * (80 - empty), bytes(4 * empty))
    clip = facts(tmp_path, data, ffprobe=ffprobe)
    assert clip.video is not None
    assert clip.video.frames == (None if empty else 80)
    answer = f"{empty} of its 80 samples are empty"
    assert clip.contradiction == (answer if speaks else None)
