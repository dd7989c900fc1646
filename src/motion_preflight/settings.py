"""What the user set once: environment variables, config.toml and profile.toml."""

from __future__ import annotations

import errno
import os
import tomllib
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from platformdirs import user_config_path, user_state_path

from motion_preflight.api_key import checked_key
from motion_preflight.errors import SettingsInvalid
from motion_preflight.profile import Profile

FFPROBE = "MOTION_PREFLIGHT_FFPROBE"
STATE = "MOTION_PREFLIGHT_STATE"
KEY, KEY_FILE, BASE_URL = "APIMART_API_KEY", "APIMART_API_KEY_FILE", "APIMART_BASE_URL"
_KEY_FILE = 1 << 16  # characters that are read of it
_LEAST, _MOST = Decimal("1e-9"), 10**9  # of a budget; anything else is a slip


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings; `None` means not set."""

    ffprobe: str | None = None  # path or name of the ffprobe to use
    max_cost_per_request: Decimal | None = None  # in the profile's currency
    max_cost_per_day: Decimal | None = None  # in the profile's currency, a day of UTC
    max_requests: int | None = None  # paid requests of one run


def config_folder() -> Path:
    """The folder of config.toml and profile.toml; it need not exist, and is never made."""
    try:
        return user_config_path("motion-preflight", appauthor=False)
    except RuntimeError:  # a user without a home, as in some containers
        return Path(os.sep, "etc", "motion-preflight")


def state_folder() -> Path:
    """The folder of the ledger: `MOTION_PREFLIGHT_STATE`, or the user's own. Raises
    `SettingsInvalid` where there is none.
    """
    given = os.environ.get(STATE)
    if given:
        return Path(given).expanduser().absolute()
    try:
        return user_state_path("motion-preflight", appauthor=False)
    except RuntimeError:
        raise SettingsInvalid(
            f"this user has no home, so there is no place for the ledger: set {STATE} to a folder"
        ) from None


def load_settings(*, spending: bool = False) -> Settings:
    """The environment first, then config.toml. Raises `SettingsInvalid`; when `spending`, also for
    a config.toml that this user may not read: it may hold a budget.
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
    known = Settings.__slots__
    unknown = sorted(set(data) - set(known))
    if unknown:
        raise SettingsInvalid(
            f'{file}: there is no setting "{unknown[0]}"; there are: {", ".join(known)}'
        )
    if not isinstance(data.get("ffprobe", ""), str):
        raise SettingsInvalid(f"{file}: ffprobe must be text, the path of a program")
    return Settings(
        ffprobe=os.environ.get(FFPROBE) or data.get("ffprobe") or None,
        max_cost_per_request=_amount(data, "max_cost_per_request", file),
        max_cost_per_day=_amount(data, "max_cost_per_day", file),
        max_requests=_count(data, "max_requests", file),
    )


def load_profile(*files: Path, spending: bool = False) -> Profile:
    """The built-in profile, then the user's profile.toml where there is one, then the files.
    Raises `ProfileInvalid`; when `spending`, `SettingsInvalid` for a profile.toml that this user
    may not read: it may hold prices.
    """
    own = config_folder() / "profile.toml"
    if spending and not readable(own) and os.path.lexists(own):
        raise SettingsInvalid(f"{own}: {os.strerror(errno.EACCES)}")
    return Profile.load(*([own] if readable(own) else []), *files)


def api_key() -> str:
    """The key of `APIMART_API_KEY`, or of the file that `APIMART_API_KEY_FILE` names. Raises
    `SettingsInvalid`, which never shows it.
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
    return checked_key(key, where)


def keys_in_force() -> tuple[str, ...]:
    """The keys that `APIMART_API_KEY` and the file of `APIMART_API_KEY_FILE` hold, as far as they
    can be read: what must not stand in a request. What can be read but once (a pipe) is left alone.
    """
    texts = [os.environ.get(KEY, "")]
    file = os.environ.get(KEY_FILE, "")
    if file and os.path.isfile(file):  # noqa: PTH113  never raises
        with suppress(OSError), Path(file).open(encoding="utf-8-sig", errors="replace") as opened:
            texts.append(opened.read(_KEY_FILE))
    keys = [text.strip().removeprefix("Bearer").strip() for text in texts]
    return tuple(dict.fromkeys(key for key in keys if key))


def base_url() -> str | None:
    """The provider's base URL from `APIMART_BASE_URL`; `None`: the documented one."""
    return os.environ.get(BASE_URL) or None


def readable(file: Path) -> bool:
    """Whether there is such a file that this user may read."""
    return os.path.isfile(file) and os.access(file, os.R_OK)  # noqa: PTH113  never raises


def _amount(data: dict[str, Any], name: str, file: Path) -> Decimal | None:
    value = data.get(name)
    if value is None:
        return None
    number = Decimal(value) if type(value) in {int, Decimal} else Decimal("NaN")
    if not number.is_finite() or (number != 0 and not _LEAST <= number <= _MOST):
        raise SettingsInvalid(f"{file}: {name} must be an amount of money like 5.00")
    return number


def _count(data: dict[str, Any], name: str, file: Path) -> int | None:
    value = data.get(name)
    if value is None:
        return None
    if type(value) is not int or not 0 <= value <= _MOST:
        raise SettingsInvalid(f"{file}: {name} must be a whole number like 20")
    return value
