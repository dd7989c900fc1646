"""A picture's facts: sides as displayed, and whether it is whole."""

from __future__ import annotations

import io
import itertools
import random
import struct
import subprocess
import sys
import warnings
import zlib
from pathlib import Path
from typing import Any, NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st
from paths import MEDIA
from PIL import Image, ImageFile

from motion_preflight.media.containers.signature import PICTURES, signature
from motion_preflight.media.facts import MediaFacts, Unmeasured
from motion_preflight.media.measure import measure
from motion_preflight.media.pictures import measurable, measure_picture
from motion_preflight.network.errors import Reason

SIDES = (160, 96)
ENDINGS = {"jpeg": "jpg", "tiff": "tif"}


def drawing(mode: str = "RGB", sides: tuple[int, int] = SIDES) -> Image.Image:
    """A picture with something on every row; the same one each time."""
    noise = random.Random(7).randbytes(sides[0] * sides[1] * 3)
    return Image.frombytes("RGB", sides, noise).convert(mode)


def saved(kind: str, picture: Image.Image | None = None, **options: Any) -> bytes:
    written = io.BytesIO()
    (picture or drawing()).save(written, kind, **options)
    return written.getvalue()


def exif(orientation: int, order: str = ">") -> bytes:
    mark = b"MM" if order == ">" else b"II"
    entry = struct.pack(order + "HHIHH", 0x0112, 3, 1, orientation, 0)
    return b"Exif\0\0" + struct.pack(order + "2sHIH", mark, 42, 8, 1) + entry + bytes(4)


def chunk(name: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(name + content)
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", checksum)


def png(*chunks: bytes, sides: tuple[int, int] = SIDES, data: bytes | None = None) -> bytes:
    """A grey PNG of our own, with chunks before its data."""
    width, height = sides
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    stored = zlib.compress(bytes(height * (1 + width)) if data is None else data)
    body = b"".join(chunks) + chunk(b"IDAT", stored)
    return b"\x89PNG\r\n\x1a\n" + header + body + chunk(b"IEND", b"")


def facts_of(folder: Path, data: bytes, name: str = "picture") -> MediaFacts | Unmeasured:
    (folder / name).write_bytes(data)
    return measure(str(folder / name), "image", cap=100 << 20, ffprobe="", web=_no_web)


def _no_web() -> NoReturn:
    raise AssertionError("a file needs no network")


def whole(folder: Path, data: bytes) -> MediaFacts:
    """The facts of a picture that nothing is said against."""
    facts = facts_of(folder, data)
    assert isinstance(facts, MediaFacts), facts
    assert (facts.truncation, facts.undecodable, facts.truncated) == (None, None, False)
    return facts


def doubt(folder: Path, data: bytes) -> str:
    """What is said against a picture."""
    facts = facts_of(folder, data)
    if isinstance(facts, Unmeasured):
        assert facts.reason is Reason.UNSUPPORTED
        return facts.error
    reason = facts.truncation or facts.undecodable
    assert reason
    assert facts.truncated is (facts.truncation is not None)
    return reason


def shown(facts: MediaFacts) -> tuple[int | None, int | None, int | None]:
    assert facts.video is not None
    return facts.video.width, facts.video.height, facts.video.rotation


# --- whole ones ---------------------------------------------------------------------------------

GOOD = {
    "png": saved("png"),
    "png grey": saved("png", drawing("L")),
    "png palette": saved("png", drawing("P")),
    "png one bit": saved("png", drawing("1")),
    "png 16 bit": saved("png", drawing("I;16")),
    "png alpha": saved("png", drawing("RGBA")),
    "png in many chunks": png(*(chunk(b"IDAT", b"") for _ in range(3))),
    "jpeg": saved("jpeg"),
    "jpeg grey": saved("jpeg", drawing("L")),
    "jpeg progressive": saved("jpeg", progressive=True),
    "jpeg restarts": saved("jpeg", restart_marker_blocks=3),
    "jpeg small": saved("jpeg", drawing(sides=(3, 2))),
    "jpeg flat": saved("jpeg", Image.new("RGB", SIDES, (128, 128, 128)), optimize=True),
    "jpeg trailer": saved("jpeg") + b"MotionPhoto_Data" + bytes(500),
    "jpeg stray": saved("jpeg").replace(b"\xff\xdb", b"\0\1\2\xff\xdb", 1),
    "gif": saved("gif"),
    "gif animated": saved("gif", save_all=True, append_images=[drawing("L")]),
    "webp": saved("webp"),
    "webp lossless": saved("webp", lossless=True),
    "webp animated": saved("webp", save_all=True, append_images=[drawing("L").convert("RGB")]),
    "bmp": saved("bmp"),
    "tiff": saved("tiff"),
    "tiff lzw": saved("tiff", compression="tiff_lzw"),
    "tiff fax": saved("tiff", drawing("1"), compression="group4"),
    "png trailer": saved("png") + bytes(10_000),
}


@pytest.mark.parametrize("name", GOOD)
def test_a_whole_picture_has_its_sides_and_no_doubt(name: str, tmp_path: Path) -> None:
    facts = whole(tmp_path, GOOD[name])
    assert facts.container == name.split(maxsplit=1)[0]
    assert shown(facts) == (*((3, 2) if "small" in name else SIDES), 0)
    assert (facts.format_name, facts.audio, facts.durations.judged.ways) == (None, None, {})
    assert facts.probed_by.startswith(("Pillow ", "zlib "))
    assert not facts.transparent


@pytest.mark.parametrize("rows", [8, 40, 95])
@pytest.mark.parametrize("colour", [0, 128, 255])
@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"restart_marker_rows": 1}])
def test_a_photo_with_a_flat_bottom_is_whole(
    rows: int, colour: int, options: dict[str, Any], tmp_path: Path
) -> None:
    picture = drawing()
    picture.paste((colour,) * 3, (0, SIDES[1] - rows, *SIDES))
    whole(tmp_path, saved("jpeg", picture, **options))


@pytest.mark.parametrize(
    ("kind", "order"),
    [*itertools.product(("jpeg", "png", "webp"), "<>"), ("tiff", "<")],
)
def test_a_picture_is_turned_as_its_metadata_say(kind: str, order: str, tmp_path: Path) -> None:
    rotations = dict.fromkeys(range(10), 0) | {3: 180, 4: 180, 5: 90, 6: 90, 7: 270, 8: 270}
    results, expected = {}, {}
    for orientation, rotation in rotations.items():
        if kind == "tiff":
            data = saved(kind, tiffinfo={274: orientation}, big_tiff=False)
        else:
            data = saved(kind, exif=exif(orientation, order))
        results[orientation] = shown(whole(tmp_path, data))
        sides = SIDES[::-1] if orientation in {5, 6, 7, 8} else SIDES
        expected[orientation] = (*sides, rotation)
    assert results == expected


@pytest.mark.parametrize(
    "block",
    [b"Exif\0\0", b"Exif\0\0MM\0*", b"Exif\0\0" + b"\xff" * 8, exif(6)[:14] + b"\xff\xff" * 9,
     b"Exif\0\0MM\0*\0\0\x88\0"],
)  # fmt: skip
def test_broken_metadata_do_not_break_a_picture(block: bytes, tmp_path: Path) -> None:
    segment = struct.pack(">BBH", 0xFF, 0xE1, len(block) + 2) + block
    jpeg = saved("jpeg")
    assert shown(whole(tmp_path, jpeg[:2] + segment + jpeg[2:])) == (*SIDES, 0)
    assert shown(whole(tmp_path, png(chunk(b"eXIf", block)))) == (*SIDES, 0)


def test_text_that_inflates_to_more_than_the_picture_is_not_inflated(tmp_path: Path) -> None:
    bomb = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(80_000_000)))
    assert shown(whole(tmp_path, png(bomb))) == (*SIDES, 0)


def test_a_row_that_is_longer_than_any_in_use_is_not_looked_at(tmp_path: Path) -> None:
    answer = doubt(tmp_path, png(sides=(9_000_000, 1)))
    assert answer == "a row of it has 9,000,001 bytes, more than are looked at here"


# --- broken ones --------------------------------------------------------------------------------


@pytest.mark.parametrize("part", [0.0, 0.1, 0.5, 0.9, 0.99])
@pytest.mark.parametrize(
    "options",
    [{}, {"progressive": True}, {"restart_marker_rows": 1}, {"restart_marker_blocks": 1},
     {"subsampling": 0}, {"optimize": True}],
)  # fmt: skip
def test_a_jpeg_that_is_cut_and_given_an_end_is_doubted(
    options: dict[str, Any], part: float, tmp_path: Path
) -> None:
    data = saved("jpeg", **options)
    start = data.index(b"\xff\xda") + 14
    cut = data[: start + int((len(data) - 2 - start) * part)]
    answer = doubt(tmp_path, cut.rstrip(b"\xff") + b"\xff\xd9")
    assert "missing" in answer or "before its last row" in answer


def test_a_jpeg_that_is_cut_between_two_restarts_is_doubted(tmp_path: Path) -> None:
    data = saved("jpeg", restart_marker_rows=1)
    at = data.index(b"\xff\xd2")
    assert "before its last row" in doubt(tmp_path, data[:at] + b"\xff\xd9")


def test_a_progressive_jpeg_without_its_last_scan_is_doubted(tmp_path: Path) -> None:
    data = saved("jpeg", progressive=True)
    assert "last passes" in doubt(tmp_path, data[: data.rindex(b"\xff\xda")] + b"\xff\xd9")


@pytest.mark.parametrize(
    ("name", "message"),
    [("png", "no end (IEND)"), ("jpeg", "no end marker"), ("gif", "within a block"),
     ("webp", "bytes"), ("bmp", "too early"), ("tiff", "byte")],
)  # fmt: skip
@pytest.mark.parametrize("part", [0.6, 0.9])
def test_a_picture_that_is_cut_is_doubted(
    name: str, message: str, part: float, tmp_path: Path
) -> None:
    data = GOOD[name]
    assert message in doubt(tmp_path, data[: int(len(data) * part)])


@pytest.mark.parametrize("marker", [0x02, 0x68, 0xBF, 0xD8, 0xF3])
@pytest.mark.parametrize("where", [b"\xff\xda", b"\xff\xc2"], ids=["a later scan", "the frame"])
def test_a_jpeg_with_a_marker_that_no_decoder_knows_is_doubted(
    marker: int, where: bytes, tmp_path: Path
) -> None:
    """As noise has one that stands in the place of picture data."""
    data = saved("jpeg", progressive=True)
    at = data.rindex(where)
    spoiled = data[:at] + bytes((0xFF, marker, 0, 4, 1, 2)) + data[at:]
    with pytest.raises(OSError, match=r"broken data|cannot identify"):
        Image.open(io.BytesIO(spoiled)).load()
    assert f"FF {marker:02X}" in doubt(tmp_path, spoiled)


def test_a_jpeg_with_an_unknown_marker_behind_its_last_scan_is_whole(tmp_path: Path) -> None:
    data = saved("jpeg")
    whole(tmp_path, data[:-2] + b"\xff\x68\0\4ab" + data[-2:])


@pytest.mark.parametrize("kind", ["webp", "avif", "heic"])
@pytest.mark.parametrize("part", [0.3, 0.85])
def test_a_picture_whose_download_left_zeros_is_doubted(
    kind: str, part: float, tmp_path: Path
) -> None:
    """Its decoder takes them for picture data."""
    pillow_heif = pytest.importorskip("pillow_heif")
    written, picture = io.BytesIO(), drawing(sides=(320, 320))
    if kind == "heic":
        pillow_heif.from_pillow(picture).save(written, quality=90)
    else:
        picture.save(written, kind, quality=90)
    data = written.getvalue()
    assert len(data) > 40_000
    here = int(len(data) * part)
    assert "zeros" in doubt(tmp_path, data[:here] + bytes(len(data) - here))
    if kind == "webp":
        assert whole(tmp_path, data + bytes(50_000)).truncated is False  # behind its end


@pytest.mark.parametrize("colour", ["black", "white"])
def test_a_picture_of_one_colour_is_whole(colour: str, tmp_path: Path) -> None:
    for options in ({"quality": 80}, {"lossless": True}):
        flat = saved("webp", Image.new("RGB", (3000, 3000), colour), **options)
        assert whole(tmp_path, flat).truncated is False


def _idat(data: bytes, part: float) -> bytes:
    """A PNG with a part of its picture data, every checksum right."""
    at = data.index(b"IDAT")
    length = int.from_bytes(data[at - 4 : at], "big")
    kept = chunk(b"IDAT", data[at + 4 : at + 4 + int(length * part)])
    return data[: at - 4] + kept + data[at + 8 + length :]


APPLE = b"\x89PNG\r\n\x1a\n" + chunk(b"CgBI", bytes(4)) + GOOD["png"][8:]
BROKEN = {
    "a PNG with half of its data": (_idat(GOOD["png"], 0.5), "end after"),
    "a PNG with empty data": (_idat(GOOD["png"], 0), "end after 0 of"),
    "a PNG without data": (png()[:33] + chunk(b"IEND", b""), "no picture data"),
    "a PNG of noise": (
        png()[:33] + chunk(b"IDAT", b"\x12\x34" * 50) + chunk(b"IEND", b""),
        "broken after 0 bytes",
    ),
    "a PNG with a row too few": (png(data=bytes(95 * 161)), "end after 15,295 of 15,456 bytes"),
    "a PNG with a filter of its own": (png(data=b"\7" * 96 * 161), "filter"),
    "a PNG with a flipped bit": (GOOD["png"].replace(b"IDATx", b"IDATy"), "broken after"),
    "a PNG in Apple's form": (APPLE, "CgBI"),
    "a JPEG without a scan": (
        GOOD["jpeg"][: GOOD["jpeg"].index(b"\xff\xda")] + b"\xff\xd9",
        "no picture data (scan)",
    ),
    "a JPEG with nothing in it": (b"\xff\xd8\xff\xd9", "no frame header"),
    "a GIF of 14 bytes": (b"GIF89a\x80\2\x80\2\0\0\0;", "no picture"),
    "a GIF that ends in its header": (b"GIF89a\1\0", "within its header"),
    "a WebP of 17 bytes": (GOOD["webp"][:17], "sides"),
    "a BMP around a JPEG": (
        b"BM" + struct.pack("<IIIIiiHHIIiiII", 999, 0, 54, 40, 9, 9, 1, 0, 4, 0, 0, 0, 0, 0)
        + GOOD["jpeg"],
        "sides",
    ),
    "a TIFF without a directory": (b"II*\0" + struct.pack("<I", 5000), "beyond its end"),
    "a lossless JPEG": (GOOD["jpeg"].replace(b"\xff\xc0", b"\xff\xc3"), "lossless"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_picture_is_doubted(name: str, tmp_path: Path) -> None:
    data, answer = BROKEN[name]
    assert answer in doubt(tmp_path, data)


@pytest.mark.parametrize(
    ("sides", "message"),
    [((60_000, 60_000), "pixels are more"), ((1, 2_000_000), "pixels are more")],
)
def test_what_is_too_large_to_be_looked_at_is_said_to_be_open(
    sides: tuple[int, int], message: str, tmp_path: Path
) -> None:
    assert message in doubt(tmp_path, png(sides=sides, data=bytes(100)))


@pytest.mark.parametrize("marker", [b"\xff\xc0", b"\xff\xc2"])
def test_a_jpeg_that_claims_to_be_huge_is_not_decoded(marker: bytes, tmp_path: Path) -> None:
    data = saved("jpeg", progressive=marker == b"\xff\xc2")
    at = data.index(marker) + 5
    huge = data[:at] + struct.pack(">HH", 65_000, 65_000) + data[at + 4 :]
    assert "pixels are more" in doubt(tmp_path, huge)


def test_70000_pixels_of_width_are_measured(tmp_path: Path) -> None:
    assert shown(whole(tmp_path, png(sides=(70_000, 400)))) == (70_000, 400, 0)


# --- what is to be seen -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "mode", "options"),
    [("png", "RGBA", {}), ("png", "LA", {}), ("webp", "RGBA", {"lossless": True}),
     ("tiff", "RGBA", {}), ("png", "P", {"transparency": 0}), ("gif", "P", {"transparency": 0}),
     ("png", "L", {"transparency": 0}), ("png", "RGB", {"transparency": (0, 0, 0)})],
)  # fmt: skip
def test_a_picture_without_a_visible_pixel(
    kind: str, mode: str, options: dict[str, Any], tmp_path: Path
) -> None:
    empty = Image.new(mode, SIDES, 0)
    assert whole(tmp_path, saved(kind, empty, **options)).transparent is True
    seen: dict[str, int | tuple[int, ...]] = {"L": 9, "P": 9, "RGB": (9, 9, 9), "LA": (0, 1)}
    empty.putpixel((50, 50), seen.get(mode, (0, 0, 0, 1)))
    assert whole(tmp_path, saved(kind, empty, **options)).transparent is False


def test_the_colours_of_print(tmp_path: Path) -> None:
    assert whole(tmp_path, saved("jpeg", drawing("CMYK"))).colour == "CMYK"
    assert whole(tmp_path, saved("tiff", drawing("CMYK"))).colour == "CMYK"
    assert whole(tmp_path, saved("jpeg")).colour != "CMYK"


# --- other kinds --------------------------------------------------------------------------------


def _dng() -> bytes:
    return saved("tiff", tiffinfo={50706: b"\1\4\0\0"})


@pytest.mark.parametrize(
    ("kind", "data", "message"),
    [
        ("jxl", b"\xff\x0a" + bytes(60), "JPEG XL"),
        ("jxl", b"\0\0\0\x0cJXL \r\n\x87\n" + bytes(60), "JPEG XL"),
        ("jp2", saved("jpeg2000"), "JPEG 2000"),
        ("jp2", b"\xff\x4f\xff\x51" + bytes(60), "JPEG 2000"),
        ("bigtiff", saved("tiff", big_tiff=True), "BigTIFF"),
        ("dng", _dng(), "DNG"),
        ("ico", saved("ico", sizes=[(32, 32)]), "ICO"),
        ("icns", saved("icns", drawing(sides=(32, 32))), "ICNS"),
        ("netpbm", saved("ppm"), "PPM"),
        ("netpbm", saved("ppm", drawing("L")), "PPM"),
        ("netpbm", b"P7\nWIDTH 1\n", "PPM"),
        ("qoi", b"qoif" + bytes(60), "QOI"),
    ],
)
@pytest.mark.parametrize("name", ["picture", "picture.jpg", "picture.png"])
def test_a_kind_that_is_not_measured_is_named(
    kind: str, data: bytes, message: str, name: str, tmp_path: Path
) -> None:
    facts = facts_of(tmp_path, data, name)
    assert isinstance(facts, Unmeasured)
    assert (facts.reason, facts.container) == (Reason.UNSUPPORTED, kind)
    assert message in facts.error


@pytest.mark.parametrize("kind", ["heic", "avif"])
def test_heic_and_avif_are_measured_where_the_extra_is_installed(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pillow_heif = pytest.importorskip("pillow_heif")
    if kind == "heic":
        written = io.BytesIO()
        pillow_heif.from_pillow(drawing()).save(written)
        data = written.getvalue()
    else:
        data = saved("avif")
    facts = whole(tmp_path, data)
    assert (facts.container, shown(facts)) == (kind, (*SIDES, 0))
    monkeypatch.setattr("motion_preflight.media.pictures.measurable", lambda _: False)
    unmeasured = facts_of(tmp_path, data)
    assert isinstance(unmeasured, Unmeasured)
    assert unmeasured.container == kind
    assert kind.upper() in unmeasured.error


def test_only_two_kinds_are_measured_by_the_extra() -> None:
    assert not measurable("jxl")


# --- the library beneath ------------------------------------------------------------------------


def test_a_program_that_lets_pillow_fill_up_pictures_gets_no_pass(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    assert "lets Pillow fill up" in doubt(tmp_path, GOOD["jpeg"])


def test_a_png_is_measured_without_pillow() -> None:
    code = (
        "import sys; from motion_preflight import probe; "
        f"probe({str(MEDIA / 'image.png')!r}, kind='image'); print('PIL' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize("name", ["image.png", "image.jpg", "image.gif", "image.webp", "image.bmp"])
def test_every_cut_of_a_picture_is_doubted_or_shows_all_of_it(name: str, tmp_path: Path) -> None:
    data = (MEDIA / name).read_bytes()
    for end in range(20, len(data) - 12, max(len(data) // 60, 1)):
        facts = facts_of(tmp_path, data[:end])
        whole_yet = isinstance(facts, MediaFacts) and not (facts.truncation or facts.undecodable)
        assert not whole_yet, end


@given(st.data())
def test_a_picture_with_changed_bytes_is_measured_or_not(data: st.DataObject) -> None:
    changed = bytearray(data.draw(st.sampled_from(sorted(GOOD.values()))))
    for _ in range(data.draw(st.integers(1, 8))):
        changed[data.draw(st.integers(4, len(changed) - 1))] = data.draw(st.integers(0, 255))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        kind = signature(bytes(changed)[:512])
        if kind in PICTURES:
            result = measure_picture(Memory(bytes(changed)), "picture", kind)  # type: ignore[arg-type]
            assert isinstance(result, MediaFacts | Unmeasured)


class Memory:
    """Bytes as a source."""

    path, version, transfer = Path("memory"), "memory", None

    def __init__(self, data: bytes) -> None:
        self.data, self.size = data, len(data)

    def read(self, offset: int, length: int) -> bytes:
        return self.data[offset : offset + length]
