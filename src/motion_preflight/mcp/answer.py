"""What a tool answers: the document of the command, and the page that people read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal

from motion_preflight.formats.document import probes_document, tasks_document
from motion_preflight.formats.fixes import fixes_document
from motion_preflight.formats.json import Json
from motion_preflight.formats.problems import error_document
from motion_preflight.formats.publications import publish_document
from motion_preflight.formats.spend import spend_document, spend_report
from motion_preflight.report.totals import totals
from motion_preflight.text.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from motion_preflight.formats.schema import ErrorDocument

DocumentName = Literal[
    "report", "facts", "fix", "publish", "tasks", "spend"
]  # as `schema` names them


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a call."""

    document: Mapping[str, Any]
    page: str
    failed: bool = False  # something that was asked for was not done


def refusal(name: DocumentName, message: str) -> Answer:
    """The answer of a call that could not be done at all: the document with nothing in it but the
    reason.
    """
    return Answer(_EMPTY[name]([error_document(message)]), message, failed=True)


def _no_reports(errors: list[ErrorDocument]) -> Mapping[str, Any]:
    writer = Json()
    parts = [writer.begin(), *(writer.failure(error["message"]) for error in errors)]
    document: Mapping[str, Any] = json.loads("".join([*parts, writer.end(totals([], None))]))
    return document


_EMPTY: dict[DocumentName, Callable[[list[ErrorDocument]], Mapping[str, Any]]] = {
    "report": _no_reports,
    "facts": lambda errors: probes_document([], errors),
    "fix": lambda errors: fixes_document([], errors),
    "publish": lambda errors: publish_document([], errors),
    "tasks": lambda errors: tasks_document([], errors),
    "spend": lambda errors: spend_document(spend_report([], ["month"]), errors),
}
