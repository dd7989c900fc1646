"""What the first bytes are a sign of."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motion_preflight.media.containers.signature import (
    NOT_MEDIA,
    PICTURES,
    UNMEASURABLE_PICTURES,
    signature,
)

FIXTURES = {
    "clip-8s.mp4": "mp4",
    "clip-8s.mov": "mp4",
    "moov-last-8s.mp4": "mp4",
    "fragmented.mp4": "mp4",
    "mp4-named.webm": "mp4",
    "clip-8s.webm": "matroska",
    "clip-8s.mkv": "matroska",
    "clip-8s.avi": "avi",
    "image.png": "png",
    "cut.png": "png",
    "image.jpg": "jpeg",
    "jpeg-named.mp4": "jpeg",
    "image.gif": "gif",
    "image.webp": "webp",
    "image.bmp": "bmp",
    "image-svg.svg": "svg",
    "html-named.mp4": "html",
    "playlist.mp4": "m3u8",
    "concat-script.mp4": "text",
    "text-named.png": "text",
    "garbage.mp4": None,
    "empty.mp4": None,
}


@pytest.mark.parametrize(("name", "sign"), FIXTURES.items())
def test_a_file_is_known_by_its_first_bytes(media: Path, name: str, sign: str | None) -> None:
    assert signature((media / name).read_bytes()[:512]) == sign


@pytest.mark.parametrize(
    ("head", "sign"),
    [
        (b"GIF87a", "gif"),
        (b"II*\0\x08\0\0\0", "tiff"),
        (b"MM\0*\0\0\0\x08", "tiff"),
        (b"II+\0\x08\0\0\0", "bigtiff"),
        (b"MM\0+\0\x08\0\0", "bigtiff"),
        (b"\xff\x0a\xfa\x1f", "jxl"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "jxl"),
        (b"\0\0\0\x0cjP  \r\n\x87\n", "jp2"),
        (b"\xff\x4f\xff\x51\0", "jp2"),
        (b"8BPS\0\1", "psd"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1avif", "avif"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", "heic"),
        (b"FLV\x01", "flv"),
        (b"OggS\0", "ogg"),
        (b"%PDF-1.7", "pdf"),
        (b"PK\x03\x04", "zip"),
        (b"ID3\x04\0", "mp3"),
        (b"fLaC\0\0\0\x22", "flac"),
        (b"RIFF\0\0\0\0WAVE", "wav"),
        (b"RIFF\0\0\0\0WEBP", "webp"),
        (b"RIFF\0\0\0\0AVI ", "avi"),
        (b"RIFF\0\0\0\0\0\0\0\0", None),
        (b"RIFF", None),
        (b"\0\0\0\x18ftypheic", "heic"),
        (b"\0\0\0\x18ftypmif1", "heic"),
        (b"\0\0\0\x18ftypavif", "avif"),
        (b"\0\0\0\x18ftypqt  ", "mp4"),
        (b"\0\0\0\x08wide\0\0\0\0mdat", "mp4"),
        (b"\0\0\0\x08moof", "mp4"),
        (b"\0\0\0\x08uuid", None),
        (b"\0\0\0\x18ftyp", "mp4"),
        (b"\xef\xbb\xbf \n<!DOCTYPE HTML>", "html"),
        (b"<HTML lang=en>", "html"),
        (b"<!-- a --><html>", "html"),
        (b"<!-- a -->", "text"),
        (b"{}", "text"),
        (b"AccessDenied\r\n\tsee above\r\n", "text"),
        (b"\xef\xbb\xbfgr\xc3\xb6\xc3\x9fe", "text"),
        (b"a" * 512 + b"\0", "text"),  # what is beyond the first bytes does not count
        (b"a" * 511 + b"\0", None),
        (b"a\x1b[31m", None),
        (b"a\x7f", None),
        (b" \n\t", None),  # nothing is said
        (b"\xef\xbb\xbf", None),
        (b"<?xml version='1.0'?><svg>", "svg"),
        (b"<?xml version='1.0'?><html>", "html"),
        (b"<?xml version='1.0'?><Error><Code>AccessDenied", "xml"),
        (b"#EXTM3U\n", "m3u8"),
        (b"", None),
        (b"\0", None),
    ],
)
def test_first_bytes(head: bytes, sign: str | None) -> None:
    assert signature(head) == sign


def test_a_sign_is_of_one_sort() -> None:
    sorts = (PICTURES, UNMEASURABLE_PICTURES, set(NOT_MEDIA))
    assert sum(map(len, sorts)) == len(set().union(*sorts))


@given(st.binary(max_size=600))
def test_any_bytes_have_a_sign_or_none(head: bytes) -> None:
    assert signature(head) is None or isinstance(signature(head), str)
