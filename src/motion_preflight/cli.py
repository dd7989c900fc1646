"""Arguments → the functions of the library → exit code. No policy."""

from __future__ import annotations

import signal
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NoReturn

from motion_preflight.arguments import parser
from motion_preflight.errors import ManifestInvalid, PreflightError
from motion_preflight.facts import Reason, Unmeasured
from motion_preflight.formats import text
from motion_preflight.formats.style import Style
from motion_preflight.output import prepare_streams, say, write_all
from motion_preflight.report import Verdict
from motion_preflight.source.location import printable

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

    from motion_preflight.budget import Totals
    from motion_preflight.facts import Measured
    from motion_preflight.fits import Fits
    from motion_preflight.manifest import Entry
    from motion_preflight.profile import Profile
    from motion_preflight.progress import Bar
    from motion_preflight.report import Report

OK, BROKEN, CANNOT_RUN, UNSURE, OVER_BUDGET, BUG, INTERRUPTED = 0, 1, 2, 3, 4, 70, 130
_PRECEDENCE = (CANNOT_RUN, BROKEN, OVER_BUDGET, UNSURE, OK)
_VERDICTS = {Verdict.PASS: OK, Verdict.FAIL: BROKEN, Verdict.UNSURE: UNSURE}
# What a broken medium is, as against a measurement that did not work out.
_UNREADABLE = {Reason.MISSING, Reason.DENIED, Reason.NOT_REGULAR, Reason.NOT_PUBLIC,
               Reason.NOT_DIRECT, Reason.TOO_LARGE, Reason.UNREADABLE}  # fmt: skip


def run(arguments: list[str]) -> int:
    """The exit code of a command line. No traceback is shown without --debug."""
    signal.signal(signal.SIGTERM, _terminated)  # so that temporary files are gone afterwards
    prepare_streams()
    debug = "--debug" in arguments
    try:
        return _command(parser().parse_args(arguments))
    except PreflightError as error:
        say(f"motion-preflight: {error}", traceback=debug)
        return CANNOT_RUN
    except KeyboardInterrupt:
        say("motion-preflight: interrupted; nothing was sent")
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001  whatever it is, a user gets one line
        what = f"a bug of ours: {type(error).__name__}; nothing was sent"
        say(f"motion-preflight: {what}. Please report it with what --debug prints", traceback=debug)
        return BUG


def _command(options: argparse.Namespace) -> int:
    if options.version:
        from importlib.metadata import version  # noqa: PLC0415

        return _page(f"motion-preflight {version('motion-preflight')}")
    if options.command is None:
        _page(parser().format_help().rstrip())
        return CANNOT_RUN
    commands = {
        "check": _check,
        "estimate": _check,
        "probe": _probe,
        "rules": _rules,
        "doctor": _doctor,
    }
    return commands[options.command](options)


def _check(options: argparse.Namespace) -> int:
    from motion_preflight.budget import totals  # noqa: PLC0415
    from motion_preflight.instruments import Instruments  # noqa: PLC0415
    from motion_preflight.preflight import preflight  # noqa: PLC0415

    profile, bar = _profile(options), _bar()
    entries, mistakes = _entries(options)
    for mistake in mistakes:
        say(f"motion-preflight: {mistake}")
    reports = []
    with Instruments(profile, progress=bar, **_measuring(options)) as instruments:
        for entry in entries:
            report = preflight(
                entry.body,
                profile=profile,
                label=entry.label,
                folder=entry.folder,
                strict=options.strict,
                scan=options.scan,
                price=options.price,
                tolerance=options.tolerance,
                allow_private=options.allow_private,
                instruments=instruments,
            )
            bar.clear()
            reports.append(report)
    summed = totals(reports, options.max_cost)
    codes = {_VERDICTS[report.verdict] for report in reports}
    codes |= {OVER_BUDGET} if summed.over_budget else set()
    codes |= {CANNOT_RUN} if mistakes else set()
    if reports:
        written = write_all(
            _formats(options),
            lambda name, style: _rendered(name, style, options, (reports, summed), profile),
        )
        codes |= set() if written else {CANNOT_RUN}
    return _first(codes)


def _rendered(
    name: str,
    style: Style,
    options: argparse.Namespace,
    results: tuple[list[Report], Totals],
    profile: Profile,
) -> str:
    reports, summed = results
    if name == "json":
        from motion_preflight.formats.document import reports_document  # noqa: PLC0415
        from motion_preflight.formats.json import json_text  # noqa: PLC0415

        return json_text(reports_document(reports, summed))
    if options.command == "estimate":
        parts = [text.cost_lines(report, style) for report in reports]
    else:
        parts = [text.report_text(each, profile, style, quiet=options.quiet) for each in reports]
    if len(reports) != 1 or options.max_cost is not None:
        summary = text.summary_text(summed, profile.currency, options.max_cost, style)
        parts.insert(0 if summed.over_budget else len(parts), summary)
    return style.shown(("\n" if options.quiet else "\n\n").join(parts))


def _entries(options: argparse.Namespace) -> tuple[list[Entry], list[ManifestInvalid]]:
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
            "name a request file, or make a request of options: motion-preflight check "
            "--video clip.mp4 --image me.png --model MODEL --orientation image --mode std"
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


def _probe(options: argparse.Namespace) -> int:
    from motion_preflight.fits import fits  # noqa: PLC0415
    from motion_preflight.instruments import Instruments  # noqa: PLC0415

    profile, bar = _profile(options), _bar()
    found: list[tuple[Measured, Fits]] = []
    with Instruments(profile, progress=bar, **_measuring(options)) as instruments:
        for location in options.media:
            medium = instruments.one(location, None, scan=options.scan)
            bar.clear()
            now = datetime.now(UTC)
            found.append((medium, fits(medium, profile=profile, now=now, price=options.price)))
    written = write_all(_formats(options), lambda name, style: _probed(name, style, found, profile))
    codes = {_probe_code(medium) for medium, _ in found}
    return _first(codes | (set() if written else {CANNOT_RUN}))


def _probed(
    name: str,
    style: Style,
    found: list[tuple[Measured, Fits]],
    profile: Profile,
) -> str:
    if name == "json":
        from motion_preflight.formats.document import probes_document  # noqa: PLC0415
        from motion_preflight.formats.json import json_text  # noqa: PLC0415

        return json_text(probes_document(found))
    parts = [text.probe_text(medium, fit, profile, style) for medium, fit in found]
    return style.shown("\n\n".join(parts))


def _probe_code(medium: Measured) -> int:
    if isinstance(medium, Unmeasured):
        return BROKEN if medium.reason in _UNREADABLE else UNSURE
    return OK


def _rules(options: argparse.Namespace) -> int:
    from motion_preflight.formats.rules import rule_list, rule_page  # noqa: PLC0415

    style = Style.of(sys.stdout)
    profile = _profile(options)
    page = rule_page(options.rule, profile, style) if options.rule else rule_list(style)
    return _page(page)


def _doctor(_: argparse.Namespace) -> int:
    from motion_preflight.doctor import examined  # noqa: PLC0415

    lines, usable = examined()
    return _first({_page("\n".join(lines)), OK if usable else CANNOT_RUN})


def _profile(options: argparse.Namespace) -> Profile:
    from motion_preflight.settings import load_profile  # noqa: PLC0415

    return load_profile(*([options.profile] if options.profile else []))


def _measuring(options: argparse.Namespace) -> dict[str, Any]:
    return {"timeout": options.timeout, "allow_private": options.allow_private}


def _bar() -> Bar:
    from motion_preflight.progress import Bar  # noqa: PLC0415

    return Bar(sys.stderr)


def _page(content: str) -> int:
    """Prints a page that is neither a report nor a probe, and says whether it could be."""
    return OK if write_all([("text", None)], lambda _name, _style: content) else CANNOT_RUN


def _formats(options: argparse.Namespace) -> list[tuple[str, Path | None]]:
    return options.format or [("text", None)]


def _first(codes: set[int]) -> int:
    return next((code for code in _PRECEDENCE if code in codes), OK)


def _terminated(number: int, _: object) -> NoReturn:
    sys.exit(128 + number)
