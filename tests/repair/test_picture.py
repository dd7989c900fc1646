"""Every kind of picture becomes a still JPEG or PNG that passes, or it is said what hinders it."""

from __future__ import annotations

import io
import os
import random
import struct
import subprocess
import zlib
from pathlib import Path
from typing import Any

import pytest
from builders import NOW, PROFILE
from paths import MEDIA, ROOT
from PIL import Image, ImageCms, ImageFilter
from processes import closed_folder, unprivileged
from warm import warm

from motion_preflight.media.facts import MediaFacts
from motion_preflight.repair.picture import fix_picture
from motion_preflight.repair.result import Fix
from motion_preflight.report.findings import Level
from motion_preflight.suitability import fits

RED, GREEN, BLUE, WHITE = (230, 40, 30), (20, 200, 40), (30, 60, 220), (255, 255, 255)
CORNERS = (RED, GREEN, BLUE, (120, 120, 120))  # top left, top right, bottom left, bottom right
NEAR = 12  # levels of 255 that a colour may differ after JPEG
DRY = """\
it is webp; allowed are jpeg and png: saved as JPEG
a tag turns or mirrors it (orientation 6), which some programs ignore: its pixels stand upright
it is 250x200 pixels, and each side must be 300 at least: scaled up to 375x300, which adds no \
detail; a larger original would be better
what it says about place, device and time is left out"""
FULL = """
import resource, sys
from pathlib import Path
from builders import NOW, PROFILE
from motion_preflight.repair.picture import fix_picture
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
print(fix_picture(Path(sys.argv[1]), profile=PROFILE, now=NOW).error)
"""
AT_ONCE = """
import sys
from pathlib import Path
from builders import NOW, PROFILE
from motion_preflight.repair.picture import fix_picture
for _ in range(5):
    print(fix_picture(Path(sys.argv[1]), profile=PROFILE, now=NOW).output.name)
"""


def corners(sides: tuple[int, int] = (640, 400), mode: str = "RGB") -> Image.Image:
    """A picture with another colour in each quarter, so that turning and colours can be seen."""
    picture = Image.new("RGB", sides)
    width, height = sides[0] // 2, sides[1] // 2
    for number, colour in enumerate(CORNERS):
        left, top = number % 2 * width, number // 2 * height
        picture.paste(colour, (left, top, sides[0], sides[1]))
    return picture.convert(mode)


def noise(sides: tuple[int, int]) -> Image.Image:
    return Image.frombytes("RGB", sides, random.Random(7).randbytes(sides[0] * sides[1] * 3))


def write(folder: Path, name: str, picture: Image.Image, **options: Any) -> Path:
    path = folder / name
    picture.save(path, **options)
    return path


def exif(orientation: int) -> bytes:
    block = Image.Exif()
    block[0x0112] = orientation
    block[0x010F] = "Cameramaker"
    return block.tobytes()


def fix(path: Path, **options: Any) -> Fix:
    return fix_picture(path, profile=PROFILE, now=NOW, **options)


def mend(path: Path, **options: Any) -> Image.Image:
    """The mended picture, for which everything holds that holds for each of them."""
    before = path.read_bytes(), path.stat().st_mtime_ns
    result = fix(path, **options)
    assert result.error is None
    assert result.output
    assert result.changes
    assert isinstance(result.after, MediaFacts)
    assert result.after.location == str(result.output)
    findings = fits(result.after, profile=PROFILE, now=NOW).findings
    assert [finding for finding in findings if finding.level is not Level.NOTE] == []
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    assert result.output.stat().st_size <= 10_000_000
    with Image.open(result.output) as picture:
        picture.load()
    assert picture.mode in {"RGB", "L"}
    assert picture.format in {"JPEG", "PNG"}
    assert result.output.suffix == {"JPEG": ".jpg", "PNG": ".png"}[picture.format]
    assert not picture.getexif()
    assert not {"exif", "xmp", "icc_profile", "transparency"} & picture.info.keys()
    assert not any(entry.name.startswith(".") for entry in result.output.parent.iterdir())
    return picture


def pixels_of(path: Path) -> bytes:
    with Image.open(path) as picture:
        return picture.tobytes()


def near(picture: Image.Image, place: tuple[int, int], colour: tuple[int, ...]) -> bool:
    pixel = picture.convert("RGB").getpixel(place)
    assert isinstance(pixel, tuple)
    return all(abs(one - other) <= NEAR for one, other in zip(pixel, colour, strict=True))


def shows_corners(picture: Image.Image, colours: tuple[tuple[int, ...], ...] = CORNERS) -> bool:
    right, bottom = picture.width - 20, picture.height - 20
    places = ((20, 20), (right, 20), (20, bottom), (right, bottom))
    return all(near(picture, place, colour) for place, colour in zip(places, colours, strict=True))


def error_of(path: Path, **options: Any) -> str:
    """What is said; nothing is written."""
    before = sorted(path.parent.iterdir()) if path.parent.is_dir() else []
    result = fix(path, **options)
    assert result.output is None
    assert result.after is None
    assert result.error
    assert (sorted(path.parent.iterdir()) if path.parent.is_dir() else []) == before
    return result.error


@pytest.mark.parametrize("orientation", range(2, 9))
@pytest.mark.parametrize("kind", ["jpg", "png", "webp", "tif", "avif"])
def test_a_picture_is_turned_upright(tmp_path: Path, kind: str, orientation: int) -> None:
    """What is written is what programs show that obey the tag."""
    turned = {
        2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM, 5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[orientation]  # fmt: skip
    stored = corners().transpose(turned)
    path = write(tmp_path, f"photo.{kind}", stored, exif=exif(orientation))
    picture = mend(path)
    assert picture.size == (640, 400)
    assert shows_corners(picture)


def test_an_upright_jpeg_with_metadata_needs_nothing(tmp_path: Path) -> None:
    result = fix(write(tmp_path, "photo.jpg", corners(), exif=exif(1)))
    assert (result.output, result.changes, result.error, result.after) == (None, (), None, None)
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("name", ["image.jpg", "image.png", "image-300.png", "image-2.5to1.png"])
def test_a_picture_that_passes_is_left_alone(name: str) -> None:
    result = fix(MEDIA / name)
    assert (result.output, result.changes, result.error) == (None, (), None)


@pytest.mark.parametrize(
    ("name", "ending"),
    [("image.bmp", "png"), ("image.gif", "png"), ("image.webp", "jpg"), ("image-299.png", "png")],
)
def test_a_fixture_of_another_kind_is_mended(tmp_path: Path, name: str, ending: str) -> None:
    path = tmp_path / name
    path.write_bytes((MEDIA / name).read_bytes())
    result = fix(path)
    assert result.output == tmp_path / f"{path.stem}-for-image.{ending}"


def test_16_bits_become_8(tmp_path: Path) -> None:
    levels = b"".join(struct.pack("<H", column * 102) for column in range(640))
    picture = Image.frombytes("I;16", (640, 400), levels * 400)
    mended = mend(write(tmp_path, "deep.png", picture))
    assert mended.mode == "L"
    wanted = [round(column * 102 / 257) for column in range(640)]
    assert list(mended.crop((0, 200, 640, 201)).tobytes()) == wanted


def test_16_bits_of_colours_become_8(tmp_path: Path) -> None:
    samples = b"".join(struct.pack(">3H", *(level * 257 for level in colour)) for colour in CORNERS)
    row = samples[:6] * 300 + samples[6:12] * 300
    path = tmp_path / "deep.png"
    path.write_bytes(png(16, 2, (b"\0" + row) * 400, (600, 400)))
    mended = mend(path)
    assert mended.getpixel((10, 10)) == RED
    assert mended.getpixel((590, 10)) == GREEN


@pytest.mark.parametrize("mode", ["F", "I"])
def test_samples_of_an_unknown_scale_are_not_mended(tmp_path: Path, mode: str) -> None:
    path = write(tmp_path, "depth.tif", Image.new(mode, (400, 400), 1))
    assert "nothing says how bright" in error_of(path)


def test_a_16_bit_tiff_becomes_8_bits(tmp_path: Path) -> None:
    picture = Image.frombytes("I;16", (400, 400), struct.pack("<H", 0x80FF) * 160_000)
    assert mend(write(tmp_path, "deep.tif", picture)).getpixel((0, 0)) == round(0x80FF / 257)


def test_a_key_of_16_bits_a_colour_is_laid_on_white(tmp_path: Path) -> None:
    row = b"\0" + b"\x12\x34\x56\x78\x9a\xbc" * 200 + b"\xff\xff\0\0\0\0" * 200
    key = chunk(b"tRNS", b"\x12\x34\x56\x78\x9a\xbc")
    path = tmp_path / "keyed.png"
    path.write_bytes(png(16, 2, row * 400, (400, 400), key))
    mended = mend(path)
    assert (mended.getpixel((10, 10)), mended.getpixel((390, 10))) == (WHITE, (255, 0, 0))


def png(depth: int, colour: int, rows: bytes, sides: tuple[int, int], *chunks: bytes) -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", *sides, depth, colour, 0, 0, 0))
    data = chunk(b"IDAT", zlib.compress(rows))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(chunks) + data + chunk(b"IEND", b"")


def chunk(name: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(name + content)
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", checksum)


def test_a_key_of_16_bits_is_laid_on_white(tmp_path: Path) -> None:
    row = b"\0" + b"\x12\x34" * 200 + b"\x12\x35" * 200
    path = tmp_path / "keyed.png"
    path.write_bytes(png(16, 0, row * 400, (400, 400), chunk(b"tRNS", b"\x12\x34")))
    mended = mend(path)
    assert (mended.getpixel((10, 10)), mended.getpixel((390, 10))) == (255, 0x12)


@pytest.mark.parametrize(
    ("mode", "kind"), [("RGBA", "png"), ("LA", "png"), ("P", "png"), ("RGBA", "webp")]
)
def test_transparency_is_laid_on_white(tmp_path: Path, mode: str, kind: str) -> None:
    picture = corners(mode="RGBA")
    picture.paste((0, 0, 0, 0), (0, 0, 320, 400))
    picture.paste((0, 0, 0, 128), (0, 0, 320, 100))
    picture = picture.quantize(64) if mode == "P" else picture.convert(mode)
    mended = mend(write(tmp_path, f"cutout.{kind}", picture))
    assert near(mended, (100, 300), WHITE)
    assert near(mended, (100, 50), (127, 127, 127))
    assert mended.mode == ("L" if mode == "LA" else "RGB")


def test_a_colour_that_stands_for_transparency_is_laid_on_white(tmp_path: Path) -> None:
    path = write(tmp_path, "keyed.png", corners(), transparency=RED)
    assert shows_corners(mend(path), (WHITE, *CORNERS[1:]))


def test_a_picture_of_which_nothing_can_be_seen_stays_so(tmp_path: Path) -> None:
    path = write(tmp_path, "empty.png", Image.new("RGBA", (400, 400), (200, 0, 0, 0)))
    assert "every pixel of the reference image is transparent" in error_of(path)


def test_a_palette_becomes_rgb_and_one_bit_grey(tmp_path: Path) -> None:
    assert shows_corners(mend(write(tmp_path, "palette.png", corners().quantize(16))))
    mended = mend(write(tmp_path, "bits.png", corners(mode="1")))
    assert mended.mode == "L"


def test_the_colours_of_print_become_rgb(tmp_path: Path) -> None:
    """Pillow writes a JPEG in CMYK as Adobe does, with inverted values."""
    path = write(tmp_path, "print.jpg", corners(mode="CMYK"), quality=95)
    assert b"Adobe" in path.read_bytes()[:500]
    assert shows_corners(mend(path))


@pytest.mark.parametrize("kind", ["gif", "webp", "png", "tif"])
def test_the_first_frame_is_kept(tmp_path: Path, kind: str) -> None:
    first, second = corners(), corners().transpose(Image.Transpose.ROTATE_180)
    options = {} if kind == "tif" else {"duration": 100}
    path = write(
        tmp_path, f"moving.{kind}", first, save_all=True, append_images=[second], **options
    )
    result = fix(path, dry_run=True)
    assert any("several frames" in change for change in result.changes)
    assert shows_corners(mend(path))


def test_the_first_frame_of_an_animated_png_keeps_its_data(tmp_path: Path) -> None:
    first, second = corners(), corners().transpose(Image.Transpose.ROTATE_180)
    path = write(tmp_path, "moving.png", first, save_all=True, append_images=[second])
    assert list(mend(path).tobytes()) == list(first.tobytes())


@pytest.mark.parametrize("turned", [0, 90, 180, 270])
def test_a_heic_becomes_a_jpeg(tmp_path: Path, turned: int) -> None:
    heif = pytest.importorskip("pillow_heif")
    picture = heif.from_pillow(corners().rotate(turned, expand=True))
    tag = {0: 1, 90: 6, 180: 3, 270: 8}[turned]
    path = tmp_path / "IMG_0001.HEIC"
    picture.save(path, quality=95, exif=exif(tag))
    mended = mend(path)
    assert (mended.format, mended.size) == ("JPEG", (640, 400))
    assert shows_corners(mended)


@pytest.mark.parametrize("kind", ["jpg", "png", "tif", "webp", "avif", "heic"])
def test_a_wide_gamut_is_converted(tmp_path: Path, kind: str) -> None:
    """Colours of a profile with other primaries look as they did where programs obey it."""
    pytest.importorskip("pillow_heif").register_heif_opener()
    profile = display_p3()
    srgb = ImageCms.createProfile("sRGB")
    wide = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    stored = ImageCms.profileToProfile(corners(), srgb, wide)
    assert stored is not None
    assert not shows_corners(stored)
    quality = {} if kind in {"png", "tif"} else {"quality": 97}
    path = write(tmp_path, f"wide.{kind}", stored, icc_profile=profile, **quality)
    assert "profile Display P3" in " ".join(fix(path, dry_run=True).changes)
    assert shows_corners(mend(path))


def test_a_profile_of_many_parts_is_read_whole(tmp_path: Path) -> None:
    """A part of a JPEG has at most 64 KiB, and the profiles of print have megabytes."""
    profile = display_p3() + bytes(100_000)
    profile = struct.pack(">I", len(profile)) + profile[4:]
    path = write(tmp_path, "wide.jpg", corners(), icc_profile=profile)
    assert path.read_bytes().count(b"ICC_PROFILE") == 2
    assert "profile Display P3" in " ".join(fix(path, dry_run=True).changes)


def display_p3() -> bytes:
    """A profile of the primaries of Display P3 and the curve of sRGB, made from Pillow's own one
    of sRGB.
    """
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    primaries = {
        b"rXYZ": (0.51512, 0.24120, -0.00105),
        b"gXYZ": (0.29198, 0.69225, 0.04189),
        b"bXYZ": (0.15710, 0.06657, 0.78407),
    }
    (count,) = struct.unpack_from(">I", data, 128)
    for number in range(count):
        name, offset, length = struct.unpack_from(">4sII", data, 132 + 12 * number)
        if name in primaries:
            fixed = (round(value * 65536) for value in primaries[name])
            struct.pack_into(">3i", data, offset + 8, *fixed)
        if name == b"desc":
            text = "Display P3".encode("utf-16-be")
            data[offset + 28 : offset + length] = text.ljust(length - 28, b"\0")
            struct.pack_into(">I", data, offset + 20, len(text))
    return bytes(data)


@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_a_profile_of_srgb_changes_nothing(tmp_path: Path, mode: str) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    result = fix(write(tmp_path, "photo.jpg", corners(mode=mode), icc_profile=profile))
    assert (result.output, result.changes, result.error) == (None, (), None)


def test_a_broken_profile_is_left_out(tmp_path: Path) -> None:
    path = write(tmp_path, "photo.jpg", corners(), icc_profile=b"no profile", exif=exif(3))
    assert shows_corners(mend(path), CORNERS[::-1])


@pytest.mark.parametrize("sides", [(299, 299), (745, 298), (10, 20), (1, 1), (300, 299)])
def test_short_sides_are_scaled_up_as_far_as_needed(tmp_path: Path, sides: tuple[int, int]) -> None:
    path = write(tmp_path, "small.png", Image.new("RGB", sides, RED))
    mended = mend(path)
    assert min(mended.size) == 300
    assert abs(mended.width * sides[1] - mended.height * sides[0]) <= max(sides)
    assert "adds no detail" in fix(path).changes[0]


@pytest.mark.parametrize("sides", [(900, 300), (300, 900), (2600, 1000)])
def test_a_shape_beyond_the_limit_is_not_mended(tmp_path: Path, sides: tuple[int, int]) -> None:
    path = write(tmp_path, "wide.webp", Image.new("RGB", sides, RED))
    assert "0.4 to 2.5: crop it" in error_of(path)


def test_too_many_bytes_of_png_become_a_jpeg(tmp_path: Path) -> None:
    path = write(tmp_path, "noise.png", noise((2000, 2000)), compress_level=1)
    assert path.stat().st_size > 12_000_000
    result = fix(path)
    assert result.changes[1:] == (
        "saved as JPEG instead of PNG with quality 95 to have at most 10,000,000 bytes",
    )
    assert result.output is not None
    with Image.open(result.output) as mended:
        assert (mended.format, mended.size) == ("JPEG", (2000, 2000))


def test_too_many_bytes_stay_a_png_where_the_name_asks_for_one(tmp_path: Path) -> None:
    path = write(tmp_path, "noise.png", noise((2000, 2000)), compress_level=1)
    mended = mend(path, output=tmp_path / "less.png")
    assert mended.format == "PNG"
    assert mended.width < 2000


def test_bytes_behind_the_picture_are_left_out(tmp_path: Path) -> None:
    """Phones put a clip of 3 s behind the picture: that is no reason to compress it again."""
    path = write(tmp_path, "moving.jpg", corners())
    pixels = pixels_of(path)
    path.write_bytes(path.read_bytes() + bytes(11_000_000))
    assert mend(path).tobytes() == pixels


@pytest.mark.parametrize(("kind", "name"), [("JPEG", "photo.png"), ("PNG", "photo.jpg")])
def test_a_misleading_name_changes_no_pixel(tmp_path: Path, kind: str, name: str) -> None:
    path = write(tmp_path, name, corners(), format=kind, exif=exif(1))
    mended = mend(path)
    assert mended.format == kind
    assert mended.tobytes() == pixels_of(path)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "TIFF", "BMP"])  # and HEIC, below
def test_a_picture_cut_short_is_not_mended(tmp_path: Path, kind: str) -> None:
    file = io.BytesIO()
    noise((400, 400)).filter(ImageFilter.BLUR).save(file, kind)
    path = tmp_path / "cut"
    path.write_bytes(file.getvalue()[: len(file.getvalue()) * 2 // 3])
    assert "cut short" in error_of(path) or "not be usable" in error_of(path)


def test_a_heic_cut_short_is_not_mended(tmp_path: Path) -> None:
    heif = pytest.importorskip("pillow_heif")
    file = io.BytesIO()
    heif.from_pillow(noise((400, 400))).save(file, quality=90)
    path = tmp_path / "cut.heic"
    path.write_bytes(file.getvalue()[: len(file.getvalue()) // 2])
    assert error_of(path)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("clip-3s.mp4", "not a picture"),
        ("text-named.png", "it is text"),
        ("image-svg.svg", "SVG"),
        ("no-such.png", "there is no such file"),
        ("", "it is a folder"),
    ],
)
def test_what_is_no_picture_is_called_so(name: str, words: str) -> None:
    result = fix(MEDIA / name)
    assert result.output is None
    assert words in (result.error or "")


@pytest.mark.parametrize("name", ["my photo.webp", "two\nlines.webp", "-rf.webp", "https:.webp"])
def test_odd_names_are_kept(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "photo.webp", corners()).rename(tmp_path / name)
    monkeypatch.chdir(tmp_path)
    result = fix(Path(name))
    assert result.source == name
    assert result.output == Path(name.removesuffix(".webp") + "-for-image.jpg")
    assert result.before.location == name
    assert result.output.is_file()


def test_a_picture_of_the_home_folder_is_mended_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, "photo.webp", corners())
    monkeypatch.setenv("HOME", str(tmp_path))
    assert fix(Path("~/photo.webp")).output == tmp_path / "photo-for-image.jpg"


def test_a_link_to_a_picture_is_mended_where_the_link_is(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    path = write(tmp_path, "photo.webp", corners())
    (tmp_path / "here" / "link.webp").symlink_to(path)
    result = fix(tmp_path / "here" / "link.webp")
    assert result.output == tmp_path / "here" / "link-for-image.jpg"


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    names = ["photo-for-image.jpg", "photo-for-image-2.jpg", "photo-for-image-3.jpg"]
    for side, name in zip((400, 500, 600), names, strict=True):
        path = write(tmp_path, "photo.webp", corners((side, side)))
        assert fix(path).output == tmp_path / name
        assert fix(path).output == tmp_path / name  # the same bytes need no second file
    before = (tmp_path / names[0]).read_bytes()
    assert "is not overwritten" in error_of(path, output=tmp_path / names[0])
    assert "is not overwritten" in error_of(path, output=path)
    assert (tmp_path / names[0]).read_bytes() == before


def started(code: str, path: Path) -> subprocess.Popen[str]:
    """A process of its own, with what it prints."""
    support = ROOT / "tests" / "support"  # where `builders` is
    return warm().start(path, cwd=support, env=os.environ, beginning={"code": code}, stderr=None)


def test_two_processes_at_once_that_make_the_same_are_content_with_one_file(tmp_path: Path) -> None:
    path = write(tmp_path, "photo.webp", corners())
    running = [started(AT_ONCE, path) for _ in range(2)]
    names = [name for process in running for name in process.communicate()[0].split()]
    assert len(names) == 10
    assert set(names) == {"photo-for-image.jpg"}
    assert {entry.name for entry in tmp_path.iterdir()} == {*names, "photo.webp"}


def test_a_disk_that_is_full_is_called_so_and_nothing_is_left(tmp_path: Path) -> None:
    """A bound of the kernel for the size of files stands for the end of the disk."""
    path = write(tmp_path, "photo.webp", noise((400, 400)))
    words = started(FULL, path).communicate()[0].strip()
    assert words == (
        f"there is no room left in {tmp_path}: free some, or name another place for the result"
    )
    assert [entry.name for entry in tmp_path.iterdir()] == ["photo.webp"]


def test_a_large_photo_is_halved(tmp_path: Path) -> None:
    """Phones take pictures of 108 and 200 megapixels; they are decoded at half their sides."""
    path = write(tmp_path, "photo.jpg", corners((10_000, 8_000)), exif=exif(6))
    mended = mend(path)
    assert mended.size == (4_000, 5_000)
    assert shows_corners(mended, (BLUE, RED, CORNERS[3], GREEN))


def test_a_large_heic_is_mended_whole(tmp_path: Path) -> None:
    """One of 30 megapixels is more than a check decodes, and its decoder notices missing ones."""
    heif = pytest.importorskip("pillow_heif")
    path = tmp_path / "photo.heic"
    heif.from_pillow(corners((6_000, 5_000))).save(
        path, quality=50, enc_params={"preset": "ultrafast"}
    )
    mended = mend(path)
    assert mended.size == (6_000, 5_000)
    assert shows_corners(mended)


@pytest.mark.parametrize("ending", ["webp", "gif", "mp4"])
def test_a_result_of_another_kind_is_refused(tmp_path: Path, ending: str) -> None:
    path = write(tmp_path, "photo.webp", corners())
    assert "ends in .jpg or .png" in error_of(path, output=tmp_path / f"result.{ending}")


@pytest.mark.parametrize(("name", "kind"), [("a.png", "png"), ("a.JPEG", "jpeg"), ("a", "jpeg")])
def test_a_name_that_is_asked_for_decides_the_kind(tmp_path: Path, name: str, kind: str) -> None:
    path = write(tmp_path, "photo.webp", corners())
    result = fix(path, output=tmp_path / name)
    assert result.output == tmp_path / name
    assert isinstance(result.after, MediaFacts)
    assert result.after.container == kind


def test_a_folder_that_may_not_be_written_to_is_named(tmp_path: Path) -> None:
    path = write(tmp_path, "photo.webp", corners())
    assert fix(path).error is None  # imports what this process may not read without its rights
    with closed_folder() as folder:
        write(folder, "photo.webp", corners())
        with unprivileged():
            words = error_of(folder / "photo.webp")
        assert words == f"nothing may be written into {folder}: name another place for the result"
    assert "there is no folder" in error_of(path, output=tmp_path / "no" / "photo.jpg")


def test_a_dry_run_writes_nothing_and_says_what_would_be_done(tmp_path: Path) -> None:
    path = write(tmp_path, "photo.webp", Image.new("RGB", (200, 250), RED), exif=exif(6))
    result = fix(path, dry_run=True)
    assert [entry.name for entry in tmp_path.iterdir()] == ["photo.webp"]
    assert "\n".join(result.changes) == DRY
    assert (result.output, result.after, result.error, result.argv) == (None, None, None, None)
