"""What can be done about an unknown outcome: the user looks into the provider's list of tasks, and
says what stands there.
"""

from __future__ import annotations

from os import PathLike
from pathlib import Path

from motion_preflight import settings
from motion_preflight.errors import SettingsInvalid
from motion_preflight.provider.state import State
from motion_preflight.submission.errors import NotResolved
from motion_preflight.submission.ledger.ledger import Ledger
from motion_preflight.submission.ledger.rows import reopen
from motion_preflight.submission.receipt import Receipt, described

_BY_HAND = "settled by hand: you said that the provider has no such task"


def unknown_text(receipt: Receipt) -> str:
    """Says that the outcome of a request is not known, and how Python code settles it."""
    return _text(receipt, "resolve(error.receipt, task_id=TASK_ID)", "with task_id=None")


def unknown_in_command(receipt: Receipt) -> str:
    """The same with the commands that settle it."""
    command = f"motion-preflight tasks resolve {receipt.intent}"
    return _text(receipt, f"`{command} --task TASK_ID`", f"`{command} --not-sent`")


def _text(receipt: Receipt, there: str, not_there: str) -> str:
    why = (receipt.error or "").rstrip(". ")
    return (
        f"{receipt.label} (intent {receipt.intent}) was sent, and whether the provider took it is "
        f"not known: {why}. It may be billed, and is not sent again by itself. Look into the "
        f"provider's list of tasks for one of {receipt.model} made about "
        f"{receipt.created:%Y-%m-%d %H:%M} UTC. If it is there: {there}; if not: {not_there}"
    )


def resolve(
    receipt: Receipt,
    *,
    task_id: str | None,
    api_key: str | None = None,
    base_url: str | None = None,
    ledger_folder: str | PathLike[str] | None = None,
) -> Receipt:
    """Settles an unknown outcome by what you found in the provider's list of tasks, and returns the
    receipt as it is then: `wait` waits for its task.

    task_id  the task that the request became; `None`: the provider has none, so it was not sent

    The other options are those of `submit`. The provider is asked whether it has the task; without
    a key, or where it gives no answer, you are believed. To say the same again changes nothing, and
    a task that turns up after all may still be named when you had said that there is none. Raises
    `NotResolved` when what you say cannot be true, and what `submit` raises for settings and
    ledger.
    """
    if not isinstance(receipt, Receipt) or not isinstance(task_id, str | None):
        raise TypeError("resolve takes a Receipt, and a task id that is a text or None")
    with Ledger(Path(ledger_folder or settings.state_folder())) as ledger:
        return resolve_in(ledger, receipt, task_id=task_id, api_key=api_key, base_url=base_url)


def resolve_in(
    ledger: Ledger,
    receipt: Receipt,
    *,
    task_id: str | None,
    api_key: str | None = None,
    base_url: str | None = None,
) -> Receipt:
    """Does what `resolve` does in a ledger that is open already."""
    rows = ledger.find(receipt.intent)
    if len(rows) != 1:
        text = (
            f"the ledger {ledger.path} has no intent {receipt.intent}: name the folder of the one "
            "that has it with ledger_folder"
        )
        raise NotResolved(text, receipt)
    current = rows[0]
    denied = current.state is State.NOT_SENT and current.error == _BY_HAND
    if denied if task_id is None else current.task_id == task_id:
        return current
    if current.state is not State.UNKNOWN and not denied:
        text = f"{described(current)}: only what is unknown can be resolved; nothing was changed"
        raise NotResolved(text, current)
    if task_id is None:
        return ledger.settle(current.intent, State.NOT_SENT, error=_BY_HAND) or current
    if not task_id.strip() or not task_id.isprintable():
        text = "the task id is empty, or holds what no id has; nothing was changed"
        raise NotResolved(text, current)
    wrong = _other_of(task_id, ledger) or _missing_there(task_id, current, api_key, base_url)
    if wrong:
        raise NotResolved(f"{wrong}; nothing was changed", current)
    if denied:
        with ledger.transaction() as database:
            reopen(database, current.intent, _BY_HAND)
    return ledger.settle(current.intent, State.SUBMITTED, task_id=task_id, error=None) or current


def _other_of(task_id: str, ledger: Ledger) -> str | None:
    """The request that this task already belongs to, in words; `None` if there is none."""
    taken = [receipt for receipt in ledger.find(task_id) if receipt.task_id == task_id]
    return f"task {task_id} is that of another request ({described(taken[0])})" if taken else None


def _missing_there(
    task_id: str, receipt: Receipt, api_key: str | None, base_url: str | None
) -> str | None:
    """Why the provider does not know the task, in words; `None` when it does, or cannot be
    asked.
    """
    # Who only reads the ledger needs the words of this module, and does not wait for the network.
    from motion_preflight.provider.client import Api  # noqa: PLC0415
    from motion_preflight.provider.free_answer import CallFailed  # noqa: PLC0415

    try:
        key = settings.api_key() if api_key is None else api_key
    except SettingsInvalid:
        return None
    with Api(base_url or settings.base_url(), key) as api:
        if api.origin != receipt.origin:
            return None
        try:
            api.task(task_id)
        except CallFailed as failed:
            if failed.status == 404:
                return f"the provider knows no task {task_id} ({failed})"
    return None
