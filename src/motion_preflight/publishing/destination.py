"""Where files are published to, as a user writes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["s3", "gs", "az", "rclone", "command"]


@dataclass(frozen=True, slots=True)
class Destination:
    """A place for published files."""

    kind: Kind
    bucket: str  # bucket, container or remote; empty for a command
    prefix: str  # the folder inside, without a slash at either end; empty: none
    text: str  # what the user wrote, safe to show


def parse_destination(text: str) -> Destination:
    """Reads a destination. Raises DestinationInvalid."""
    if text == "command":
        return Destination("command", "", "", text)
    kind, _, place = text.partition(":")
    bucket, _, prefix = place.removeprefix("//").partition(":" if kind == "rclone" else "/")
    return Destination(kind, bucket, prefix.strip("/"), text)  # type: ignore[arg-type]
