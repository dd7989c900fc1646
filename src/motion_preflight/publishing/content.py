"""A local file that is to be published: its bytes' hash, and the name and type that follow."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from motion_preflight.media.source.local import open_path, path_of
from motion_preflight.network.errors import MediaUnavailable
from motion_preflight.publishing.errors import FileChanged, FileUnreadable
from motion_preflight.text.lazy_dataclass import dataclass
from motion_preflight.text.locations import printable

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from motion_preflight.media.facts import MediaFacts

_STEP = 1 << 20  # bytes that are hashed at a time
_DIGITS = 40  # of the hash in a name: 160 bits, which nobody guesses or meets by chance
# Container → the extension and the media type that hosts and programs use for it.
# https://www.iana.org/assignments/media-types
_KINDS = {
    "mp4": ("mp4", "video/mp4"),
    "mov": ("mov", "video/quicktime"),
    "webm": ("webm", "video/webm"),
    "matroska": ("mkv", "video/x-matroska"),
    "avi": ("avi", "video/x-msvideo"),
    "flv": ("flv", "video/x-flv"),
    "mpegts": ("ts", "video/mp2t"),
    "ogg": ("ogv", "video/ogg"),
    "jpeg": ("jpg", "image/jpeg"),
    "png": ("png", "image/png"),
    "webp": ("webp", "image/webp"),
    "gif": ("gif", "image/gif"),
    "bmp": ("bmp", "image/bmp"),
    "tiff": ("tif", "image/tiff"),
    "heic": ("heic", "image/heic"),
    "avif": ("avif", "image/avif"),
}
_OTHER = ("bin", "application/octet-stream")


@dataclass(frozen=True, slots=True)
class FileContent:
    """A local file as it was checked.

    The name says nothing of the file but its hash and its kind: a link is shown to a provider, and
    the name of a private file is nobody's business.
    """

    path: Path
    version: str  # time of change and size, as the check saw them
    size: int  # bytes
    sha256: str  # in hexadecimal digits
    name: str  # at the destination
    content_type: str

    def read(self, offset: int, length: int) -> bytes:
        """Bytes of the file, to be compared. Raises `FileChanged`."""
        with open_path(self.path) as file:
            if file.version != self.version:
                raise _changed(self.path)
            return file.read(offset, length)

    def ensure_same(self) -> None:
        """Raises `FileChanged` when the file is not the one that was checked any more."""
        self.read(0, 0)


def read_content(
    facts: MediaFacts, folder: Path | None, watch: Callable[[int], None] = lambda _: None
) -> FileContent:
    """Hashes a local file that was measured; `folder` is where a relative path starts, and `watch`
    is called with the bytes that were read since its last call. Raises `FileChanged`, and
    `FileUnreadable` when it cannot be read.
    """
    path = path_of(facts.location, folder)
    digest = hashlib.sha256()
    try:
        with open_path(path) as file:
            if file.version != facts.version:
                raise _changed(path)
            for offset in range(0, file.size, _STEP):
                piece = file.read(offset, _STEP)
                digest.update(piece)
                watch(len(piece))
            size, version = file.size, file.version
    except (MediaUnavailable, OSError) as error:
        raise FileUnreadable(f"{printable(str(path))} cannot be read: {error}") from None
    ending, kind = _KINDS.get(facts.container or "", _OTHER)
    sha256 = digest.hexdigest()
    return FileContent(path, version, size, sha256, f"{sha256[:_DIGITS]}.{ending}", kind)


def _changed(path: Path) -> FileChanged:
    return FileChanged(f"{printable(str(path))} changed since it was checked: check it again")
