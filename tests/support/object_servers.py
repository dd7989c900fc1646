"""Servers that keep objects, from the registries: moto and rclone speak S3, Azurite speaks Azure.

Each hides what another shows: moto looks at no signature, and rclone answers a range with 200 and a
Content-Range.
"""

from __future__ import annotations

import base64
import ctypes
import hashlib
import hmac
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.utils import formatdate
from pathlib import Path
from typing import Any, Self

from paths import ROOT

_PATIENCE = 60.0  # seconds for a server to start on a busy machine
_UP = re.compile(r"http://127\.0\.0\.1:\d+")
AZURITE = ROOT / ".venv" / "azurite" / "node_modules" / ".bin" / "azurite-blob"
AZURE_KEY = (  # published for everybody: it is the same in every emulator
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
)
AZURE_ACCOUNT = "devstoreaccount1"
RCLONE = Path(sys.executable).with_name("rclone")


def _end_with_parent() -> None:
    """Has the kernel kill this process with its parent, because tests that are killed themselves
    would leave their servers behind.
    """
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


class Server:
    """A server in a process of its own, at a port that it chose itself."""

    def __init__(self, command: Sequence[str | Path], folder: Path) -> None:
        self._log = folder / f"{Path(command[0]).name}-{len(list(folder.iterdir()))}.log"
        with self._log.open("wb") as output:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=folder,
                preexec_fn=_end_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509
            )
        self.base = self._address()

    def _address(self) -> str:
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end and self._process.poll() is None:
            # The last address is where it listens; some announce before what they try.
            lines = self._log.read_text(encoding="utf-8", errors="replace").splitlines()
            for line in lines:
                address = _UP.search(line)
                if address and re.search("(?i)running on|successfully listens|starting s3", line):
                    return address[0]
            time.sleep(0.02)
        self.close()
        raise AssertionError(f"no server: {self._log.read_text(errors='replace')[-2000:]}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._process.kill()
        self._process.wait()


@dataclass
class S3Server:
    """A server that speaks S3, and the keys that it takes."""

    base: str
    key: str = "AKIDEXAMPLE0123456789"
    secret: str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
    _buckets: int = field(default=0, repr=False)
    _client: Any = field(default=None, repr=False)

    def client(self) -> Any:
        """The client of Amazon's own library, which is not the one that is tested."""
        self._client = self._client or self._new_client()
        return self._client

    def _new_client(self) -> Any:
        import botocore.session  # noqa: PLC0415  it takes a third of a second
        from botocore.config import Config  # noqa: PLC0415

        return botocore.session.Session().create_client(
            "s3",
            region_name="us-east-1",
            endpoint_url=self.base,
            aws_access_key_id=self.key,
            aws_secret_access_key=self.secret,
            config=Config(s3={"addressing_style": "path"}, proxies={}, retries={"max_attempts": 1}),
        )

    def new_bucket(self) -> str:
        """A bucket of its own for a test. Its name has no sign that a client escapes, since moto
        does not read an escaped one.
        """
        self._buckets += 1
        name = f"clips{self._buckets}"
        self.client().create_bucket(Bucket=name)
        return name

    def environment(self, folder: Path, **more: str) -> dict[str, str]:
        """How a user of this server sets up the AWS CLI; `folder` is the user's home."""
        return (
            {
                "AWS_ACCESS_KEY_ID": self.key,
                "AWS_SECRET_ACCESS_KEY": self.secret,
                "AWS_ENDPOINT_URL": self.base,
            }
            | no_cloud(folder)
            | more
        )

    def names(self, bucket: str) -> list[str]:
        """The names of all files in a bucket."""
        answer = self.client().list_objects_v2(Bucket=bucket)
        return [entry["Key"] for entry in answer.get("Contents", ())]

    def unfinished(self, bucket: str) -> list[str]:
        """The names of uploads that were begun and neither finished nor taken back."""
        answer = self.client().list_multipart_uploads(Bucket=bucket)
        return [entry["Key"] for entry in answer.get("Uploads", ())]

    def content(self, bucket: str, name: str) -> bytes:
        body: bytes = self.client().get_object(Bucket=bucket, Key=name)["Body"].read()
        return body


@dataclass
class AzureServer:
    """Azurite, with the account of every emulator."""

    base: str
    _containers: int = field(default=0, repr=False)

    @property
    def connection(self) -> str:
        return (
            f"DefaultEndpointsProtocol=http;AccountName={AZURE_ACCOUNT};AccountKey={AZURE_KEY};"
            f"BlobEndpoint={self.base}/{AZURE_ACCOUNT};"
        )

    def new_container(self) -> str:
        """A container of its own for a test."""
        self._containers += 1
        name = f"clips-{self._containers}"
        date = formatdate(usegmt=True)
        lines = ["PUT", *[""] * 11, f"x-ms-date:{date}", "x-ms-version:2021-08-06",
                 f"/{AZURE_ACCOUNT}/{AZURE_ACCOUNT}/{name}", "restype:container"]  # fmt: skip
        digest = hmac.new(base64.b64decode(AZURE_KEY), "\n".join(lines).encode(), hashlib.sha256)
        request = urllib.request.Request(
            f"{self.base}/{AZURE_ACCOUNT}/{name}?restype=container",
            method="PUT",
            headers={
                "x-ms-date": date,
                "x-ms-version": "2021-08-06",
                "Authorization": f"SharedKey {AZURE_ACCOUNT}:"
                + base64.b64encode(digest.digest()).decode(),
            },
        )
        fetch(request).close()
        return name

    def environment(self, folder: Path, **more: str) -> dict[str, str]:
        """How a user of this server sets up the Azure CLI; `folder` is the user's home."""
        return {"AZURE_STORAGE_CONNECTION_STRING": self.connection} | no_cloud(folder) | more


def no_cloud(folder: Path) -> dict[str, str]:
    """An environment in which the tools of the three worlds find nothing; `folder` is the home."""
    return {
        "HOME": str(folder),
        "AWS_CONFIG_FILE": str(folder / "aws-config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(folder / "aws-credentials"),
        "AWS_EC2_METADATA_DISABLED": "true",
        "CLOUDSDK_CONFIG": str(folder / "gcloud"),
        "RCLONE_CONFIG": str(folder / "rclone.conf"),
    }


def fetch(request: str | urllib.request.Request) -> Any:
    """The answer of a server of this machine, past any proxy."""
    return urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30)


def moto(folder: Path) -> Server:
    """Moto's server: a whole S3, which looks at no signature."""
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"]
    return Server(command, folder)


def rclone_s3(folder: Path, keys: S3Server) -> Server:
    """`rclone serve s3`, which looks at signatures and clocks. Its buckets are folders."""
    (folder / "buckets").mkdir()
    command = [str(RCLONE), "serve", "s3", "--addr", "127.0.0.1:0", "--auth-key",
               f"{keys.key},{keys.secret}", str(folder / "buckets")]  # fmt: skip
    return Server(command, folder)


def azurite(folder: Path) -> Server:
    """Azurite, the Azure Blob Storage of Microsoft's own for tests."""
    program = shutil.which("azurite-blob") or str(AZURITE)
    command = [program, "--blobPort", "0", "--inMemoryPersistence", "--skipApiVersionCheck",
               "--disableTelemetry"]  # fmt: skip
    return Server(command, folder)


def azurite_is_here() -> bool:
    return bool(shutil.which("azurite-blob")) or AZURITE.exists()
