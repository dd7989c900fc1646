"""The sample entries (stsd box) of a video track: its codec, and whether it is encrypted."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from motion_preflight.media.containers.mp4_header import box_header, u32

if TYPE_CHECKING:
    from collections.abc import Iterator

_PICTURE_FIELDS = 78  # bytes of a video sample entry before its boxes
_PROTECTED = {b"encv", b"drmi"}  # Common Encryption; FairPlay
# Codecs that some versions of ffprobe do not name, by the four characters of their entry.
_CODECS = {
    b"vvc1": "vvc", b"vvi1": "vvc", b"av01": "av1", b"evc1": "evc", b"lvc1": "lcevc",
    b"vp08": "vp8", b"vp09": "vp9", b"avs3": "avs3", b"jxsm": "jpegxs", b"apv1": "apv",
}  # fmt: skip
_LENGTH_SIZE = {b"avcC": 4, b"hvcC": 21}  # the offset of the byte with the size of NAL lengths


class SampleEntry(NamedTuple):
    """What the sample entries of a track declare; of the first one, where they differ."""

    kind: str | None = None  # four characters, such as avc1
    others: frozenset[str] = frozenset()  # kinds of further entries that are not the first one's
    codec: str | None = None  # ffprobe's name of a codec that some versions of it do not know
    encrypted: bool = False  # at least one of the entries is
    nal_length: int | None = None  # bytes of the length before each NAL unit of H.264 and HEVC


def read_entries(stsd: bytes) -> SampleEntry:
    """Reads the stsd box of a video track; what makes no sense in it is left out."""
    kind, encrypted, nal_length = b"", False, None
    names = set()
    for index, (name, body) in enumerate(_entries(stsd)):
        inner = dict(_boxes(body, _PICTURE_FIELDS))
        encrypted = encrypted or name in _PROTECTED or b"sinf" in inner
        names.add(_text(name))
        if index == 0:
            kind, nal_length = name, _nal_length(inner)
    return SampleEntry(
        kind=_text(kind) or None,
        others=frozenset(names - {_text(kind)}),
        codec=_CODECS.get(kind),
        encrypted=encrypted,
        nal_length=nal_length,
    )


def _text(kind: bytes) -> str:
    """Four characters that are letters or digits, else an empty text."""
    return kind.decode("latin-1") if kind.isalnum() else ""


def _entries(stsd: bytes) -> Iterator[tuple[bytes, bytes]]:
    for index, entry in enumerate(_boxes(stsd, 8)):
        if index >= min(u32(stsd, 4) or 0, 64):
            return
        yield entry


def _boxes(data: bytes, at: int) -> Iterator[tuple[bytes, bytes]]:
    """Kind and content of the boxes from an offset on."""
    while header := box_header(data, at, len(data) - at):
        kind, size, head = header
        yield kind, data[at + head : at + size]
        at += size


def _nal_length(inner: dict[bytes, bytes]) -> int | None:
    for name, at in _LENGTH_SIZE.items():
        config = inner.get(name, b"")
        if len(config) > at:
            return (config[at] & 3) + 1
    return None
