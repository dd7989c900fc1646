"""A local picture on its way to the provider: read once, as it was checked."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from motion_preflight.errors import Because, NotSent
from motion_preflight.facts import MediaFacts
from motion_preflight.source import Unusable
from motion_preflight.source.local import open_path, path_of
from motion_preflight.source.location import is_url

if TYPE_CHECKING:
    from motion_preflight.report import Report


@dataclass(frozen=True, slots=True)
class ImageUpload:
    """A local picture, as it is uploaded."""

    data: bytes
    container: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


def picture_of(report: Report) -> ImageUpload | None:
    """The local picture of a request, as it was checked; `None` when it has a link already or was
    not measured. Raises `NotSent` when it cannot be read any more or changed.
    """
    location = str(report.body.get("image_url"))
    if is_url(location) or not isinstance(report.image, MediaFacts):
        return None
    try:
        with open_path(path_of(location, report.conditions.folder)) as file:
            if file.version != report.image.version:
                raise NotSent("the picture changed since it was checked", None, Because.CHANGED)
            return ImageUpload(file.read(0, file.size), str(report.image.container))
    except (Unusable, OSError) as error:
        raise NotSent(f"the picture cannot be read: {error}", None, Because.UPLOAD) from None
