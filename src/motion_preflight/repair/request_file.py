"""Mends the media that a request file names, and writes a file that names the new ones."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from motion_preflight.repair.placing import place, temporary_beside, write_problem
from motion_preflight.repair.request import fix_request
from motion_preflight.request.errors import ManifestInvalid
from motion_preflight.request.files import RequestEntry, read_requests
from motion_preflight.text.lazy_dataclass import dataclass
from motion_preflight.text.locations import is_url, printable

if TYPE_CHECKING:
    from collections.abc import Callable

    from motion_preflight.repair.fix import Fixer
    from motion_preflight.repair.result import Fix


@dataclass(frozen=True, slots=True)
class FixedFile:
    """What came of a request file.

    fixes    one for each local medium
    output   the new request file; `None`: none was written
    message  what a person should know about the request itself; empty: nothing
    error    why there is no new request file though there should be one; `None`: nothing is wrong
    """

    fixes: tuple[Fix, ...]
    output: Path | None
    message: str
    error: str | None = None


def is_request(location: str) -> bool:
    """Whether a name is that of a request file."""
    return not is_url(location) and location.lower().endswith(".json")


def fix_request_file(
    location: str,
    fixer: Fixer,
    *,
    output: Path | None = None,
    dry_run: bool = False,
    watch: Callable[[float], None] | None = None,
) -> FixedFile:
    """Mends the local media of the one request in a file, for its orientation. The new request is
    written beside it as `NAME-fixed.json` when all of them pass then; it never replaces a file.

    Raises `ManifestInvalid` for a file that holds no request or several, and what `Fixer.fix`
    raises.
    """
    entry = _only_request(location)
    if error := _name_problem(output):
        return FixedFile((), None, "", error)
    done = fix_request(entry.body, folder=entry.folder, dry_run=dry_run, watch=watch, fixer=fixer)
    changed = any(fix.output is not None for fix in done.fixes)
    if dry_run or not changed or not done.is_whole:
        text = f"{' and '.join(done.links)}: links are left as they are" if done.links else ""
        if not done.fixes:
            text = text or f"{printable(location)} names no medium: nothing was mended"
        return FixedFile(done.fixes, None, text)
    return _written(Path(location), done.request, done.fixes, output)


def _only_request(location: str) -> RequestEntry:
    entries = list(read_requests(location))
    if len(entries) != 1:
        raise ManifestInvalid(
            f"{printable(location)}: fix takes a file with one request, this one has {len(entries)}"
        )
    (entry,) = entries
    if isinstance(entry, ManifestInvalid):
        raise entry
    return entry


def _name_problem(output: Path | None) -> str | None:
    """What is wrong with the name of a new request file; `None`: nothing."""
    if output is None:
        return None
    if not is_request(str(output)):
        return f"{printable(str(output))} is to hold a request: name a file that ends in .json"
    return _taken(output) if os.path.lexists(output) else None


def _taken(output: Path) -> str:
    return f"{printable(str(output))} exists already, and nothing is overwritten: name another file"


def _written(
    source: Path, body: dict[str, Any], fixes: tuple[Fix, ...], output: Path | None
) -> FixedFile:
    wanted = output or source.with_name(f"{source.stem}-fixed.json")
    text = json.dumps(body, indent=2, ensure_ascii=False) + "\n"
    try:
        with temporary_beside(wanted.parent) as temporary:
            temporary.write_text(text, encoding="utf-8")
            placed = place(temporary, wanted, numbered=output is None)
    except FileExistsError:
        return FixedFile(fixes, None, "", _taken(wanted))
    except OSError as error:
        return FixedFile(fixes, None, "", write_problem(error, wanted.parent))
    return FixedFile(fixes, placed, f"the request with the new media is {placed}")
