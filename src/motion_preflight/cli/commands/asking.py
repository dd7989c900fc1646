"""Shows what would be sent, and asks whether to send it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from motion_preflight.cli.console import agreed, say
from motion_preflight.cli.exit_codes import BROKEN, INTERRUPTED, OK
from motion_preflight.formats.receipts import dry_run_text, total_text
from motion_preflight.report.clearance import PublishableRequest
from motion_preflight.request.parse import redacted_body
from motion_preflight.submission.errors import InsufficientBalance
from motion_preflight.text.locations import file_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from motion_preflight.cli.commands.sending import Sendable
    from motion_preflight.cli.commands.submission import Submission
    from motion_preflight.formats.style import Style
    from motion_preflight.submission.submitter import Submitter


def dry_run(submission: Submission, cleared: Sendable, url: str) -> Callable[[Style], str]:
    """A function that gives the text of what would be sent, in some style."""
    bodies, estimates = [], []
    for _, request in cleared:
        body = redacted_body(request.report.body)
        if request.uploads_image:
            body["image_url"] = f"the link of the uploaded {body['image_url']}"
        for field in request.fields if isinstance(request, PublishableRequest) else ():
            where = submission.destination
            body[field] = f"the link of {file_name(str(body[field]))}, published at {where}"
        bodies.append((request.report.label, body))
        estimates.append(request.report.estimate.amount if request.report.estimate else None)
    submission.codes.add(OK)
    total = total_text(estimates, submission.profile.currency) if cleared else "nothing to pay"
    return partial(dry_run_text, bodies, url, total, done=submission.done_text)


def may_send(
    submission: Submission, cleared: Sendable, submitter: Submitter, *, before: str, base: str
) -> bool:
    """Whether to send: the balance allows it, and the user agrees. `before` are the words about
    what is done first.
    """
    try:
        note = submitter.look_at_balance([request for _, request in cleared])
    except InsufficientBalance as error:
        for index, _ in cleared:
            submission.hold(index, str(error), BROKEN)
        return False
    if note:
        say(f"motion-preflight: {note}")
    estimates = [request.report.estimate for _, request in cleared]
    total = total_text(
        [estimate.amount if estimate else None for estimate in estimates],
        submission.profile.currency,
    )
    names = (
        ", ".join(request.report.label for _, request in cleared[:3])
        + ", …"[: 3 * (len(cleared) > 3)]
    )
    count = f"{len(cleared)} paid request{'s'[: len(cleared) != 1]}"
    what = f"{count} ({names}), {total}, to {base}"
    done = submission.done_text
    if submission.options.yes:
        say(f"motion-preflight: {done}{before}{'send' if before else 'sending'} {what}")
        return True
    question = f"{done}{before}send {what}?"
    if agreed(f"{question[0].upper()}{question[1:]}"):
        return True
    for index, _ in cleared:
        submission.hold(index, "you did not say yes")
    submission.interrupted = INTERRUPTED
    return False
