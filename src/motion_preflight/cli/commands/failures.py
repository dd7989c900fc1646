"""What ends a command before its work is done: one line for people, and the document that was asked
for, so that a program that reads only the document learns of it too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from motion_preflight.cli.exit_codes import BUG, CANNOT_RUN
from motion_preflight.cli.signals import code_of
from motion_preflight.errors import PreflightError
from motion_preflight.text.exhaustion import EXHAUSTED
from motion_preflight.text.lazy_dataclass import dataclass, replace

if TYPE_CHECKING:
    import argparse
    from pathlib import Path


_SPENDING = {"submit", "tasks"}
_REPORTING = {"check", "estimate", "submit"}  # commands whose document is that of reports
_WITH_DOCUMENTS = _REPORTING | {"probe", "fix", "publish", "rules", "tasks", "spend"}


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a command ended: the message without the program's name, and the exit code."""

    message: str
    code: int
    interrupted: bool = False


def failure_of(error: BaseException, command: str | None) -> Failure:
    """The failure that an exception means. The message says what was sent, which depends on
    `command`.
    """
    sent = "nothing was sent"
    if command in _SPENDING:
        sent = "`motion-preflight tasks` shows what was sent"
    if command == "publish":
        sent = "`motion-preflight tasks` ends with what is published"
    if command == "fix":
        sent = "nothing is left of what was being made"
    if isinstance(error, PreflightError):
        return Failure(error.in_words_of_command(), CANNOT_RUN)
    interruption = error
    if isinstance(error.__cause__, KeyboardInterrupt | SystemExit):  # Python wraps some of them
        interruption = error.__cause__
    if isinstance(interruption, KeyboardInterrupt | SystemExit):
        return Failure(f"interrupted; {sent}", code_of(interruption), interrupted=True)
    # Running out of descriptors, memory or processes is not a bug.
    if getattr(error, "errno", None) in EXHAUSTED or isinstance(error, MemoryError):
        why = getattr(error, "strerror", None) or "no memory left"
        return Failure(f"this machine cannot go on ({why}); {sent}", CANNOT_RUN)
    what = f"a bug of ours: {type(error).__name__}; {sent}"
    return Failure(f"{what}. Please report it with what --debug prints", BUG)


def write_failure(options: argparse.Namespace, failure: Failure) -> None:
    """Writes the documents that were asked for, with nothing in them but the failure. Does nothing
    when the command has already written them (`options.answered`), or when only text was asked for.
    """
    answered = getattr(options, "answered", False) or options.command not in _WITH_DOCUMENTS
    formats = [] if answered else _formats(options)
    if formats:
        from motion_preflight.cli.console import write_all  # noqa: PLC0415  rarely needed

        options.answered = True
        write_all(formats, lambda name, _: _document(options.command, name, failure))


def _formats(options: argparse.Namespace) -> list[tuple[str, Path | None]]:
    """The formats that may be written: one for each place, and none over a file of requests."""
    from motion_preflight.cli.options import same  # noqa: PLC0415  rarely needed

    places: dict[Path | None, str] = {}
    for name, path in getattr(options, "format", None) or []:
        requests = getattr(options, "requests", None) or []
        if name == "text" or (
            path is not None and any(same(path, request) for request in requests)
        ):
            continue
        places.setdefault(path, name)
    return [(name, path) for path, name in places.items()]


def _document(command: str, name: str, failure: Failure) -> str:
    if command in _REPORTING:
        return _reports(name, failure)
    from motion_preflight.formats.document import (  # noqa: PLC0415  slow to import
        probes_document,
        tasks_document,
    )
    from motion_preflight.formats.json import json_text  # noqa: PLC0415  slow to import
    from motion_preflight.formats.problems import error_document  # noqa: PLC0415  slow to import

    if name == "csv":  # the columns alone: nobody takes an older table for this one
        return _no_rows(command)
    errors = [error_document(failure.message)]
    if command == "spend":
        from motion_preflight.formats.spend import (  # noqa: PLC0415  slow to import
            SpendReport,
            spend_document,
        )

        nothing = SpendReport((), (), None)
        return json_text(spend_document(nothing, errors, interrupted=failure.interrupted))
    if command == "fix":
        from motion_preflight.formats.fixes import fixes_document  # noqa: PLC0415  slow to import

        return json_text(fixes_document([], errors, interrupted=failure.interrupted))
    if command == "publish":
        from motion_preflight.formats.publications import publish_document  # noqa: PLC0415  as above

        return json_text(publish_document([], errors, interrupted=failure.interrupted))
    if command == "rules":
        from motion_preflight.formats.rules import document_of_rules  # noqa: PLC0415  slow to import

        return json_text(document_of_rules([], errors, interrupted=failure.interrupted))
    if command == "probe":
        return json_text(probes_document([], errors, interrupted=failure.interrupted))
    return json_text(tasks_document([], errors, interrupted=failure.interrupted))


def _no_rows(command: str) -> str:
    """A table without rows."""
    if command == "spend":
        from motion_preflight.formats.spend import (  # noqa: PLC0415  slow to import
            SpendReport,
            spend_csv,
        )

        return spend_csv(SpendReport((), (), None))
    from motion_preflight.formats.tasks_csv import tasks_csv  # noqa: PLC0415  slow to import

    return tasks_csv([])


def _reports(name: str, failure: Failure) -> str:
    """A document without reports, in any format for programs."""
    from motion_preflight.formats.registry import program_writer  # noqa: PLC0415  slow to import
    from motion_preflight.report.totals import totals  # noqa: PLC0415  slow to import

    writer = program_writer(name, "USD")
    nothing = replace(totals([], None), interrupted=failure.interrupted)
    parts = [writer.begin()]
    # An interruption is written by the totals.
    parts += [] if failure.interrupted else [writer.failure(failure.message)]
    return "".join([*parts, writer.end(nothing)]).rstrip("\n")
