"""Turns the pixels of a picture into those of the mended one, and writes them as JPEG or PNG.

What a decoder raises is not caught here.
"""

from __future__ import annotations

import io
from contextlib import suppress
from decimal import Decimal
from itertools import starmap
from typing import TYPE_CHECKING, Any, NamedTuple

from PIL import Image, ImageCms

from motion_preflight.repair.errors import CannotFix
from motion_preflight.repair.picture_plan import NAMES, scaled
from motion_preflight.text.locations import sanitize_external_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from motion_preflight.repair.picture_plan import PicturePlan, Written

_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
LARGEST_PROFILE = 8 << 20  # bytes; those of print have some 2 MB
_SPACES = {"RGB ": "RGB", "GRAY": "L", "CMYK": "CMYK", "LAB ": "LAB"}  # as a profile names them
_NEAR = 3  # levels of 255: a profile that differs by less is sRGB under another name
_STEP = Decimal("0.9")  # the factor of both sides from one attempt to the next, at most


class _Quality(NamedTuple):
    level: int  # of JPEG, at most 95
    subsampling: int  # 0: none; 2: of the colours by 2x2


_QUALITIES = tuple(starmap(_Quality, ((95, 0), (92, 0), (90, 2), (85, 2), (80, 2))))


def bits_of(picture: Image.Image) -> int | None:
    """The bits of a sample in the file, before it is decoded. The mode does not tell them, since
    Pillow drops half of 16 bits. `None`: how bright the brightest sample is is not known.
    """
    forms = [str(tile[3]) for tile in getattr(picture, "tile", ())]
    if picture.mode in {"I", "F"} or any(";12" in form for form in forms):
        return None
    if picture.mode == "1":
        return 1
    if deep := picture.info.get("bit_depth"):  # of a HEIC
        return int(deep)
    return 16 if picture.mode[:2] == "I;" or any(";16" in form for form in forms) else 8


def is_clear(picture: Image.Image) -> bool:
    """Whether pixels of the picture can be transparent."""
    return picture.mode[-1:] in {"A", "a"} or picture.info.get("transparency") is not None


def differing_profile(profile: bytes | None, mode: str) -> str | None:
    """The name of a colour profile by which colours are others than in sRGB; `None` where there is
    none, or it does not fit the picture.
    """
    transform = _to_srgb(profile, mode)
    if transform is None or profile is None:
        return None
    if mode == "CMYK":
        return _name(profile)
    patches = _patches(grey=_space(mode) == "L").convert(transform.input_mode)
    pairs = zip(patches.convert("RGB").tobytes(), _applied(transform, patches), strict=True)
    return _name(profile) if max(abs(one - other) for one, other in pairs) > _NEAR else None


def repaint(
    picture: Image.Image, plan: PicturePlan, orientation: int, profile: bytes | None
) -> Image.Image:
    """The picture as it is planned: RGB or grey of 8 bits, upright, without transparency and
    metadata. The picture is decoded here, and changed.
    """
    if plan.reduction > 1:
        picture.draft(None, (picture.width // plan.reduction, picture.height // plan.reduction))
    deep = bits_of(picture) == 16
    picture.load()
    if picture.mode[-1:] == "a":  # colours that were multiplied by alpha
        picture = picture.convert(f"{picture.mode[:-1]}A")
    alpha = _alpha(picture, deep=deep)
    painted = _srgb(_colours(picture), profile)
    if alpha is not None:
        white = Image.new(painted.mode, painted.size, "white")
        white.paste(painted, mask=alpha)
        painted = white
    if orientation in _UPRIGHT:
        painted = painted.transpose(_UPRIGHT[orientation])
    sides = plan.width, plan.height
    if painted.size != sides:
        painted = painted.resize(sides, Image.Resampling.LANCZOS, reducing_gap=3.0)
    painted.info.clear()  # writers put into the file what stands there
    return painted


def encode(picture: Image.Image, plan: PicturePlan) -> tuple[bytes, Written, str | None]:
    """The file, its kind, and how it came below the bytes of the plan, in words; `None` where
    nothing had to be done for that. Raises `CannotFix`.
    """
    most, attempts = plan.most_bytes, list(_attempts(plan))
    kind, quality = attempts[0]
    data = _written(picture, kind, quality)
    if most is None or len(data) <= most:
        return data, kind, None
    below = f"to have at most {most:,} bytes"
    for kind, quality in attempts[1:]:
        data = _written(picture, kind, quality)
        if len(data) <= most:
            return data, kind, f"saved {_as(kind, plan)}with quality {quality.level} {below}"
    while (sides := _smaller(picture.size, most, len(data))) and min(sides) >= plan.least_side:
        picture = picture.resize(sides, Image.Resampling.LANCZOS)
        data = _written(picture, kind, quality)
        if len(data) <= most:
            return data, kind, f"saved {_as(kind, plan)}with {sides[0]}x{sides[1]} pixels {below}"
    raise CannotFix(
        f"it has more than {most:,} bytes however it is saved: scale it down, or save it as JPEG "
        "in a picture program"
    )


def _attempts(plan: PicturePlan) -> Iterator[tuple[Written, _Quality]]:
    """The ways to write a picture as large as it is, with ever fewer bytes."""
    for kind in (plan.kind, *plan.others):
        for quality in _QUALITIES if kind == "jpeg" else _QUALITIES[:1]:
            yield kind, quality


def _as(kind: Written, plan: PicturePlan) -> str:
    return "" if kind == plan.kind else f"as {NAMES[kind]} instead of {NAMES[plan.kind]} "


def _smaller(sides: tuple[int, int], most: int, size: int) -> tuple[int, int] | None:
    """Sides with which a file of that size may have at most so many bytes; `None` for a pixel."""
    factor = min(_STEP, (Decimal(most) / size).sqrt())
    return scaled(*sides, factor) if max(sides) > 1 else None


def _written(picture: Image.Image, kind: Written, quality: _Quality) -> bytes:
    file = io.BytesIO()
    if kind == "png":
        picture.save(file, "PNG")
    else:  # without `optimize`, which fails on pictures full of noise
        picture.save(file, "JPEG", quality=quality.level, subsampling=quality.subsampling)
    return file.getvalue()


def _alpha(picture: Image.Image, *, deep: bool) -> Image.Image | None:
    """How far each pixel can be seen; `None` where all can. `deep`: the file has 16 bits."""
    if picture.mode[-1:] == "A":
        return picture.getchannel("A")
    key: Any = picture.info.get("transparency")
    if key is None:
        return None
    if picture.mode[:1] == "I":
        return picture.convert("I").point([255 * (value != key) for value in range(65536)], "L")
    if deep and isinstance(key, tuple):
        picture.info["transparency"] = tuple(value >> 8 for value in key)
    return picture.convert("RGBA").getchannel("A")


def _colours(picture: Image.Image) -> Image.Image:
    """The colours with 8 bits, and without transparency: "L", "RGB", "CMYK" or "LAB"."""
    mode = picture.mode
    if mode in {"L", "RGB", "CMYK", "LAB"}:
        return picture
    if mode in {"1", "LA"}:
        return picture.convert("L")
    if mode[:2] == "I;":
        # A conversion by Pillow would cut off what is brighter than 255.
        return picture.convert("I").point([round(value / 257) for value in range(65536)], "L")
    if mode in {"P", "PA"}:
        picture = picture.convert("RGBA")
    return picture.convert("RGB")


def _srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """The picture in sRGB, or in grey where it is grey."""
    grey = picture.mode == "L"
    transform = _to_srgb(profile, picture.mode)
    if transform is None:
        return picture if picture.mode in {"L", "RGB"} else picture.convert("RGB")
    painted = ImageCms.applyTransform(picture.convert(transform.input_mode), transform)
    assert painted is not None
    return painted.convert("L") if grey else painted


def _to_srgb(profile: bytes | None, mode: str) -> ImageCms.ImageCmsTransform | None:
    """How a profile leads to sRGB; `None` where there is none, or it does not fit the picture."""
    space = _space(mode)
    with suppress(ImageCms.PyCMSError, OSError, ValueError, ImportError):
        if space == "LAB":
            opened: Any = ImageCms.createProfile("LAB")
        elif profile is None or len(profile) > LARGEST_PROFILE:
            return None
        else:
            opened = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            own = _SPACES.get(opened.profile.xcolor_space)
            if own is None or (own != space and (own, space) != ("RGB", "L")):
                return None
            space = own
        return ImageCms.buildTransform(
            opened, ImageCms.createProfile("sRGB"), space, "RGB",
            ImageCms.Intent.RELATIVE_COLORIMETRIC,
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )  # fmt: skip
    return None


def _space(mode: str) -> str:
    """The colours of a mode, as modes of their own: what a profile has to fit."""
    if mode[:1] in {"1", "I", "L"} and mode != "LAB":
        return "L"
    return mode if mode in {"CMYK", "LAB"} else "RGB"


def _applied(transform: ImageCms.ImageCmsTransform, picture: Image.Image) -> bytes:
    painted = ImageCms.applyTransform(picture, transform)
    assert painted is not None
    return painted.tobytes()


def _patches(*, grey: bool) -> Image.Image:
    """Colours all over the cube of RGB, or greys from black to white."""
    steps = range(0, 256, 51)
    if grey:
        return Image.frombytes("L", (len(steps), 1), bytes(steps))
    colours = bytes(
        level for red in steps for green in steps for blue in steps for level in (red, green, blue)
    )
    return Image.frombytes("RGB", (len(colours) // 3, 1), colours)


def _name(profile: bytes) -> str:
    name = ""
    with suppress(ImageCms.PyCMSError, OSError, ValueError, ImportError):
        name = ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(profile)))
    return sanitize_external_text(name)[:40] or "without a name"
