"""`new`: writes a request file from options."""

from __future__ import annotations

import json
import os
import shlex
from typing import TYPE_CHECKING

from motion_preflight.cli.console import say
from motion_preflight.cli.exit_codes import OK
from motion_preflight.cli.options import request_body
from motion_preflight.errors import SettingsInvalid
from motion_preflight.provider.profile import Profile
from motion_preflight.request.parse import parse_request
from motion_preflight.settings import profile_files
from motion_preflight.text.locations import is_url, path_from_here, printable

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

_MEDIA = ("video_url", "image_url")


def new(options: argparse.Namespace) -> int:
    """Writes the request, and says what to do with it. Raises `SettingsInvalid` when it has a
    mistake, or when its file cannot be made.
    """
    file: Path = options.file
    if file.suffix.lower() != ".json":
        raise SettingsInvalid(f"{printable(str(file))}: name a file that ends in .json")
    body = request_body(options)
    mistakes = parse_request(body, Profile.load(*profile_files()).models).violations
    if mistakes:
        text = "; ".join(mistake.message for mistake in mistakes)
        raise SettingsInvalid(f"no request was written: {text}")
    for field in _MEDIA:
        if not is_url(body[field]):
            body[field] = _relative(body[field], file.parent)
    text = json.dumps(body, indent=2, ensure_ascii=False) + "\n"
    try:
        with file.open("x", encoding="utf-8") as opened:
            opened.write(text)
    except FileExistsError:
        raise SettingsInvalid(
            f"{printable(str(file))} is there already, and nothing is overwritten: name another"
        ) from None
    except OSError as error:
        raise SettingsInvalid(
            f"{printable(str(file))} cannot be written ({error.strerror})"
        ) from None
    command = f"motion-preflight check {shlex.quote(path_from_here(str(file), None))}"
    say(f"motion-preflight: {printable(str(file))} is written; next: `{command}`")
    return OK


def _relative(path: str, folder: Path) -> str:
    """A path as the file writes it; one on another drive stays whole."""
    try:
        return os.path.relpath(os.path.expanduser(path), folder)  # noqa: PTH111  as a shell does
    except ValueError:
        return os.path.abspath(path)  # noqa: PTH100  as above
