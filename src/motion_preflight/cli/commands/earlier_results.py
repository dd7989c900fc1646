"""Results of requests that were completed earlier: where to fetch them if no file is here."""

from __future__ import annotations

import datetime as dt
import os
from typing import TYPE_CHECKING

from motion_preflight.provider.free_answer import CallFailed
from motion_preflight.submission.receipt import LINKS_LIVE, Receipt, in_command

if TYPE_CHECKING:
    from motion_preflight.cli.commands.submission import ShownSubmission
    from motion_preflight.provider.client import Api


def tell_results(submission: ShownSubmission, api: Api | None) -> None:
    """Tells for each request that was completed earlier where its result is, if no file is here."""
    for index, receipt in submission.receipts.items():
        if not receipt.already_done or files_here(receipt) or submission.interrupted:
            continue
        try:
            submission.result(index, _result_text(receipt, api))
        except (KeyboardInterrupt, SystemExit) as error:  # the receipts are still shown
            submission.interruption = error


def _result_text(receipt: Receipt, api: Api | None) -> str:
    """Whether the result of a completed task can still be fetched; without an `api` the provider is
    not asked. The links of results live 24 or 72 hours, by the provider's own pages.
    """
    fetch = f"`motion-preflight tasks wait {in_command(receipt)} --download DIR`"
    another = "--again pays for another one"
    expires, trouble = None, ""
    if api is not None and receipt.task_id:
        try:
            expires = api.task(receipt.task_id).expires_at
        except CallFailed as failed:
            trouble = f" (the provider was not reached about it: {failed})"
    now = dt.datetime.now(dt.UTC)
    if expires is not None and expires <= now.timestamp():
        ended = f"{dt.datetime.fromtimestamp(expires, dt.UTC):%Y-%m-%d %H:%M} UTC"
        return f"no file of it is here, and its link has expired (at {ended}); {another}"
    if expires is None and now - receipt.updated > LINKS_LIVE:
        return (
            f"no file of it is here, and its link may have expired{trouble}: try {fetch}; {another}"
        )
    return f"no file of it is here{trouble}: fetch it with {fetch}"


def files_here(receipt: Receipt) -> bool:
    """Whether at least one downloaded file of a receipt still exists."""
    return any(os.path.isfile(file) for file in receipt.files)  # noqa: PTH113  the ledger keeps paths as texts
