"""Tries a destination with a file of a few bytes: stored, fetched by its link, and removed."""

from __future__ import annotations

import secrets
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from motion_preflight.media.source.local import open_path
from motion_preflight.network.client import Web
from motion_preflight.publishing.content import FileContent
from motion_preflight.publishing.errors import PublishError
from motion_preflight.publishing.options import PublishOptions, store_of
from motion_preflight.publishing.proof import ensure_reachable, prove_link

if TYPE_CHECKING:
    from motion_preflight.publishing.store import Store
    from motion_preflight.settings import Settings


def try_destination(settings: Settings, *, allow_private: bool = False) -> str:
    """Publishes a file of a few bytes to the destination of the settings, proves its link, and
    removes it. Returns a sentence about what was seen.

    Raises `PublishError` and `SettingsInvalid`, which say what does not work and what to do.
    """
    options = PublishOptions(allow_private=allow_private).with_settings(settings)
    store = store_of(options, settings)
    with (
        tempfile.TemporaryDirectory() as folder,
        Web(timeout=options.timeout, allow_private=allow_private) as web,
    ):
        content = _small_file(Path(folder))
        try:
            link = _stored_and_proved(store, content, options, web)
            left = _not_removed(store, content, link)
        finally:
            store.close()
    return f"{options.to}: a small file was stored, fetched without credentials, and {left}"


def _stored_and_proved(
    store: Store, content: FileContent, options: PublishOptions, web: Web
) -> str:
    """The link of the small file. Raises `PublishError`, which names the file where it is left."""
    link = None
    try:
        ensure_reachable(options.public_url or store.address, web)
        store.put(
            content.name,
            content.path,
            size=content.size,
            content_type=content.content_type,
            progress=lambda _: None,
        )
        link = store.link(content.name, options.expires).url
        prove_link(link, content, web)
    except PublishError as error:
        left = _not_removed(store, content, link) if link else "removed"
        raise type(error)(f"{error}{'' if left == 'removed' else f'; {left}'}") from None
    return link


def _not_removed(store: Store, content: FileContent, link: str | None) -> str:
    """`removed`, or why the small file is left, and where."""
    try:
        store.delete(content.name, link=link)
    except PublishError as error:
        return f"{content.name} is left there: {error}"
    return "removed"


def _small_file(folder: Path) -> FileContent:
    name = f"motion-preflight-trial-{secrets.token_hex(8)}.txt"
    path = folder / name
    path.write_text("motion-preflight tried whether it can publish here.\n", encoding="ascii")
    with open_path(path) as file:
        return FileContent(path, file.version, file.size, "", name, "text/plain")
