"""What the user set once: environment variables, config.toml and profile.toml."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from platformdirs import user_config_path

from motion_preflight.errors import SettingsInvalid
from motion_preflight.profile import Profile

if TYPE_CHECKING:
    from pathlib import Path

FFPROBE = "MOTION_PREFLIGHT_FFPROBE"


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings; `None` means not set."""

    ffprobe: str | None = None  # path or name of the ffprobe to use


def config_folder() -> Path:
    """The folder of config.toml and profile.toml; it need not exist, and is never made."""
    return user_config_path("motion-preflight", appauthor=False)


def load_settings() -> Settings:
    """The environment first, then config.toml. Raises `SettingsInvalid`."""
    file = config_folder() / "config.toml"
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        data = {}
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
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
    return Profile.load(*([own] if own.is_file() else []), *files)
