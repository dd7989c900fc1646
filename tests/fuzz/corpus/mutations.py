"""Bytes, texts and JSON values as nobody should write them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from odd_texts import HOSTILE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from fuzz.engine.case import Dice

_LARGEST = 1 << 20  # bytes that a mutation may grow to
# Halves of characters, and what no UTF-8 holds.
HALVES = (b"\xc3", b"\xe2\x82", b"\xf0\x9f\x8e", b"\xed\xa0\x80", b"\xff", b"\xfe\xff", b"\x80")
JSON_TOKENS = (
    b"{", b"}", b"[", b"]", b",", b":", b'"', b"'", b"\\", b"\\u", b"\\ud800", b"\\udc00",
    b"\\u0000", b"null", b"true", b"false", b"NaN", b"Infinity", b"-Infinity", b"1e400", b"-0",
    b"0.1e-999999", b"9" * 5000, b"1" * 4000, b"[" * 990, b"[" * 100_000,
    b'{"a":' * 500, b"\n", b"\r", b"\r\n",
    b"\xef\xbb\xbf", b"\0", b"\xe2\x80\xa8", b"//", b"/*", b" ", b"\t",
)  # fmt: skip
TOML_TOKENS = (
    b"[", b"]", b"[[", b"]]", b"{", b"}", b"=", b".", b",", b'"', b'"""', b"'''", b"'", b"\\", b"#",
    b"\n", b"\r", b"nan", b"inf", b"-inf", b"1e999999999999", b"0.1e-999999999", b"-1", b"0", b"0x",
    b"0o7", b"0b1", b"1_000", b"9" * 5000, b"1979-05-27", b"0000-00-00", b"9999-12-31", b"07:32:00",
    b"1979-05-27T07:32:00Z", b"true", b"[" * 2000, b"a." * 2000, b"minimum", b"maximum", b"below",
    b"source", b"allowed", b"per_second", b"models", b"limits", b"\xef\xbb\xbf", b"\0", b"= {",
)  # fmt: skip
CSV_TOKENS = (
    b",", b";", b'"', b'""', b"\n", b"\r", b"\r\n", b"\0", b"\t", b"\xef\xbb\xbf", b"model",
    b"mode", b"image_url", b"video_url", b"watermark_info", b"true", b"," * 2000, b'"' * 999,
    b"\x0b", b"\xe2\x80\xa8", b"x" * 140_000, b"https://example.com/a.mp4",
)  # fmt: skip
_SCHEMES = ("https://", "http://", "HTTPS://", "https:/", "https:", "http:\\\\", "ftp://", "file:///",
            "data:", "blob:", "//", "", "x-y+z.1://")  # fmt: skip
_HOSTS = (
    "example.com", "example.com.", "EXAMPLE.com:443", "127.0.0.1", "0x7f.1", "2130706433", "[::1]",
    "[::ffff:10.0.0.1]", "[fe80::1%25eth0]", "[", "]", "[::1", "a" * 300, "xn--n3h", "例え.jp",
    "localhost", "h:99999", "h:-1", "h:", "h:8o", "user:pa@ss@host", "user@", "@", "1.2.3.4.5",
    "..", "-", "%65xample.com", "10.1", "999999999999", "a\tb", "\uff41.com", "0x" + "f" * 5000,
)  # fmt: skip
_PARTS = (
    "/clip.mp4", "/a/b.mov", "?", "#", "&", "=", ";", "/", "//", "/..", "%", "%zz", "%2F", "?a=b",
    "&token=abcdefghijkl", "?X-Amz-Date=20261123T000000Z&X-Amz-Expires=60", "&sig=x&se=2026-11-23",
    "?Expires=99999999999999999999", "?x-oss-date=1&x-oss-expires=1", "&q-sign-time=1;2", "#frag",
    "?e=1&token=2", "\\", "`", "'", '"', " ", "\n", "\u202e", "🎬", "?" + "a=b&" * 500, "[", "@",
)  # fmt: skip


def mutated(
    dice: Dice, data: bytes, others: Sequence[bytes], tokens: Sequence[bytes] = ()
) -> bytes:
    """The data with a few mistakes; parts of `others` and `tokens` may get into it."""
    for _ in range(dice.few(12)):
        built = dice.choice(_MUTATIONS)(dice, data)
        if others and dice.likely(0.08):
            built = _spliced(dice, data, dice.choice(others))
        elif tokens and dice.likely(0.6):
            built = _with_token(dice, data, dice.choice(tokens))
        data = built[:_LARGEST]
    return data


def _flip(dice: Dice, data: bytes) -> bytes:
    built = bytearray(data)
    for _ in range(dice.few(30) if built else 0):
        built[dice.randrange(len(built))] ^= 1 << dice.randrange(8)
    return bytes(built)


def _set(dice: Dice, data: bytes) -> bytes:
    """One number of some width written over another."""
    width = dice.pick(1, 2, 4, 4, 8)
    number = dice.odd_number((1 << 8 * width) - 1)
    at = dice.randrange(len(data) + 1)
    return data[:at] + number.to_bytes(width, dice.pick("big", "little")) + data[at + width :]


def _cut(dice: Dice, data: bytes) -> bytes:
    return data[: dice.randint(0, len(data))]


def _drop(dice: Dice, data: bytes) -> bytes:
    start, end = _span(dice, data)
    return data[:start] + data[end:]


def _double(dice: Dice, data: bytes) -> bytes:
    start, end = _span(dice, data)
    return data[:end] + data[start:end] * dice.few(40) + data[end:]


def _blank(dice: Dice, data: bytes) -> bytes:
    start, end = _span(dice, data)
    return data[:start] + dice.pick(b"\0", b"\xff", b" ", b"<", b"A") * (end - start) + data[end:]


def _insert(dice: Dice, data: bytes) -> bytes:
    at = dice.randint(0, len(data))
    new = dice.choice(HALVES) if dice.likely(0.4) else dice.randbytes(dice.few(64))
    return data[:at] + new + data[at:]


def _spliced(dice: Dice, data: bytes, other: bytes) -> bytes:
    return data[: dice.randint(0, len(data))] + other[dice.randint(0, len(other)) :]


def _with_token(dice: Dice, data: bytes, token: bytes) -> bytes:
    start, end = _span(dice, data)
    return data[:start] + token + data[end if dice.likely(0.4) else start :]


def _span(dice: Dice, data: bytes) -> tuple[int, int]:
    start = dice.randint(0, len(data))
    return start, min(start + dice.few(max(len(data), 1)), len(data))


_MUTATIONS: tuple[Callable[[Dice, bytes], bytes], ...] = (
    _flip, _flip, _set, _set, _cut, _drop, _double, _blank, _insert,
)  # fmt: skip


def text(dice: Dice) -> str:
    """A text that would break out of one place or another."""
    if dice.likely(0.5):
        return dice.choice(HOSTILE)
    if dice.likely(0.3):
        return url(dice)
    length = dice.few(400)
    most = dice.pick(0x7F, 0x100, 0x2100, 0xE000, 0x10FFFF)
    return "".join(chr(dice.randint(0, most)) for _ in range(length)) * dice.pick(1, 1, 1, 20)


def url(dice: Dice) -> str:
    """What somebody may take for a URL."""
    parts = [dice.choice(_PARTS) for _ in range(dice.few(8))]
    return dice.choice(_SCHEMES) + dice.choice(_HOSTS) + "".join(parts)


def value(dice: Dice, depth: int = 3) -> Any:
    """What JSON can hold."""
    kind = dice.randrange(10 if depth else 7)
    if kind == 0:
        return dice.choice((None, True, False))
    if kind == 1:
        return dice.pick(1, -1) * dice.odd_number()
    if kind == 2:
        return dice.pick(0.1, -0.0, 1e308, 5e-324, 1e22, 123456.789, -1.5)
    if kind == 3:
        return 10 ** dice.randrange(4000)
    if kind < 7:
        return text(dice)
    if kind < 9:
        return [value(dice, depth - 1) for _ in range(dice.randrange(4))]
    return {text(dice): value(dice, depth - 1) for _ in range(dice.randrange(4))}


def nested(dice: Dice, levels: int) -> bytes:
    """JSON that is nested so deep."""
    if dice.likely(0.5):
        return b"[" * levels + b"1" + b"]" * levels
    return b'{"error":' * levels + b"1" + b"}" * levels


def as_json(what: object) -> bytes:
    """A value as JSON, in the way that lets most through."""
    return json.dumps(what).encode("ascii")
