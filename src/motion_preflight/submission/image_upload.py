"""Reads a local picture for its upload, once and only as it was checked."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from motion_preflight.media.facts import MediaFacts
from motion_preflight.media.source.local import open_path, path_of
from motion_preflight.network.errors import MediaUnavailable
from motion_preflight.submission.errors import NotSent, NotSentReason
from motion_preflight.text.locations import is_url

if TYPE_CHECKING:
    from motion_preflight.report.findings import Report


@dataclass(frozen=True, slots=True)
class ImageUpload:
    """A local picture that is uploaded: its bytes and its container."""

    data: bytes
    container: str

    @property
    def sha256(self) -> str:
        """The SHA-256 of the picture in hexadecimal digits."""
        return hashlib.sha256(self.data).hexdigest()


def picture_of(report: Report) -> ImageUpload | None:
    """Reads the local picture of a request; `None` when the request has a link, or the picture was
    not measured. Raises `NotSent` when it cannot be read any more, or changed since the check.
    """
    location = str(report.body.get("image_url"))
    if is_url(location) or not isinstance(report.image, MediaFacts):
        return None
    try:
        with open_path(path_of(location, report.options.folder)) as file:
            if file.version != report.image.version:
                raise NotSent(
                    "the picture changed since it was checked", None, NotSentReason.CHANGED
                )
            return ImageUpload(file.read(0, file.size), str(report.image.container))
    except (MediaUnavailable, OSError) as error:
        raise NotSent(f"the picture cannot be read: {error}", None, NotSentReason.UPLOAD) from None
