"""Mends the media that a request file names, and writes a request that names the new ones."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from motion_preflight.repair.placing import place, temporary_beside, write_problem
from motion_preflight.request.errors import ManifestInvalid
from motion_preflight.request.files import RequestEntry, read_requests
from motion_preflight.text.locations import is_url, printable

if TYPE_CHECKING:
    from collections.abc import Callable

    from motion_preflight.repair.fix import Fixer
    from motion_preflight.repair.result import Fix

_FIELDS = ("video_url", "image_url")


@dataclass(frozen=True, slots=True)
class FixedEntry:
    """A request whose local media were mended.

    entry  the request, which names the new media
    fixes  what came of each local medium
    links  the fields whose medium is a link, which is left as it is
    """

    entry: RequestEntry
    fixes: tuple[Fix, ...]
    links: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        """Whether every local medium passes now."""
        return all(fix.error is None for fix in self.fixes)


@dataclass(frozen=True, slots=True)
class FixedRequest:
    """What came of a request file.

    fixes    one for each local medium
    output   the new request file; `None`: none was written
    message  what a person should know about the request itself; empty: nothing
    """

    fixes: tuple[Fix, ...]
    output: Path | None
    message: str


def is_request(location: str) -> bool:
    """Whether a name is that of a request file."""
    return not is_url(location) and location.lower().endswith(".json")


def fix_request(
    location: str,
    fixer: Fixer,
    *,
    output: Path | None = None,
    dry_run: bool = False,
    watch: Callable[[float], None] | None = None,
) -> FixedRequest:
    """Mends the local media of the one request in a file, for its orientation. The new request is
    written beside it as `NAME-fixed.json` when all of them pass then; it never replaces a file.

    Raises `ManifestInvalid` for a file that holds no request or several, and what `Fixer.fix`
    raises.
    """
    done = fix_entry(_only_request(location), fixer, dry_run=dry_run, watch=watch)
    changed = any(fix.output is not None for fix in done.fixes)
    if dry_run or not changed or not done.is_whole:
        text = f"{' and '.join(done.links)}: links are left as they are" if done.links else ""
        return FixedRequest(done.fixes, None, text)
    return _written(Path(location), dict(done.entry.body), done.fixes, output)


def fix_entry(
    entry: RequestEntry,
    fixer: Fixer,
    *,
    dry_run: bool = False,
    watch: Callable[[float], None] | None = None,
) -> FixedEntry:
    """Mends the local media of a request for its orientation. Raises what `Fixer.fix` raises."""
    body, folder = dict(entry.body), entry.folder or Path()
    orientation = body.get("character_orientation")
    fixes, links = [], []
    for field in _FIELDS:
        medium = body.get(field)
        if not isinstance(medium, str) or not medium:
            continue
        if is_url(medium):
            links.append(field)
            continue
        done = fixer.fix(
            os.fspath(folder / medium), orientation=orientation, dry_run=dry_run, watch=watch
        )
        fixes.append(done)
        if done.output is not None:
            body[field] = os.path.relpath(done.output, folder)
    return FixedEntry(replace(entry, body=body), tuple(fixes), tuple(links))


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


def _written(
    source: Path, body: dict[str, Any], fixes: tuple[Fix, ...], output: Path | None
) -> FixedRequest:
    wanted = output or source.with_name(f"{source.stem}-fixed.json")
    text = json.dumps(body, indent=2, ensure_ascii=False) + "\n"
    try:
        with temporary_beside(wanted.parent) as temporary:
            temporary.write_text(text, encoding="utf-8")
            placed = place(temporary, wanted, numbered=output is None)
    except FileExistsError:
        return FixedRequest(fixes, None, f"{wanted} exists already, and nothing is overwritten")
    except OSError as error:
        return FixedRequest(fixes, None, write_problem(error, wanted.parent))
    return FixedRequest(fixes, placed, f"the request with the new media is {placed}")
