"""The store of a destination, whatever its kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from motion_preflight.publishing.errors import DestinationInvalid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from motion_preflight.publishing.destination import Destination
    from motion_preflight.publishing.store import Store


def open_store(
    destination: Destination,
    *,
    public: bool = False,  # noqa: ARG001
    public_url: str | None = None,  # noqa: ARG001
    publish_command: Sequence[str] = (),  # noqa: ARG001
    unpublish_command: Sequence[str] = (),  # noqa: ARG001
) -> Store:
    """The store of a destination. It contacts no store yet.

    public             the bucket is public: links carry no signature
    public_url         the address that the destination's folder has on the web (a CDN, a domain of
                       one's own), to which the name is added; `None`: the store's own address
    publish_command    the words of the user's own command: `{file}` is a path, `{name}` a name
    unpublish_command  the words of the one that removes: `{link}`, `{name}`

    Raises StoreProgramMissing, CredentialsMissing and DestinationInvalid.
    """
    raise DestinationInvalid(f"{destination.text} cannot be published to yet.")
