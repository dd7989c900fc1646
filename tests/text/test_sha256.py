"""The digest is that of the standard library, whichever module makes it."""

from __future__ import annotations

import hashlib
import sys

import pytest

from motion_preflight.text.sha256 import sha256_of


@pytest.mark.parametrize("data", [b"", b"clip", bytes(65_536), bytes(range(256)) * 300])
@pytest.mark.parametrize("is_loaded", [True, False])
def test_a_digest_is_that_of_hashlib(
    data: bytes,
    is_loaded: bool,  # noqa: FBT001
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if not is_loaded:
        monkeypatch.delitem(sys.modules, "hashlib")
    assert sha256_of(data) == hashlib.sha256(data).hexdigest()
    assert ("hashlib" in sys.modules) == is_loaded
