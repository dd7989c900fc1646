"""A provider's models, limits and prices as data, each with its source, date and confidence."""

from __future__ import annotations

import datetime as dt  # noqa: TC003  pydantic reads the annotations
import tomllib
from dataclasses import dataclass, field, fields, is_dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar, Literal

from motion_preflight.provider.limits import (
    BOUNDS,
    LEAST,
    MOST,
    STRICT,
    Allowed,
    DurationLimits,
    Limit,
    Limits,
)
from motion_preflight.provider.profile_error import ProfileInvalid

Rounding = Literal["exact", "nearest", "up"]
_BUILT_IN = "apimart.toml"


@dataclass(frozen=True)
class Source:
    """Where a value comes from, when it was read there, and how certain it is."""

    __pydantic_config__: ClassVar = STRICT

    title: str
    as_of: dt.date
    confidence: Literal["documented", "upstream", "second-hand", "measured", "own"]
    note: str = ""


@dataclass(frozen=True)
class Billing:
    """How the provider may round the measured seconds before it bills them."""

    __pydantic_config__: ClassVar = STRICT

    roundings: tuple[Rounding, ...]
    source: str

    def __post_init__(self) -> None:
        if not self.roundings:
            raise ValueError("at least one rounding is needed")


@dataclass(frozen=True)
class Price:
    """The price of one second in the profile's currency, and the day by which to check it again."""

    __pydantic_config__: ClassVar = STRICT

    per_second: Decimal
    source: str
    review_by: dt.date | None = None

    def __post_init__(self) -> None:
        if self.per_second != 0 and not LEAST <= self.per_second < MOST:
            raise ValueError("a price must be 0 or more, and a number that one can mean")


@dataclass(frozen=True)
class ModelEntry:
    """One model with its price by mode. A mode that is missing here has no known price."""

    __pydantic_config__: ClassVar = STRICT

    price: dict[Literal["std", "pro"], Price] = field(default_factory=dict)


@dataclass(frozen=True)
class Profile:
    """A provider's models, limits and prices. `Profile.load()` gives APIMart's."""

    __pydantic_config__: ClassVar = STRICT

    name: str
    currency: str
    sources: dict[str, Source]
    limits: Limits
    billing: Billing
    models: dict[str, ModelEntry]

    def __post_init__(self) -> None:
        for place, name in _named_sources(self, ""):
            if name not in self.sources:
                raise ValueError(f'{place}: "{name}" is not one of [sources]')

    @classmethod
    def load(cls, *files: Path) -> Profile:
        """APIMart's profile, overridden key by key by the files; the last file has priority.

        Raises `ProfileInvalid` with the file and the key of a mistake.
        """
        merged = _spelled_out(_toml(built_in()))
        profile = _built(merged)
        for file in files:
            merged = _overridden(merged, _read(file))
            profile = _checked(merged, file)
        return profile

    def source_of(self, entry: Limit | Allowed | Price | Billing) -> Source:
        """The source of a limit, a price or the billing."""
        return self.sources[entry.source]

    def price(self, model: str | None, mode: str | None) -> Price | None:
        """The price of a second; `None` when the profile has none for that model and mode."""
        prices = self.models[model].price if model in self.models else {}
        return next((price for key, price in prices.items() if key == mode), None)


def _read(file: Path) -> dict[str, Any]:
    if file.exists() and not file.is_file():
        raise ProfileInvalid(f"{file}: not a regular file")
    try:
        return _spelled_out(_toml(file.read_text(encoding="utf-8")))
    except OSError as error:
        raise ProfileInvalid(f"{file}: cannot be read ({error.strerror})") from None
    except (ValueError, ArithmeticError, RecursionError) as error:  # from TOML, UTF-8, Decimal
        raise ProfileInvalid(f"{file}: not TOML ({error})") from None


def built_in() -> str:
    """The text of APIMart's profile, also where the package is a zip file."""
    file = Path(__file__).with_name(_BUILT_IN)
    if file.is_file():  # importing importlib.resources takes longer than reading the file
        return file.read_text(encoding="utf-8")
    from importlib import resources  # noqa: PLC0415  as said above

    return resources.files(__package__).joinpath(_BUILT_IN).read_text(encoding="utf-8")


def _toml(text: str) -> dict[str, Any]:
    return tomllib.loads(text, parse_float=Decimal)


def _spelled_out(data: dict[str, Any]) -> dict[str, Any]:
    """The tables with every single-number bound turned into a bound with one reading."""
    spelled: dict[str, Any] = {}
    for key, value in data.items():
        if key in BOUNDS:
            spelled[key] = value if isinstance(value, dict) else {"": value}
        else:
            spelled[key] = _spelled_out(value) if isinstance(value, dict) else value
    return spelled


def _overridden(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """Both tables merged; keys of `above` replace those of `below`, and a bound is replaced as a
    whole.
    """
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        if isinstance(old, dict) and isinstance(value, dict) and key not in BOUNDS:
            merged[key] = _overridden(old, value)
        else:
            merged[key] = value
    return merged


def _checked(data: dict[str, Any], file: Path) -> Profile:
    """The profile from tables that may have mistakes. Raises `ProfileInvalid` with the
    key of each.
    """
    from pydantic import TypeAdapter, ValidationError  # noqa: PLC0415

    try:
        return TypeAdapter(Profile).validate_python(data)
    except ValidationError as error:
        mistakes = [
            (".".join(map(str, detail["loc"])), detail["msg"].removeprefix("Value error, "))
            for detail in error.errors(include_url=False, include_context=False)
        ]
        text = "; ".join(f"{place}: {message}" if place else message for place, message in mistakes)
        raise ProfileInvalid(f"{file}: {text}") from None


def _built(data: dict[str, Any]) -> Profile:
    """The built-in profile without validation, because importing pydantic takes longer than a whole
    check of a request. A test validates it.
    """
    limits, billing = data["limits"], data["billing"]
    for name in limits.keys() ^ {declared.name for declared in fields(Limits)}:
        where = "the class Limits" if name in limits else _BUILT_IN
        raise ProfileInvalid(f"limits.{name}: it is missing in {where}")
    durations = limits["video_duration"]
    return Profile(
        name=data["name"],
        currency=data["currency"],
        sources={name: Source(**source) for name, source in data["sources"].items()},
        limits=Limits(
            video_duration=DurationLimits(_limit(durations["image"]), _limit(durations["video"])),
            **{name: _limit(limit) for name, limit in limits.items() if name != "video_duration"},
        ),
        billing=Billing(tuple(billing["roundings"]), billing["source"]),
        models={name: _model(entry) for name, entry in data["models"].items()},
    )


def _limit(data: dict[str, Any]) -> Any:  # noqa: ANN401  a Limit, or an Allowed
    if "allowed" in data:
        return Allowed(tuple(data["allowed"]), data["source"])
    bounds = {
        key: {name: Decimal(figure) for name, figure in data[key].items()}
        for key in BOUNDS
        if key in data
    }
    return Limit(data["source"], **bounds)


def _model(data: dict[str, Any]) -> ModelEntry:
    prices = data.get("price", {})
    return ModelEntry(
        {
            mode: Price(**price | {"per_second": Decimal(price["per_second"])})
            for mode, price in prices.items()
        }
    )


def _named_sources(value: Any, place: str) -> list[tuple[str, str]]:  # noqa: ANN401  any part of it
    """Every place in a profile that names a source, with that name."""
    if isinstance(value, dict):
        parts = [(f"{place}{key}.", inner) for key, inner in value.items()]
    elif is_dataclass(value):
        parts = [(f"{place}{own.name}.", getattr(value, own.name)) for own in fields(value)]
    else:
        return []
    named = [(place + "source", value.source)] if hasattr(value, "source") else []
    return named + [source for key, inner in parts for source in _named_sources(inner, key)]
