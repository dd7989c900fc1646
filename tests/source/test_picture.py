"""What a picture's own header says: sides, orientation, and whether its end is there."""

import struct
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from motion_preflight.source.picture import Picture, read_picture

FIXTURES = Path(__file__).parents[2] / "fixtures" / "media"
JPEG = (FIXTURES / "image.jpg").read_bytes()
PNG = (FIXTURES / "image.png").read_bytes()


def segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def exif(orientation: int, order: str = ">", *, at: int = 8, count: int = 1) -> bytes:
    mark = b"MM" if order == ">" else b"II"
    entry = struct.pack(order + "HHIHH", 0x0112, 3, 1, orientation, 0)
    return b"Exif\0\0" + struct.pack(order + "2sHIH", mark, 42, at, count) + entry


def jpeg(*segments: bytes, sides: tuple[int, int] = (640, 480), tail: bytes = b"\xff\xd9") -> bytes:
    frame = segment(0xC0, struct.pack(">BHHB", 8, sides[1], sides[0], 0))
    return b"\xff\xd8" + b"".join(segments) + frame + segment(0xDA, b"\0" * 6) + b"scan" + tail


@pytest.mark.parametrize(
    ("name", "kind", "picture"),
    [
        ("image.png", "png", Picture(640, 640, 0)),
        ("image-2.6to1.png", "png", Picture(780, 300, 0)),
        ("cut.png", "png", Picture(640, 640, 0, cut_short=True)),
        ("image.jpg", "jpeg", Picture(640, 640, 0)),
        ("rotated.jpg", "jpeg", Picture(640, 480, 90)),
        ("image.gif", "gif", Picture()),
        ("image.webp", "webp", Picture()),
    ],
)
def test_a_real_picture(name: str, kind: str, picture: Picture) -> None:
    assert read_picture((FIXTURES / name).read_bytes(), kind) == picture


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(
    ("orientation", "degrees"),
    [(0, 0), (1, 0), (2, 0), (3, 180), (4, 180), (5, 90), (6, 90), (7, 270), (8, 270), (9, 0)],
)
def test_how_a_photo_is_turned(order: str, orientation: int, degrees: int) -> None:
    data = jpeg(segment(0xE1, exif(orientation, order)))
    assert read_picture(data, "jpeg") == Picture(640, 480, degrees)


@pytest.mark.parametrize("marker", [0xC0, 0xC1, 0xC2, 0xC3, 0xC9, 0xCF])
def test_the_sides_in_every_frame_header(marker: int) -> None:
    data = b"\xff\xd8" + segment(marker, struct.pack(">BHH", 8, 20, 10)) + b"\xff\xd9"
    assert read_picture(data, "jpeg") == Picture(10, 20, 0)


@pytest.mark.parametrize(
    "between",
    [b"\xff\xff\xff", b"\xff\x01", b"\xff\xd0", segment(0xC4, b"\0" * 20), segment(0xFE, b"note")],
)
def test_what_stands_before_the_frame_is_passed_over(between: bytes) -> None:
    assert read_picture(jpeg(between), "jpeg") == Picture(640, 480, 0)


def test_a_thumbnail_is_not_the_picture() -> None:
    thumbnail = jpeg(sides=(16, 12))
    data = jpeg(segment(0xE1, exif(6) + thumbnail), sides=(640, 480))
    assert read_picture(data, "jpeg") == Picture(640, 480, 90)


def test_the_end_of_a_thumbnail_is_not_the_end_of_the_picture() -> None:
    data = jpeg(segment(0xE1, exif(1) + jpeg(sides=(16, 12))), tail=b"")
    assert read_picture(data, "jpeg").cut_short


@pytest.mark.parametrize(
    "broken",
    [
        exif(6, at=5000),  # the tags are said to lie beyond the end
        exif(1, count=9),  # more tags than there are
        b"Exif\0\0",
        b"Exif\0\0MM\0*",
        b"Exif\0\0" + b"\xff" * 8,
    ],
)
def test_a_broken_exif_block_leaves_the_sides_and_the_end(broken: bytes) -> None:
    picture = read_picture(jpeg(segment(0xE1, broken)), "jpeg")
    assert (picture.width, picture.height, picture.cut_short) == (640, 480, False)


@pytest.mark.parametrize("keep", [0, 1, 2, 3, 10, 23])
@pytest.mark.parametrize(("kind", "data"), [("png", PNG), ("jpeg", JPEG)])
def test_a_header_that_is_cut_says_nothing_but_that(kind: str, data: bytes, keep: int) -> None:
    assert read_picture(data[:keep], kind) == Picture(cut_short=True)


@pytest.mark.parametrize(("kind", "data"), [("png", PNG), ("jpeg", JPEG)])
def test_every_cut_is_seen(kind: str, data: bytes) -> None:
    last = len(data) - (8 if kind == "png" else 1)  # a PNG's last 8 bytes are name and checksum
    assert all(read_picture(data[:end], kind).cut_short for end in range(last))
    assert not read_picture(data, kind).cut_short


@pytest.mark.parametrize("kind", ["gif", "webp", "bmp", "tiff", "mp4", ""])
def test_other_kinds_are_left_to_ffprobe(kind: str) -> None:
    assert read_picture(b"\0" * 100, kind) == Picture()


@settings(deadline=None, database=None)
@given(st.binary(max_size=2000), st.sampled_from(["png", "jpeg"]))
def test_any_bytes_are_a_picture(data: bytes, kind: str) -> None:
    assert isinstance(read_picture(data, kind), Picture)


@settings(deadline=None, database=None)
@given(st.data())
def test_a_picture_with_changed_bytes_is_a_picture(data: st.DataObject) -> None:
    rotated = (FIXTURES / "rotated.jpg").read_bytes()
    kind, original = data.draw(
        st.sampled_from([("png", PNG), ("jpeg", JPEG), ("jpeg", rotated), ("jpeg", jpeg())])
    )
    changed = bytearray(original)
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, min(len(changed), 200) - 1))
        changed[at] = data.draw(st.integers(0, 255))
    assert isinstance(read_picture(bytes(changed), kind), Picture)
