"""The fixture `motion_provider` of pytest, for a conftest.py that names this module.

pytest_plugins = ["motion_preflight.testing.plugin"]
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from motion_preflight.testing.provider import KEY, MotionProvider


@pytest.fixture
def motion_provider(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MotionProvider]:
    """A `MotionProvider` for one test. `media_url` gives links to the files of `tmp_path`.

    The environment leads to it: the base URL, a key that no provider takes, and a ledger of the
    test's own. So neither the provider nor the user's ledger can be reached by mistake.
    """
    with MotionProvider(tmp_path) as provider:
        monkeypatch.setenv("APIMART_BASE_URL", provider.base_url)
        monkeypatch.setenv("APIMART_API_KEY", KEY)
        monkeypatch.delenv("APIMART_API_KEY_FILE", raising=False)
        monkeypatch.setenv("MOTION_PREFLIGHT_STATE", str(tmp_path / "motion-preflight"))
        yield provider
