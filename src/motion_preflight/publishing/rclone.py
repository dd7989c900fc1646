"""Files at a remote of rclone, the program that knows many stores and has been configured already.

rclone makes no bucket here that is not there: a misspelled one is an error.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from motion_preflight.publishing.errors import (
    DestinationInvalid,
    FileChanged,
    FileUnreadable,
    PublishError,
    StoreRefused,
    StoreUnreachable,
)
from motion_preflight.publishing.program import (
    QUICK,
    find_program,
    run_program,
    sending_seconds,
    shown,
)
from motion_preflight.publishing.store import Link, StoredObject
from motion_preflight.text.links.expiry import link_validity

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta
    from pathlib import Path

    from motion_preflight.publishing.destination import Destination
    from motion_preflight.publishing.program import ProgramResult

_ADVICE = "https://rclone.org/install/ has it for every system."
_OPTIONS = ("--use-json-log", "--ask-password=false", "--retries", "1", "--low-level-retries", "1",
            "--contimeout", "10s", "--timeout", "60s")  # fmt: skip
# The last of an option counts. A third attempt would take half a minute longer.
_SENDING = ("--low-level-retries", "2", "--stats", "500ms", "--stats-log-level", "NOTICE")
# An option that an old rclone does not know stops it; a variable does not.
_ENVIRONMENT = {
    "RCLONE_S3_NO_CHECK_BUCKET": "true",
    "RCLONE_GCS_NO_CHECK_BUCKET": "true",
    "RCLONE_AZUREBLOB_NO_CHECK_CONTAINER": "true",
}
_NOT_THERE = {3, 4}  # https://rclone.org/docs/#exit-code: no such folder, no such file
_CONNECTION = re.compile(
    r"(?i)dial tcp|connection refused|no such host|i/o timeout|connection reset|network is|"
    r"broken pipe|EOF\b|TLS handshake|deadline exceeded"
)
# A quarter of an hour or more, where S3 and Azure refuse; rclone warns from five minutes on.
_TIME = re.compile(
    rb"Time may be set wrong - time from .{1,300}? is -?([0-9]+h[0-9]+m|(?:1[5-9]|[2-5][0-9])m)"
)
# What may be the clock: an answer without a body, and what Azure and Google say of a wrong one.
_REFUSED = re.compile(r"api error Forbidden: Forbidden|AuthenticationFailed|invalid_grant")


class RcloneStore:
    """A folder of a remote."""

    def __init__(self, destination: Destination, *, public_url: str | None) -> None:
        self.destination = destination
        self._public_url = public_url
        self._program = find_program("rclone", _ADVICE)

    @property
    def address(self) -> str:
        """Empty: the destination says it all."""
        return ""

    def find(self, name: str) -> StoredObject | None:
        """The file of that name; `None` when there is none, or no folder for it."""
        result = self._run("lsjson", "--stat", self._place(name))
        if result.code in _NOT_THERE:
            return None
        self._ensure_done(result, "looked for the file")
        entry = _json(result.output)
        # Stores that have no folders call every name one that nothing is under.
        if not entry or entry.get("IsDir"):
            return None
        return StoredObject(name, int(entry.get("Size", -1)), entry.get("MimeType") or None)

    def put(
        self,
        name: str,
        file: Path,
        *,
        size: int,
        content_type: str,  # noqa: ARG002  rclone derives it from the name
        progress: Callable[[int], None],
    ) -> None:
        """Has rclone send the file. See Store."""
        if not self._public_url:
            self._ensure_links()
        _ensure_size(file, size)
        transfer = _Transfer(size, progress)
        command = ("copyto", str(file.resolve()), self._place(name))
        try:
            result = self._run(
                *command, options=_SENDING, seconds=sending_seconds(size), watch=transfer.read
            )
            self._ensure_done(result, "sent the file")
            _ensure_size(file, size)
        except FileChanged:
            self.delete(name)
            raise
        except BaseException:
            self._remove_part(name, size)
            raise
        transfer.finish()

    def link(self, name: str, expires: timedelta) -> Link:
        """A link that the remote gives out. Its end is what the link says itself; some remotes let
        it end sooner or never.
        """
        if self._public_url:
            return Link(f"{self._public_url.rstrip('/')}/{quote(name)}", None)
        seconds = f"{int(expires.total_seconds())}s"
        result = self._run("link", "--expire", seconds, self._place(name))
        self._ensure_done(result, "made a link")
        lines = result.output.decode("utf-8", "replace").split()
        if not lines or not re.match("https?://[^/]", lines[-1]):
            raise StoreRefused(f"rclone gives no link to {self._shown(name)}. {self._no_links}")
        validity = link_validity(lines[-1])
        return Link(lines[-1], validity.end if validity else None)

    def delete(self, name: str, *, link: str | None = None) -> None:  # noqa: ARG002  its name is enough
        """Removes the file. Raises StoreError."""
        result = self._run("deletefile", self._place(name))
        # An old rclone (1.60) has no exit code of its own for a file that is not there.
        if result.code not in _NOT_THERE and "doesn't exist" not in _reason(result.complaints):
            self._ensure_done(result, "removed the file")

    def close(self) -> None:
        """Nothing is kept open: every call is a process of its own."""

    def _place(self, name: str) -> str:
        return f"{self.destination.bucket}:{self.destination.path_of(name)}"

    def _shown(self, name: str) -> str:
        return f"rclone:{self._place(name)}"

    def _run(
        self,
        *words: str,
        options: tuple[str, ...] = (),
        seconds: float = QUICK,
        watch: Callable[[bytes], None] | None = None,
    ) -> ProgramResult:
        return run_program(
            [self._program, *words, *_OPTIONS, *options],
            seconds=seconds,
            environment=_ENVIRONMENT,
            watch=watch,
        )

    @property
    def _no_links(self) -> str:
        return (
            f"Where the files of {self.destination.bucket}: are served on the web, name that "
            "address (the public URL, or publish_url in the settings); otherwise take a remote "
            "that makes links, such as one of S3."
        )

    def _ensure_links(self) -> None:
        """Raises StoreRefused, before anything is sent, when the remote makes no links."""
        result = self._run("backend", "features", f"{self.destination.bucket}:")
        self._ensure_done(result, "looked at the remote")
        features = _json(result.output).get("Features", {})
        if isinstance(features, dict) and features.get("PublicLink") is False:
            raise StoreRefused(
                f"The remote {self.destination.bucket}: makes no links. {self._no_links}"
            )

    def _remove_part(self, name: str, size: int) -> None:
        """Removes what an interrupted transfer left. A file of the right size is a whole one, which
        another process may have sent: it stays.
        """
        try:
            stored = self.find(name)
            if stored and stored.size != size:
                self.delete(name)
        except PublishError:
            pass  # the first error says more

    def _ensure_done(self, result: ProgramResult, what: str) -> None:
        """Raises the error that tells why rclone did not do it."""
        if result.stopped:
            raise StoreUnreachable(f"rclone was ended before it had {what}: {result.stopped}.")
        if result.code == 0:
            return
        text = _reason(result.complaints)
        remote = self.destination.bucket
        if "didn't find section in config file" in text:
            raise DestinationInvalid(
                f"rclone knows no remote {remote}: `rclone listremotes` shows those it knows, and "
                "`rclone config` makes one."
            )
        if re.search("(?i)unable to decrypt config|password.*config|config.*password", text):
            raise DestinationInvalid(
                "The configuration of rclone is encrypted: set RCLONE_CONFIG_PASS or "
                "RCLONE_PASSWORD_COMMAND."
            )
        clock = _clock(result.complaints, text)
        if clock:
            raise StoreRefused(
                f"rclone has not {what} at {remote}: this machine's clock is {clock} the server's. "
                "Set the clock, and publish again."
            )
        because = f": {text}" if text else f" (exit code {result.code})"
        if _CONNECTION.search(text):
            raise StoreUnreachable(f"rclone has not {what} at {remote}{because}")
        hint = f"`rclone lsd {remote}:` shows whether the remote works."
        raise StoreRefused(f"rclone has not {what} at {remote}{because.rstrip('.')}. {hint}")


def _clock(log: bytes, reason: str) -> str | None:
    """How far the clock is from a server that refuses for it; `None` when that is not the reason.

    rclone warns of a difference by itself, which counts where the server gives no other reason.
    """
    warning = _TIME.search(log)
    if "RequestTimeTooSkewed" not in reason and not (warning and _REFUSED.search(reason)):
        return None
    return f"{warning[1].decode()} away from" if warning else "too far from"


class _Transfer:
    """Reads the progress of a transfer out of rclone's log."""

    def __init__(self, size: int, progress: Callable[[int], None]) -> None:
        self._size, self._progress = size, progress
        self._sent, self._rest = 0, b""

    def read(self, piece: bytes) -> None:
        *lines, self._rest = (self._rest + piece).split(b"\n")
        for line in lines:
            stats = _json(line).get("stats")
            if isinstance(stats, dict) and isinstance(stats.get("bytes"), int):
                self._advance(stats["bytes"])

    def finish(self) -> None:
        self._advance(self._size)

    def _advance(self, sent: int) -> None:
        sent = min(sent, self._size)  # what was sent twice is counted twice
        if sent > self._sent:
            self._progress(sent - self._sent)
            self._sent = sent


def _ensure_size(file: Path, size: int) -> None:
    try:
        now = file.stat().st_size
    except OSError as error:
        raise FileUnreadable(f"{file} cannot be read: {error.strerror}.") from error
    if now != size:
        raise FileChanged(
            f"{file.name} changed: it has {now} bytes, and had {size} when it was checked. Check "
            "it again."
        )


def _json(text: bytes) -> dict[str, Any]:
    """A JSON object; empty for anything else."""
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _reason(log: bytes) -> str:
    """Why rclone failed, by the last line of its log that says so."""
    entries = [_json(line) for line in log.splitlines()]
    texts = [str(entry["msg"]) for entry in entries if entry.get("msg") and "stats" not in entry]
    if not texts:
        return shown(log.decode("utf-8", "replace"))
    return shown(" ".join(texts[-1].split()))
