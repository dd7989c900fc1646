"""Where bytes come from: a path, or a URL by ranges. Knows no limits, only the cap it is given."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from motion_preflight.source.location import is_url
from motion_preflight.text.links.white_space import trim_link

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import Protocol

    from motion_preflight.facts import Reason, Transfer
    from motion_preflight.source.web import Web

    class Source(Protocol):
        """A medium opened for probing: its bytes, and a local file that ffprobe can be given.

        Of a URL the file has the true length and the bytes that were brought; the rest are holes.
        """

        @property
        def path(self) -> Path: ...
        @property
        def size(self) -> int: ...
        @property
        def version(self) -> str:
            """Another one means that the bytes may have changed: validators, size and a
            digest of what was fetched of a URL, time of change and size of a file.
            """
            ...

        @property
        def transfer(self) -> Transfer | None:
            """How the bytes came; `None` for a path."""
            ...

        def read(self, offset: int, length: int) -> bytes:
            """The bytes from `offset`; fewer than `length` only at the end of the file."""
            ...

        def holds(self, offset: int, length: int) -> bool:
            """Whether reading them costs no request; bytes beyond the end cost none."""
            ...

        def bring(self, offset: int, length: int) -> None:
            """Makes sure that they are in the file."""
            ...

        def whole(self) -> None:
            """Makes sure that every byte is in the file."""
            ...

        def release(self) -> None:
            """Gives back what brought the bytes: no more will be asked for."""
            ...

    class OpenedSource(Source, Protocol):
        """A source that can be compared with what it was at another time."""

        @property
        def end_doubt(self) -> str | None:
            """Why it may go on behind its last byte, in words; `None` when that is its end."""
            ...

        def is_version(self, known: str) -> bool:
            """Whether the bytes are those that had the version `known`; a URL's may be fetched."""
            ...


__all__ = ["Source", "Unusable", "open_source"]


_LONGEST = 500  # characters of a message; hosts may put in some of their own


class Unusable(Exception):  # noqa: N818  an outcome that becomes `Unmeasured`, not an error of ours
    """The bytes cannot be had: why, in words for people, and what is known of them all the same."""

    def __init__(
        self,
        reason: Reason,
        message: str,
        *,
        size: int | None = None,
        transfer: Transfer | None = None,
        remedy: str | None = None,
    ) -> None:
        message = message if len(message) <= _LONGEST else f"{message[:_LONGEST]}…"
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.size = size
        self.transfer = transfer
        self.remedy = remedy


@contextmanager
def open_source(
    location: str, *, folder: Path | None, cap: int, web: Callable[[], Web]
) -> Iterator[OpenedSource]:
    """The medium at a path (relative ones start at `folder`) or a URL, of which at most `cap` bytes
    are read. `web` is called for a URL only. Raises `Unusable`.
    """
    if is_url(location):
        from motion_preflight.source.remote import open_url  # noqa: PLC0415  costs an import of httpx

        with open_url(trim_link(location), cap=cap, web=web()) as remote:
            yield remote
    else:
        from motion_preflight.source.local import open_path, path_of  # noqa: PLC0415

        with open_path(path_of(location, folder)) as local:
            yield local
