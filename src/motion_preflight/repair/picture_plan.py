"""Plans how to mend a picture: what has to change and why, from its facts and the limits.

A picture keeps its shape. One that is too wide or too tall is not mended, because every way to do
that shows something else: which part may be cut off is for people to say.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import TYPE_CHECKING, Literal

from motion_preflight.repair.errors import CannotFix
from motion_preflight.rules.media_extension_misleading import is_misleading
from motion_preflight.rules.rule import bounds_text, range_text, tightest
from motion_preflight.text.lazy_dataclass import dataclass
from motion_preflight.text.numbers import format_decimal

if TYPE_CHECKING:
    from motion_preflight.provider.limits import Limits

Written = Literal["jpeg", "png"]  # the kinds of pictures that are written here
WRITTEN: tuple[Written, ...] = ("jpeg", "png")
ENDINGS: dict[Written, tuple[str, ...]] = {
    "jpeg": ("jpg", "jpeg", "jpe", "jfif"),
    "png": ("png",),
}  # the usual one first
NAMES: dict[Written, str] = {"jpeg": "JPEG", "png": "PNG"}
# Kinds that lose no detail stay without loss. The others become JPEG, which is much smaller.
_LOSSLESS = {"png", "gif", "bmp", "tiff"}
_PLAIN = {"RGB", "L"}
_MOST_PIXELS = 64_000_000  # a decoded one takes 256 MB, and mending it twice as much
_MOST_OF_WEBP = 25_000_000  # pixels: its decoder needs memory for four times the picture


@dataclass(frozen=True, slots=True)
class PictureTraits:
    """What decides about mending a picture. Sides are in pixels as displayed."""

    kind: str  # as in `MediaFacts.container`
    size: int  # bytes
    width: int
    height: int
    orientation: int  # Exif's number; 1: upright, or turned by its decoder
    mode: str  # Pillow's name of the colours: "RGB", "P", "CMYK", …
    bits: int | None  # of a sample; `None`: how bright the brightest one is is not known
    alpha: bool  # it can be transparent
    several: bool  # frames or pages
    profile: str | None  # the name of a colour profile that differs from sRGB
    ending: str  # of its name, in lower case; "": none
    most_pixels: int  # that are decoded here
    shrinks: bool  # its decoder can make it smaller while it decodes


@dataclass(frozen=True, slots=True)
class PicturePlan:
    """How a picture is mended. `changes` is empty where nothing has to be."""

    kind: Written
    others: tuple[Written, ...]  # the kinds to take where it has too many bytes in this one
    width: int
    height: int
    reduction: int  # the divisor of both sides with which it is decoded
    least_side: Decimal  # pixels; 0: any
    most_bytes: int | None  # `None`: any number
    repaint: bool  # pixels change; without it the picture data are kept as they are
    changes: tuple[str, ...]  # what has to change and why, a sentence each


def most_pixels(kind: str) -> int:
    """The pixels of the largest picture of a kind that is decoded here."""
    return _MOST_OF_WEBP if kind == "webp" else _MOST_PIXELS


def plan_picture(
    traits: PictureTraits, limits: Limits, wanted: Written | None = None
) -> PicturePlan:
    """The plan for a picture; `wanted` is the kind that the name of the result asks for, `None`
    where it asks for none. Raises `CannotFix`.
    """
    _ensure_shape(traits, limits)
    if traits.bits is None:
        raise CannotFix(
            "nothing says how bright its brightest samples are: save it with 8 bits in a picture "
            "program"
        )
    kind, others = _kinds(traits, limits, wanted)
    most = _most_bytes(limits)
    colours = [*_orientation(traits), *_colours(traits)]
    sides = _sides(traits, limits)
    resized = sides != (traits.width, traits.height)
    repaint = bool(colours) or resized or kind != traits.kind
    repaint = repaint or (traits.several and kind != "png")
    large = most is not None and traits.size > most
    reduction = _reduction(traits) if repaint or large else 1
    if reduction > 1:
        repaint, half = True, scaled(traits.width, traits.height, 1 / Decimal(reduction))
        sides = min(sides, half)
    changes = [
        *_container(traits, limits, kind),
        *_frames(traits),
        *colours,
        *_scaling(traits, limits, *sides),
    ]
    if large:
        allowed = bounds_text({"": Decimal(most or 0)}, "bytes")
        changes.append(f"it has {traits.size:,} bytes; allowed are {allowed}: saved smaller")
    least = tightest(limits.image_side)[0]
    return PicturePlan(
        kind, others, *sides, reduction, least, most, repaint, tuple(changes)
    )  # fmt: skip


def _ensure_shape(traits: PictureTraits, limits: Limits) -> None:
    limit, width, height = limits.image_aspect_ratio, traits.width, traits.height
    low, high = tightest(limit)
    if not low * height <= width <= high * height:
        raise CannotFix(
            f"the picture is {width}x{height} pixels, {width / height:.4g} to 1; allowed are "
            f"{range_text(limit)}: crop it to a shape nearer a square, since its shape is kept here"
        )


def _kinds(
    traits: PictureTraits, limits: Limits, wanted: Written | None
) -> tuple[Written, tuple[Written, ...]]:
    """The kind to write, and those to take where it has too many bytes."""
    allowed = [kind for kind in WRITTEN if kind in limits.image_container.allowed]
    if wanted:
        if wanted not in allowed:
            raise CannotFix(
                f"a {NAMES[wanted]} is not allowed, only "
                f"{' and '.join(limits.image_container.allowed)}: name the result otherwise"
            )
        return wanted, ()
    if not allowed:
        raise CannotFix(
            f"allowed are {' and '.join(limits.image_container.allowed)}; written here are "
            "JPEG and PNG: save it in a picture program"
        )
    best: Written = "png" if traits.kind in _LOSSLESS else "jpeg"
    kind = best if best in allowed else allowed[0]
    return kind, tuple(other for other in allowed if other == "jpeg" != kind)


def _most_bytes(limits: Limits) -> int | None:
    """The bytes that every reading of both limits allows; `None` where there is no limit."""
    readings = [
        bytes_
        for limit in (limits.image_size, limits.upload_size)
        for bytes_ in (limit.maximum or {}).values()
    ]
    return int(min(readings)) if readings else None


def _sides(traits: PictureTraits, limits: Limits) -> tuple[int, int]:
    """The sides of the result: the same where they are within the limits. Raises `CannotFix`."""
    low, high = tightest(limits.image_side)
    width, height = traits.width, traits.height
    short, long = sorted((width, height))
    factor = low / short if short < low else min(high / long, Decimal(1))
    sides = scaled(width, height, factor)
    if not low <= min(sides) <= max(sides) <= high:
        raise CannotFix(
            f"the picture is {width}x{height} pixels; each side must have "
            f"{range_text(limits.image_side, 'pixels')}, which its shape does not have at any "
            "size: crop it to a shape nearer a square"
        )
    return sides


def scaled(width: int, height: int, factor: Decimal) -> tuple[int, int]:
    """Both sides times a factor. The longer side is rounded down and the shorter one up, so that no
    rounding leads out of the limits of the shape; a side that is a limit becomes it exactly, in
    spite of the division that made the factor.
    """
    exact = [(side * factor).quantize(Decimal("1e-6")) for side in (width, height)]
    roundings = (ROUND_FLOOR, ROUND_CEILING) if width > height else (ROUND_CEILING, ROUND_FLOOR)
    first, second = (
        max(int(side.to_integral_value(rounding)), 1)
        for side, rounding in zip(exact, roundings, strict=True)
    )
    return first, second


def _reduction(traits: PictureTraits) -> int:
    """The divisor of both sides with which a picture is decoded. Raises `CannotFix`."""
    pixels, divisors = traits.width * traits.height, (1, 2, 4, 8) if traits.shrinks else (1,)
    for divisor in divisors:
        if pixels <= traits.most_pixels * divisor**2:
            return divisor
    raise CannotFix(
        f"the picture has {pixels:,} pixels; pictures of at most {traits.most_pixels:,} pixels are "
        "mended here: scale it down in a picture program"
    )


def _container(traits: PictureTraits, limits: Limits, kind: Written) -> list[str]:
    changes = []
    if traits.kind not in limits.image_container.allowed:
        allowed = " and ".join(limits.image_container.allowed)
        changes.append(f"it is {traits.kind}; allowed are {allowed}: saved as {NAMES[kind]}")
    elif kind != traits.kind:
        changes.append(f"it is {traits.kind}: saved as {NAMES[kind]}")
    elif is_misleading(traits.ending, kind):
        changes.append(f"it is named .{traits.ending} and is {kind}: named .{ENDINGS[kind][0]}")
    return changes


def _frames(traits: PictureTraits) -> list[str]:
    return ["it has several frames or pages: the first one is kept"] if traits.several else []


def _orientation(traits: PictureTraits) -> list[str]:
    if traits.orientation not in range(2, 9):
        return []
    words = f"a tag turns or mirrors it (orientation {traits.orientation})"
    return [f"{words}, which some programs ignore: its pixels stand upright"]


def _colours(traits: PictureTraits) -> list[str]:
    changes = []
    if traits.alpha:
        changes.append("it can be transparent: laid on white")
    colours = traits.mode.removesuffix("A") if traits.alpha else traits.mode
    if traits.mode in {"P", "PA"}:
        changes.append("its colours stand in a palette: saved as RGB")
    elif traits.mode == "CMYK":
        changes.append("it has the colours of print (CMYK): converted to RGB")
    elif traits.bits != 8:
        bits = "1 bit" if traits.bits == 1 else f"{traits.bits} bits"
        changes.append(f"its samples have {bits}: saved with 8 bits")
    elif colours not in _PLAIN and traits.mode not in {"RGBX", "RGBa", "La"}:
        changes.append(f"it has the colours {traits.mode}: converted to RGB")
    if traits.profile:
        changes.append(
            f"its colours follow the profile {traits.profile}, which some programs ignore: "
            "converted to sRGB"
        )
    return changes


def _scaling(traits: PictureTraits, limits: Limits, width: int, height: int) -> list[str]:
    if (width, height) == (traits.width, traits.height):
        return []
    low, high = tightest(limits.image_side)
    words, result = f"it is {traits.width}x{traits.height} pixels", f"{width}x{height}"
    if min(traits.width, traits.height) < low:
        words += f", and each side must be {format_decimal(low)} at least: scaled up to {result}"
        return [f"{words}, which adds no detail; a larger original would be better"]
    if max(traits.width, traits.height) > high:
        words += f", and each side must be {high:,f} at most"
    else:
        words += f", and at most {traits.most_pixels:,} in all are mended here"
    return [f"{words}: scaled down to {result}"]
