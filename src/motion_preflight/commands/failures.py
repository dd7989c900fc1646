"""What ends a command before its work is done: one line for people, and the document that was asked
for, so that a program that reads only the document is not left with nothing.
"""

from __future__ import annotations

import errno
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from motion_preflight.errors import PreflightError
from motion_preflight.exit_codes import BUG, CANNOT_RUN
from motion_preflight.interruption import code_of

if TYPE_CHECKING:
    import argparse
    from pathlib import Path


# No descriptors, memory or processes left: no bug of anybody's.
_EXHAUSTED = {errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN}
_SPENDING = {"submit", "tasks"}
_REPORTING = {"check", "estimate", "submit"}  # commands whose document is that of reports
_WITH_DOCUMENTS = _REPORTING | {"probe", "tasks"}


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a command ended: `message` without the program's name, and its exit code."""

    message: str
    code: int
    interrupted: bool = False


def failure_of(error: BaseException, command: str | None) -> Failure:
    """The failure that an exception means. `command` decides what is said of what was sent."""
    sent = "nothing was sent"
    if command in _SPENDING:
        sent = "`motion-preflight tasks` shows what was sent"
    if isinstance(error, PreflightError):
        return Failure(str(error), CANNOT_RUN)
    interruption = error
    if isinstance(error.__cause__, KeyboardInterrupt | SystemExit):  # as Python wraps some
        interruption = error.__cause__
    if isinstance(interruption, KeyboardInterrupt | SystemExit):
        return Failure(f"interrupted; {sent}", code_of(interruption), interrupted=True)
    if getattr(error, "errno", None) in _EXHAUSTED or isinstance(error, MemoryError):
        why = getattr(error, "strerror", None) or "no memory left"
        return Failure(f"this machine cannot go on ({why}); {sent}", CANNOT_RUN)
    what = f"a bug of ours: {type(error).__name__}; {sent}"
    return Failure(f"{what}. Please report it with what --debug prints", BUG)


def write_failure(options: argparse.Namespace, failure: Failure) -> None:
    """Writes the documents that were asked for, with nothing in them but the failure. Does nothing
    when the command has written them already (`options.answered`), or text alone was asked for.
    """
    answered = getattr(options, "answered", False) or options.command not in _WITH_DOCUMENTS
    formats = [] if answered else _formats(options)
    if formats:
        from motion_preflight.output import write_all  # noqa: PLC0415  in this case alone

        options.answered = True
        write_all(formats, lambda name, _: _document(options.command, name, failure))


def _formats(options: argparse.Namespace) -> list[tuple[str, Path | None]]:
    """What may be written: one format a place, and nothing over a file of requests."""
    from motion_preflight.commands.given import same  # noqa: PLC0415  in this case alone

    places: dict[Path | None, str] = {}
    for name, path in getattr(options, "format", None) or []:
        requests = getattr(options, "requests", None) or []
        if name == "text" or (path is not None and any(same(path, each) for each in requests)):
            continue
        places.setdefault(path, name)
    return [(name, path) for path, name in places.items()]


def _document(command: str, name: str, failure: Failure) -> str:
    if command in _REPORTING:
        return _reports(name, failure)
    from motion_preflight.formats.document import (  # noqa: PLC0415  heavy
        probes_document,
        tasks_document,
    )
    from motion_preflight.formats.json import json_text  # noqa: PLC0415  heavy
    from motion_preflight.formats.problems import error_document  # noqa: PLC0415  heavy

    errors = [error_document(failure.message)]
    if command == "probe":
        return json_text(probes_document([], errors, interrupted=failure.interrupted))
    return json_text(tasks_document([], errors, interrupted=failure.interrupted))


def _reports(name: str, failure: Failure) -> str:
    """A document of no report in any format of programs."""
    from motion_preflight.budget import totals  # noqa: PLC0415  heavy
    from motion_preflight.formats.registry import program_writer  # noqa: PLC0415  heavy

    writer = program_writer(name, "USD")
    nothing = replace(totals([], None), interrupted=failure.interrupted)
    parts = [writer.begin()]
    parts += [] if failure.interrupted else [writer.failure(failure.message)]  # else in the totals
    return "".join([*parts, writer.end(nothing)]).rstrip("\n")
