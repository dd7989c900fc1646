"""Takes a published file away again, and makes sure that it is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from motion_preflight.publishing.errors import PublishError
from motion_preflight.publishing.published import Unpublished
from motion_preflight.text.locations import redacted

if TYPE_CHECKING:
    from motion_preflight.publishing.store import Store
    from motion_preflight.submission.ledger.publications import Publications
    from motion_preflight.submission.publication import Publication


def remove(
    publication: Publication, store: Store, records: Publications, *, own: bool = False
) -> Unpublished:
    """Takes a file away from its store and its row out of the ledger, and returns what came of it;
    the row stays where the file may still be there. With `own` only what this run published last
    is removed.
    """
    if not records.begin_removal(publication, own=own):
        return unpublished(publication, "another run needs it right now")
    error = None
    try:
        error = _deleted(publication, store)
    except PublishError as failure:
        error = str(failure)
    except BaseException:
        records.end_removal(publication, removed=False)
        raise
    records.end_removal(publication, removed=error is None)
    return unpublished(publication, error)


def _deleted(publication: Publication, store: Store) -> str | None:
    """Removes the file; `None` when it is gone, else why it may not be. Raises `PublishError`."""
    other = _other_store(publication, store)
    if other:
        return other
    store.delete(publication.name, link=publication.link)
    if store.find(publication.name) is not None:
        return "the store still lists it: remove it by hand"
    return None


def _other_store(publication: Publication, store: Store) -> str | None:
    """Why the store is not the one that the file was published to; `None` if it is.

    The same destination means another store when the endpoint in the environment is another one.
    """
    if publication.address == redacted(store.address):
        return None
    return (
        f"{publication.destination} is another store now: {redacted(store.address)} instead of "
        f"{publication.address}. Set the endpoint with which it was published"
    )


def unpublished(publication: Publication, error: str | None) -> Unpublished:
    """What came of taking a file away; `error` is `None` when it is gone."""
    name = publication.name
    link = publication.link or f"{publication.destination}/{name}"
    return Unpublished(link, name, publication.destination, error)
