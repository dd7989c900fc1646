"""A location → the facts of the medium there, or why there are none."""

from __future__ import annotations

import hashlib
from contextlib import ExitStack, nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING

from motion_preflight.errors import FfprobeFailed
from motion_preflight.facts import (
    Kind,
    Measured,
    MediaFacts,
    Reason,
    Unmeasured,
)
from motion_preflight.probe import CannotOpen
from motion_preflight.redaction import url_secrets, without
from motion_preflight.source import Unusable, open_source
from motion_preflight.source.location import is_url
from motion_preflight.source.signature import (
    ANY_PICTURE,
    NOT_MEDIA,
    UNMEASURABLE_PICTURES,
    signature,
)
from motion_preflight.text.links.white_space import trim_link

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from motion_preflight.media.clip import Clip
    from motion_preflight.source import OpenedSource
    from motion_preflight.source.web import Web

_HEAD = 512
CONTENT_HEAD = 64 << 10  # bytes: the first range that is asked of a URL
_NO_MEMORY = "measuring it needs more memory than this machine gives"
AT_ONCE: AbstractContextManager[object] = nullcontext()  # the turn of what waits for no other


def measure(
    location: str,
    kind: Kind | None,
    *,
    cap: int,
    ffprobe: str,
    web: Callable[[], Web],
    folder: Path | None = None,
    scan: bool = False,
    turn: AbstractContextManager[object] = AT_ONCE,
) -> Measured:
    """The facts of the medium at a path or URL, or why it could not be measured.

    `kind` is what it should be, `None` when anything is welcome; `cap` is the number of bytes from
    which on a URL, or a picture at a path, is not read; `scan` decodes every frame of the judged
    track, within bounds; `turn` is held while bytes are brought, not while ffprobe reads them.
    """
    location = trim_link(location)
    try:
        with ExitStack() as stack:
            with turn:
                source = stack.enter_context(open_source(location, folder=folder, cap=cap, web=web))
                measuring = _Measuring(location, source, ffprobe)
                known = measuring.bring(kind, cap=cap, scan=scan)
                source.release()
            found = replace(known or measuring.run(scan=scan), content=measuring.content)
    except MemoryError:
        found = Unmeasured(location, Reason.UNSUPPORTED, _NO_MEMORY)
    except Unusable as unusable:
        found = Unmeasured(
            location,
            unusable.reason,
            unusable.message,
            size=unusable.size,
            transfer=unusable.transfer,
            remedy=unusable.remedy,
        )
    return _discreet(found) if is_url(location) else found


def _discreet(found: Measured) -> Measured:
    """The same without what a host has put of the link's own secrets into its answers."""
    secrets = url_secrets([found.location or ""])
    if not secrets:
        return found
    secrets += [each.lower() for each in secrets]
    if isinstance(found, Unmeasured):
        found = replace(found, error=without(found.error, secrets))
    if found.transfer is None:
        return found
    said = found.transfer
    base, mark, query = (said.final_url or "").partition("?")
    said = replace(
        said,
        content_type=said.content_type and without(said.content_type, secrets),
        etag=said.etag and without(said.etag, secrets),
        final_url=said.final_url and f"{without(base, secrets)}{mark}{query}",
    )
    return replace(found, transfer=said)


def content_key(size: int, head: bytes) -> str:
    """What identifies a file's content by its size in bytes and its first `CONTENT_HEAD` bytes."""
    return f"{size}:{hashlib.sha256(head).hexdigest()}"


def is_version(
    location: str, known: str, *, folder: Path | None, cap: int, web: Callable[[], Web]
) -> bool:
    """Whether the medium is what it was when it had the version `known`: of a URL by one request
    where its validators say so, else by the bytes that were fetched then. False when it cannot be
    had now.
    """
    try:
        with open_source(location, folder=folder, cap=cap, web=web) as source:
            return source.is_version(known)
    except Unusable:
        return False


class _Measuring:
    """One opened medium on its way to its facts."""

    def __init__(self, location: str, source: OpenedSource, ffprobe: str) -> None:
        self.location = location
        self.source = source
        self.ffprobe = ffprobe
        self.head = source.read(0, _HEAD)
        self.signature = signature(self.head)
        self.content = content_key(source.size, source.read(0, CONTENT_HEAD))
        self.clip: Clip | None = None
        if self.signature not in ANY_PICTURE:  # what measures the other kind is not imported
            from motion_preflight.media.clip import Clip  # noqa: PLC0415

            self.clip = Clip(source, signature=self.signature, head=self.head, ffprobe=ffprobe)

    def bring(self, kind: Kind | None, *, cap: int, scan: bool) -> Unmeasured | None:
        """Brings every byte that is needed; not `None` when none is needed to know the outcome."""
        wrong = self._wrong_kind(kind)
        if wrong:
            return wrong
        if self.clip is None:
            if self.source.size >= cap:  # it would be held as a whole
                return self._unmeasured(Reason.TOO_LARGE, f"{self.source.size:,} bytes")
            self.source.whole()
            return None
        lacking = self.clip.fetch(scan=scan)
        return self._unmeasured(*lacking) if lacking else None

    def run(self, *, scan: bool) -> Measured:
        """What ffprobe says of the bytes that were brought; a picture is measured without it."""
        if self.clip is None:
            from motion_preflight.media.pictures import measure_picture  # noqa: PLC0415

            return measure_picture(self.source, self.location, self.signature or "")
        try:
            facts, format_name = self.clip.read(self._place(), scan=scan)
        except CannotOpen as error:
            why = self.clip.doubt or f"no video or picture that ffprobe can read ({error})"
            return self._unmeasured(Reason.UNREADABLE, why)
        except FfprobeFailed as error:
            odd = self.clip.layout.contradiction if self.clip.layout else None
            return self._unmeasured(Reason.UNSUPPORTED, odd or str(error))
        indexed = self.clip.layout is not None and self.clip.layout.fragmented is False
        if self.source.end_doubt and not indexed:  # an index tells where the last sample ends
            return self._unmeasured(Reason.UNREACHABLE, self.source.end_doubt)
        brand = self.clip.layout.brand if self.clip.layout else _brand(self.head)
        return replace(
            facts,
            format_name=format_name,
            brand=brand,
            container=self._container(format_name or "", brand),
        )

    def _place(self) -> MediaFacts:
        """What is known before anything has read it."""
        return MediaFacts(
            location=self.location,
            size=self.source.size,
            container=None,
            format_name=None,
            brand=None,
            probed_by="",
            transfer=self.source.transfer,
            version=self.source.version,
        )

    def _wrong_kind(self, kind: Kind | None) -> Unmeasured | None:
        """What the first bytes rule out before anything else is read."""
        found, url = self.signature, is_url(self.location)
        if self.source.size == 0:
            return self._unmeasured(Reason.UNREADABLE, "it is empty")
        if found == "html" and url:
            return self._unmeasured(Reason.NOT_DIRECT, "the link answers a web page")
        if found in NOT_MEDIA:
            remedy = "fetch the file with `git lfs pull`" if found == "git-lfs" else None
            return self._unmeasured(Reason.UNREADABLE, f"it is {NOT_MEDIA[found]}", remedy)
        if kind == "video" and found in ANY_PICTURE:
            name = UNMEASURABLE_PICTURES.get(found or "", (found or "").upper())
            return self._unmeasured(Reason.UNREADABLE, f"it is a picture ({name})")
        if found in UNMEASURABLE_PICTURES and not _measurable(found or ""):
            name = UNMEASURABLE_PICTURES[found or ""]
            return self._unmeasured(
                Reason.UNSUPPORTED,
                f"pictures of the kind {name} are not measured here",
            )
        if kind == "image" and found not in ANY_PICTURE:
            what = f"it is {found}, not a picture" if found else "it is no picture"
            return self._unmeasured(Reason.UNREADABLE, what)
        return None

    def _unmeasured(self, reason: Reason, error: str, remedy: str | None = None) -> Unmeasured:
        return Unmeasured(
            self.location,
            reason,
            error,
            size=self.source.size,
            container=self._container("", _brand(self.head)),
            transfer=self.source.transfer,
            remedy=remedy,
        )

    def _container(self, format_name: str, brand: str | None) -> str | None:
        """The container's usual name. MP4 and MOV share a demuxer: the brand tells them apart."""
        if "mov" in format_name or (not format_name and self.signature == "mp4"):
            if brand is None or brand == "qt":
                return "mov"  # the boxes are older than the brand
            return "3gp" if brand.startswith("3g") else "mp4"
        if "matroska" in format_name or self.signature == "matroska":
            from motion_preflight.media.containers.matroska import doc_type  # noqa: PLC0415

            return "webm" if doc_type(self.head) == b"webm" else "matroska"
        return format_name.partition(",")[0].removesuffix("_pipe") or self.signature


def _measurable(kind: str) -> bool:
    """Whether the extra that reads such pictures is installed."""
    from motion_preflight.media.pictures import measurable  # noqa: PLC0415

    return measurable(kind)


def _brand(head: bytes) -> str | None:
    return head[8:12].decode("latin-1").strip("\x00 ") if head[4:8] == b"ftyp" else None
