"""The presenter of the values of the library: which of the formats shows which value, and how.

`text/presentable.py` says why the values do not import it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from motion_preflight.formats.document import (
    estimate_document,
    media_document,
    report_document,
    task_document,
)
from motion_preflight.formats.names import Detail
from motion_preflight.formats.probe_text import probe_text
from motion_preflight.formats.receipts import receipt_text
from motion_preflight.formats.style import Style
from motion_preflight.formats.text_blocks import cost_text, report_text
from motion_preflight.media.facts import MediaFacts, Unmeasured
from motion_preflight.provider.profile import Profile
from motion_preflight.report.estimate import Estimate
from motion_preflight.report.findings import Report
from motion_preflight.submission.receipt import Receipt
from motion_preflight.suitability import Suitability

if TYPE_CHECKING:
    from collections.abc import Callable

_STYLE = Style()  # of a file: no colours


def _report_text(report: Report) -> str:
    """All of it: nobody can ask a value for more, as the command can be asked."""
    return report_text(report, report.options.profile, _STYLE, Detail.VERBOSE)


def _estimate_text(estimate: Estimate) -> str:
    source = f"\n{estimate.price_source}" if estimate.price_source else ""
    return f"{cost_text(estimate)}{source}"


def _facts_text(facts: MediaFacts) -> str:
    """What the medium is. What it is good for depends on a profile and a time."""
    return probe_text(facts, Suitability({}, (), ()), Profile.load(), _STYLE)


def _unmeasured_text(medium: Unmeasured) -> str:
    return str(medium.exception())


def _receipt_text(receipt: Receipt) -> str:
    return receipt_text(receipt, _STYLE, dated=True)


_TEXTS: dict[type, Callable[[Any], str]] = {
    Report: _report_text,
    Estimate: _estimate_text,
    MediaFacts: _facts_text,
    Unmeasured: _unmeasured_text,
    Receipt: _receipt_text,
}
_DOCUMENTS: dict[type, Callable[[Any], Any]] = {
    Report: report_document,
    Estimate: estimate_document,
    MediaFacts: media_document,
    Unmeasured: media_document,
    Receipt: task_document,
}


def _own_class(value: object) -> type:
    """The class of ours that a value is of; somebody may have derived theirs from it."""
    return next(kind for kind in type(value).__mro__ if kind in _TEXTS)


def text_of(value: Any) -> str:  # noqa: ANN401  one of those above
    """The value as the command prints it, without colours."""
    return _TEXTS[_own_class(value)](value)


def document_of(value: Any) -> dict[str, Any]:  # noqa: ANN401  as above
    """The value as an entry of the JSON documents."""
    document: dict[str, Any] = _DOCUMENTS[_own_class(value)](value)
    return document


def read_report(document: object) -> Report:
    """The report that such an entry describes. Raises `ReportInvalid`."""
    from motion_preflight.formats.report_reader import report_of_document  # noqa: PLC0415  brings pydantic

    return report_of_document(document)


def pydantic_schema(kind: type, handler: Any) -> Any:  # noqa: ANN401  pydantic's
    """How pydantic validates, writes and describes values of a kind."""
    from motion_preflight.formats.pydantic_schema import core_schema_of  # noqa: PLC0415  as above

    return core_schema_of(kind, handler)
