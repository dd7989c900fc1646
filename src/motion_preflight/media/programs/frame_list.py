"""The packets of a stream and the frames that they gave, as ffprobe lists them when it decodes."""

from __future__ import annotations

import re
from collections import Counter
from typing import NamedTuple

from motion_preflight.media.errors import FfprobeFailed
from motion_preflight.text.lazy_dataclass import dataclass, field

# The entries that ffprobe prints, as CSV. A value is recognized by its place in the line.
ENTRIES = "packet=pts,size,flags:frame=pts,interlaced_frame:log=context:stream=codec_name"
_INVISIBLE = {"vp8", "vp9", "av1"}  # some of their packets hold frames that are never shown
_REPEAT = 16  # bytes at most of a packet that repeats the frame before it
_LEADING = 16  # packets at most that follow the first keyframe and are shown before it


class _Packet(NamedTuple):
    pts: str
    size: int
    flags: str


@dataclass(slots=True)
class FrameList:
    """The packets and frames of one decoded stream. Times stay text, because they are only
    compared.
    """

    codec: str | None = None
    packets: list[_Packet] = field(default_factory=list)  # those that should give a frame
    shown: int = 0  # packets that no edit list hides, empty ones too
    hidden: int = 0  # packets that an edit list hides: decoded, not shown
    frames: list[str] = field(default_factory=list)  # their presentation times
    interlaced: int = 0  # frames of two fields
    damaged: int = 0  # frames that the decoder complained about

    @classmethod
    def read(cls, text: str) -> FrameList:
        """Reads the CSV that ffprobe prints. Raises `FfprobeFailed` when it has another shape."""
        listing = cls()
        complained = False  # whether the latest frame is counted as damaged: it counts only once
        for line in text.splitlines():
            kind, _, rest = line.partition(",")
            if kind == "packet":
                listing._add_packet(rest)
            elif kind == "frame":
                listing._add_frame(rest)
                complained = False
            elif kind == "stream":
                name = rest.partition(",")[0]
                listing.codec = None if name in {"unknown", "N/A", ""} else name
            # Version 5 writes the second complaint about a frame on a line of its own.
            if not complained and (",log," in line or kind == "log"):
                listing.damaged += 1
                complained = True
        return listing

    def _add_packet(self, rest: str) -> None:
        pts, size, flags = _fields(rest, 3)
        if "D" in flags:
            self.hidden += 1
            return
        self.shown += 1
        if size.isdecimal() and int(size):
            self.packets.append(_Packet(pts, int(size), flags))

    def _add_frame(self, rest: str) -> None:
        pts, interlaced = _fields(rest, 2)
        self.frames.append(pts)
        self.interlaced += interlaced == "1"

    @property
    def missing(self) -> int:
        """The number of packets that gave no frame, for whatever reason."""
        return max(0, len(self.packets) - len(self.frames))

    def left_out(self) -> int:
        """The number of frames that the decoder should have given and did not.

        How many packets gave no frame is certain. Which ones they are is guessed by their times,
        which not every container has. That matters only for packets that may give no frame in a
        clip that is whole: the second field of a picture, an invisible frame, a repetition, and a
        packet behind the first keyframe that is shown before it, because it refers to frames that
        are not in the file. Every packet in front of the first keyframe counts as lost.
        """
        if not self.missing or not self.frames:
            return self.missing
        first = next((at for at, packet in enumerate(self.packets) if "K" in packet.flags), None)
        silent = self._without_frame()
        lost = sum(first is not None and at < first for at in silent)
        leading = self._leading(first) if first is not None else range(0)
        innocent = self.interlaced + sum(
            at in leading or self._may_be_silent(self.packets[at]) for at in silent[lost:]
        )
        return min(self.missing, max(lost, self.missing - innocent))

    def _without_frame(self) -> list[int]:
        """The places of the packets whose time no frame has."""
        shown, silent = Counter(self.frames), []
        for at, packet in enumerate(self.packets):
            if shown[packet.pts]:
                shown[packet.pts] -= 1
            else:
                silent.append(at)
        return silent

    def _may_be_silent(self, packet: _Packet) -> bool:
        return self.codec in _INVISIBLE or packet.size <= _REPEAT

    def _leading(self, first: int) -> range:
        """The places of the packets that directly follow the first keyframe and are shown before
        it. A packet without a time counts as one of them: Matroska has such packets.
        """
        key, end = _number(self.packets[first].pts), first + 1
        for packet in self.packets[end : end + _LEADING]:
            pts = _number(packet.pts)
            if pts is not None and key is not None and pts > key:
                break
            end += 1
        return range(first + 1, end)


def _fields(rest: str, number: int) -> list[str]:
    fields = rest.split(",", number)[:number]
    if len(fields) < number:
        raise FfprobeFailed("ffprobe's list of frames is not the one that was asked for")
    return fields


def _number(pts: str) -> int | None:
    return int(pts) if re.fullmatch(r"-?[0-9]{1,19}", pts) else None
