"""A provider's models, limits and prices as data, each with its source, date and how sure it is."""

from __future__ import annotations

import datetime as dt  # noqa: TC003  pydantic reads the annotations
import tomllib
from dataclasses import dataclass, field, fields, is_dataclass
from decimal import Decimal
from operator import attrgetter
from pathlib import Path
from typing import Any, ClassVar, Literal

from motion_preflight.errors import ProfileInvalid

Rounding = Literal["exact", "nearest", "up"]
# A limit may have several readings (MB or MiB): the reading's name → its figure.
Bound = dict[str, Decimal]
_BUILT_IN = Path(__file__).parent / "profiles" / "apimart.toml"
_LEAST, _MOST = Decimal("1e-9"), 10**15  # what a limit or a price can be
_BOUNDS = ("minimum", "maximum", "below")
_CHECKED = {  # the bounds that rules check
    "video_duration.image": ("minimum", "maximum"),
    "video_duration.video": ("minimum", "maximum"),
    "video_size": ("below",),
    "video_side": ("minimum", "maximum"),
    "video_frame_rate": ("minimum",),
    "image_side": ("minimum", "maximum"),
    "image_aspect_ratio": ("minimum", "maximum"),
    "image_size": ("maximum",),
    "upload_size": ("maximum",),
    "prompt_length": ("maximum",),
}
_STRICT = {"extra": "forbid"}  # for pydantic, which checks the profiles of users


@dataclass(frozen=True)
class Source:
    """Who says so, when it was read there, and how sure it is."""

    __pydantic_config__: ClassVar = _STRICT

    title: str
    as_of: dt.date
    confidence: Literal["documented", "upstream", "second-hand", "measured", "own"]
    note: str = ""


@dataclass(frozen=True)
class Limit:
    """A range, both ends included but `below`, in the unit its key says; `None`: no such end."""

    __pydantic_config__: ClassVar = _STRICT

    source: str
    minimum: Bound | None = None
    maximum: Bound | None = None
    below: Bound | None = None

    def __post_init__(self) -> None:
        for bound in (self.minimum, self.maximum, self.below):
            if bound is not None and not (
                bound and all(_LEAST <= each < _MOST for each in bound.values())
            ):
                raise ValueError("a limit must be above 0, and a number that one can mean")
        if (
            self.minimum
            and self.maximum
            and min(self.maximum.values()) < max(self.minimum.values())
        ):
            raise ValueError("the maximum is below the minimum")


@dataclass(frozen=True)
class Allowed:
    """The values that are allowed."""

    __pydantic_config__: ClassVar = _STRICT

    allowed: tuple[str, ...]
    source: str

    def __post_init__(self) -> None:
        if not self.allowed:
            raise ValueError("at least one value must be allowed")


@dataclass(frozen=True)
class DurationLimits:
    """Seconds of reference video, by `character_orientation`."""

    __pydantic_config__: ClassVar = _STRICT

    image: Limit
    video: Limit


@dataclass(frozen=True)
class Limits:
    """Every limit that a rule checks."""

    __pydantic_config__: ClassVar = _STRICT

    video_duration: DurationLimits
    video_size: Limit  # bytes
    video_container: Allowed
    video_side: Limit  # pixels
    video_frame_rate: Limit  # frames a second
    image_side: Limit  # pixels
    image_aspect_ratio: Limit  # width divided by height
    image_size: Limit  # bytes
    image_container: Allowed
    upload_size: Limit  # bytes of a local picture
    upload_container: Allowed
    prompt_length: Limit  # characters

    def __post_init__(self) -> None:
        """A bound that no rule checks would only seem to hold."""
        for key, checked in _CHECKED.items():
            limit = attrgetter(key)(self)
            for bound in _BOUNDS:
                if bound not in checked and getattr(limit, bound) is not None:
                    raise ValueError(
                        f'{key}: a "{bound}" is not checked there, only {" and ".join(checked)}'
                    )


@dataclass(frozen=True)
class Billing:
    """How the seconds that the server found may become the seconds that it bills."""

    __pydantic_config__: ClassVar = _STRICT

    roundings: tuple[Rounding, ...]
    source: str

    def __post_init__(self) -> None:
        if not self.roundings:
            raise ValueError("at least one rounding is needed")


@dataclass(frozen=True)
class Price:
    """The price of one second in the profile's currency, and when to look at it again."""

    __pydantic_config__: ClassVar = _STRICT

    per_second: Decimal
    source: str
    review_by: dt.date | None = None

    def __post_init__(self) -> None:
        if self.per_second != 0 and not _LEAST <= self.per_second < _MOST:
            raise ValueError("a price must be 0 or more, and a number that one can mean")


@dataclass(frozen=True)
class ModelEntry:
    """One model: its price by mode; a mode without one has no known price."""

    __pydantic_config__: ClassVar = _STRICT

    price: dict[Literal["std", "pro"], Price] = field(default_factory=dict)


@dataclass(frozen=True)
class Profile:
    """A provider's models, limits and prices. `Profile.load()` gives APIMart's."""

    __pydantic_config__: ClassVar = _STRICT

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
        """APIMart's profile, overridden key by key by the files, the last one first.
        Raises `ProfileInvalid` with the file and the key of a mistake.
        """
        merged = _read(_BUILT_IN)
        profile = _built(merged)
        for file in files:
            merged = _overridden(merged, _read(file))
            profile = _checked(merged, file)
        return profile

    def source_of(self, entry: Limit | Allowed | Price | Billing) -> Source:
        """Who says so."""
        return self.sources[entry.source]

    def price(self, model: str | None, mode: str | None) -> Price | None:
        """The price of a second, `None` when the profile knows none."""
        prices = self.models[model].price if model in self.models else {}
        return next((price for key, price in prices.items() if key == mode), None)


def _read(file: Path) -> dict[str, Any]:
    if file.exists() and not file.is_file():
        raise ProfileInvalid(f"{file}: not a regular file")
    try:
        return _spelled_out(tomllib.loads(file.read_text(encoding="utf-8"), parse_float=Decimal))
    except OSError as error:
        raise ProfileInvalid(f"{file}: cannot be read ({error.strerror})") from None
    except (ValueError, ArithmeticError, RecursionError) as error:  # TOML's, UTF-8's, Decimal's
        raise ProfileInvalid(f"{file}: not TOML ({error})") from None


def _spelled_out(data: dict[str, Any]) -> dict[str, Any]:
    """The tables with every bound that is one number as a bound with one reading."""
    spelled: dict[str, Any] = {}
    for key, value in data.items():
        if key in _BOUNDS:
            spelled[key] = value if isinstance(value, dict) else {"": value}
        else:
            spelled[key] = _spelled_out(value) if isinstance(value, dict) else value
    return spelled


def _overridden(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """Both tables as one, the upper one's keys first; a bound is replaced as a whole."""
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        if isinstance(old, dict) and isinstance(value, dict) and key not in _BOUNDS:
            merged[key] = _overridden(old, value)
        else:
            merged[key] = value
    return merged


def _checked(data: dict[str, Any], file: Path) -> Profile:
    """The profile out of tables that may have mistakes: `ProfileInvalid` names the key of each."""
    from pydantic import TypeAdapter, ValidationError  # noqa: PLC0415

    try:
        return TypeAdapter(Profile).validate_python(data)
    except ValidationError as error:
        mistakes = [
            (".".join(map(str, each["loc"])), each["msg"].removeprefix("Value error, "))
            for each in error.errors(include_url=False, include_context=False)
        ]
        text = "; ".join(f"{place}: {message}" if place else message for place, message in mistakes)
        raise ProfileInvalid(f"{file}: {text}") from None


def _built(data: dict[str, Any]) -> Profile:
    """The built-in profile, which the tests hold to what `_checked` says: importing pydantic takes
    longer than a whole check of a request.
    """
    limits, billing = data["limits"], data["billing"]
    durations = limits["video_duration"]
    return Profile(
        name=data["name"],
        currency=data["currency"],
        sources={name: Source(**source) for name, source in data["sources"].items()},
        limits=Limits(
            video_duration=DurationLimits(_limit(durations["image"]), _limit(durations["video"])),
            **{name: _limit(each) for name, each in limits.items() if name != "video_duration"},
        ),
        billing=Billing(tuple(billing["roundings"]), billing["source"]),
        models={name: _model(entry) for name, entry in data["models"].items()},
    )


def _limit(data: dict[str, Any]) -> Any:  # noqa: ANN401  a Limit, or an Allowed
    if "allowed" in data:
        return Allowed(tuple(data["allowed"]), data["source"])
    bounds = {
        key: {name: Decimal(figure) for name, figure in data[key].items()}
        for key in _BOUNDS
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
    """Every place of a profile that names a source, and the name."""
    if isinstance(value, dict):
        parts = [(f"{place}{key}.", each) for key, each in value.items()]
    elif is_dataclass(value):
        parts = [(f"{place}{each.name}.", getattr(value, each.name)) for each in fields(value)]
    else:
        return []
    named = [(place + "source", value.source)] if hasattr(value, "source") else []
    return named + [found for key, each in parts for found in _named_sources(each, key)]
