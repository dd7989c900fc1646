"""Arguments → the functions of the library → exit code. No policy."""

from __future__ import annotations

import os
import signal
import sys
from datetime import UTC, datetime
from io import TextIOWrapper
from typing import TYPE_CHECKING, Any, NoReturn

from motion_preflight.arguments import parser
from motion_preflight.errors import ManifestInvalid, PreflightError
from motion_preflight.facts import Reason, Unmeasured
from motion_preflight.formats import text
from motion_preflight.formats.style import Style
from motion_preflight.report import Verdict
from motion_preflight.source.location import printable

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator
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
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a path may hold what the stream cannot show
            stream.reconfigure(errors="backslashreplace")
    debug = "--debug" in arguments
    try:
        options = parser().parse_args(arguments)
        code = _command(options)
        sys.stdout.flush()
    except PreflightError as error:
        if debug:
            raise
        _say(f"motion-preflight: {error}")
        return CANNOT_RUN
    except KeyboardInterrupt:
        _say("motion-preflight: interrupted; nothing was sent")
        return INTERRUPTED
    except BrokenPipeError:  # the reader of the output has left
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except Exception as error:
        if debug:
            raise
        _say(f"motion-preflight: a bug of ours: {type(error).__name__}; nothing was sent. "
             "Please report it with what --debug prints")  # fmt: skip
        return BUG
    return code


def _command(options: argparse.Namespace) -> int:
    if options.version:
        from importlib.metadata import version  # noqa: PLC0415

        print(f"motion-preflight {version('motion-preflight')}")
        return OK
    if options.command is None:
        parser().print_help()
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
    from motion_preflight.preflight import preflight  # noqa: PLC0415

    profile = _profile(options)
    bar = _bar()
    reports = []
    for entry in _entries(options):
        report = preflight(
            entry.body,
            profile=profile,
            label=entry.label,
            folder=entry.folder,
            strict=options.strict,
            price=options.price,
            tolerance=options.tolerance,
            progress=bar,
            **_measuring(options),
        )
        bar.clear()
        reports.append(report)
    summed = totals(reports, options.max_cost)
    for name, path in options.format or [("text", None)]:
        _write(_rendered(name, _style(path), options, (reports, summed), profile), path)
    codes = {_VERDICTS[report.verdict] for report in reports}
    return _first(codes | ({OVER_BUDGET} if summed.over_budget else set()))


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


def _entries(options: argparse.Namespace) -> Iterator[Entry]:
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
    if body:
        yield Entry("request", body)
    for name in options.requests:
        yield from read_requests(name)


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

    profile = _profile(options)
    bar = _bar()
    wanted = _measuring(options)
    scan = wanted.pop("scan")
    found: list[tuple[Measured, Fits]] = []
    with Instruments(profile, progress=bar, **wanted) as instruments:
        for location in options.media:
            medium = instruments.one(location, None, scan=scan)
            bar.clear()
            now = datetime.now(UTC)
            found.append((medium, fits(medium, profile=profile, now=now, price=options.price)))
    for name, path in options.format or [("text", None)]:
        _write(_probed(name, _style(path), found, profile), path)
    return _first({_probe_code(medium) for medium, _ in found})


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
    print(rule_page(options.rule, profile, style) if options.rule else rule_list(style))
    return OK


def _doctor(_: argparse.Namespace) -> int:
    from motion_preflight.doctor import examined  # noqa: PLC0415

    lines, usable = examined()
    print("\n".join(lines))
    return OK if usable else CANNOT_RUN


def _profile(options: argparse.Namespace) -> Profile:
    from motion_preflight.settings import load_profile  # noqa: PLC0415

    return load_profile(*([options.profile] if options.profile else []))


def _measuring(options: argparse.Namespace) -> dict[str, Any]:
    return {
        "scan": options.scan,
        "timeout": options.timeout,
        "allow_private": options.allow_private,
    }


def _bar() -> Bar:
    from motion_preflight.progress import Bar  # noqa: PLC0415

    return Bar(sys.stderr)


def _style(path: Path | None) -> Style:
    return Style.of(sys.stdout) if path is None else Style()


def _write(content: str, path: Path | None) -> None:
    if path is None:
        print(content)
        return
    try:
        path.write_text(content + "\n", encoding="utf-8")
    except OSError as error:
        raise ManifestInvalid(f"{path}: cannot be written ({error.strerror})") from None


def _first(codes: set[int]) -> int:
    return next((code for code in _PRECEDENCE if code in codes), OK)


def _say(message: str) -> None:
    print("\n".join(Style.of(sys.stderr).wrap(message, "  ", "")), file=sys.stderr)


def _terminated(number: int, _: object) -> NoReturn:
    sys.exit(128 + number)
