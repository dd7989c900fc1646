"""Reads a local picture for its upload, once and only as it was checked."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from motion_preflight.media.facts import MediaFacts
from motion_preflight.media.source.local import open_path, path_of
from motion_preflight.network.errors import MediaUnavailable
from motion_preflight.submission.errors import NotSent, NotSentReason
from motion_preflight.text.lazy_dataclass import dataclass
from motion_preflight.text.locations import is_url

if TYPE_CHECKING:
    from motion_preflight.report.findings import Report


@dataclass(frozen=True, slots=True)
class ImageUpload:
    """A local picture that is uploaded: its bytes, its container and its digest."""

    data: bytes
    container: str
    sha256: str  # of the data, in hexadecimal digits


class PictureReader:
    """Reads the local pictures of a run. The latest stays in memory, so that the picture of several
    requests is read and hashed once.
    """

    def __init__(self) -> None:
        self._latest: tuple[tuple[str, str], ImageUpload] | None = None

    def read(self, report: Report) -> ImageUpload | None:
        """The picture of a request; `None` when the request has a link, or the picture was not
        measured. Raises `NotSent` when it cannot be read any more, or changed since the check.
        """
        location = str(report.body.get("image_url"))
        if is_url(location) or not isinstance(report.image, MediaFacts):
            return None
        path = path_of(location, report.options.folder)
        try:
            with open_path(path) as file:
                if file.version != report.image.version:
                    text = "the picture changed since it was checked"
                    raise NotSent(text, None, NotSentReason.CHANGED)
                key = str(path), file.version
                if self._latest is None or self._latest[0] != key:
                    data = file.read(0, file.size)
                    digest = hashlib.sha256(data).hexdigest()
                    self._latest = key, ImageUpload(data, str(report.image.container), digest)
        except (MediaUnavailable, OSError) as error:
            text = f"the picture cannot be read: {error}"
            raise NotSent(text, None, NotSentReason.UPLOAD) from None
        return self._latest[1]
