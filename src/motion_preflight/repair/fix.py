"""`fix`: mends a clip or a picture, and proves that the result passes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from contextlib import ExitStack
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Unpack, get_args

from motion_preflight.media.containers.signature import ANY_PICTURE
from motion_preflight.media.facts import Unmeasured
from motion_preflight.media.measurements import measure_one
from motion_preflight.media.medium import Medium
from motion_preflight.media.options import ProbeOptions
from motion_preflight.media.programs.ffmpeg import find_ffmpeg
from motion_preflight.media.workers import LocalWorkers
from motion_preflight.network.errors import Reason
from motion_preflight.pipeline import default_profile, medium_location, path_option
from motion_preflight.provider.profile import Profile
from motion_preflight.repair.clip import ClipTools, fix_clip
from motion_preflight.repair.options import FixKeywords, FixOptions, Orientation
from motion_preflight.repair.result import Fix
from motion_preflight.settings import load_settings
from motion_preflight.text.lazy_dataclass import replace
from motion_preflight.text.locations import is_url, redacted
from motion_preflight.text.option_values import ensure_flag

if TYPE_CHECKING:
    from typing import Self


def fix(
    medium: str | PathLike[str],
    *,
    output: str | PathLike[str] | None = None,
    dry_run: bool = False,
    watch: Callable[[float], None] | None = None,
    profile: Profile | None = None,
    ffprobe: str | PathLike[str] | None = None,
    ffmpeg: str | PathLike[str] | None = None,
    **wish: Unpack[FixKeywords],
) -> Fix:
    """Makes a local clip or picture fit, measures the result, and returns what came of it. The
    source is never touched, and no file is overwritten.

    output   the file to write; `None`: `NAME-for-image.mp4` and the like beside the source
    dry_run  make the plan and the command, and run nothing
    watch    called with the part that is done, 0 to 1, while a clip is made
    profile  limits; `None`: those of `preflight`
    ffprobe  the program that measures; `None`: the one that `preflight` uses
    ffmpeg   the program that makes the clip; `None`: the setting's, that of the `fix` extra, or
             that on PATH

    The other keywords are those of `FixOptions`, for a clip. Why a medium was not mended stands in
    the result's `error`. Raises `FfprobeMissing`, `FfmpegMissing`, `ProfileInvalid` and
    `SettingsInvalid`; `TypeError` for a medium that is neither a path nor a URL, and with
    `ValueError` for options that cannot be meant.
    """
    ensure_flag("dry_run", dry_run)
    options = FixOptions(**wish)
    if options.seconds is not None and options.seconds <= 0:
        raise ValueError("seconds must be above 0 seconds")
    wanted = None if output is None else Path(output)
    ffprobe, ffmpeg = path_option("ffprobe", ffprobe), path_option("ffmpeg", ffmpeg)
    with Fixer(options, profile, ffprobe=ffprobe, ffmpeg=ffmpeg) as fixer:
        return fixer.fix(medium_location(medium), output=wanted, dry_run=dry_run, watch=watch)


class Fixer:
    """Mends media one after the other, with what they share. For use in one thread. Results that
    have no name of their own are put into `folder`, `None`: beside their sources.
    """

    def __init__(
        self,
        wish: FixOptions,
        profile: Profile | None = None,
        *,
        folder: Path | None = None,
        ffprobe: str | None = None,
        ffmpeg: str | None = None,
    ) -> None:
        self._wish = wish
        self._folder = folder
        self._profile = profile or default_profile()
        self._ffprobe = ffprobe
        self._ffmpeg = ffmpeg
        self._stack = ExitStack()
        self._shared: dict[tuple[bool, bool], LocalWorkers] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def abort(self) -> None:
        """Ends what is being measured now, whichever thread waits for it."""
        for workers in list(self._shared.values()):
            workers.abort()

    def fix(
        self,
        location: str,
        *,
        orientation: Orientation | None = None,
        output: Path | None = None,
        dry_run: bool = False,
        watch: Callable[[float], None] | None = None,
    ) -> Fix:
        """Mends one medium; see the function `fix`. `orientation` is that of its request, which
        counts where the user named none.
        """
        now = dt.datetime.now(dt.UTC)
        if is_url(location):
            text = "a URL is not mended: download it, mend the file, and publish the result"
            return _not_mended(Unmeasured(redacted(location), Reason.NOT_GIVEN, text))
        before = measure_one(self._workers(content=self._wish.best_shot), Medium(location, None))
        path = Path(location)
        if before.container in ANY_PICTURE:
            # Imports Pillow, which no clip needs.
            from motion_preflight.repair.picture import fix_picture  # noqa: PLC0415

            return fix_picture(
                path,
                profile=self._profile,
                now=now,
                output=output,
                folder=self._folder,
                dry_run=dry_run,
            )
        if isinstance(before, Unmeasured):
            return _not_mended(before)
        settings = load_settings()
        tools = ClipTools(
            profile=self._profile,
            now=now,
            ffmpeg=find_ffmpeg(self._ffmpeg or settings.ffmpeg),
            workers=self._workers(scan=True),
            watch=watch,
        )
        wish = self._wish
        if wish.orientation is None and orientation in get_args(Orientation):
            wish = replace(wish, orientation=orientation)
        return fix_clip(
            before, path, wish, tools, output=output, folder=self._folder, dry_run=dry_run
        )

    def _workers(self, *, scan: bool = False, content: bool = False) -> LocalWorkers:
        if (scan, content) not in self._shared:
            options = ProbeOptions(
                profile=self._profile,
                scan=scan,
                content=content,
                ffprobe=self._ffprobe,
                ffmpeg=self._ffmpeg,
            )
            workers = self._stack.enter_context(LocalWorkers(options, 1))
            self._shared[scan, content] = workers
        return self._shared[scan, content]


def _not_mended(before: Unmeasured) -> Fix:
    location, error = before.location or "", before.error
    return Fix(location, None, (), None, before, None, error=error)
