"""The kind of a file by its first bytes. It decides which reader is asked; the reader has the last
word.
"""

from __future__ import annotations

_HEIF_BRANDS = {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"hevm", b"hevs"}
_AVIF_BRANDS = {b"avif", b"avis"}
_EITHER_BRANDS = {b"mif1", b"msf1", b"mif2", b"miaf", b"MiHB", b"MiHE", b"MiHA", b"MiAB", b"MiAC"}
_PRINTED = {9, 10, 13, *range(0x20, 0x7F), *range(0x80, 0x100)}
_DIGITS = tuple(b"%d" % digit for digit in range(10))
_PREFIXES = (
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"BM", "bmp"),
    (b"II*\x00", "tiff"),
    (b"MM\x00*", "tiff"),
    (b"II+\x00", "bigtiff"),
    (b"MM\x00+", "bigtiff"),
    (b"\xff\x0a", "jxl"),
    (b"\x00\x00\x00\x0cJXL \r\n\x87\n", "jxl"),
    (b"\x00\x00\x00\x0cjP  \r\n\x87\n", "jp2"),
    (b"\xff\x4f\xff\x51", "jp2"),
    (b"II\xbc", "jxr"),
    (b"8BPS", "psd"),
    (b"icns", "icns"),
    (b"qoif", "qoi"),
    (b"v/1\x01", "exr"),
    (b"DDS ", "dds"),
    (b"\x1aE\xdf\xa3", "matroska"),
    (b"FLV", "flv"),
    (b"OggS", "ogg"),
    (b"%PDF", "pdf"),
    (b"PK\x03\x04", "zip"),
    (b"ID3", "mp3"),
    (b"fLaC", "flac"),
    (b"version https://git-lfs.github.com/spec/", "git-lfs"),
)
PICTURES = {"png", "jpeg", "gif", "webp", "bmp", "tiff"}
# Kinds of pictures that are not measured, under the names that people know. HEIC and AVIF are
# measured where the extra `heif` is installed.
UNMEASURABLE_PICTURES = {
    "heic": "HEIC", "avif": "AVIF", "svg": "SVG", "jxl": "JPEG XL", "jp2": "JPEG 2000",
    "jxr": "JPEG XR", "bigtiff": "BigTIFF", "dng": "DNG", "psd": "Photoshop",
    "ico": "ICO", "icns": "ICNS", "netpbm": "PPM", "qoi": "QOI", "exr": "OpenEXR", "dds": "DDS",
}  # fmt: skip
ANY_PICTURE = PICTURES | UNMEASURABLE_PICTURES.keys()

NOT_MEDIA = {
    "html": "a web page (HTML)",
    "xml": "an XML document",
    "m3u8": "a playlist (M3U8)",
    "pdf": "a PDF document",
    "zip": "a ZIP archive",
    "mp3": "sound without a picture (MP3)",
    "flac": "sound without a picture (FLAC)",
    "wav": "sound without a picture (WAV)",
    "git-lfs": "a Git LFS pointer, not the file itself",
    "text": "text",
}


def signature(head: bytes) -> str | None:
    """The kind of file that the first bytes (some 512 of them) show: `"mp4"` (also MOV), `"png"`,
    `"matroska"`, `"html"`, …; `None` when they show no kind that is known here.
    """
    for prefix, name in _PREFIXES:
        if head.startswith(prefix):
            return name
    if head[:4] == b"RIFF":
        return {b"WEBP": "webp", b"AVI ": "avi", b"WAVE": "wav"}.get(head[8:12])
    if head[4:8] == b"ftyp" and (picture := _by_brands(head)):
        return picture
    if head[4:8] in {b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"styp", b"moof"}:
        return "mp4"
    if head[:4] == b"\0\0\1\0" and head[4:6].endswith(b"\0") and head[9:10] == b"\0":
        return "ico"  # a number of icons, then the first one's sides and number of colours
    return "netpbm" if _is_netpbm(head) else _text(head)


def _is_netpbm(head: bytes) -> bool:
    """Whether it begins as a PPM: P, a digit, white space, then a number, a comment or a name."""
    kind, rest = head[:3], head[3:]
    if kind[:1] != b"P" or kind[1:2] not in _DIGITS[1:8]:
        return False
    return kind[2:].isspace() and rest.lstrip().startswith((*_DIGITS, b"#", b"WIDTH", b"HEIGHT"))


def _by_brands(head: bytes) -> str | None:
    """The kind of picture that the brands of a file of boxes show; `None` when it is no picture."""
    major = head[8:12]
    if major in _HEIF_BRANDS | _AVIF_BRANDS:
        return "heic" if major in _HEIF_BRANDS else "avif"
    end = min(int.from_bytes(head[:4], "big"), len(head))
    brands = {head[at : at + 4] for at in range(16, end - 3, 4)}
    if major in _EITHER_BRANDS:
        return "avif" if brands & _AVIF_BRANDS else "heic"
    return None


def _text(head: bytes) -> str | None:
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:512].lower()
    if start.startswith((b"<!doctype html", b"<html", b"<head", b"<script", b"<body")):
        return "html"
    if start.startswith(b"<svg") or (start.startswith(b"<?xml") and b"<svg" in start):
        return "svg"
    if start.startswith(b"<?xml"):
        return "html" if b"<html" in start else "xml"
    if start.startswith(b"#extm3u"):
        return "m3u8"
    if start.startswith(b"<!--") and b"<html" in start:
        return "html"
    return "text" if start and all(byte in _PRINTED for byte in head[:512]) else None
