"""The list of a stream's packets: times, sizes and flags, of media and of an ffprobe that lies."""

import os
import subprocess
import zlib
from decimal import Decimal
from pathlib import Path

import pytest
from paths import MEDIA

from motion_preflight.media.errors import FfprobeFailed
from motion_preflight.media.programs.ffmpeg import find_ffmpeg
from motion_preflight.media.programs.ffprobe import CannotOpen
from motion_preflight.media.programs.packets import Packet, packets

stand_ins = pytest.mark.skipif(os.name != "posix", reason="stands-in for ffprobe are shell scripts")


def ffmpeg(*arguments: str | Path) -> None:
    subprocess.run([find_ffmpeg(), "-v", "error", "-y", *map(str, arguments)], check=True)


def stand_in(folder: Path, *lines: str) -> str:
    """A program in place of ffprobe that prints these lines."""
    path = folder / "ffprobe"
    path.write_text("#!/bin/sh\ncat <<'EOF'\n" + "\n".join(lines) + "\nEOF\n")
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize(
    ("name", "number", "pts"), [("clip-8s.mp4", 240, "0 0.1"), ("clip-8s.mkv", 80, "0 0.1")]
)
def test_every_packet_of_a_clip_is_listed_in_the_order_of_the_file(
    name: str, number: int, pts: str, ffprobe: str
) -> None:
    items, complete = packets(MEDIA / name, ffprobe=ffprobe, stream=0)
    assert (len(items), complete) == (number, True)
    assert items[0].keyframe
    assert not any(packet.hidden for packet in items)
    assert [packet.pts for packet in items[:2]] == [Decimal(time) for time in pts.split()]
    assert len({packet.duration for packet in items}) == 1
    assert all(packet.size and packet.dts is not None for packet in items)


def test_the_stream_is_chosen_by_its_index(ffprobe: str) -> None:
    video = packets(MEDIA / "clip-8s.mp4", ffprobe=ffprobe, stream=0)
    sound = packets(MEDIA / "clip-8s.mp4", ffprobe=ffprobe, stream=1)
    assert (len(video.items), len(sound.items)) == (240, 126)
    assert packets(MEDIA / "clip-8s.mp4", ffprobe=ffprobe, stream=7).items == []


def test_the_packets_of_every_video_are_listed_together(ffprobe: str) -> None:
    items, _ = packets(MEDIA / "two-video-tracks.mp4", ffprobe=ffprobe, stream=None)
    assert {packet.stream for packet in items} == {0, 2}


def test_a_packet_has_its_place_and_the_hash_of_its_bytes(ffprobe: str) -> None:
    data = (MEDIA / "clip-8s.avi").read_bytes()
    for packet in packets(MEDIA / "clip-8s.avi", ffprobe=ffprobe, stream=0).items:
        assert packet.size is not None
        assert packet.position is not None
        starts = range(packet.position, packet.position + 9)  # the chunk's own header before it
        hashes = {f"{zlib.crc32(data[start : start + packet.size]):08x}" for start in starts}
        assert packet.crc in hashes


@pytest.mark.parametrize(("most", "complete"), [(79, False), (80, True), (81, True)])
def test_it_is_known_that_there_are_more_than_were_asked_for(
    ffprobe: str, most: int, *, complete: bool
) -> None:
    listing = packets(MEDIA / "clip-8s.mkv", ffprobe=ffprobe, stream=0, most=most)
    assert listing.complete is complete
    assert len(listing.items) == min(most, 80)


def test_side_data_of_a_packet_is_not_taken_for_its_flags(tmp_path: Path, ffprobe: str) -> None:
    """Each packet of a transport stream has some, in words that hold a D."""
    ffmpeg("-i", MEDIA / "clip-8s.mp4", "-c", "copy", tmp_path / "clip.ts")
    items, _ = packets(tmp_path / "clip.ts", ffprobe=ffprobe, stream=0)
    assert len(items) == 240
    assert not any(packet.hidden for packet in items)
    assert [packet.keyframe for packet in items].index(True) == 0


def test_packets_that_an_edit_list_hides_are_marked(tmp_path: Path, ffprobe: str) -> None:
    ffmpeg("-ss", "2.5", "-i", MEDIA / "clip-8s.mp4", "-c", "copy", tmp_path / "cut.mp4")
    items, _ = packets(tmp_path / "cut.mp4", ffprobe=ffprobe, stream=0)
    before = [packet for packet in items if packet.pts is not None and packet.pts < 0]
    assert len(before) == 75
    assert [packet for packet in items if packet.hidden] == before


def test_a_time_that_the_file_does_not_name_is_none(tmp_path: Path, ffprobe: str) -> None:
    ffmpeg("-i", MEDIA / "clip-8s.mp4", "-c:v", "copy", "-f", "h264", tmp_path / "raw.h264")
    items, _ = packets(tmp_path / "raw.h264", ffprobe=ffprobe, stream=0)
    assert len(items) == 240
    assert {(packet.pts, packet.dts) for packet in items} == {(None, None)}


def test_no_media_is_refused(ffprobe: str) -> None:
    with pytest.raises(CannotOpen):
        packets(MEDIA / "garbage.mp4", ffprobe=ffprobe, stream=0)


@stand_ins
@pytest.mark.parametrize("number", ["N/A", "nan", "-inf", "1e999999", "1e-999999", "", "one"])
def test_a_number_that_means_nothing_is_none(tmp_path: Path, number: str) -> None:
    ffprobe = stand_in(tmp_path, f"packet,0,{number},{number},{number},{number},{number},K__")
    listing = packets(tmp_path, ffprobe=ffprobe, stream=0)
    assert listing.items == [Packet(None, None, None, None, "K__")]


@stand_ins
def test_what_is_no_packet_is_passed_over(tmp_path: Path) -> None:
    ffprobe = stand_in(
        tmp_path, "", "stream,0", "packet,2,1.5,1.0,0.5,7,99,K_,CRC32:0badf00d,side_data,"
    )
    listing = packets(tmp_path, ffprobe=ffprobe, stream=0)
    assert listing.items == [
        Packet(Decimal("1.5"), Decimal("1.0"), Decimal("0.5"), 7, "K_", 2, 99, "0badf00d")
    ]


@stand_ins
def test_a_list_of_another_shape_is_a_failure(tmp_path: Path) -> None:
    with pytest.raises(FfprobeFailed, match="not the one that was asked for"):
        packets(tmp_path, ffprobe=stand_in(tmp_path, "packet,1.5"), stream=0)
