"""Mends the media that a request names, and gives a request that names the new ones."""

from __future__ import annotations

import os
from collections.abc import Callable
from os import PathLike
from pathlib import Path
from typing import Any

from motion_preflight.provider.profile import Profile
from motion_preflight.repair.fix import Fixer
from motion_preflight.repair.options import FixOptions
from motion_preflight.repair.result import Fix
from motion_preflight.request.parse import Request, fields_of
from motion_preflight.text.lazy_dataclass import dataclass, field
from motion_preflight.text.locations import is_url

_FIELDS = ("video_url", "image_url")


@dataclass(frozen=True, slots=True)
class FixedRequest:
    """A request whose local media were mended.

    request  its fields; where a new medium was made they name that one
    fixes    what came of each local medium
    links    the fields whose medium is a link, which is left as it is
    """

    request: dict[str, Any] = field(repr=False)  # its links may be signed
    fixes: tuple[Fix, ...]
    links: tuple[str, ...]

    __hash__ = None  # type: ignore[assignment]  # its mappings can be changed

    @property
    def is_whole(self) -> bool:
        """Whether every local medium passes now."""
        return all(fix.error is None for fix in self.fixes)


def fix_request(
    request: Request,
    *,
    folder: str | PathLike[str] | None = None,
    dry_run: bool = False,
    watch: Callable[[float], None] | None = None,
    profile: Profile | None = None,
    fixer: Fixer | None = None,
) -> FixedRequest:
    """Mends the local media that a request names, for its orientation, and returns a request that
    names the new ones, to be checked and sent in its place.

    folder   where relative paths of the request start; `None`: the current folder
    dry_run  make the plans, and run nothing
    watch    called with the part that is done, 0 to 1, while a clip is made
    profile  limits; `None`: those of `preflight`
    fixer    one that several requests share; it replaces the profile

    Why a medium was not mended stands in the `error` of its `Fix`. Raises what `fix` raises.
    """
    if fixer is None:
        with Fixer(FixOptions(), profile) as own:
            return fix_request(request, folder=folder, dry_run=dry_run, watch=watch, fixer=own)
    fields, start = dict(fields_of(request)), Path(folder or "")
    orientation = fields.get("character_orientation")
    fixes, links = [], []
    for name in _FIELDS:
        medium = fields.get(name)
        if not isinstance(medium, str) or not medium:
            continue
        if is_url(medium):
            links.append(name)
            continue
        path = os.fspath(start / medium)
        done = fixer.fix(path, orientation=orientation, dry_run=dry_run, watch=watch)
        fixes.append(done)
        if done.output is not None:
            fields[name] = os.path.relpath(done.output, start)
    return FixedRequest(fields, tuple(fixes), tuple(links))
