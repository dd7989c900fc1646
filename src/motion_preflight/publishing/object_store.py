"""Files in an object store: S3 and what speaks it, Google Cloud Storage, Azure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

from motion_preflight.publishing.clouds.refusals import is_forbidden, names_no_bucket, refusal
from motion_preflight.publishing.clouds.service import (
    PART,
    WEEK,
    library_errors,
    obstore_module,
)
from motion_preflight.publishing.clouds.upload import Upload, open_file
from motion_preflight.publishing.errors import CredentialsMissing, PublishError, StoreUnreachable
from motion_preflight.publishing.store import Link, StoredObject
from motion_preflight.text.links.expiry import link_validity

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta
    from pathlib import Path

    from obstore import GetOptions, ObjectMeta

    from motion_preflight.publishing.clouds.service import CloudService
    from motion_preflight.publishing.destination import Destination

_UNKNOWN_END = (
    "The link is signed with credentials of a session whose end is not known: it ends with them."
)

_UNFINISHED = (
    "What was sent of the file could not be taken back: an unfinished upload may lie there, which "
    "no link shows, and which a rule of the bucket for incomplete uploads removes."
)


class ObjectStore:
    """A folder of a bucket."""

    def __init__(
        self,
        destination: Destination,
        service: CloudService,
        *,
        public: bool,
        public_url: str | None,
    ) -> None:
        self.destination = destination
        self._service, self._public, self._public_url = service, public, public_url
        self._is_direct = False

    @property
    def address(self) -> str:
        """Where the bucket is."""
        return self._service.address

    def find(self, name: str) -> StoredObject | None:
        """The file of that name; `None` when there is none, or the keys may not look. Raises
        StoreRefused where the bucket is missing or the keys are wrong.
        """
        path = self._direct_path(name)
        errors = library_errors()
        try:
            return self._look(name, path, {"head": True})
        except errors:
            pass
        # An answer to HEAD has no body, so it does not say what is missing or wrong.
        try:
            return self._look(name, path, {"range": (0, 1)})
        except errors as error:
            missing = isinstance(error, FileNotFoundError) and not names_no_bucket(error)
            if missing or is_forbidden(error):
                return None
            raise self._refusal(error) from None

    def put(
        self,
        name: str,
        file: Path,
        *,
        size: int,
        content_type: str,
        progress: Callable[[int], None],
    ) -> None:
        """Sends the file in parts. See Store."""
        if self._is_signed:
            self._sign(name, WEEK)  # a link that cannot be signed is known before anything is sent
        path = self._direct_path(name)
        with open_file(file) as opened:
            upload = Upload(self._service.store, path, opened, size=size, content_type=content_type)
            try:
                upload.send(progress)
            except library_errors() as error:
                refused = self._refusal(error)
                if isinstance(refused, StoreUnreachable) and size > PART:
                    raise StoreUnreachable(f"{refused} {_UNFINISHED}") from None
                raise refused from None

    def link(self, name: str, expires: timedelta) -> Link:
        """A signed link, or the plain one where the bucket is public. A week is the longest that
        the stores sign for; the end of the credentials ends it sooner.
        """
        if self._public_url:
            return Link(f"{self._public_url.rstrip('/')}/{quote(name)}", None)
        if self._public:
            path = quote(self.destination.path_of(name))
            return Link(f"{self._service.address}/{path}", None)
        return self._sign(name, expires)

    def delete(self, name: str, *, link: str | None = None) -> None:  # noqa: ARG002  its name is enough
        """Removes the file, and what an upload of it left that never ended. Raises StoreError."""
        path = self._direct_path(name)
        self._service.abort_uploads(path)
        try:
            obstore_module().delete(self._service.store, path)
        except library_errors() as error:
            if isinstance(error, FileNotFoundError) and not names_no_bucket(error):
                return
            raise self._refusal(error) from None

    def close(self) -> None:
        """Nothing is kept open that does not end with the store."""

    def _direct_path(self, name: str) -> str:
        """The path of a file, after a first look at whether the service answers itself."""
        path = self.destination.path_of(name)
        if not self._is_direct:
            self._service.ensure_direct(path)
            self._is_direct = True
        return path

    @property
    def _is_signed(self) -> bool:
        return not self._public and not self._public_url

    def _look(self, name: str, path: str, options: GetOptions) -> StoredObject:
        result = obstore_module().get(self._service.store, path, options=options)
        meta: ObjectMeta = result.meta
        content_type = result.attributes.get("Content-Type")
        return StoredObject(name, meta["size"], str(content_type) if content_type else None)

    def _sign(self, name: str, expires: timedelta) -> Link:
        if self._service.unsigned_because:
            raise CredentialsMissing(self._service.unsigned_because)
        session = self._service.session_end()
        duration = min(expires, WEEK)
        if session.moment:
            duration = min(duration, session.moment - datetime.now(UTC))
        if duration.total_seconds() < 1:
            raise CredentialsMissing(
                f"{self._service.place}: the credentials have ended. Log in again, or renew them."
            )
        path = self.destination.path_of(name)
        try:
            url: str = obstore_module().sign(self._service.store, "GET", path, duration)
        except library_errors() as error:
            raise self._refusal(error) from None
        validity = link_validity(url)
        return Link(
            url, validity.end if validity else None, _UNKNOWN_END if session.unknown else None
        )

    def _refusal(self, error: Exception) -> PublishError:
        return refusal(error, self._service)
