"""Measures an opened clip: which bytes are fetched, what is run on them, and what that proves.

MP4 and MOV are measured by their boxes, which takes a few kilobytes. Every other container, and an
MP4 whose boxes cannot be followed, is read whole, packet by packet.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from motion_preflight.errors import PreflightError
from motion_preflight.media.clip_facts import Evidence, clip_facts
from motion_preflight.media.containers.first_sample import sample_problem
from motion_preflight.media.containers.mp4_boxes import walk
from motion_preflight.media.containers.mp4_header import BoxError
from motion_preflight.media.containers.mp4_moov import PackedMoovError, video_alone
from motion_preflight.media.errors import FfprobeFailed
from motion_preflight.media.programs.ffprobe import CannotOpenCodec, run_ffprobe
from motion_preflight.media.streams import judged_stream, track_of
from motion_preflight.network.errors import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Any

    from motion_preflight.media.containers.mp4_boxes import Layout, Unpacked
    from motion_preflight.media.containers.mp4_tracks import VideoTrack
    from motion_preflight.media.facts import Decoded, MediaFacts
    from motion_preflight.media.filmer import Filmer
    from motion_preflight.media.packet_clock import PacketClock
    from motion_preflight.media.packet_evidence import PacketEvidence
    from motion_preflight.media.source.opening import Source
    from motion_preflight.media.streams import Stream
    from motion_preflight.media.watcher import Watcher

_FIRST_BYTES = 16 << 10  # of the first sample: its headers and the start of its picture
_LATER_BYTES = 4 << 10  # of each later sample that is looked at
_REPEATS = {"theora"}  # codecs in which a frame may have no packet of its own
_LAST_RESORT = "its boxes cannot be followed"
_LONE_FRAGMENT = (
    "it is a lone fragment of a stream, without the beginning (the init segment) that says what is "
    "in it"
)
_ONLY_BEGINNING = "it is only the beginning of a fragmented file, and no media follow"


class Clip:
    """A clip that is being measured. `fetch` comes first and may wait for a host; then `read`."""

    def __init__(self, source: Source, *, signature: str | None, ffprobe: str) -> None:
        self._source = source
        self._signature = signature
        self._ffprobe = ffprobe
        self.layout: Layout | None = None  # of an MP4/MOV whose boxes could be followed
        self.doubt: str | None = None  # why its boxes could not be followed, in words

    def fetch(self, *, whole: bool) -> tuple[Reason, str] | None:
        """Fetches every byte that is needed. Returns a reason and words for people when it is
        already clear that nothing can be measured, else `None`. Raises `MediaUnavailable`.
        """
        try:
            self.layout = self._walk()
        except PackedMoovError as error:
            return Reason.UNSUPPORTED, str(error)
        if self.layout is None or whole:
            self._source.fetch_all()
        if self.layout is None:
            return None
        if self.layout.fragmented is None:
            return self._without_moov(self.layout)
        empty = not any(track.frames for track in self.layout.videos)
        if self.layout.fragmented and not self.layout.fragments and self.layout.videos and empty:
            return Reason.INCOMPLETE, _ONLY_BEGINNING
        return None

    def read(
        self,
        facts: MediaFacts,
        *,
        scan: bool,
        watcher: Watcher | None = None,
        filmer: Filmer | None = None,
    ) -> tuple[MediaFacts, str | None]:
        """Completes `facts`, which say where the clip is, with what it holds; also returns
        ffprobe's name of the format. Raises `FfprobeFailed`.
        """
        filmed = filmer is not None and self._source.has(0, self._source.size)
        with self._readable(whole=scan or watcher is not None or filmed) as path:
            answer = self._answer(path)
            facts = clip_facts(self._evidence(answer, path, scan=scan), facts)
            if watcher:
                facts = watcher.watched(facts, path)
            if filmer:
                here = self._has_first_sample(facts)
                facts = filmer.filmed(facts, path, whole=filmed, first_sample=here)
        return facts, answer["format"]["format_name"]

    def _answer(self, path: Path) -> dict[str, Any]:
        """The answer of ffprobe about the file, or about its video alone where it cannot open
        another track.
        """
        try:
            return run_ffprobe(path, ffprobe=self._ffprobe)
        except CannotOpenCodec:
            from motion_preflight.media.containers.mp4_answer import (  # noqa: PLC0415  rarely needed
                with_other_tracks,
            )

            layout = self.layout
            if layout is None or layout.moov is None or layout.fragmented:
                raise  # fragments refer to the tracks that would be missing
            moov = layout.moov._replace(content=video_alone(layout.moov.content))
            if moov == layout.moov:
                raise
            with self._copy(layout, moov, whole=False) as copy:
                answer = run_ffprobe(copy, ffprobe=self._ffprobe)
            return with_other_tracks(answer, layout.tracks, layout.timescale)

    def _walk(self) -> Layout | None:
        """The layout of an MP4/MOV; `None` for everything else, which is read whole."""
        if self._signature not in {"mp4", None}:
            return None
        if self._signature is None:  # perhaps an MP4 with an unusual first box
            self._source.fetch_all()
        try:
            layout = walk(self._source)
            if not layout.enough:
                self._source.fetch_all()
                layout = walk(self._source)  # again, now that every byte is here
        except PackedMoovError:
            raise
        except BoxError as error:
            if self._signature:
                self.doubt = f"{_LAST_RESORT}: {error}"
            return None
        return layout if self._signature or layout.fragmented is not None else None

    def _without_moov(self, layout: Layout) -> tuple[Reason, str]:
        """Why a file without a moov is not measured: nothing says what it holds.

        ffprobe 8.1 opens some of these files, 5.1 opens none.
        """
        if layout.fragments:
            return Reason.INCOMPLETE, _LONE_FRAGMENT
        missing = f"; it is cut short: {layout.truncation}" if layout.truncation else ""
        return Reason.UNREADABLE, f"it has no moov box (the index){missing}"

    @contextmanager
    def _readable(self, *, whole: bool) -> Iterator[Path]:
        """The path of the file that ffprobe reads."""
        layout = self.layout
        if layout is None or layout.moov is None or not layout.packed:
            yield self._source.path
            return
        with self._copy(layout, layout.moov, whole=whole) as path:
            yield path

    @contextmanager
    def _copy(self, layout: Layout, moov: Unpacked, *, whole: bool) -> Iterator[Path]:
        """The path of a copy of the clip with another moov box."""
        from motion_preflight.media.containers.mp4_copy import copy_with_moov  # noqa: PLC0415

        samples = [track.first.offset for track in layout.videos if track.first]
        with ExitStack() as stack:
            try:
                path = stack.enter_context(copy_with_moov(self._source, moov, samples, whole=whole))
            except PreflightError:  # some are also an OSError
                raise
            except OSError as error:
                cause = error.strerror or type(error).__name__
                raise FfprobeFailed(f"there is no room for a temporary file ({cause})") from None
            yield path

    def _evidence(self, answer: dict[str, Any], path: Path, *, scan: bool) -> Evidence:
        stream = judged_stream(answer)
        layout, doubt = self._believed(answer["format"]["format_name"])
        other = self._of_packets(answer, stream, path) if stream and layout is None else None
        track = track_of(stream, layout.videos) if stream and layout else None
        scanned = decoded = unscanned = None
        if stream and scan:
            clock = other.clock if other else None
            scanned, decoded, unscanned = self._scan(path, stream, track, clock)
        evidence = Evidence(
            answer,
            layout=layout,
            doubt=doubt,
            scan=scanned,
            decoded=decoded,
            unscanned=unscanned,
            first_bytes=self._first_bytes(track),
            later_problem=self._later_problem(stream, track) if stream and track else None,
            truncation=self._truncation(layout),
        )
        if other is None:
            return evidence
        return evidence._replace(
            doubt=doubt or other.doubt,
            clock=other.clock,
            pictures=other.pictures,
            later_problem=other.problem,
            encrypted=other.encrypted,
            codec=other.codec,
        )

    def _truncation(self, layout: Layout | None) -> str | None:
        """What the file declares and does not hold, in words; `None` when it holds everything."""
        if layout:
            return layout.truncation
        from motion_preflight.media.containers.missing_end import (  # noqa: PLC0415  not for MP4
            missing_end,
        )

        return missing_end(self._signature, self._source.read, self._source.size)

    def _believed(self, format_name: str) -> tuple[Layout | None, str | None]:
        """The layout, where ffprobe reads the file as the same container, and why to doubt it, in
        words.
        """
        is_mov = "mov" in format_name
        if self.layout is None:
            return None, self.doubt or (_LAST_RESORT if is_mov else None)
        if not is_mov:
            return None, f"its boxes are those of an MP4, and ffprobe reads it as {format_name}"
        return self.layout, None

    def _of_packets(self, answer: dict[str, Any], stream: Stream, path: Path) -> PacketEvidence:
        from motion_preflight.media.packet_evidence import (  # noqa: PLC0415  not for MP4
            packet_evidence,
        )

        return packet_evidence(
            answer,
            stream,
            self._source,
            path,
            ffprobe=self._ffprobe,
            signature=self._signature,
        )

    def _clock(self, path: Path, stream: Stream, track: VideoTrack | None) -> PacketClock:
        """What the packets of the video say. Raises `FfprobeFailed` when not all of them were
        listed.
        """
        from motion_preflight.media.packet_clock import packet_clock  # noqa: PLC0415  not for MP4
        from motion_preflight.media.packet_evidence import TOO_MANY  # noqa: PLC0415
        from motion_preflight.media.programs.packets import packets  # noqa: PLC0415

        listed = packets(path, ffprobe=self._ffprobe, stream=stream.get("index", 0))
        if not listed.complete:
            raise FfprobeFailed(TOO_MANY)
        number = len(listed.items)
        if (
            track
            and not track.hides
            and number < track.frames
            and not self._truncation(self.layout)
        ):
            raise FfprobeFailed(f"ffprobe lists {number:,} of the {track.frames:,} frames")
        return packet_clock(listed.items)

    def _scan(
        self, path: Path, stream: Stream, track: VideoTrack | None, clock: PacketClock | None
    ) -> tuple[PacketClock | None, Decoded | None, str | None]:
        """What all packets and all decoded frames say, and why a scan was not finished, in
        words.
        """
        from motion_preflight.media.programs.decode import decode  # noqa: PLC0415

        try:
            clock = clock or self._clock(path, stream, track)
            least = clock.frames if stream.get("codec_name") not in _REPEATS else 0
            index = stream.get("index", 0)
            return clock, decode(path, ffprobe=self._ffprobe, stream=index, least=least), None
        except FfprobeFailed as error:
            return clock, None, str(error)

    def _first_bytes(self, track: VideoTrack | None) -> bytes:
        """The first sample, as far as its bytes are here; that of a fragment may not have been
        fetched.
        """
        if track is None or track.first is None:
            return b""
        offset, length = track.first.offset, min(track.first.size or _FIRST_BYTES, _FIRST_BYTES)
        return self._source.read(offset, length) if self._source.has(offset, length) else b""

    def _has_first_sample(self, facts: MediaFacts) -> bool:
        """Whether the whole first sample of the judged track is here and can be decoded alone."""
        layout, video = self.layout, facts.video
        if layout is None or layout.packed or video is None or video.tracks != 1:
            return False
        track = next(iter(layout.videos), None)
        first = track.first if track else None
        if first is None or not first.is_keyframe or not first.size:
            return False
        return self._source.has(first.offset, first.size)

    def _later_problem(self, stream: Stream, track: VideoTrack) -> str | None:
        """Why a later sample is not one, in words. Only samples whose bytes are here are looked at:
        those of a URL are not fetched for this.
        """
        codec, nal_length = stream.get("codec_name"), track.entry.nal_length
        for offset, size, percent in track.later:
            length = min(size, _LATER_BYTES)
            if length and self._source.has(offset, length):
                data, which = (
                    self._source.read(offset, length),
                    f"its frame after {percent} % of it",
                )
                problem = sample_problem(
                    data, size, codec=codec, nal_length=nal_length, which=which
                )
                if problem:
                    return problem
        return None
