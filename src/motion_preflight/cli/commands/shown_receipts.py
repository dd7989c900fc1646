"""Shows requests of the ledger in every format that was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from motion_preflight.cli.console import say, write_all
from motion_preflight.cli.exit_codes import CANNOT_RUN, OK
from motion_preflight.cli.options import formats_of
from motion_preflight.formats.publications import publications_text
from motion_preflight.formats.receipt_list import list_text, none_text
from motion_preflight.formats.receipts import show_text
from motion_preflight.submission.resolution import unknown_in_command

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from motion_preflight.formats.style import Style
    from motion_preflight.submission.ledger.ledger import Ledger
    from motion_preflight.submission.publication import Publication
    from motion_preflight.submission.receipt import Receipt

_SHOWN = 3  # unknown outcomes that are explained; `tasks list` has them all


def show_receipts(
    options: argparse.Namespace,
    receipts: Sequence[Receipt],
    errors: Sequence[tuple[str | None, str]] = (),
    *,
    matching: Sequence[Receipt] = (),
    ledger: Ledger | None = None,
    published: Sequence[tuple[Publication, Sequence[Receipt]]] = (),
    whole: bool = False,
    interrupted: bool = False,
) -> int:
    """Shows receipts, and what is published with its users, and returns the exit code. `errors` are
    pairs of a place (an intent, a task) and what is wrong there.

    matching  all that were asked for, where the receipts are only the newest of them
    ledger    knows why there are no receipts
    whole     shows everything that is known of the only receipt
    """

    def rendered(name: str, style: Style) -> str:
        if name == "json":
            from motion_preflight.formats.document import tasks_document  # noqa: PLC0415  as wanted
            from motion_preflight.formats.json import json_text  # noqa: PLC0415
            from motion_preflight.formats.problems import error_document  # noqa: PLC0415

            listed = [error_document(text, place or None) for place, text in errors]
            document = tasks_document(
                receipts, listed, published=published, interrupted=interrupted
            )
            return json_text(document)
        if name == "csv":
            from motion_preflight.formats.tasks_csv import tasks_csv  # noqa: PLC0415  as above

            return tasks_csv(receipts)
        if not receipts and interrupted:
            return ""
        text = show_text(receipts[0], style) if whole else list_text(receipts, style, matching)
        if ledger and not text:
            text = none_text(len(ledger.rows()), style, forgotten=bool(ledger.spending()))
        if published:
            text = f"{text}\n\n{publications_text(published, style)}"
        return style.shown(text)

    options.answered = True
    return OK if write_all(formats_of(options), rendered) else CANNOT_RUN


def say_unknown(unknown: Sequence[Receipt]) -> None:
    """Prints the requests of earlier runs whose outcome is unknown."""
    for receipt in unknown[:_SHOWN]:
        say(f"motion-preflight: {unknown_in_command(receipt)}")
    if len(unknown) > _SHOWN:
        more = len(unknown) - _SHOWN
        say(f"motion-preflight: {more} more are unknown: `motion-preflight tasks list`")
