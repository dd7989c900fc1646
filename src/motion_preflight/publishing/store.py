"""What a place that keeps published files can do, whatever it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from motion_preflight.text.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime, timedelta
    from pathlib import Path

    from motion_preflight.publishing.destination import Destination


@dataclass(frozen=True, slots=True)
class StoredObject:
    """A file as the store lists it."""

    name: str
    size: int  # bytes
    content_type: str | None  # `None`: the store does not say


@dataclass(frozen=True, slots=True)
class Link:
    """An address that anybody may fetch a file from."""

    url: str
    expires: datetime | None  # with its time zone; `None`: it does not end, or its end is not known
    note: str | None = None  # a sentence on what may end it sooner, for people; `None`: nothing


class Store(Protocol):
    """A place for published files. Names are relative to the prefix of the destination."""

    destination: Destination

    @property
    def address(self) -> str:
        """Where the destination is, as a URL without credentials, so that two stores under the same
        name can be told apart; empty where the name says it all.
        """
        ...

    def find(self, name: str) -> StoredObject | None:
        """The file of that name; `None` when there is none, or the store cannot tell."""
        ...

    def put(
        self,
        name: str,
        file: Path,
        *,
        size: int,
        content_type: str,
        progress: Callable[[int], None],
    ) -> None:
        """Sends a file once, as a stream. Whatever ends it early leaves nothing at the store,
        KeyboardInterrupt and an exception of `progress` included.

        size          bytes that the file must have; one that has changed is not left there
        content_type  what the store will serve it as
        progress      called with the bytes that were sent since its last call
        """
        ...

    def link(self, name: str, expires: timedelta) -> Link:
        """A link to the file that lasts so long, or shorter where the store or the credentials
        end it sooner.
        """
        ...

    def delete(self, name: str, *, link: str | None = None) -> None:
        """Removes the file; one that is not there is removed already. Raises StoreError, which says
        why it is still there.

        link  its link as it was published, for a command that knows files by their links alone
        """
        ...

    def close(self) -> None:
        """Ends what the store keeps open."""
        ...
