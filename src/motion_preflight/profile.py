"""A provider's models, limits and prices as data, each with its source, date and how sure it is."""

from __future__ import annotations

import datetime as dt  # noqa: TC003  pydantic reads the annotations
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from motion_preflight.errors import ProfileInvalid

Rounding = Literal["exact", "nearest", "up"]
_BUILT_IN = Path(__file__).parent / "profiles" / "apimart.toml"


def _as_bound(value: object) -> object:
    return value if isinstance(value, dict) else {"": value}


# A limit may have several readings (MB or MiB): the reading's name → its figure.
Bound = Annotated[dict[str, Annotated[Decimal, Field(gt=0)]], BeforeValidator(_as_bound)]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Source(_Entry):
    """Who says so, when it was read there, and how sure it is."""

    title: str
    as_of: dt.date
    confidence: Literal["documented", "upstream", "second-hand", "measured", "own"]
    note: str = ""


class Limit(_Entry):
    """A range, both ends included but `below`, in the unit its key says; `None`: no such end."""

    minimum: Bound | None = None
    maximum: Bound | None = None
    below: Bound | None = None
    source: str


class Allowed(_Entry):
    """The values that are allowed."""

    allowed: tuple[str, ...]
    source: str


class Durations(_Entry):
    """Seconds of reference video, by `character_orientation`."""

    image: Limit
    video: Limit


class Limits(_Entry):
    """Every limit that a rule checks."""

    video_duration: Durations
    video_size: Limit  # bytes
    video_container: Allowed
    video_side: Limit  # pixels
    image_side: Limit  # pixels
    image_aspect_ratio: Limit  # width divided by height
    image_size: Limit  # bytes
    image_container: Allowed
    prompt_length: Limit  # characters


class Billing(_Entry):
    """How the seconds that the server found may become the seconds that it bills."""

    roundings: tuple[Rounding, ...] = Field(min_length=1)
    source: str


class Price(_Entry):
    """The price of one second in the profile's currency, and when to look at it again."""

    per_second: Annotated[Decimal, Field(ge=0)]
    source: str
    review_by: dt.date | None = None


class ModelEntry(_Entry):
    """One model: its price by mode; a mode without one has no known price."""

    price: dict[Literal["std", "pro"], Price] = Field(default_factory=dict)


class Profile(_Entry):
    """A provider's models, limits and prices. `Profile.load()` gives APIMart's."""

    name: str
    currency: str
    sources: dict[str, Source]
    limits: Limits
    billing: Billing
    models: dict[str, ModelEntry]

    @model_validator(mode="after")
    def _sources_exist(self) -> Profile:
        for place, name in _named_sources(self.model_dump(), ""):
            if name not in self.sources:
                raise ValueError(f'{place} = "{name}" is not one of [sources]')
        return self

    @classmethod
    def load(cls, *files: Path) -> Profile:
        """APIMart's profile, overridden key by key by the files, the last one first.
        Raises `ProfileInvalid` with the file and the key of a mistake.
        """
        merged: dict[str, Any] = {}
        for file in (_BUILT_IN, *files):
            merged = _overridden(merged, _read(file))
            try:
                profile = cls.model_validate(merged)
            except ValidationError as error:
                raise ProfileInvalid(f"{file}: {_mistakes(error)}") from None
        return profile

    def source_of(self, entry: Limit | Allowed | Price | Billing) -> Source:
        return self.sources[entry.source]

    def price(self, model: str | None, mode: str | None) -> Price | None:
        """The price of a second, `None` when the profile knows none."""
        entry = self.models.get(model or "")
        return (
            next((price for key, price in entry.price.items() if key == mode), None)
            if entry
            else None
        )


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"), parse_float=Decimal)
    except OSError as error:
        raise ProfileInvalid(f"{file}: cannot be read ({error.strerror})") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ProfileInvalid(f"{file}: not TOML ({error})") from None


def _overridden(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """Both tables as one, the upper one's keys first; a bound is replaced as a whole."""
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        both = isinstance(old, dict) and isinstance(value, dict)
        bound = key in {"minimum", "maximum", "below"}
        merged[key] = _overridden(old, value) if both and not bound else value  # type: ignore[arg-type]  # old is a dict when both
    return merged


def _named_sources(data: dict[str, Any], place: str) -> list[tuple[str, str]]:
    found = []
    for key, value in data.items():
        if isinstance(value, dict):
            found += _named_sources(value, f"{place}{key}.")
        elif key == "source":
            found.append((f"{place}{key}", value))
    return found


def _mistakes(error: ValidationError) -> str:
    return "; ".join(
        f"{'.'.join(str(part) for part in each['loc'])}: {each['msg']}".removeprefix(": ")
        for each in error.errors(include_url=False, include_context=False)
    )
