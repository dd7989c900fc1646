"""Shows what would be sent, and asks whether to send it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from motion_preflight.cli.console import agreed
from motion_preflight.formats.receipts import dry_run_text, total_text
from motion_preflight.report.clearance import PublishableRequest
from motion_preflight.request.redacted_body import redacted_body
from motion_preflight.sending.outcome import Outcome
from motion_preflight.text.locations import file_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from motion_preflight.cli.commands.submission import ShownSubmission
    from motion_preflight.formats.style import Style
    from motion_preflight.sending.send import Sendable


def dry_run(submission: ShownSubmission, cleared: Sendable, url: str) -> Callable[[Style], str]:
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
    submission.outcomes.add(Outcome.DONE)
    total = total_text(estimates, submission.profile.currency) if cleared else "nothing to pay"
    return partial(dry_run_text, bodies, url, total, done=submission.done_text)


def agreed_to(submission: ShownSubmission, before: str, what: str) -> bool:
    """Whether the user agrees to what would be sent; `before` are the words about what is done
    first. With --yes nobody is asked.
    """
    done = submission.done_text
    if submission.options.yes:
        submission.tell(f"{done}{before}{'send' if before else 'sending'} {what}")
        return True
    question = f"{done}{before}send {what}?"
    return agreed(f"{question[0].upper()}{question[1:]}")
