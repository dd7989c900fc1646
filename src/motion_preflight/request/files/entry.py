"""One request as it was written, and how a file of requests is opened."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from shlex import quote
from typing import IO, TYPE_CHECKING, Any

from motion_preflight.request.errors import ManifestInvalid
from motion_preflight.text.lazy_dataclass import dataclass, field
from motion_preflight.text.locations import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

LARGEST = 16 << 20  # bytes of a JSON document; a request has a few hundred
WORKBOOK = (
    "this is a workbook of a spreadsheet (or another archive), not CSV; save its table as "
    '"CSV UTF-8"'
)
_KINDS = {list: "a list", str: "a text", bool: "true or false", type(None): "null"}
_DEEPEST = 32  # levels; a request has two


@dataclass(frozen=True, slots=True)
class RequestEntry:
    """One request as it was written, with the place where it stands."""

    label: str
    body: dict[str, Any] = field(repr=False)  # its links may be signed
    # Where its relative paths start; `None`: the current folder.
    folder: Path | None = field(default=None)
    # Columns and fields that stood beside the request in its file, and are not sent.
    left_out: dict[str, Any] = field(default_factory=dict, repr=False)

    __hash__ = None  # type: ignore[assignment]  # its mappings can be changed

    def with_all(self) -> RequestEntry:
        """The same request with the fields that were left out, so that they are sent."""
        return RequestEntry(self.label, self.body | self.left_out, self.folder)


def entry(body: Any, place: str, folder: Path | None) -> RequestEntry | ManifestInvalid:  # noqa: ANN401  JSON
    """The value as a request, or the reason why it is not one."""
    if not isinstance(body, dict):
        kind = _KINDS.get(type(body), "a number")
        if isinstance(body, str) and body.lstrip()[:1] in {"{", "["}:
            kind = "a text that holds one: take off the quotes around it"
        text = f'a request is a JSON object like {{"model": …}}, and this is {kind}'
        return ManifestInvalid(f"{place}: {text}")
    if str(body.get("schema", "")).startswith("motion-preflight/"):
        return ManifestInvalid(f"{place}: this is a report of ours, not a request")
    if _deeper(body, _DEEPEST):
        return ManifestInvalid(f"{place}: nested more than {_DEEPEST} levels deep")
    return RequestEntry(place, body, folder)


@contextmanager
def opened(path: Path, name: str, *, bounded: bool) -> Iterator[IO[bytes]]:
    """Opens a regular file, of at most `LARGEST` bytes if `bounded`. Raises `ManifestInvalid`."""
    label = printable(name)
    try:
        if not path.is_file():
            there = "not a regular file" if path.exists() else "no such file"
            raise ManifestInvalid(f"{label}: {there}; a request is a .json, .jsonl or .csv file")
        if bounded and path.stat().st_size > LARGEST:
            raise ManifestInvalid(medium_hint(label))
        file = path.open("rb")
    except (OSError, ValueError) as error:
        raise _unreadable(label, error) from None
    with file:
        try:
            yield file
        except OSError as error:
            raise _unreadable(label, error) from None


def medium_hint(label: str) -> str:
    """What to tell a user who names a medium where a request file is expected."""
    label = quote(label)
    return (
        f"{label} is a medium or another file, not a request. To see what it is good for: "
        f"`motion-preflight probe {label}`. To check it in a request: "
        "`motion-preflight check --video … --image … --model … --orientation … --mode …`"
    )


def is_workbook(start: bytes) -> bool:
    """Whether a file begins like a workbook: a ZIP archive, or an OLE file (.xls)."""
    return start.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0"))


def _unreadable(label: str, error: Exception) -> ManifestInvalid:
    cause = getattr(error, "strerror", None) or error
    return ManifestInvalid(f"{label}: cannot be read ({cause})")


def _deeper(value: Any, levels: int) -> bool:  # noqa: ANN401  JSON
    """Whether a value is nested deeper than so many levels."""
    layer = [value]
    for _ in range(levels):
        layer = [
            inner
            for outer in layer
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
        if not layer:
            return False
    return True
