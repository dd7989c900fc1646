"""What the user set once: environment variables, config.toml and profile.toml."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_config_path

from motion_preflight.errors import SettingsInvalid
from motion_preflight.profile import Profile

FFPROBE = "MOTION_PREFLIGHT_FFPROBE"


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings; `None` means not set."""

    ffprobe: str | None = None  # path or name of the ffprobe to use


def config_folder() -> Path:
    """The folder of config.toml and profile.toml; it need not exist, and is never made."""
    try:
        return user_config_path("motion-preflight", appauthor=False)
    except RuntimeError:  # a user without a home, as in some containers
        return Path(os.sep, "etc", "motion-preflight")


def load_settings() -> Settings:
    """The environment first, then config.toml. Raises `SettingsInvalid`."""
    file = config_folder() / "config.toml"
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        data = {}  # none, or none that this user may read
    except (OSError, ValueError, RecursionError) as error:
        raise SettingsInvalid(f"{file}: {error}") from None
    unknown = sorted(set(data) - {"ffprobe"})
    if unknown:
        raise SettingsInvalid(f'{file}: there is no setting "{unknown[0]}"; there is: ffprobe')
    if not isinstance(data.get("ffprobe", ""), str):
        raise SettingsInvalid(f"{file}: ffprobe must be text, the path of a program")
    return Settings(ffprobe=os.environ.get(FFPROBE) or data.get("ffprobe") or None)


def load_profile(*files: Path) -> Profile:
    """The built-in profile, then the user's profile.toml where there is one, then the files.
    Raises `ProfileInvalid`.
    """
    own = config_folder() / "profile.toml"
    return Profile.load(*([own] if readable(own) else []), *files)


def readable(file: Path) -> bool:
    """Whether there is such a file that this user may read."""
    return os.path.isfile(file) and os.access(file, os.R_OK)  # noqa: PTH113  never raises
