"""Mends a picture: plans what has to change, makes it, measures the result, and only then gives it
its name.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

from motion_preflight.media.containers.signature import ANY_PICTURE
from motion_preflight.media.facts import MediaFacts
from motion_preflight.media.measure import measure
from motion_preflight.media.picture_headers.header import SidesUnknown, too_many
from motion_preflight.media.source.local import open_path, path_of
from motion_preflight.network.errors import MediaUnavailable
from motion_preflight.repair.errors import CannotFix
from motion_preflight.repair.picture_input import PictureInput
from motion_preflight.repair.picture_plan import ENDINGS, plan_picture
from motion_preflight.repair.placing import (
    in_folder,
    name_beside,
    place,
    temporary_beside,
    write_problem,
)
from motion_preflight.repair.result import Fix
from motion_preflight.report.findings import Level
from motion_preflight.suitability import fits
from motion_preflight.text.lazy_dataclass import replace
from motion_preflight.text.locations import extension, printable, sanitize_external_text

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator
    from pathlib import Path

    from motion_preflight.media.facts import Measured
    from motion_preflight.provider.profile import Profile
    from motion_preflight.repair.picture_plan import Written

_LARGEST = 256 << 20  # bytes of a picture that is read
_MARK = "for-image"
_METADATA = "what it says about place, device and time is left out"
_TAKEN = "{} is there already, and is not overwritten: name another file"


def fix_picture(
    path: Path,
    *,
    profile: Profile,
    now: dt.datetime,
    output: Path | None = None,
    folder: Path | None = None,
    dry_run: bool = False,
) -> Fix:
    """Makes one still JPEG or PNG of a picture that meets the profile's limits, and proves it.

    path     the picture; it is only read
    now      the time to compare with what the profile dates
    output   the name of the result, which must not exist; `None`: `NAME-for-image.jpg` or `.png`
             in `folder`, with a number behind it where that is taken
    folder   `None`: that of the picture
    dry_run  writes nothing: `changes` says what would be done

    Nothing is written where nothing has to change, and nothing is left of what failed. What stands
    in the way is the `error` of the result.
    """
    mending = _Mending(path, profile, now, output, folder)
    try:
        return mending.run(dry_run=dry_run)
    except CannotFix as obstacle:
        return replace(mending.result(), error=str(obstacle))


class _Mending:
    """The mending of one picture."""

    def __init__(
        self,
        path: Path,
        profile: Profile,
        now: dt.datetime,
        output: Path | None,
        folder: Path | None,
    ) -> None:
        self.given = str(path)
        self.source = path_of(self.given, None)
        # A whole path cannot be taken for a link, whatever the name is.
        self.path = self.source.absolute()
        self.profile = profile
        self.now = now
        self.output = output
        self.beside = in_folder(self.source, folder)
        self.before = _measured(self.path, self.path)
        self.changes: tuple[str, ...] = ()

    def run(self, *, dry_run: bool) -> Fix:
        facts = self._mendable()
        wanted = _kind_of_name(self.output)
        with _without_surprise(), open_path(self.path) as source:
            if source.version != facts.version:
                raise CannotFix("the picture changed while it was read: try again")
            picture = PictureInput(source, facts.container or "", extension(self.path.name))
            plan = plan_picture(picture.traits, self.profile.limits, wanted)
            if not plan.changes:
                self._ensure_suitable(facts)
                return self.result()
            self.changes = plan.changes + ((_METADATA,) if picture.metadata else ())
            if dry_run:
                return self.result()
            data, written, words = picture.mended(plan)
        self.changes += (words,) if words else ()
        return self._placed(data, written)

    def result(self) -> Fix:
        """What is known so far, without a new file."""
        return Fix(
            source=self.given,
            output=None,
            changes=self.changes,
            argv=None,
            before=replace(self.before, location=self.given),
            after=None,
        )

    def _mendable(self) -> MediaFacts:
        """The facts of a picture that can be decoded whole. Raises `CannotFix`."""
        before = self.before
        if before.container not in ANY_PICTURE:
            problem = before.error or f"it is {before.container}, not a picture"
            remedy = getattr(before, "remedy", None) or "name a picture"
            raise CannotFix(f"{problem}: {remedy}")
        if not isinstance(before, MediaFacts) or before.truncated or before.transparent:
            self._ensure_suitable(before, among={"image-unreadable", "image-transparent"})
        elif before.undecodable and not _only_large(before):
            self._ensure_suitable(before, among={"image-unreadable"})
        if not isinstance(before, MediaFacts):
            raise CannotFix(f"{before.error}: save it as JPEG or PNG in a picture program")
        return before

    def _ensure_suitable(self, measured: Measured, among: set[str] | None = None) -> None:
        """Raises `CannotFix` with the first finding that is more than a note; `among` are the
        rules to look at, `None`: all.
        """
        for finding in fits(measured, profile=self.profile, now=self.now).findings:
            if finding.level is not Level.NOTE and (among is None or finding.rule in among):
                raise CannotFix(f"{finding.message}; {finding.remedy}")

    def _placed(self, data: bytes, kind: Written) -> Fix:
        """Writes the file, proves it, and gives it its name."""
        wanted = self.output or name_beside(self.beside, _MARK, f".{ENDINGS[kind][0]}")
        try:
            with temporary_beside(wanted.parent) as temporary:
                temporary.write_bytes(data)
                after = self._proven(temporary, wanted)
                name = place(temporary, wanted, numbered=self.output is None)
        except FileExistsError:
            raise CannotFix(_TAKEN.format(printable(str(wanted)))) from None
        except OSError as error:
            raise CannotFix(write_problem(error, wanted.parent)) from None
        return replace(self.result(), output=name, after=replace(after, location=str(name)))

    def _proven(self, temporary: Path, wanted: Path) -> MediaFacts:
        """The measurement of the new file, with which no rule finds fault. Raises `CannotFix`."""
        after = _measured(temporary, wanted.absolute())
        self._ensure_suitable(after)
        assert isinstance(after, MediaFacts)
        return after


def _measured(path: Path, name: Path) -> Measured:
    """The measurement of a file, under the name that it has or will have."""
    measured = measure(str(path), "image", cap=_LARGEST, ffprobe="", web=_no_web)
    return replace(measured, location=str(name))


def _no_web() -> NoReturn:
    raise AssertionError("a path is no link")


def _only_large(facts: MediaFacts) -> bool:
    """Whether a picture has more pixels than a check decodes, and a decoder that notices missing
    ones. That of JPEG fills them up.
    """
    stream = facts.video
    if stream is None or facts.container == "jpeg":
        return False
    return facts.undecodable == too_many((stream.width or 0) * (stream.height or 0))


def _kind_of_name(output: Path | None) -> Written | None:
    """The kind that the name of the result asks for; `None` where it asks for none. Raises
    `CannotFix` where there is such a file, or the kind is not written here.
    """
    if output is None:
        return None
    if os.path.lexists(output):
        raise CannotFix(_TAKEN.format(printable(str(output))))
    ending = extension(output.name)
    for kind, endings in ENDINGS.items():
        if ending in endings:
            return kind
    if ending:
        raise CannotFix(
            f"{printable(str(output))} ends in .{ending}: name a file that ends in .jpg or .png"
        )
    return None


@contextmanager
def _without_surprise() -> Iterator[None]:
    """Turns whatever a decoder raises into what stands in the way, in words."""
    try:
        yield
    except CannotFix:
        raise
    except MediaUnavailable as unusable:
        raise CannotFix(f"{unusable.message}: try again") from None
    except SidesUnknown as unknown:
        raise CannotFix(f"the sides of the picture cannot be found: {unknown}") from None
    except MemoryError:
        raise CannotFix(
            "mending it needs more memory than this machine gives: scale it down in a picture "
            "program"
        ) from None
    except Exception as error:  # noqa: BLE001  decoders of attackers' files raise anything
        text = sanitize_external_text(str(error))[:200] or type(error).__name__
        raise CannotFix(
            f"it cannot be decoded ({text}): open it in another program, and save it again as "
            "JPEG or PNG"
        ) from None
