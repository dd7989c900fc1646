"""Opens a medium at a path or a URL. The only limit here is the cap that the caller passes."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from motion_preflight.text.links.white_space import trim_link
from motion_preflight.text.locations import is_url

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import Protocol

    from motion_preflight.network.client import Web
    from motion_preflight.network.transfer import Transfer

    class Source(Protocol):
        """A medium opened for probing: its bytes, and a local file that ffprobe can read.

        The local file of a URL has the true length and the bytes that were fetched; the rest of it
        are holes.
        """

        @property
        def path(self) -> Path:
            """The local file that ffprobe can read."""
            ...

        @property
        def size(self) -> int:
            """The size of the medium in bytes."""
            ...

        @property
        def version(self) -> str:
            """A text that changes when the bytes may have changed: validators, size and a
            digest of the fetched bytes of a URL, time of change and size of a file.
            """
            ...

        @property
        def transfer(self) -> Transfer | None:
            """How the bytes were fetched; `None` for a path."""
            ...

        def read(self, offset: int, length: int) -> bytes:
            """The bytes from `offset`; fewer than `length` only at the end of the file."""
            ...

        def has(self, offset: int, length: int) -> bool:
            """Whether reading these bytes costs no request; bytes beyond the end cost none."""
            ...

        def fetch(self, offset: int, length: int) -> None:
            """Makes sure that these bytes are in the local file."""
            ...

        def fetch_all(self) -> None:
            """Makes sure that every byte is in the local file."""
            ...

        def release(self) -> None:
            """Closes the connections, since no more bytes will be asked for."""
            ...

    class OpenedSource(Source, Protocol):
        """A source that can be compared with an earlier version of itself."""

        @property
        def end_doubt(self) -> str | None:
            """Why the file may go on behind its last byte, in words; `None` when it does not."""
            ...

        def is_version(self, earlier: str) -> bool:
            """Whether the bytes still have the version `earlier`; those of a URL may be fetched."""
            ...


__all__ = ["Source", "open_source"]


@contextmanager
def open_source(
    location: str, *, folder: Path | None, cap: int, web: Callable[[], Web]
) -> Iterator[OpenedSource]:
    """Opens the medium at a path (relative ones start at `folder`) or a URL, of which at most `cap`
    bytes are read. `web` is called for a URL only. Raises `MediaUnavailable`.
    """
    if is_url(location):
        from motion_preflight.media.source.remote import open_url  # noqa: PLC0415  imports httpx

        with open_url(trim_link(location), cap=cap, web=web()) as remote:
            yield remote
    else:
        from motion_preflight.media.source.local import open_path, path_of  # noqa: PLC0415

        with open_path(path_of(location, folder)) as local:
            yield local
