"""The provider for the tests of other programs: the sandbox, with what such a test asks for."""

from __future__ import annotations

import json
from collections.abc import Iterable
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from motion_preflight.sandbox.rehearsal import REQUEST
from motion_preflight.sandbox.sample_media import CLIP, PICTURE
from motion_preflight.sandbox.server import Sandbox

KEY = "test-0123456789abcdef"  # which no provider takes


class MotionProvider:
    """A stand-in for the provider on this machine, which answers while the `with` block lasts.
    Nothing is billed.

        with MotionProvider() as provider:
            create_task(provider.base_url, provider.request())
        assert provider.posts == [provider.request()]

    folder  whose files `media_url` gives links to; `None`: those of the package's own samples
    faults  what goes wrong, as the page about the sandbox lists it: `NAME`, or `NAME*N` for the
            next N requests that it fits
    polls   how often a task is still processing before it is completed

    What is on this machine is fetched by a check with `allow_private=True` alone.
    """

    def __init__(
        self,
        folder: str | PathLike[str] | None = None,
        *,
        faults: Iterable[str] = (),
        polls: int = 0,
    ) -> None:
        self._faults = tuple(faults)
        media = None if folder is None else Path(folder)
        self.sandbox = Sandbox(media, faults=self._faults, polls=polls)

    def __enter__(self) -> Self:
        self.sandbox.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.sandbox.__exit__(kind, error, trace)

    @property
    def base_url(self) -> str:
        """Where it answers: the base URL for a client, or for `APIMART_BASE_URL`."""
        return self.sandbox.base

    @property
    def posts(self) -> list[Any]:
        """The bodies of the paid POSTs that it received, in order: each one as the value of its
        JSON, or as `bytes` where it is no JSON.
        """
        return [_value(post.body) for post in self.sandbox.posts]

    @property
    def faults(self) -> tuple[str, ...]:
        """What goes wrong from now on, as it was set. Raises `ValueError` for what is no fault."""
        return self._faults

    @faults.setter
    def faults(self, names: Iterable[str]) -> None:
        chosen = tuple(names)
        self.sandbox.replace_faults(*chosen)
        self._faults = chosen

    def media_url(self, name: str) -> str:
        """The link to a file of the folder."""
        return self.sandbox.media_url(name)

    def request(self, **fields: object) -> dict[str, Any]:
        """A request that passes, with a clip of 8 seconds and a picture of the package's own;
        `fields` are added to it, or take the place of its own.
        """
        media = {
            "video_url": self.sandbox.sample_url(CLIP),
            "image_url": self.sandbox.sample_url(PICTURE),
        }
        return {**REQUEST, **media, "prompt": "a dancer on a rooftop", **fields}


def _value(body: bytes) -> Any:  # noqa: ANN401  JSON
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return body
