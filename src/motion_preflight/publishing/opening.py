"""The store of a destination, whatever its kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from motion_preflight.publishing.command import CommandStore
from motion_preflight.publishing.object_store import ObjectStore
from motion_preflight.publishing.rclone import RcloneStore

if TYPE_CHECKING:
    from collections.abc import Sequence

    from motion_preflight.publishing.clouds.service import CloudService
    from motion_preflight.publishing.destination import Destination
    from motion_preflight.publishing.store import Store


def open_store(
    destination: Destination,
    *,
    public: bool = False,
    public_url: str | None = None,
    publish_command: Sequence[str] = (),
    unpublish_command: Sequence[str] = (),
) -> Store:
    """The store of a destination. It contacts no store yet.

    public             the bucket is public: links carry no signature
    public_url         the address that the destination's folder has on the web (a CDN, a domain of
                       one's own), to which the name is added; `None`: the store's own address
    publish_command    the words of the user's own command: `{file}` is a path, `{name}` a name
    unpublish_command  the words of the one that removes: `{link}`, `{name}`

    Raises StoreProgramMissing, CredentialsMissing and DestinationInvalid.
    """
    if destination.kind == "command":
        return CommandStore(destination, publish_command, unpublish_command)
    if destination.kind == "rclone":
        return RcloneStore(destination, public_url=public_url)
    return ObjectStore(destination, _open_cloud(destination), public=public, public_url=public_url)


def _open_cloud(destination: Destination) -> CloudService:
    """The bucket or container; each world's libraries are imported when they are needed."""
    if destination.kind == "s3":
        from motion_preflight.publishing.clouds.amazon import open_s3  # noqa: PLC0415

        return open_s3(destination.bucket)
    if destination.kind == "gs":
        from motion_preflight.publishing.clouds.google import open_gs  # noqa: PLC0415

        return open_gs(destination.bucket)
    from motion_preflight.publishing.clouds.azure import open_az  # noqa: PLC0415

    return open_az(destination.bucket, destination.prefix)
