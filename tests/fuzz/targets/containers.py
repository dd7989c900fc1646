"""Boxes and first bytes in memory as a target, and what ffprobe may say."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from builders import image, report, video

from fuzz.corpus import movies
from fuzz.corpus.mutations import mutated, text
from fuzz.engine.case import Target, Violation
from fuzz.targets.media import broken_clip, passed_by_its_samples
from motion_preflight.media.clip_facts import Evidence, clip_facts
from motion_preflight.media.containers.mp4_boxes import Layout, walk
from motion_preflight.media.containers.mp4_header import BoxError
from motion_preflight.media.containers.mp4_moov import read_movie
from motion_preflight.media.containers.mp4_tracks import video_tracks
from motion_preflight.media.containers.signature import signature
from motion_preflight.media.packet_clock import packet_clock
from motion_preflight.media.programs.packets import Packet
from motion_preflight.media.source.sparse_file import Spans
from motion_preflight.media.streams import number_of

if TYPE_CHECKING:
    from fuzz.engine.case import Dice

_MOST_REQUESTS = 120  # requests for one file, at most
_STEP = 64 << 10


class Memory:
    """Bytes in memory as a source, which may say that they are more than there are."""

    path, version, transfer = Path("memory"), "memory", None

    def __init__(self, data: bytes, size: int) -> None:
        self.data, self.size, self.requests = data, size, 0
        self._held = Spans()

    def read(self, offset: int, length: int) -> bytes:
        self.fetch(offset, length)
        length = max(min(length, self.size - offset), 0)
        return self.data[offset : offset + length].ljust(length, b"\0")

    def has(self, offset: int, length: int) -> bool:
        return self._held.gap(offset, min(offset + length, self.size)) is None

    def fetch(self, offset: int, length: int) -> None:
        if offset < 0 or length < 0:
            raise Violation(f"asked for {length} bytes at {offset}")
        if not self.has(offset, length):
            self.requests += 1
            self._held.add(offset, min(max(offset + length, offset + _STEP), self.size))

    def fetch_all(self) -> None:
        self._held.add(0, self.size)

    def release(self) -> None:
        """Nothing is held."""


class Boxes(Target):
    """Boxes and first bytes in memory, and what ffprobe may say."""

    name = "boxes"
    share = 400

    def run(self, dice: Dice) -> None:
        way = dice.random()
        if way < 0.6:
            self._walk(dice)
        elif way < 0.75:
            samples = [*movies.clips().values(), *movies.pictures().values()]
            data = self.inputs["head"] = mutated(dice, dice.choice(samples), samples)[:600]
            if signature(data[:512]) == "":
                raise Violation("a signature without a name")
        elif way < 0.9:
            data = self.inputs["moov"] = movies.with_broken_boxes(
                dice, dice.choice(movies.movies())
            )
            _read_moov(data[dice.randint(0, len(data)) :])
        else:
            self._judge_ffprobe(dice)

    def _walk(self, dice: Dice) -> None:
        data = self.inputs["clip.mp4"] = broken_clip(dice, huge=0.004)
        size = len(data) if dice.likely(0.95) else dice.odd_number(1 << 50)
        source = Memory(data, size)
        try:
            layout = walk(source)
            if source.requests > _MOST_REQUESTS:
                raise Violation(f"asked {source.requests} times")
            if not layout.enough:
                source.fetch_all()
                layout = walk(source)
        except BoxError:
            return
        _judge(dice, layout)

    def _judge_ffprobe(self, dice: Dice) -> None:
        answer, listed = ffprobe_answer(dice), [_packet(dice) for _ in range(dice.few(40))]
        self.note_input("ffprobe.txt", (answer, listed))
        evidence = Evidence(answer, clock=packet_clock(listed))
        passed_by_its_samples(report(video=clip_facts(evidence, video()), image=image()))


def _read_moov(content: bytes) -> None:
    """Read everything that the program reads of a moov box."""
    movie = read_movie(content)
    movie.beyond(len(content))
    movie.first_samples()
    _ = movie.unknown_lengths, movie.contradiction
    with suppress(BoxError):
        video_tracks(movie, {})


def _judge(dice: Dice, layout: Layout) -> None:
    evidence = Evidence(ffprobe_answer(dice), layout=layout, truncation=layout.truncation)
    passed_by_its_samples(report(video=clip_facts(evidence, video())))


def _packet(dice: Dice) -> Packet:
    """One packet, whose times may be anything."""
    pts, dts, lasts = (number_of(_number(dice)) if dice.likely(0.8) else None for _ in range(3))
    return Packet(pts, dts, lasts, dice.pick(None, 0, 100), dice.pick("K__", "___", "_D_", ""))


def _numbers(dice: Dice) -> dict[str, Any]:
    """A packet or a stream's times."""
    names = ("pts_time", "duration_time", "duration", "start_time", "avg_frame_rate", "width",
             "height", "sample_rate", "channels")  # fmt: skip
    return {name: _number(dice) for name in names if dice.likely(0.8)}


def _number(dice: Dice) -> object:
    return dice.pick(
        "8.0", "N/A", "nan", "-1", "0", "0/0", "30/1", "1/0", dice.odd_number(), -dice.odd_number(),
        f"{dice.odd_number()}.000001", f"{dice.odd_number()}/{dice.odd_number()}", "9.9e999999",
        "1e-999999", text(dice), str(Decimal(dice.odd_number()) / 1_000_000), None, 1e308, "inf",
        "\u0663", "1_000", " 8 ", 720,
    )  # fmt: skip


def ffprobe_answer(dice: Dice) -> dict[str, Any]:
    """What ffprobe answers, in the shape that it has, with anything for a number."""
    results = [
        _numbers(dice)
        | {"codec_type": dice.pick("video", "audio", "data"), "codec_name": text(dice)}
        | {"disposition": {"attached_pic": dice.pick(0, 0, 1), "default": dice.pick(0, 1)}}
        | {"side_data_list": [{"rotation": _number(dice)}] if dice.likely(0.3) else []}
        for _ in range(dice.randrange(4))
    ]
    form = {"format_name": dice.pick("mov,mp4", "h264", text(dice)), "duration": _number(dice)}
    return {"streams": results, "format": form, "program_version": {"version": text(dice)}}
