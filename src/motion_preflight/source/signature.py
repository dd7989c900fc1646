"""What the first bytes say a file is. ffprobe decides; this says what it is asked."""

from __future__ import annotations

_HEIF_BRANDS = {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"}
_AVIF_BRANDS = {b"avif", b"avis"}
_PRINTED = {9, 10, 13, *range(0x20, 0x7F), *range(0x80, 0x100)}
_PREFIXES = (
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"BM", "bmp"),
    (b"II*\x00", "tiff"),
    (b"MM\x00*", "tiff"),
    (b"\x1aE\xdf\xa3", "matroska"),
    (b"FLV", "flv"),
    (b"OggS", "ogg"),
    (b"%PDF", "pdf"),
    (b"PK\x03\x04", "zip"),
    (b"ID3", "mp3"),
    (b"fLaC", "flac"),
)
# The ones ffprobe measures the same way in every version it is tried with.
PICTURES = {"png", "jpeg", "gif", "webp", "bmp", "tiff"}
# Pictures all the same, but no two versions of ffprobe say the same of them.
UNMEASURABLE_PICTURES = {"heic", "avif", "svg"}

NOT_MEDIA = {
    "html": "a web page (HTML)",
    "xml": "an XML document",
    "m3u8": "a playlist (M3U8)",
    "pdf": "a PDF document",
    "zip": "a ZIP archive",
    "mp3": "sound without a picture (MP3)",
    "flac": "sound without a picture (FLAC)",
    "wav": "sound without a picture (WAV)",
    "text": "text",
}


def signature(head: bytes) -> str | None:
    """What the first bytes (some 512 of them) are a sign of: `"mp4"` (also MOV), `"png"`,
    `"matroska"`, `"html"`, …; `None` when they are a sign of nothing known.
    """
    for prefix, name in _PREFIXES:
        if head.startswith(prefix):
            return name
    if head[:4] == b"RIFF":
        return {b"WEBP": "webp", b"AVI ": "avi", b"WAVE": "wav"}.get(head[8:12])
    if head[4:8] == b"ftyp" and head[8:12] in _HEIF_BRANDS:
        return "heic"
    if head[4:8] == b"ftyp" and head[8:12] in _AVIF_BRANDS:
        return "avif"
    if head[4:8] in {b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"styp", b"moof"}:
        return "mp4"
    return _text(head)


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
