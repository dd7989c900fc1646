"""Reads the first directory of a TIFF file. An Exif block has the same form."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from motion_preflight.media.picture_headers.header import PictureHeader, SidesUnknown
from motion_preflight.text.lazy_dataclass import dataclass, field

if TYPE_CHECKING:
    from motion_preflight.media.source_file import Read, Stretch

_ENTRIES = 1024  # of a directory; cameras write some 60
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8}
_NUMBERS = {3: "H", 4: "I"}
_SUBFILE, _WIDTH, _HEIGHT, _ORIENTATION = 254, 256, 257, 274
_SAMPLES, _TILE_WIDTH, _TILE_HEIGHT, _DNG_VERSION = 277, 322, 323, 50706
_PROFILE = 34675
# The maker of the camera, the time, Exif, the place, and Adobe's XMP.
_METADATA = {271, 272, 306, 700, 34665, 34853}
# The tags that describe the picture data; all others are metadata, or lead to other pictures.
_NEEDED = {
    254, 255, 256, 257, 258, 259, 262, 263, 266, 273, 277, 278, 279, 280, 281, 284, 292, 293, 317,
    320, 322, 323, 324, 325, 332, 333, 334, 336, 338, 339, 340, 341, 342, 347, *range(512, 522),
    529, 530, 531, 532,
}  # fmt: skip
_MOST_SAMPLES = 6  # per pixel, that decoders accept
_TILE = 1 << 24  # pixels of a tile at most: a decoder holds a whole tile in memory


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class TiffHeader(PictureHeader):
    """The header, and the file as a decoder gets it. A new directory at its end holds only the tags
    of the picture data, because a decoder would also read other directories and all metadata.
    """

    parts: tuple[Stretch, ...] = field(default=(), repr=False)


@dataclass(slots=True)
class _Directory:
    """The first directory: for each tag its first number, or 0 where it has none."""

    tags: dict[int, int]
    end: int  # of the furthest value
    total: int  # bytes of all values that a decoder needs
    entries: bytes  # those that a decoder needs, as they stand
    order: str
    profile: tuple[tuple[int, int], ...]  # offset, length
    several: bool  # another picture follows


def read_tiff(read: Read, size: int) -> TiffHeader:
    """Reads the header of a TIFF file. Raises `SidesUnknown`."""
    try:
        directory = _directory(read)
    except struct.error:
        raise SidesUnknown("its directory lies beyond its end") from None
    tags = directory.tags
    if _DNG_VERSION in tags:
        raise SidesUnknown("it is a raw photo (DNG)", kind="dng")
    if tags.get(_SUBFILE, 0) & 1 or read(8, 2) == b"CR":
        raise SidesUnknown("its first picture is the preview of a raw photo")
    width, height = tags.get(_WIDTH), tags.get(_HEIGHT)
    if not width or not height:
        raise SidesUnknown("its directory names no sides")
    missing = None
    if directory.end > size:
        missing = f"its directory points to byte {directory.end:,} of {size:,}"
    start = size + size % 2
    first = struct.pack(directory.order + "I", start)
    count = struct.pack(directory.order + "H", len(directory.entries) // 12)
    end = b"\0" * (start - size) + count + directory.entries + bytes(4)
    return TiffHeader(
        "tiff", width, height, tags.get(_ORIENTATION, 1), missing, _damage(directory, size), None,
        ((0, 4), first, (8, size - 8), end), profile=directory.profile, several=directory.several,
        metadata=not _METADATA.isdisjoint(tags),
    )  # fmt: skip


def _damage(directory: _Directory, size: int) -> str | None:
    """Why a decoder must not get this file, in words; `None` when it may."""
    tags = directory.tags
    tile = tags.get(_TILE_WIDTH, 0), tags.get(_TILE_HEIGHT, 0)
    if tags.get(_SAMPLES, 1) > _MOST_SAMPLES:
        return f"it has {tags[_SAMPLES]} samples a pixel"
    if tile[0] * tile[1] > _TILE:
        return f"it has tiles of {tile[0]}x{tile[1]} pixels"
    # A decoder reads every value into memory, and several tags may point to the same large value.
    if directory.total > 2 * size + 65536:
        return "its directory asks for more bytes than it has"
    return None


def exif_orientation(block: bytes) -> int:
    """The orientation (Exif's number) in an Exif block, 1 (upright) when it has none or is
    broken.
    """
    block = block.removeprefix(b"Exif\0\0")
    try:
        directory = _directory(lambda at, length: block[at : at + length])
    except struct.error:
        return 1
    return directory.tags.get(_ORIENTATION, 1)


def _directory(read: Read) -> _Directory:
    """Reads the first directory. Raises `struct.error` where it lies beyond the end."""
    order = "<" if read(0, 2) == b"II" else ">"
    (at,) = struct.unpack(order + "I", read(4, 4))
    (count,) = struct.unpack(order + "H", read(at, 2))
    if count > _ENTRIES:
        raise struct.error
    block, following = read(at + 2, 12 * count), read(at + 2 + 12 * count, 4)
    directory = _Directory({}, 0, 0, b"", order, (), any(following))
    for start in range(0, len(block) - 11, 12):
        tag, type_, number = struct.unpack_from(order + "HHI", block, start)
        length, value = _SIZES.get(type_, 1) * number, block[start + 8 : start + 12]
        if tag in _NEEDED:
            directory.total += length
            directory.entries += block[start : start + 12]
        if length > 4:
            (offset,) = struct.unpack(order + "I", value)
            end = offset + length if tag in _NEEDED else 0
            directory.end = max(directory.end, end)
            if tag == _PROFILE:
                directory.profile = ((offset, length),)
            value = read(offset, 8)
        directory.tags[tag] = 0
        form = _NUMBERS.get(type_)
        if form and number and len(value) >= struct.calcsize(order + form):
            directory.tags[tag] = struct.unpack_from(order + form, value)[0]
    return directory
