"""A provider's models, limits and prices as data, each with its source, date and confidence."""

from __future__ import annotations

import datetime as dt
import tomllib
from decimal import Decimal
from os import PathLike
from pathlib import Path
from typing import Any, ClassVar, Literal

from motion_preflight.provider.content import ContentThresholds, Threshold
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
from motion_preflight.text.lazy_dataclass import dataclass, field, fields, is_dataclass

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
    """One model with its price by mode. A mode that is missing here has no known price.

    `limits` are all limits of the model: its own, and the common ones where it has none of its own.
    `None` means that it has none of its own at all.
    """

    __pydantic_config__: ClassVar = STRICT

    price: dict[Literal["std", "pro"], Price] = field(default_factory=dict)
    limits: Limits | None = None

    __hash__ = None  # type: ignore[assignment]  # its mappings can be changed


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
    content: ContentThresholds

    __hash__ = None  # type: ignore[assignment]  # its mappings can be changed

    def __post_init__(self) -> None:
        for place, name in _named_sources(self, ""):
            if name not in self.sources:
                raise ValueError(f'{place}: "{name}" is not one of [sources]')
        self.limits.ensure_checked("limits")
        for name, entry in self.models.items():
            if entry.limits:
                entry.limits.ensure_checked(f"models.{name}.limits")

    @classmethod
    def load(cls, *files: str | PathLike[str]) -> Profile:
        """APIMart's profile, overridden key by key by the files; the last file has priority.

        Raises `ProfileInvalid` with the file and the key of a mistake.
        """
        merged = _spelled_out(_toml(built_in()))
        profile = _built(merged)
        for file in map(Path, files):
            merged = _overridden(merged, _read(file))
            profile = _checked(merged, file)
        return profile

    def source_of(self, entry: Limit | Allowed | Price | Billing | Threshold) -> Source:
        """The source of a limit, a price, the billing or a threshold."""
        return self.sources[entry.source]

    def limits_of(self, model: str | None) -> Limits:
        """The limits of a model; the common ones for `None` and for a model that the profile does
        not have.
        """
        entry = self.models.get(model) if model is not None else None
        return (entry.limits if entry else None) or self.limits

    def all_limits(self) -> list[Limits]:
        """The common limits, then those of each model that has its own."""
        return [self.limits, *(entry.limits for entry in self.models.values() if entry.limits)]

    def models_by_limits(self) -> list[tuple[Limits, tuple[str, ...]]]:
        """Limits with the models that have them. A profile without models has the common ones with
        no name.
        """
        groups: list[tuple[Limits, tuple[str, ...]]] = []
        for limits in self.all_limits():
            names = tuple(name for name in self.models if self.limits_of(name) == limits)
            if (limits, names) not in groups and (names or not self.models):
                groups.append((limits, names))
        return groups

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


def _with_common_limits(data: dict[str, Any]) -> dict[str, Any]:
    """The tables with the common limits put into each model that has limits of its own, below
    them. Tables of the wrong type stay as they are, and are named when the profile is checked.
    """
    common, models = data.get("limits"), data.get("models")
    if not (isinstance(common, dict) and isinstance(models, dict)):
        return data
    whole = {
        name: entry | {"limits": _overridden(common, entry["limits"])}
        if isinstance(entry, dict) and isinstance(entry.get("limits"), dict)
        else entry
        for name, entry in models.items()
    }
    return data | {"models": whole}


def _checked(data: dict[str, Any], file: Path) -> Profile:
    """The profile from tables that may have mistakes. Raises `ProfileInvalid` with the
    key of each.
    """
    from pydantic import TypeAdapter, ValidationError  # noqa: PLC0415

    try:
        return TypeAdapter(Profile).validate_python(_with_common_limits(data))
    except ValidationError as error:
        mistakes = [
            (detail["loc"], detail["msg"].removeprefix("Value error, "))
            for detail in error.errors(include_url=False, include_context=False)
        ]
        text = "; ".join(
            f"{'.'.join(map(str, place))}: {message}" if place else message
            for place, message in mistakes
            # A mistake of the common limits is not repeated for each model that inherits it.
            if place[:1] != ("models",) or (place[2:], message) not in mistakes
        )
        raise ProfileInvalid(f"{file}: {text}") from None


def _built(data: dict[str, Any]) -> Profile:
    """The built-in profile without validation, because importing pydantic takes longer than a whole
    check of a request. A test validates it.
    """
    data = _with_common_limits(data)
    billing = data["billing"]
    return Profile(
        name=data["name"],
        currency=data["currency"],
        sources={name: Source(**source) for name, source in data["sources"].items()},
        limits=_limits(data["limits"], "limits"),
        billing=Billing(tuple(billing["roundings"]), billing["source"]),
        models={name: _model(entry, f"models.{name}") for name, entry in data["models"].items()},
        content=ContentThresholds.built(data["content"]),
    )


def _limits(data: dict[str, Any], place: str) -> Limits:
    for name in data.keys() ^ {declared.name for declared in fields(Limits)}:
        where = "the class Limits" if name in data else _BUILT_IN
        raise ProfileInvalid(f"{place}.{name}: it is missing in {where}")
    durations = data["video_duration"]
    return Limits(
        video_duration=DurationLimits(_limit(durations["image"]), _limit(durations["video"])),
        **{name: _limit(limit) for name, limit in data.items() if name != "video_duration"},
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


def _model(data: dict[str, Any], place: str) -> ModelEntry:
    prices = data.get("price", {})
    return ModelEntry(
        {
            mode: Price(**price | {"per_second": Decimal(price["per_second"])})
            for mode, price in prices.items()
        },
        _limits(data["limits"], f"{place}.limits") if "limits" in data else None,
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
