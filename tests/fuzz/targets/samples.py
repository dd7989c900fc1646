"""Sample tables as a target: what is read from runs is what counting sample by sample gives."""

from __future__ import annotations

import struct
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from fuzz.engine.case import Target, Violation
from motion_preflight.media.containers.mp4_fragments import (
    Budget,
    Defaults,
    TrackFragments,
    read_fragment,
)
from motion_preflight.media.containers.mp4_header import BoxError
from motion_preflight.media.containers.mp4_samples import (
    Edit,
    Stretch,
    edits_of,
    shown_seconds,
    table_stretch,
)

if TYPE_CHECKING:
    from fuzz.engine.case import Dice

_NORMAL = 1 << 16


class Sample(NamedTuple):
    """One sample, in ticks."""

    shown: int
    lasts: int


class Samples(Target):
    """stts, ctts, edit lists and fragments in memory, counted twice."""

    name = "samples"
    share = 400

    def run(self, dice: Dice) -> None:
        way = dice.random()
        if way < 0.4:
            self._tables(dice)
        elif way < 0.7:
            self._fragment(dice)
        elif way < 0.9:
            self._edits(dice)
        else:
            self._anything(dice)

    def _tables(self, dice: Dice) -> None:
        steps, offsets = _runs(dice, _step), _runs(dice, _offset)
        count = dice.randint(0, 60)
        stts, ctts = (_table(dice, runs) for runs in (steps, offsets))
        self.note_input("tables.txt", (steps, offsets, count))
        counted = _counted(_expand(steps, count, goes_on=True), _expand(offsets, count), 0)
        _same(table_stretch(stts, ctts, count), counted)

    def _fragment(self, dice: Dice) -> None:
        defaults = Defaults(_step(dice), dice.randint(0, 99), 0)
        count, flags = dice.randint(0, 30), dice.choice((0, 0x100, 0x800, 0x900, 0xF00, 0xA04))
        clock = dice.randint(0, 10**6)
        own = [flag for flag in (0x100, 0x200, 0x400, 0x800) if flags & flag]
        rows = [{flag: _value(dice, flag) for flag in own} for _ in range(count)]
        fields = [0] * bool(flags & 4) + [row[flag] & 0xFFFFFFFF for row in rows for flag in own]
        boxes = _box(b"tfhd", 0x20000, 1) + _box(b"tfdt", 0, clock)
        boxes += _box(b"trun", flags, count, *fields)
        self.note_input("traf", boxes)
        tracks = {1: TrackFragments(defaults)}
        traf = struct.pack(">I4s", len(boxes) + 8, b"traf") + boxes
        read_fragment(traf, 1000, tracks, Budget())
        steps = [_unsigned(row.get(0x100, defaults.step)) for row in rows]
        counted = _counted(steps, [row.get(0x800, 0) for row in rows], clock)
        _same(tracks[1].stretches[0] if tracks[1].stretches else None, counted)

    def _edits(self, dice: Dice) -> None:
        """The samples that a list of plain edits shows, counted tick by tick."""
        length, first = dice.randint(1, 40), dice.randint(0, 5)
        stretch = Stretch(first, first + length, length, 0, length)
        edits = [
            Edit(dice.randint(0, 30), dice.pick(-1, 0, first, dice.randint(0, 50)), _NORMAL)
            for _ in range(dice.randint(1, 6))
        ]
        self.note_input("edits.txt", (stretch, edits))
        ticks, position = [], 0
        for edit in edits:
            lasts = edit.duration
            if edit.media_time >= 0 and not lasts:
                lasts = max(stretch.end - edit.media_time, 0)
            shown = range(lasts if edit.media_time >= 0 else 0)
            ticks += [
                position + tick
                for tick in shown
                if stretch.first <= edit.media_time + tick < stretch.end
            ]
            position += lasts
        counted = max(ticks) + 1 - min(ticks) if ticks else 0
        seconds = shown_seconds(stretch, edits, 1, 1)
        if seconds != counted:
            raise Violation(f"the edits show {seconds} s: counted are {counted}")

    def _anything(self, dice: Dice) -> None:
        """Whatever the bytes are, they give numbers or the reason why not."""
        data = dice.randbytes(dice.few(400))
        self.note_input("bytes", data)
        half = len(data) // 2
        try:
            stretch = table_stretch(data[:half], data[half:], dice.odd_number(1 << 32))
            edits = edits_of(data)
        except BoxError:
            return
        if stretch and stretch.end < stretch.first:
            raise Violation(f"a stretch of {stretch.end - stretch.first} ticks")
        if stretch and shown_seconds(stretch, edits, 1000, 600) < Fraction(0):
            raise Violation("edits that show less than nothing")


def _runs(dice: Dice, value: object) -> list[tuple[int, int]]:
    make = _step if value is _step else _offset
    return [(dice.pick(0, 1, 1, 2, 7), make(dice)) for _ in range(dice.randint(0, 12))]


def _step(dice: Dice) -> int:
    return dice.pick(0, 1, 100, 512, 3003, dice.odd_number((1 << 32) - 1))


def _offset(dice: Dice) -> int:
    return dice.pick(0, 0, 100, 1024, -100, dice.randint(-(1 << 31), (1 << 31) - 1))


def _value(dice: Dice, flag: int) -> int:
    return _offset(dice) if flag == 0x800 else dice.randint(0, 5000)


def _table(dice: Dice, runs: list[tuple[int, int]]) -> bytes:
    declared = len(runs) if dice.likely(0.8) else len(runs) + dice.randint(1, 1 << 20)
    rows = (struct.pack(">2I", count, value & 0xFFFFFFFF) for count, value in runs)
    return struct.pack(">2I", 0, declared) + b"".join(rows)


def _box(kind: bytes, *fields: int) -> bytes:
    body = struct.pack(f">{len(fields)}I", *fields)
    return struct.pack(">I4s", len(body) + 8, kind) + body


def _unsigned(step: int) -> int:
    """A trun's steps are plain numbers; no muxer writes one of 2^31 and more."""
    return step & 0xFFFFFFFF


def _expand(runs: list[tuple[int, int]], count: int, *, goes_on: bool = False) -> list[int]:
    """The value of each sample; what the table leaves out is the last one, or 0."""
    values = [value for number, value in runs for _ in range(number)][:count]
    last = runs[-1][1] if goes_on and runs else 0
    values += [last] * (count - len(values))
    return [0 if goes_on and value >= 1 << 31 else value for value in values]


def _counted(steps: list[int], offsets: list[int], clock: int) -> tuple[int, int] | None:
    samples = []
    for step, offset in zip(steps, offsets, strict=True):
        samples.append(Sample(clock + offset, step))
        clock += step
    if not samples:
        return None
    return min(sample.shown for sample in samples), max(
        sample.shown + sample.lasts for sample in samples
    )


def _same(measured: Stretch | None, counted: tuple[int, int] | None) -> None:
    ends = (measured.first, measured.end) if measured else None
    if ends != counted:
        raise Violation(f"the tables say {ends}: counted are {counted}")
