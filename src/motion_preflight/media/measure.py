"""Measures the medium at a location: its facts, or why there are none."""

from __future__ import annotations

from contextlib import ExitStack, nullcontext
from typing import TYPE_CHECKING

from motion_preflight.media.containers.signature import (
    ANY_PICTURE,
    NOT_MEDIA,
    UNMEASURABLE_PICTURES,
    signature,
)
from motion_preflight.media.errors import FfprobeFailed
from motion_preflight.media.facts import Kind, Measured, MediaFacts, Unmeasured
from motion_preflight.media.programs.ffprobe import CannotOpen
from motion_preflight.media.source.opening import open_source
from motion_preflight.network.errors import MediaUnavailable, Reason
from motion_preflight.text.lazy_dataclass import replace
from motion_preflight.text.links.white_space import trim_link
from motion_preflight.text.locations import is_url
from motion_preflight.text.module_log import ModuleLog
from motion_preflight.text.redaction import mask_secrets, url_secrets
from motion_preflight.text.sha256 import sha256_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from motion_preflight.media.clip import Clip
    from motion_preflight.media.filmer import Filmer
    from motion_preflight.media.source.opening import OpenedSource
    from motion_preflight.media.watcher import Watcher
    from motion_preflight.network.client import Web

_LOG = ModuleLog(__name__)
_HEAD = 512
CONTENT_HEAD = 64 << 10  # bytes: as many as the first range of a URL brings
_NO_MEMORY = "measuring it needs more memory than this machine gives"
AT_ONCE: AbstractContextManager[object] = nullcontext()  # the host slot that is always free


def measure(
    location: str,
    kind: Kind | None,
    *,
    cap: int,
    ffprobe: str,
    web: Callable[[], Web],
    folder: Path | None = None,
    scan: bool = False,
    watcher: Watcher | None = None,
    filmer: Filmer | None = None,
    host_slot: AbstractContextManager[object] = AT_ONCE,
) -> Measured:
    """The facts of the medium at a path or URL, or why it could not be measured.

    kind       what it should be; `None`: any kind will do
    cap        bytes from which on a URL, or a picture at a path, is not read
    scan       decodes every frame of the judged track, within bounds
    watcher    looks at its pictures; `None`: nobody does
    filmer     takes pictures of what is here by then; `None`: nobody does
    host_slot  entered while bytes are fetched, and left before ffprobe reads them
    """
    location = trim_link(location)
    tell = _LOG.timed("measuring %s", location)
    try:
        with ExitStack() as stack:
            with host_slot:
                source = stack.enter_context(open_source(location, folder=folder, cap=cap, web=web))
                measuring = _Measuring(location, source, ffprobe)
                unmeasured = measuring.fetch(kind, cap=cap, whole=scan or watcher is not None)
                source.release()
            measured = unmeasured or measuring.run(scan=scan, watcher=watcher, filmer=filmer)
            measured = replace(measured, content=measuring.content)
    except MemoryError:
        measured = Unmeasured(location, Reason.UNSUPPORTED, _NO_MEMORY)
    except MediaUnavailable as unusable:
        measured = Unmeasured(
            location,
            unusable.reason,
            unusable.message,
            size=unusable.size,
            transfer=unusable.transfer,
            remedy=unusable.remedy,
        )
    tell(_outcome(measured))
    return _discreet(measured) if is_url(location) else measured


def _outcome(measured: Measured) -> str:
    """What came of a measurement, in the program's own words alone."""
    if isinstance(measured, Unmeasured):
        return measured.reason
    transfer = measured.transfer
    fetched = f", {transfer.bytes} fetched in {transfer.requests} requests" if transfer else ""
    return f"{measured.container} of {measured.size} bytes{fetched}"


def _discreet(measured: Measured) -> Measured:
    """The same without the secrets that a host repeats in its answers: those of the link, and of
    the one that it redirects to.
    """
    final_url = measured.transfer.final_url if measured.transfer else ""
    own = _both_cases(url_secrets([measured.location or ""]))
    secrets = own + _both_cases(url_secrets([final_url]))
    if not secrets:
        return measured
    if isinstance(measured, Unmeasured):
        measured = replace(measured, error=mask_secrets(measured.error, secrets))
    if measured.transfer is None:
        return measured
    transfer = measured.transfer
    base, mark, query = final_url.partition("?")
    transfer = replace(
        transfer,
        content_type=transfer.content_type and mask_secrets(transfer.content_type, secrets),
        etag=transfer.etag and mask_secrets(transfer.etag, secrets),
        final_url=f"{mask_secrets(base, own)}{mark}{query}",
    )
    return replace(measured, transfer=transfer)


def _both_cases(secrets: list[str]) -> list[str]:
    return secrets + [secret.lower() for secret in secrets]


def content_key(size: int, head: bytes) -> str:
    """A key for a file's content: its size in bytes, and a hash of its first
    `CONTENT_HEAD` bytes.
    """
    return f"{size}:{sha256_of(head)}"


def is_version(
    location: str, earlier: str, *, folder: Path | None, cap: int, web: Callable[[], Web]
) -> bool:
    """Whether the medium still has the version `earlier`; False also when it cannot be read now. A
    URL takes one request where its validators tell, else its bytes of then are fetched again.
    """
    try:
        with open_source(location, folder=folder, cap=cap, web=web) as source:
            return source.is_version(earlier)
    except MediaUnavailable:
        return False


class _Measuring:
    """Measures one opened medium."""

    def __init__(self, location: str, source: OpenedSource, ffprobe: str) -> None:
        self.location = location
        self.source = source
        self.ffprobe = ffprobe
        self.head = source.read(0, _HEAD)
        self.signature = signature(self.head)
        self.content = content_key(source.size, source.read(0, CONTENT_HEAD))
        self.clip: Clip | None = None
        if self.signature not in ANY_PICTURE:  # Clip is not imported for pictures
            from motion_preflight.media.clip import Clip  # noqa: PLC0415

            self.clip = Clip(source, signature=self.signature, ffprobe=ffprobe)

    def fetch(self, kind: Kind | None, *, cap: int, whole: bool) -> Unmeasured | None:
        """Fetches every byte that is needed. Returns the outcome when no more bytes can change it,
        else `None`. `whole`: of a clip, all bytes are needed.
        """
        wrong = self._wrong_kind(kind)
        if wrong:
            return wrong
        if self.clip is None:
            if self.source.size >= cap:  # a picture is read into memory as a whole
                return self._unmeasured(Reason.TOO_LARGE, f"{self.source.size:,} bytes")
            self.source.fetch_all()
            return None
        problem = self.clip.fetch(whole=whole)
        return self._unmeasured(*problem) if problem else None

    def run(self, *, scan: bool, watcher: Watcher | None, filmer: Filmer | None) -> Measured:
        """Measures the fetched bytes: a clip with ffprobe, a picture without it."""
        if self.clip is None:
            from motion_preflight.media.pictures import measure_picture  # noqa: PLC0415

            return measure_picture(self.source, self.location, self.signature or "")
        try:
            facts, format_name = self.clip.read(
                self._place(), scan=scan, watcher=watcher, filmer=filmer
            )
        except CannotOpen as error:
            why = self.clip.doubt or f"no video or picture that ffprobe can read ({error})"
            return self._unmeasured(Reason.UNREADABLE, why)
        except FfprobeFailed as error:
            odd = self.clip.layout.contradiction if self.clip.layout else None
            return self._unmeasured(Reason.UNSUPPORTED, odd or str(error))
        indexed = self.clip.layout is not None and self.clip.layout.fragmented is False
        # Without an index, which tells where the last sample ends, the file might be cut short.
        if self.source.end_doubt and not indexed:
            return self._unmeasured(Reason.UNREACHABLE, self.source.end_doubt)
        brand = self.clip.layout.brand if self.clip.layout else _brand(self.head)
        return replace(
            facts,
            format_name=format_name,
            brand=brand,
            container=self._container(format_name or "", brand),
        )

    def _place(self) -> MediaFacts:
        """The facts that are known before anything is read: where the medium is, and its size."""
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
        """The outcome where the first bytes already rule out the wanted kind, else `None`."""
        sign, url = self.signature, is_url(self.location)
        if self.source.size == 0:
            return self._unmeasured(Reason.UNREADABLE, "it is empty")
        if sign == "html" and url:
            return self._unmeasured(Reason.NOT_DIRECT, "the link answers a web page")
        if sign in NOT_MEDIA:
            remedy = "fetch the file with `git lfs pull`" if sign == "git-lfs" else None
            return self._unmeasured(Reason.UNREADABLE, f"it is {NOT_MEDIA[sign]}", remedy)
        if kind == "video" and sign in ANY_PICTURE:
            name = UNMEASURABLE_PICTURES.get(sign or "", (sign or "").upper())
            return self._unmeasured(Reason.UNREADABLE, f"it is a picture ({name})")
        if sign in UNMEASURABLE_PICTURES and not _measurable(sign or ""):
            name = UNMEASURABLE_PICTURES[sign or ""]
            return self._unmeasured(
                Reason.UNSUPPORTED,
                f"pictures of the kind {name} are not measured here",
            )
        if kind == "image" and sign not in ANY_PICTURE:
            what = f"it is {sign}, not a picture" if sign else "it is no picture"
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
        """The container's usual name. MP4 and MOV share a demuxer, and only the brand tells them
        apart.
        """
        if "mov" in format_name or (not format_name and self.signature == "mp4"):
            if brand is None or brand == "qt":
                return "mov"  # QuickTime files are older than brands
            return "3gp" if brand.startswith("3g") else "mp4"
        if "matroska" in format_name or self.signature == "matroska":
            from motion_preflight.media.containers.matroska import doc_type  # noqa: PLC0415

            return "webm" if doc_type(self.head) == b"webm" else "matroska"
        return format_name.partition(",")[0].removesuffix("_pipe") or self.signature


def _measurable(kind: str) -> bool:
    """Whether the extra that reads pictures of this kind is installed."""
    from motion_preflight.media.pictures import measurable  # noqa: PLC0415

    return measurable(kind)


def _brand(head: bytes) -> str | None:
    return head[8:12].decode("latin-1").strip("\x00 ") if head[4:8] == b"ftyp" else None
