"""One file on its way to an object store: in parts, once, and taken back when it is interrupted.

The library sends in a thread of its own, so that an interruption is heard at once. When the thread
is then asked for the next part it raises, and the library takes the unfinished upload back. Parts
go one at a time, so that there is never more than one to wait for.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from motion_preflight import interruption
from motion_preflight.publishing.clouds.service import PART, obstore_module
from motion_preflight.publishing.errors import FileChanged, FileUnreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import BinaryIO

    from motion_preflight.publishing.clouds.service import CloudStore

_ROUND = 0.1  # seconds between two reports of progress
_GRACE = 10.0  # seconds that an interrupted upload may take to be taken back


class _Cancelled(Exception):  # noqa: N818  it ends a thread, and is no error
    pass


class Upload:
    """The sending of one file."""

    def __init__(
        self, store: CloudStore, path: str, file: BinaryIO, *, size: int, content_type: str
    ) -> None:
        self._store, self._path, self._file = store, path, file
        self._size, self._content_type = size, content_type
        self._sent = 0  # bytes of finished parts
        self._cancelled, self._done = threading.Event(), threading.Event()
        self._lock, self._complete = threading.Lock(), False
        self._error: BaseException | None = None

    def send(self, progress: Callable[[int], None]) -> None:
        """Sends the file, and raises what stopped it: FileChanged, an error of the library, or
        whatever the caller was interrupted by.
        """
        threading.Thread(target=self._run, name="upload", daemon=True).start()
        shown = 0
        try:
            done = False
            while not done:
                done = self._done.wait(_ROUND)
                interruption.check()
                sent = self._sent
                if sent > shown:
                    progress(sent - shown)
                    shown = sent
        except BaseException:
            self._cancel()
            raise
        if self._error:
            raise self._error

    def _run(self) -> None:
        try:
            self._put()
            with self._lock:
                self._complete = True
                too_late = self._cancelled.is_set()
            if too_late:
                self._take_back()
            self._sent = self._size
        except BaseException as error:  # noqa: BLE001  the caller raises it
            self._error = error
        finally:
            self._done.set()

    def _cancel(self) -> None:
        """Stops the thread, and leaves nothing of the file behind. Parts that are on their way
        cannot be stopped, so a file that arrives in spite of it is removed.
        """
        with self._lock:
            self._cancelled.set()
            complete = self._complete
        if complete:
            self._take_back()
        self._done.wait(_GRACE)

    def _take_back(self) -> None:
        with suppress(Exception):  # what ended the upload is raised already
            obstore_module().delete(self._store, self._path)

    def _put(self) -> None:
        put = obstore_module().put
        attributes = {"Content-Type": self._content_type}
        if self._size > PART:
            parts = self._parts()
            put(self._store, self._path, parts, attributes=attributes, chunk_size=PART,
                max_concurrency=1)  # fmt: skip
            return
        content = self._read(self._size + 1)
        self._ensure_size(len(content))
        put(self._store, self._path, content, attributes=attributes, use_multipart=False)

    def _parts(self) -> Iterator[bytes]:
        """The parts of the file. A part is asked for when the last but one has arrived."""
        read = 0
        while part := self._read(PART):
            if self._cancelled.is_set():
                raise _Cancelled
            self._sent = max(0, read - PART)
            read += len(part)
            if read > self._size:
                break
            yield part
        self._ensure_size(read)
        if self._cancelled.is_set():
            raise _Cancelled

    def _read(self, most: int) -> bytes:
        try:
            return self._file.read(most)
        except (OSError, ValueError) as error:  # closed, because nobody waits for it any more
            raise FileUnreadable(f"The file cannot be read to its end: {error}.") from error

    def _ensure_size(self, read: int) -> None:
        if read != self._size:
            raise FileChanged(
                f"The file changed while it was sent: it had {self._size} bytes when it was "
                "checked. Nothing was published; check it again."
            )


def open_file(file: Path) -> BinaryIO:
    """The file, opened to be sent. Raises FileUnreadable."""
    try:
        return file.open("rb")
    except OSError as error:
        raise FileUnreadable(f"{file} cannot be read: {error.strerror}.") from error
