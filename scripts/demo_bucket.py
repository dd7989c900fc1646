"""A bucket on this machine for the demo: rclone's own S3 server, which looks at signatures."""

from __future__ import annotations

import re
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY, SECRET = "demo-key-of-this-machine", "demo-secret-of-this-machine"


@contextmanager
def bucket(name: str, folder: Path) -> Iterator[dict[str, str]]:
    """An empty bucket while the block runs, as the environment by which AWS's tools find it."""
    (folder / name).mkdir(parents=True)
    rclone = Path(sys.executable).with_name("rclone")
    command: list[str | Path] = [
        rclone,
        "serve",
        "s3",
        "--addr",
        "127.0.0.1:0",
        "--auth-key",
        f"{KEY},{SECRET}",
    ]
    command.append(folder)
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as server:
        try:
            yield {
                "AWS_ENDPOINT_URL": _address(server),
                "AWS_ACCESS_KEY_ID": KEY,
                "AWS_SECRET_ACCESS_KEY": SECRET,
                "AWS_EC2_METADATA_DISABLED": "true",
            }
        finally:
            server.terminate()


def _address(server: subprocess.Popen[str]) -> str:
    """Where the server listens, which it prints when it does."""
    for line in server.stderr or ():
        address = re.search(r"http://127\.0\.0\.1:\d+", line)
        if address:
            return address[0]
    raise RuntimeError("rclone did not start its server")
