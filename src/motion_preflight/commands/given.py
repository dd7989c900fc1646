"""What options say, in the types that the library takes."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from motion_preflight.errors import ManifestInvalid
from motion_preflight.source.location import printable

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

    from motion_preflight.instruments import Instruments
    from motion_preflight.manifest import Entry
    from motion_preflight.profile import Profile
    from motion_preflight.progress import Bar
    from motion_preflight.report import Report


def entries(options: argparse.Namespace) -> tuple[list[Entry], list[ManifestInvalid]]:
    """Every request, read before the first one is measured, and what could not be read as one."""
    from motion_preflight.manifest import Entry, read_requests  # noqa: PLC0415

    body = _body(options)
    if body and options.requests:
        files = ", ".join(printable(name) for name in options.requests)
        raise ManifestInvalid(
            f"name request files ({files}) or the options of one request, not both; "
            "an option takes one value"
        )
    if not body and not options.requests:
        raise ManifestInvalid(
            f"name a request file, or make a request of options: motion-preflight {options.command}"
            " --video clip.mp4 --image me.png --model MODEL --orientation image --mode std"
        )
    read = [Entry("request", body)] if body else []
    found = [*read, *(each for name in options.requests for each in read_requests(name))]
    mistakes = [each for each in found if isinstance(each, ManifestInvalid)]
    return [each for each in found if isinstance(each, Entry)], mistakes


def _body(options: argparse.Namespace) -> dict[str, Any]:
    """The request that the options make; fields that were not given are absent."""
    sound = {None: None, True: "yes", False: "no"}[options.sound]
    watermark = None if options.watermark is None else {"enabled": options.watermark}
    fields = {
        "model": options.model,
        "prompt": options.prompt,
        "image_url": options.image,
        "video_url": options.video,
        "keep_original_sound": sound,
        "character_orientation": options.orientation,
        "mode": options.mode,
        "watermark_info": watermark,
    }
    return {name: value for name, value in fields.items() if value is not None}


def instruments(options: argparse.Namespace, profile: Profile, bar: Bar) -> Instruments:
    """What measures, as the options want it."""
    from motion_preflight.instruments import TIMEOUT, Instruments  # noqa: PLC0415

    return Instruments(
        profile,
        timeout=options.timeout or TIMEOUT,
        allow_private=options.allow_private,
        progress=bar,
    )


def checked(
    options: argparse.Namespace, entry: Entry, profile: Profile, measuring: Instruments
) -> Report:
    """The report of one request."""
    from motion_preflight.preflight import preflight  # noqa: PLC0415

    return preflight(
        entry.body,
        profile=profile,
        label=entry.label,
        folder=entry.folder,
        strict=options.strict,
        scan=options.scan,
        price=options.price,
        tolerance=options.tolerance,
        allow_private=options.allow_private,
        instruments=measuring,
    )


def profile_of(options: argparse.Namespace) -> Profile:
    """The profile in force."""
    from motion_preflight.settings import load_profile  # noqa: PLC0415

    return load_profile(*([options.profile] if options.profile else []))


def bar_on_stderr() -> Bar:
    """The bar of whole files."""
    from motion_preflight.progress import Bar  # noqa: PLC0415

    return Bar(sys.stderr)


def formats_of(options: argparse.Namespace) -> list[tuple[str, Path | None]]:
    """Every format that was asked for, with its file or `None` for stdout."""
    return options.format or [("text", None)]
