"""Broken pictures of every kind as a target, to be measured and to be mended."""

from __future__ import annotations

import io
import struct
import zlib
from functools import cache
from typing import TYPE_CHECKING

from builders import PROFILE, body, case, image
from PIL import Image

from fuzz.corpus.mutations import mutated
from fuzz.engine.case import Target, Violation
from fuzz.targets.containers import Memory
from motion_preflight.media.containers.signature import PICTURES, signature
from motion_preflight.media.facts import MediaFacts, Unmeasured
from motion_preflight.media.pictures import measure_picture
from motion_preflight.repair.picture_input import PictureInput
from motion_preflight.repair.picture_plan import plan_picture
from motion_preflight.rules import run_rules

if TYPE_CHECKING:
    from fuzz.engine.case import Dice

_EXIF = b"Exif\0\0MM\0*" + struct.pack(">IHHHIHHI", 8, 1, 0x0112, 3, 1, 6, 0, 0)
_SAVED: tuple[tuple[str, str, dict[str, object]], ...] = (
    ("RGB", "png", {}), ("RGBA", "png", {"exif": _EXIF}), ("P", "png", {"transparency": 0}),
    ("I;16", "png", {}), ("1", "png", {}), ("LA", "png", {}),
    ("RGB", "jpeg", {"exif": _EXIF}), ("RGB", "jpeg", {"progressive": True}), ("L", "jpeg", {}),
    ("CMYK", "jpeg", {}), ("RGB", "jpeg", {"restart_marker_rows": 1}),
    ("RGB", "webp", {"exif": _EXIF}), ("RGBA", "webp", {"lossless": True}),
    ("P", "gif", {}), ("L", "gif", {"transparency": 3}), ("RGB", "bmp", {}), ("P", "bmp", {}),
    ("RGB", "tiff", {}), ("RGB", "tiff", {"compression": "tiff_lzw"}),
    ("1", "tiff", {"compression": "group4"}), ("RGB", "tiff", {"compression": "jpeg"}),
    ("CMYK", "tiff", {"compression": "tiff_adobe_deflate"}),
)  # fmt: skip
# Numbers and names that mean something to one of the formats.
_TOKENS = (
    b"\xff\xd9", b"\xff\xd8", b"\xff\xda", b"\xff\xc0", b"\xff\xc2", b"\xff\xc4", b"\xff\xdd\0\4",
    b"\xff\xd0", b"\xff\xff\xff", b"IDAT", b"IEND", b"tRNS", b"eXIf", b"CgBI", b"zTXt", b"acTL",
    b"VP8X", b"VP8L", b"VP8 ", b"ANMF", b"EXIF", b"ALPH", b"!\xff", b",", b";", b"\0\0\0\0",
    b"\x7f\xff\xff\xff", b"\xff\xff\xff\xff", b"\xff\xdc", b"MM\0*", b"II*\0",
)  # fmt: skip


@cache
def samples() -> tuple[bytes, ...]:
    """Small pictures of every kind."""
    built = []
    noise = Image.effect_noise((48, 32), 60)
    for mode, kind, options in _SAVED:
        bytes_io = io.BytesIO()
        noise.convert("RGB").convert(mode).save(bytes_io, kind, **options)
        built.append(bytes_io.getvalue())
    bytes_io = io.BytesIO()
    frames = [noise.rotate(slot).convert("RGB") for slot in (0, 90)]
    for kind in ("gif", "webp", "png"):
        frames[0].save(bytes_io, kind, save_all=True, append_images=frames[1:])
        built.append(bytes_io.getvalue())
        bytes_io.seek(0)
        bytes_io.truncate()
    return tuple(built)


def _sealed(data: bytes) -> bytes:
    """A PNG whose checksums are right again, so that what is in its chunks is looked at."""
    parts, at = [data[:8]], 8
    while at + 12 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        chunk = data[at + 4 : at + 8 + length]
        parts.append(data[at : at + 4] + chunk + struct.pack(">I", zlib.crc32(chunk)))
        at += 12 + length
    return b"".join(parts)


class Pictures(Target):
    """A picture with something wrong is measured, or not; what the rules say of it can be said."""

    name = "pictures"
    share = 60
    processor = 12.0

    def run(self, dice: Dice) -> None:
        data = dice.choice(samples())
        if dice.likely(0.95):
            data = mutated(dice, data, samples(), _TOKENS)
        if data.startswith(b"\x89PNG") and dice.likely(0.7):
            data = _sealed(data)
        self.inputs["picture"] = data
        kind = signature(data[:512])
        if kind not in PICTURES:
            kind = dice.choice(sorted(PICTURES))
        result = measure_picture(Memory(data, len(data)), "picture", kind or "")
        if isinstance(result, Unmeasured):
            if not result.error.isprintable():
                raise Violation("an error that cannot be shown")
            return
        self._judge(result)
        whole = not result.truncated and not result.undecodable
        if whole and result.container and dice.likely(0.2):
            _mend(data, result.container)

    def _judge(self, picture: MediaFacts) -> None:
        if picture.video is None or not picture.video.width or not picture.video.height:
            raise Violation("a picture without sides is measured")
        if not all(
            item is None or item.isprintable() for item in (picture.truncation, picture.undecodable)
        ):
            raise Violation("a reason that cannot be shown")
        run_rules(case(body(), image=image(video=picture.video), profile=PROFILE))


def _mend(data: bytes, kind: str) -> None:
    """What is made of a picture that seems whole is whole, and within the limits of sides."""
    try:
        picture = PictureInput(Memory(data, len(data)), kind, "")
        plan = plan_picture(picture.traits, PROFILE.limits)
        content, written, _ = picture.mended(plan)
    except Exception:  # noqa: BLE001  whatever a decoder raises becomes words for people
        return
    after = measure_picture(Memory(content, len(content)), "mended", written)
    if isinstance(after, Unmeasured) or after.truncated or after.undecodable:
        raise Violation("a mended picture is broken")
    if after.video is None or min(after.video.width or 0, after.video.height or 0) < 300:
        raise Violation("a mended picture is too small")
