"""Files that a command of the user's own puts somewhere."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from motion_preflight.publishing.errors import (
    DestinationInvalid,
    StoreError,
    StoreRefused,
    StoreUnreachable,
)
from motion_preflight.publishing.program import (
    QUICK,
    complaint,
    run_program,
    sending_seconds,
    shown,
)
from motion_preflight.publishing.store import Link
from motion_preflight.text.links.expiry import link_validity

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import timedelta

    from motion_preflight.publishing.destination import Destination
    from motion_preflight.publishing.program import ProgramResult
    from motion_preflight.publishing.store import StoredObject

# A link as it is sent: printable ASCII, and nobody's name and password before the host.
_LINK = re.compile(r"(?i:https?)://[^\x00-\x20/?#@\x7f-\U0010ffff]+([/?][!-~]*)?")

_PERHAPS = "What it may have sent is still there."


class CommandStore:
    """Whatever the publish_command of the settings reaches."""

    def __init__(
        self, destination: Destination, publish: Sequence[str], unpublish: Sequence[str]
    ) -> None:
        if not publish and not unpublish:
            raise DestinationInvalid(
                "The destination command needs publish_command in the settings: a list of words, "
                'such as ["my-upload", "{file}", "{name}"].'
            )
        if publish and not any("{file}" in word for word in publish):
            raise DestinationInvalid(
                "publish_command has no {file} in it: that word becomes the path of the file."
            )
        if unpublish and not any("{link}" in word or "{name}" in word for word in unpublish):
            raise DestinationInvalid(
                "unpublish_command has no {link} in it: that word becomes the link to remove."
            )
        self.destination = destination
        self._publish, self._unpublish = tuple(publish), tuple(unpublish)
        self._links: dict[str, str] = {}

    @property
    def address(self) -> str:
        """Empty: the destination says it all."""
        return ""

    def find(self, name: str) -> StoredObject | None:  # noqa: ARG002  there is no command that looks
        """`None`: a command cannot tell what is there."""
        return None

    def put(
        self,
        name: str,
        file: Path,
        *,
        size: int,
        content_type: str,  # noqa: ARG002  the command knows the file's name
        progress: Callable[[int], None],
    ) -> None:
        """Runs the publish_command. See Store; only the command itself can take back what it has
        sent when it is interrupted: it is asked by SIGINT, then SIGTERM, and has seven seconds.
        """
        if not self._publish:
            raise DestinationInvalid(
                "The destination command needs publish_command in the settings."
            )
        words = _filled(self._publish, {"{file}": str(file.resolve()), "{name}": name})
        result = run_program(words, seconds=sending_seconds(size))
        try:
            _ensure_done(result, words[0], "publish_command")
        except StoreRefused as error:  # nobody knows what it did before it failed
            raise StoreError(f"{error} {_PERHAPS}") from None
        lines = result.output.decode("utf-8", "replace").strip().splitlines()
        link = lines[-1].strip() if lines else ""
        if not _LINK.fullmatch(link):
            printed = f"It printed: {shown(link)}" if link else "It printed nothing."
            raise StoreError(
                "The last line that publish_command prints must be the link, http:// or https://. "
                f"{printed} {_PERHAPS}"
            )
        self._links[name] = link
        progress(size)

    def link(self, name: str, expires: timedelta) -> Link:  # noqa: ARG002  the command decides
        """The link that the command printed for the file. Its end is what it says itself."""
        link = self._links.get(name)
        if link is None:
            raise StoreError(f"publish_command has published no {name} in this run.")
        validity = link_validity(link)
        return Link(link, validity.end if validity else None)

    def delete(self, name: str, *, link: str | None = None) -> None:
        """Runs the unpublish_command. Raises StoreError, also when there is none."""
        link = self._links.get(name, link or "").partition("?")[0] or None
        if not self._unpublish:
            raise StoreError(
                f"{name} must be removed by hand: there is no unpublish_command in the settings. "
                "After that the ledger can be told to forget it."
            )
        if link is None and any("{link}" in word for word in self._unpublish):
            raise StoreError(f"{name} must be removed by hand: its whole link is not known here.")
        words = _filled(self._unpublish, {"{link}": link or "", "{name}": name})
        _ensure_done(run_program(words, seconds=QUICK), words[0], "unpublish_command")
        self._links.pop(name, None)

    def close(self) -> None:
        """Nothing is kept open: every call is a process of its own."""


def _filled(words: Sequence[str], values: dict[str, str]) -> list[str]:
    """The words with the values in place of their marks; what a value holds is no mark."""
    marks = re.compile("|".join(re.escape(mark) for mark in values))
    return [marks.sub(lambda mark: values[mark[0]], word) for word in words]


def _ensure_done(result: ProgramResult, program: str, what: str) -> None:
    name = Path(program).name
    if result.stopped:
        raise StoreUnreachable(f"{what} ({name}) was ended: {result.stopped}.")
    if result.code != 0:
        text = complaint(result)
        how = f"exit code {result.code}" if result.code > 0 else f"signal {-result.code}"
        raise StoreRefused(f"{what} ({name}) failed with {how}{f': {text}' if text else '.'}")
