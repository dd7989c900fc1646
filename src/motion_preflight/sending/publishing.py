"""`submit --publish`: the local media of cleared requests are published before these are sent, and
taken away again when nothing was sent that names them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from motion_preflight.batch import check_requests
from motion_preflight.formats.publications import until_text
from motion_preflight.media.facts import MediaFacts
from motion_preflight.media.options import TIMEOUT
from motion_preflight.publishing.errors import PublishError
from motion_preflight.publishing.options import PublishOptions, store_of
from motion_preflight.publishing.publisher import Publisher
from motion_preflight.report.clearance import ClearedRequest, NotCleared, PublishableRequest
from motion_preflight.request.files import RequestEntry
from motion_preflight.sending.outcome import Outcome, not_cleared
from motion_preflight.settings import load_settings
from motion_preflight.submission.ledger.publications import Publications
from motion_preflight.text.lazy_dataclass import replace
from motion_preflight.text.locations import printable
from motion_preflight.text.numbers import plural

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import ExitStack

    from motion_preflight.media.workers import LocalWorkers
    from motion_preflight.publishing.published import Published
    from motion_preflight.report.findings import Report
    from motion_preflight.sending.send import Cleared, Sendable
    from motion_preflight.sending.submission import Submission
    from motion_preflight.submission.ledger.ledger import Ledger
    from motion_preflight.submission.publication import Publication

_OTHERS = "another request could not be published; --cleared-only sends this one all the same"
_MEDIA = {"video_url": "video", "image_url": "image"}


def open_publisher(
    submission: Submission,
    ledger: Ledger,
    stack: ExitStack,
    *,
    timeout: float | None = None,
    allow_private: bool = False,
    watch: Callable[[float], None] = lambda _: None,
) -> Publisher:
    """What publishes the media of this run. Nothing is contacted yet, and the ledger stays open.
    Raises `SettingsInvalid`, `DestinationInvalid`, `CredentialsMissing`, `StoreProgramMissing`.
    """
    from motion_preflight.network.client import Web  # noqa: PLC0415  imports httpx

    settings = load_settings(spending=True)
    wanted = PublishOptions(to=submission.destination).with_settings(settings)
    store = store_of(wanted, settings)
    stack.callback(store.close)
    web = stack.enter_context(Web(timeout=timeout or TIMEOUT, allow_private=allow_private))
    return Publisher(store, Publications(ledger), web, url=wanted.public_url, watch=watch)


def publishing_text(sendable: Sendable, destination: str) -> str:
    """What would be published, for the question to the user; empty when there is nothing."""
    sizes = {facts.location: facts.size or 0 for _, facts in _local_media(sendable)}
    if not sizes:
        return ""
    total = sum(sizes.values()) / 1e6
    return (
        f"publish {plural(len(sizes), 'file')} ({total:.1f} MB) to {printable(destination)}, then "
    )


def publish_all(
    submission: Submission, sendable: Sendable, publisher: Publisher, workers: LocalWorkers
) -> Cleared:
    """The requests with the proved links of what they named as files, each checked anew; those that
    could not be published are held, and so are all others unless --cleared-only is given.
    """
    cleared: Cleared = []
    for index, request in sendable:
        if isinstance(request, ClearedRequest):
            cleared.append((index, request))
            continue
        try:
            cleared.append((index, _published(submission, index, request, publisher, workers)))
        except NotCleared as error:
            outcome = not_cleared(error.report.verdict)
            submission.hold(index, f"its published media: {error.in_words_of_command()}", outcome)
        except PublishError as error:
            submission.hold(index, f"its media are not published: {error}", Outcome.BROKEN)
    if len(cleared) == len(sendable) or submission.cleared_only:
        return cleared
    for index, _ in cleared:
        submission.hold(index, _OTHERS)
    return []


def take_back(submission: Submission, publisher: Publisher, ledger: Ledger) -> None:
    """Takes away what this run uploaded, unless a request that names it was sent, and tells of it.

    A request is in the ledger before its first byte leaves, so that the ledger decides.
    """
    rows = ledger.rows()

    def is_needed(publication: Publication) -> bool:
        return any(publication.is_in(receipt.body) for receipt in rows)

    for result in publisher.take_back(is_needed):
        link = printable(result.link)
        if result.error is None:
            submission.tell(f"{link} is taken away again")
        else:
            text = f"may still be there ({result.error}): `motion-preflight unpublish {link}`"
            submission.tell(f"{link} {text}")


def _published(
    submission: Submission,
    index: int,
    request: PublishableRequest,
    publisher: Publisher,
    workers: LocalWorkers,
) -> ClearedRequest:
    """The request with links in place of its files. Raises `PublishError` and `NotCleared`."""
    report = request.report
    body = dict(report.body)
    for field, facts in _local_media([(index, request)]):
        is_new = facts.location not in submission.published
        published = publisher.publish(facts, report.options.folder)
        body[field] = published.link
        submission.published.add(facts.location)
        if is_new:
            submission.tell(_published_text(published, facts, publisher.destination))
    entry = RequestEntry(report.label, body, report.options.folder, dict.fromkeys(report.left_out))
    options = replace(report.options, now=None)
    submission.reports[index] = anew = next(check_requests([entry], options, workers))
    cleared = ClearedRequest(anew, request.accept_unsure)
    if _high(anew) != _high(report):
        raise NotCleared("they cost something else than the files that were checked", anew)
    return cleared


def _published_text(published: Published, facts: MediaFacts, destination: str) -> str:
    """What came of publishing one file, on one line."""
    how = "published and proved" if published.uploaded else "is there already, proved"
    what = f"{published.size or 0:,} bytes, {until_text(published.expires)}"
    return f"{printable(facts.location)}: {how} at {destination}: {what}"


def _local_media(sendable: Sendable) -> Iterator[tuple[str, MediaFacts]]:
    """The fields that have to be published, with the facts of their files."""
    for _, request in sendable:
        if isinstance(request, PublishableRequest):
            for field in request.fields:
                facts = getattr(request.report, _MEDIA[field])
                if isinstance(facts, MediaFacts):
                    yield field, facts


def _high(report: Report) -> object:
    """The most that a request may cost; `None` when that is not known."""
    estimate = report.estimate
    return estimate.amount.high if estimate and estimate.amount else None
