"""What the user sets once: environment variables, config.toml and profile.toml."""

from __future__ import annotations

import errno
import os
import tomllib
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Any

from platformdirs import user_config_path, user_state_path

from motion_preflight.errors import SettingsInvalid
from motion_preflight.text.api_key import NO_KEY, usable_key
from motion_preflight.text.lazy_dataclass import dataclass
from motion_preflight.text.numbers import MOST_AMOUNT, is_amount

FFPROBE, FFMPEG = "MOTION_PREFLIGHT_FFPROBE", "MOTION_PREFLIGHT_FFMPEG"
STATE = "MOTION_PREFLIGHT_STATE"
KEY, KEY_FILE, BASE_URL = "APIMART_API_KEY", "APIMART_API_KEY_FILE", "APIMART_BASE_URL"
_KEY_FILE = 1 << 16  # characters of the key's file that are read


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings; `None` means not set."""

    ffprobe: str | None = None  # path or name of the ffprobe to use
    ffmpeg: str | None = None  # path or name of the ffmpeg to use
    max_cost_per_request: Decimal | None = None  # in the profile's currency
    max_cost_per_day: Decimal | None = None  # in the profile's currency, for a UTC day
    max_requests: int | None = None  # paid requests in one run
    publish: str | None = None  # where files are published to, like s3://bucket/prefix
    publish_public: bool = False  # everybody can read what is published there
    publish_url: str | None = None  # where published files are served from
    publish_command: tuple[str, ...] = ()  # words of a command that publishes {file} as {name}
    unpublish_command: tuple[str, ...] = ()  # words of a command that removes {link}


def config_folder() -> Path:
    """The folder of config.toml and profile.toml. It need not exist, and is never created."""
    try:
        return user_config_path("motion-preflight", appauthor=False)
    except RuntimeError:  # this user has no home, as in some containers
        return Path(os.sep, "etc", "motion-preflight")


def state_folder() -> Path:
    """The folder of the ledger: `MOTION_PREFLIGHT_STATE`, else the user's own. Raises
    `SettingsInvalid` when neither exists.
    """
    folder = os.environ.get(STATE)
    if folder:
        return Path(folder).expanduser().absolute()
    try:
        return user_state_path("motion-preflight", appauthor=False)
    except RuntimeError:
        raise SettingsInvalid(
            f"this user has no home, so there is no place for the ledger: set {STATE} to a folder"
        ) from None


def load_settings(*, spending: bool = False) -> Settings:
    """Reads the settings, from the environment first and then from config.toml.

    Raises `SettingsInvalid` for a setting that cannot be used. A config.toml that this user may not
    read is skipped, but raises `SettingsInvalid` when `spending`, because it may hold a budget.
    """
    file = config_folder() / "config.toml"
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"), parse_float=Decimal)
    except (FileNotFoundError, NotADirectoryError):
        data = {}
    except PermissionError as error:
        if spending:
            raise SettingsInvalid(f"{file}: {error.strerror}") from None
        data = {}
    except (OSError, ValueError, ArithmeticError, RecursionError) as error:
        raise SettingsInvalid(f"{file}: {error}") from None
    slots = Settings.__slots__
    unknown = sorted(set(data) - set(slots))
    if unknown:
        raise SettingsInvalid(
            f'{file}: there is no setting "{unknown[0]}"; there are: {", ".join(slots)}'
        )
    for name in ("ffprobe", "ffmpeg"):
        if not isinstance(data.get(name, ""), str):
            raise SettingsInvalid(f"{file}: {name} must be text, the path of a program")
    return Settings(
        ffprobe=os.environ.get(FFPROBE) or data.get("ffprobe") or None,
        ffmpeg=os.environ.get(FFMPEG) or data.get("ffmpeg") or None,
        max_cost_per_request=_amount(data, "max_cost_per_request", file),
        max_cost_per_day=_amount(data, "max_cost_per_day", file),
        max_requests=_count(data, "max_requests", file),
        publish=_text(data, "publish", file),
        publish_public=_flag(data, "publish_public", file),
        publish_url=_text(data, "publish_url", file),
        publish_command=_words(data, "publish_command", file),
        unpublish_command=_words(data, "unpublish_command", file),
    )


def profile_files(*, spending: bool = False) -> list[Path]:
    """The user's profile.toml as a list, empty when there is none or this user may not read it.

    Raises `SettingsInvalid` for one that may not be read when `spending`, because it may hold
    prices.
    """
    own = config_folder() / "profile.toml"
    if spending and not readable(own) and os.path.lexists(own):
        raise SettingsInvalid(f"{own}: {os.strerror(errno.EACCES)}")
    return [own] if readable(own) else []


def api_key() -> str:
    """The API key from `APIMART_API_KEY`, else from the file that `APIMART_API_KEY_FILE` names.

    Raises `SettingsInvalid` when there is none; the message never shows the key.
    """
    key, file = os.environ.get(KEY, ""), os.environ.get(KEY_FILE)
    where = KEY
    if not key.strip() and file:
        where = f"the file that {KEY_FILE} names"
        try:
            with Path(file).open(encoding="utf-8-sig", errors="replace") as opened:
                key = opened.read(_KEY_FILE)
        except OSError as error:
            raise SettingsInvalid(f"{where} cannot be read ({error.strerror})") from None
    if not key.strip().removeprefix("Bearer").strip():
        raise SettingsInvalid(
            f"no API key: put it into {KEY}, or name a file that holds it in {KEY_FILE}"
        )
    usable = usable_key(key)
    if usable is None:
        raise SettingsInvalid(f"{where} {NO_KEY}")
    return usable


def keys_in_force() -> tuple[str, ...]:
    """The keys in `APIMART_API_KEY` and in the file of `APIMART_API_KEY_FILE`, as far as they can
    be read: none of them may stand in a request.

    Only a regular file is read: a pipe can be read only once, and `api_key` needs it.
    """
    texts = [os.environ.get(KEY, "")]
    file = os.environ.get(KEY_FILE, "")
    if file and os.path.isfile(file):  # noqa: PTH113  this one never raises
        with suppress(OSError), Path(file).open(encoding="utf-8-sig", errors="replace") as opened:
            texts.append(opened.read(_KEY_FILE))
    keys = [text.strip().removeprefix("Bearer").strip() for text in texts]
    return tuple(dict.fromkeys(key for key in keys if key))


def base_url() -> str | None:
    """The provider's base URL from `APIMART_BASE_URL`; `None` means the documented one."""
    return os.environ.get(BASE_URL) or None


def readable(file: Path) -> bool:
    """Whether the file exists and this user may read it."""
    return os.path.isfile(file) and os.access(file, os.R_OK)  # noqa: PTH113  this one never raises


def _amount(data: dict[str, Any], name: str, file: Path) -> Decimal | None:
    """The setting as an amount of money, `None` when it is not set. Raises `SettingsInvalid`."""
    value = data.get(name)
    if value is None:
        return None
    number = Decimal(value) if type(value) in {int, Decimal} else Decimal("NaN")
    if not is_amount(number):
        raise SettingsInvalid(f"{file}: {name} must be an amount of money like 5.00")
    return number


def _count(data: dict[str, Any], name: str, file: Path) -> int | None:
    """The setting as a whole number, `None` when it is not set. Raises `SettingsInvalid`."""
    value = data.get(name)
    if value is None:
        return None
    if type(value) is not int or not 0 <= value <= MOST_AMOUNT:
        raise SettingsInvalid(f"{file}: {name} must be a whole number like 20")
    return value


def _text(data: dict[str, Any], name: str, file: Path) -> str | None:
    """The setting as text, `None` when it is not set. Raises `SettingsInvalid`."""
    value = data.get(name)
    if value is not None and not isinstance(value, str):
        raise SettingsInvalid(f"{file}: {name} must be text")
    return value or None


def _flag(data: dict[str, Any], name: str, file: Path) -> bool:
    """The setting as true or false; false when it is not set. Raises `SettingsInvalid`."""
    value = data.get(name, False)
    if not isinstance(value, bool):
        raise SettingsInvalid(f"{file}: {name} must be true or false")
    return value


def _words(data: dict[str, Any], name: str, file: Path) -> tuple[str, ...]:
    """The setting as the words of a command, empty when it is not set. Raises `SettingsInvalid`."""
    value = data.get(name, [])
    if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
        raise SettingsInvalid(
            f'{file}: {name} must be a list of words like ["upload", "{{file}}"]: no shell reads it'
        )
    return tuple(value)
