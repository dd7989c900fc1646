"""Uses a Dask cluster as an executor. The extra `dask` installs what that needs."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from motion_preflight.errors import SettingsInvalid
from motion_preflight.text.locations import printable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Executor

_PATIENCE = 5  # seconds within which the scheduler must answer


@contextmanager
def executor_of(address: str) -> Iterator[Executor]:
    """The executor of the cluster whose scheduler has this address. Raises `SettingsInvalid`."""
    try:
        from distributed import Client  # noqa: PLC0415  an extra
    except ImportError:
        text = "--dask needs one more package: pip install 'motion-preflight[dask]'"
        raise SettingsInvalid(text) from None
    try:
        client = Client(address, timeout=_PATIENCE, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        why = printable(" ".join(str(error).split()))[:200] or type(error).__name__
        raise SettingsInvalid(f"no Dask scheduler at {printable(address)}: {why}") from None
    with client:
        yield client.get_executor()
