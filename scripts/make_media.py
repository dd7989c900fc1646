#!/usr/bin/env python3
"""Make every clip and picture of fixtures/media from nothing, the same bytes each time.

The bytes are the same as long as ffmpeg is the same build; another build gives other bytes
with the same lengths, sizes and boxes. The files in the repository come from ffmpeg 5.1.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from motion_preflight.testing import mp4_surgery as surgery

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Maker = Callable[[], bytes]

DEFAULT_INTO = Path(__file__).resolve().parent.parent / "fixtures" / "media"


class Recipe(NamedTuple):
    """One file: the reason it exists, and what makes it."""

    why: str
    make: Maker


# --- ffmpeg ------------------------------------------------------------------------------

PIPE = "pipe:1"

# Otherwise the encoder's name, the time and random identifiers end up in the files, and the
# number of processors decides how the work is cut up.
SAME_BYTES = (
    *("-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact"),
    *("-map_metadata", "-1", "-threads", "1"),
)
# Without B-frames a clip's length is its frame count over its frame rate and nothing else.
# Message 6 is x264's 600-byte signature, which would be half of the smallest clips.
X264 = (
    *("-c:v", "libx264", "-preset", "veryslow", "-crf", "45", "-pix_fmt", "yuv420p"),
    *("-bf", "0", "-g", "600", "-bsf:v", "filter_units=remove_types=6"),
)
H264_AAC = (*X264, "-c:a", "aac", "-b:a", "16k")
# AAC's priming would push the picture back by 64 ms in a container without edit lists.
H264_FLAC = (*X264, "-c:a", "flac")
VP8_OPUS = (
    *("-c:v", "libvpx", "-b:v", "8k", "-pix_fmt", "yuv420p", "-g", "600"),
    *("-c:a", "libopus", "-b:a", "8k", "-frame_duration", "60"),
)
MPEG4 = ("-c:v", "mpeg4", "-q:v", "20", "-g", "300")
FASTSTART = ("-movflags", "+faststart")


def ffmpeg(*args: str, to: str, given: Mapping[str, bytes] | None = None) -> bytes:
    """Run ffmpeg in a folder of its own that holds the given files; return what it wrote."""
    program = shutil.which("ffmpeg")
    if program is None:
        sys.exit("make_media: ffmpeg is not on PATH")
    with tempfile.TemporaryDirectory() as folder:
        for name, content in (given or {}).items():
            Path(folder, name).write_bytes(content)
        command = [program, "-nostdin", "-v", "error", *args, *SAME_BYTES, to]
        done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
        if done.returncode:
            sys.exit(f"make_media: {' '.join(command)}\n{done.stderr.decode(errors='replace')}")
        return done.stdout if to == PIPE else Path(folder, to).read_bytes()


@dataclass(frozen=True)
class Clip:
    """A square that hops over a flat ground, and a tick each second: motion for few bytes."""

    seconds: float = 8
    rate: str = "10"
    size: str = "360x360"
    sound: float | None = None  # None: as long as the picture; 0: no sound
    to: str = "out.mp4"
    codecs: tuple[str, ...] = H264_AAC
    options: tuple[str, ...] = FASTSTART

    def __call__(self) -> bytes:
        """Encode it, once: several files are made out of the same clip."""
        return encode(self)

    def video_input(self) -> tuple[str, ...]:
        """Give the arguments for the moving square; its steps fall on whole macroblocks."""
        shape = f"r={self.rate}:d={self.seconds}"
        ground, square = f"color=gray:s={self.size}:{shape}", f"color=orange:s=64x64:{shape}"
        graph = f"{ground}[g];{square}[s];[g][s]overlay=x='mod(n*16,272)':y=144:shortest=1"
        return ("-f", "lavfi", "-i", graph)

    def audio_input(self) -> tuple[str, ...]:
        """Give the arguments for the ticks: between two of them AAC needs 4 bytes a frame."""
        length = self.seconds if self.sound is None else self.sound
        tick = f"aevalsrc='0.1*sin(2764*t)*lt(mod(t,1),0.02)':s=16000:d={length}"
        return ("-f", "lavfi", "-i", tick) if length else ()


@cache
def encode(clip: Clip) -> bytes:
    """Run the encoders for one clip."""
    inputs = (*clip.video_input(), *clip.audio_input())
    return ffmpeg(*inputs, *clip.codecs, *clip.options, to=clip.to)


def sound_only(seconds: float) -> bytes:
    """Encode the ticks without a picture."""
    codecs = ("-c:a", "aac", "-b:a", "16k")
    return ffmpeg(*Clip(seconds).audio_input(), *codecs, *FASTSTART, to="out.mp4")


def remux(*args: str, to: str = "out.mp4", **given: Maker) -> Maker:
    """Copy streams of the given files, named by their keywords, into a new file."""

    def make() -> bytes:
        contents = {name: maker() for name, maker in given.items()}
        return ffmpeg(*args, "-c", "copy", *FASTSTART, to=to, given=contents)

    return make


def subtitled() -> bytes:
    """Add a subtitle that is still on screen when the picture is over."""
    cue = b"1\n00:00:01,000 --> 00:00:16,600\nstill here\n"
    inputs = ("-i", "clip", "-i", "cue.srt", "-map", "0", "-map", "1")
    values = {"clip": Clip(13)(), "cue.srt": cue}
    return ffmpeg(*inputs, "-c", "copy", "-c:s", "mov_text", *FASTSTART, to="out.mp4", given=values)


def fragmented(flags: str, keyframes: int, *more: str, seconds: float = 8) -> Clip:
    """Describe a clip whose samples live in moofs, one for each key frame or by a timer."""
    flags = f"+empty_moov+default_base_moof{flags}"
    return Clip(seconds, options=("-g", str(keyframes), "-movflags", flags, *more))


def picture(size: str, to: str, *options: str) -> Maker:
    """Draw one flat picture with a square in it."""
    graph = f"color=gray:s={size},format=rgb24,drawbox=x=40:y=40:w=64:h=64:color=orange:t=fill"
    one = ("-f", "lavfi", "-i", graph, "-frames:v", "1", "-update", "1")
    return lambda: ffmpeg(*one, *options, to=f"out.{to}")


def changed(maker: Maker, by: Callable[[bytes], bytes]) -> Maker:
    """Make something, then operate on its bytes."""
    return lambda: by(maker())


def text(content: str) -> Maker:
    """Give a file that is text."""
    return content.encode


# --- the files ---------------------------------------------------------------------------

# B-frames, as most clips have them: their edit list skips the two frames of reordering.
USUAL = Clip(8, rate="30", options=(*FASTSTART, "-bf", "2"))
PLAIN = Clip(8)
MOOV_LAST = replace(PLAIN, options=())
MOV = replace(PLAIN, to="out.mov")
# Opus too has priming: it stays before zero, and the sound ends before the picture.
NOT_SHIFTED = ("-avoid_negative_ts", "disabled")
WEBM = replace(PLAIN, sound=7.9, to="out.webm", codecs=VP8_OPUS, options=NOT_SHIFTED)
MKV = replace(PLAIN, to="out.mkv", codecs=H264_FLAC, options=())
COVER = picture("128x128", "png")
ATTACH = ("-i", "clip", "-i", "cover", "-map", "0", "-map", "1")

BOUNDARIES = {
    "clip-2.9s.mp4": Recipe("every reading is below 3 s", Clip(2.9)),
    "clip-3s.mp4": Recipe("every reading is the lower limit itself", Clip(3)),
    "clip-9.9s.mp4": Recipe("every reading is below 10 s", Clip(9.9)),
    "clip-10s.mp4": Recipe("every reading is the limit for image orientation itself", Clip(10)),
    "clip-10.1s.mp4": Recipe("every reading is above 10 s", Clip(10.1)),
    "clip-29.9s.mp4": Recipe("every reading is below 30 s", Clip(29.9)),
    "clip-30s.mp4": Recipe("every reading is the limit for video orientation itself", Clip(30)),
    "clip-30.1s.mp4": Recipe("every reading is above 30 s", Clip(30.1)),
    "clip-10.01s.mp4": Recipe(
        "300 frames at 30000/1001: the 10 s clip that is not", Clip(10.01, rate="30000/1001")
    ),
    "small-338.mp4": Recipe("sides just below 340", replace(PLAIN, size="338x338")),
    "wide-3852.mp4": Recipe(
        "one side just above 3850", Clip(3.5, rate="2", size="3852x340", sound=0)
    ),
}

USUAL_CLIPS = {
    "clip-8s.mp4": Recipe("the usual clip: 30 fps, sound, moov first", USUAL),
    "clip-12s.mp4": Recipe("the usual clip, over 10 s", replace(USUAL, seconds=12)),
    "silent-8s.mp4": Recipe("no audio stream", replace(PLAIN, sound=0)),
    "moov-last-8s.mp4": Recipe("moov behind the media, as cameras write it", MOOV_LAST),
    "clip-8s.mov": Recipe("QuickTime, told from MP4 by its brand only", MOV),
    "clip-8s.webm": Recipe("another container, with a duration", WEBM),
    "clip-8s.mkv": Recipe("another container around the usual picture", MKV),
    "clip-8s.avi": Recipe(
        "a container without a moov or a brand",
        replace(PLAIN, sound=0, to="out.avi", codecs=MPEG4, options=()),
    ),
    "rotated-8s.mp4": Recipe(
        "stored 360x480, shown 480x360", changed(replace(PLAIN, size="360x480"), surgery.turn)
    ),
}

DISAGREEMENTS = {
    "audio-longer.mp4": Recipe("12 s of sound over 9.9 s of picture", Clip(9.9, sound=12)),
    "edit-list.mp4": Recipe(
        "cut by stream copy: the edit list hides the 4 s before the cut",
        remux("-ss", "4", "-i", "clip", "-t", "9", clip=Clip(13)),
    ),
    "late-start.mp4": Recipe(
        "9 s of picture that start at 1.5 s",
        remux("-itsoffset", "1.5", "-i", "clip", clip=Clip(9, sound=0)),
    ),
    "header-halved.mp4": Recipe(
        "mvhd says 6 s, the tracks 12 s", changed(Clip(12), surgery.halve_header)
    ),
    "subtitles-longer.mp4": Recipe("a 16.6 s subtitle track over 13 s of picture", subtitled),
    "fragmented.mp4": Recipe(
        "mvhd says 0, the moofs 9.9 s", fragmented("+frag_keyframe", 30, seconds=9.9)
    ),
    "fragmented-sidx.mp4": Recipe(
        "fragments with an index before them", fragmented("+frag_keyframe+dash+global_sidx", 20)
    ),
    "fragmented-many.mp4": Recipe(
        "too many fragments to hop over, and no index",
        fragmented("", 600, "-frag_duration", "250000"),
    ),
    "mdhd-all-ones.mp4": Recipe(
        "fragments under an mdhd of all ones",
        changed(
            fragmented("+frag_keyframe", 40, "-video_track_timescale", "30000"),
            surgery.unset_media_duration,
        ),
    ),
    "live.webm": Recipe(
        "no duration: written as a live stream",
        replace(WEBM, to=PIPE, options=(*NOT_SHIFTED, "-f", "webm", "-live", "1")),
    ),
    "piped.mkv": Recipe(
        "no duration: written where the muxer cannot go back",
        replace(MKV, to=PIPE, options=("-f", "matroska")),
    ),
}

ODD_STRUCTURES = {
    "cut-faststart.mp4": Recipe(
        "second half missing, yet every header is there",
        changed(Clip(9.9, rate="30"), surgery.half),
    ),
    "cut-moov-last.mp4": Recipe(
        "second half missing, and the moov with it", changed(MOOV_LAST, surgery.half)
    ),
    "with-cover.mp4": Recipe(
        "an attached picture is a second video stream that does not count",
        remux(*ATTACH, "-disposition:v:1", "attached_pic", clip=PLAIN, cover=COVER),
    ),
    "cover-only.m4a": Recipe(
        "the only video stream is an attached picture",
        remux(
            *(*ATTACH, "-disposition:v:0", "attached_pic"),
            to="out.m4a",
            clip=lambda: sound_only(8),
            cover=COVER,
        ),
    ),
    "audio-only.mp4": Recipe("no video stream at all", lambda: sound_only(8)),
    "two-video-tracks.mp4": Recipe(
        "which of the two is meant is not known",
        remux(
            *("-i", "one", "-i", "two", "-map", "0", "-map", "1"),
            one=PLAIN,
            two=replace(PLAIN, size="480x360", sound=0),
        ),
    ),
    "external-dref.mov": Recipe(
        "the video track's data are said to be in another file",
        changed(replace(MOV, seconds=4, options=()), surgery.point_elsewhere),
    ),
    "large-box.mp4": Recipe("mdat has a 64-bit size", changed(MOOV_LAST, surgery.use_large_size)),
    "mdat-to-end.mp4": Recipe(
        "mdat has size 0: it goes on to the end", changed(PLAIN, surgery.open_mdat)
    ),
    "odd-tail.mp4": Recipe(
        "5 stray bytes behind a good clip", changed(PLAIN, lambda data: data + b"stray")
    ),
}

FALSE_NAMES = {
    "mov-named.mp4": Recipe("QuickTime named mp4", MOV),
    "mp4-named.webm": Recipe("MP4 named webm", PLAIN),
    "jpeg-named.mp4": Recipe("a picture named mp4", picture("640x640", "jpg")),
    "html-named.mp4": Recipe(
        "the page that a host shows in place of the file",
        text(
            "<!DOCTYPE html>\n<html><head><title>Sign in</title></head>\n"
            "<body><p>Sign in to download this file.</p></body></html>\n"
        ),
    ),
    "concat-script.mp4": Recipe(
        "a script that makes ffmpeg open another file",
        text("ffconcat version 1.0\nfile clip-8s.mp4\n"),
    ),
    "playlist.mp4": Recipe(
        "a playlist that makes ffmpeg open another file",
        text(
            "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:8\n#EXTINF:8.0,\n"
            "clip-8s.mp4\n#EXT-X-ENDLIST\n"
        ),
    ),
    "empty.mp4": Recipe("0 bytes", bytes),
    "garbage.mp4": Recipe("noise", lambda: hashlib.shake_256(b"garbage").digest(2048)),
}

PICTURES = {
    "image.png": Recipe("a good picture", picture("640x640", "png")),
    "image.jpg": Recipe("a good picture", picture("640x640", "jpg")),
    "image-300.png": Recipe("sides of exactly 300", picture("300x300", "png")),
    "image-299.png": Recipe("one side just below 300", picture("299x300", "png")),
    "image-2.5to1.png": Recipe("exactly as wide as allowed", picture("750x300", "png")),
    "image-2.6to1.png": Recipe("too wide", picture("780x300", "png")),
    "image-1to2.6.png": Recipe("too tall", picture("300x780", "png")),
    "image.webp": Recipe("a type that only the upload takes", picture("300x300", "webp")),
    "image.gif": Recipe("a type that only the upload takes", picture("300x300", "gif")),
    # One bit a pixel: BMP is not compressed, and 300x300 is 90 KB with a byte for each.
    "image.bmp": Recipe(
        "a type that nothing takes", picture("300x300", "bmp", "-pix_fmt", "monob")
    ),
    "rotated.jpg": Recipe(
        "stored 640x480, shown 480x640",
        changed(picture("640x480", "jpg"), surgery.tell_orientation),
    ),
    "text-named.png": Recipe("text named png", text("This is not a picture.\n")),
    "cut.png": Recipe("second half missing", changed(picture("640x640", "png"), surgery.half)),
    "image-svg.svg": Recipe(
        "a drawing: no pixels to measure",
        text(
            '<svg xmlns="http://www.w3.org/2000/svg" width="640" height="640">'
            '<rect width="640" height="640" fill="gray"/></svg>\n'
        ),
    ),
}

RECIPES: dict[str, Recipe] = {
    **BOUNDARIES,
    **USUAL_CLIPS,
    **DISAGREEMENTS,
    **ODD_STRUCTURES,
    **FALSE_NAMES,
    **PICTURES,
}


def main() -> None:
    """Make the files named on the command line, or all of them."""
    parser = argparse.ArgumentParser(description="Make the clips and pictures of fixtures/media.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these files (default: all)")
    parser.add_argument("--into", type=Path, default=DEFAULT_INTO, metavar="DIR")
    parser.add_argument("--list", action="store_true", help="print each name and its reason")
    args = parser.parse_args()
    names: list[str] = args.names or list(RECIPES)
    if unknown := [name for name in names if name not in RECIPES]:
        parser.error(f"no recipe for {', '.join(unknown)} (--list prints the names)")
    if args.list:
        print(*(f"{name:24}{RECIPES[name].why}" for name in names), sep="\n")
        return
    args.into.mkdir(parents=True, exist_ok=True)
    for name in names:
        (args.into / name).write_bytes(RECIPES[name].make())


if __name__ == "__main__":
    main()
