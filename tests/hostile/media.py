"""Media, and what only calls itself so: files that ask to have others opened."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

from paths import MEDIA

from motion_preflight.testing import mp4_surgery as surgery

PICTURE = (MEDIA / "image.png").read_bytes()
_GAP = 700 << 10  # more than a rest of a file that is read in one piece


def far_moov(gap: int = _GAP) -> bytes:
    """A clip whose index lies far behind its media: it takes two ranges."""
    data = (MEDIA / "moov-last-8s.mp4").read_bytes()
    at, _ = surgery.find(data, "moov")[0]
    return data[:at] + struct.pack(">I4s", gap, b"free") + bytes(gap - 8) + data[at:]


def traps(bait: Path, url: str) -> dict[str, bytes]:
    """Files by their usual names, each of which names the bait (a clip beside it), the URL, or
    something that is on every system.
    """
    here, name = str(bait), bait.name
    text = {
        "list.m3u8": f"#EXTM3U\n#EXT-X-TARGETDURATION:8\n#EXTINF:8,\n{here}\n#EXT-X-ENDLIST\n",
        "net.m3u8": f"#EXTM3U\n#EXT-X-TARGETDURATION:8\n#EXTINF:8,\n{url}\n#EXT-X-ENDLIST\n",
        "key.m3u8": "#EXTM3U\n#EXT-X-TARGETDURATION:8\n"
        f'#EXT-X-KEY:METHOD=AES-128,URI="{url}"\n#EXT-X-MAP:URI="{url}"\n#EXTINF:8,\n{here}\n',
        "chained.m3u8": "#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:8,\n"
        f"concat:{here}|subfile,,start,0,end,99,,:/etc/passwd\n#EXTINF:8,\n"
        f"data:application/x-mpegurl,%23EXTM3U%0A{url}\n#EXT-X-ENDLIST\n",
        "list.ffconcat": f"ffconcat version 1.0\nfile '{here}'\n",
        "net.ffconcat": f"ffconcat version 1.0\nfile '{url}'\nstream\n",
        "list.mpd": '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"'
        ' mediaPresentationDuration="PT8S" profiles="urn:mpeg:dash:profile:isoff-on-demand:2011">'
        '<Period><AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="1">'
        f"<BaseURL>{url}</BaseURL></Representation></AdaptationSet></Period></MPD>",
        "cpl.xml": '<?xml version="1.0"?><CompositionPlaylist xmlns="http://www.smpte-ra.org/'
        f'schemas/2067-3/2016"><Id>urn:uuid:1</Id><Path>{here}</Path></CompositionPlaylist>',
        "session.sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\n"
        "m=video 9 RTP/AVP 96\na=rtpmap:96 H264/90000\n",
        "picture.svg": '<svg xmlns="http://www.w3.org/2000/svg" width="400" height="400">'
        f'<image href="{url}"/><image href="file://{here}"/><script href="{url}"/></svg>',
        "entity.svg": f'<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY x SYSTEM "{url}">'
        '<!ENTITY y SYSTEM "file:///etc/passwd">]><svg xmlns="http://www.w3.org/2000/svg">&x;&y;</svg>',
        "reference.asf": f"[Reference]\r\nRef1={url}\r\nRef2=file://{here}\r\n",
        "script.avs": f'AVISource("{here}")\nImport("/etc/passwd")\n',
        "graph.lavfi": f"movie={here}",
        "hidden.m3u8": f"\0#EXTM3U\n#EXTINF:8,\n{here}\n",
        "hidden.ffconcat": f"\0ffconcat version 1.0\nfile '{here}'\n",
    }
    built = {kind: content.encode("utf-8", "surrogateescape") for kind, content in text.items()}
    return built | {
        "outside.mov": (MEDIA / "external-dref.mov").read_bytes(),
        "linked.mkv": linked_mkv(name),
        "subtitles.avi": gab2_avi(text["list.m3u8"].encode()),
        "playlist.ts": _ts_like(text["list.m3u8"].encode()),
        "profile.png": _png_with(b"iTXt", f"XML:com.adobe.xmp\0\0\0\0\0{url}".encode()),
        "late.mp4": (MEDIA / "clip-3s.mp4").read_bytes() + text["list.m3u8"].encode(),
        "early.mp4": _box(b"free", text["net.m3u8"].encode())
        + (MEDIA / "moov-last-8s.mp4").read_bytes(),
    }


def _box(kind: bytes, *content: bytes) -> bytes:
    body = b"".join(content)
    return struct.pack(">I4s", len(body) + 8, kind) + body


def _ts_like(content: bytes) -> bytes:
    """Packets of a transport stream around a text."""
    return b"".join(b"\x47\x1f\xff\x10" + content.ljust(184, b"\0")[:184] for _ in range(20))


def _png_with(kind: bytes, content: bytes) -> bytes:
    """A picture that says something about itself."""
    chunk = struct.pack(">I", len(content)) + kind + content
    chunk += struct.pack(">I", zlib.crc32(kind + content))
    return PICTURE[:33] + chunk + PICTURE[33:]


def _element(name: str, *content: bytes) -> bytes:
    body = b"".join(content)
    return bytes.fromhex(name) + (len(body) | 1 << 56).to_bytes(8, "big") + body


def linked_mkv(other: str) -> bytes:
    """A Matroska file that is a part of others, by their names and by their ids; its chapters are
    theirs, and it carries a font and a program along.
    """
    data = (MEDIA / "piped.mkv").read_bytes()  # its segment goes on to the end
    at = data.rindex(bytes.fromhex("1549a966"))  # the list of places has it too
    width = 9 - data[at + 4].bit_length()
    size = int.from_bytes(data[at + 4 : at + 4 + width], "big") & (1 << 7 * width) - 1
    head = 4 + width
    about = data[at + head : at + head + size]
    uid, more = bytes(range(16)), bytes(range(16, 32))
    info = _element(
        "1549a966", about, _element("73a4", uid), _element("7384", b"this.mkv"),
        _element("3cb923", more), _element("3c83ab", other.encode()),
        _element("3eb923", more), _element("3e83bb", other.encode()),
    )  # fmt: skip
    atom = _element(
        "b6", _element("73c4", b"\1"), _element("91", b"\0"), _element("92", b"\x07"),
        _element("6e67", more), _element("6ebc", b"\1"),
    )  # fmt: skip
    chapters = _element("1043a770", _element("45b9", _element("45dd", b"\1"), atom))
    attached = [
        _element("61a7", _element("466e", name), _element("4660", kind), _element("46ae", b"\1"),
                 _element("465c", b"#!/bin/sh\ntouch pwned\n"))
        for name, kind in ((b"../../pwned.sh", b"text/x-sh"), (b"/tmp/pwned.ttf", b"font/ttf"))
    ]  # fmt: skip
    rest = data[at + head + size :]
    cluster = rest.index(bytes.fromhex("1f43b675"))
    added = chapters + _element("1941a469", *attached)
    return data[:at] + info + rest[:cluster] + added + rest[cluster:]


def gab2_avi(subtitles: bytes) -> bytes:
    """An AVI with subtitles of the kind that bring a format of their own."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)

    def listed(name: bytes, *chunks: bytes) -> bytes:
        return chunk(b"LIST", name + b"".join(chunks))

    def stream(kind: bytes, handler: bytes, form: bytes) -> bytes:
        head = struct.pack(
            "<4s4sIHHIIIIIIII4H", kind, handler, 0, 0, 0, 0, 1, 10, 0, 80, 0, 0, 0, 0, 0, 360, 360
        )
        return listed(b"strl", chunk(b"strh", head), chunk(b"strf", form))

    picture = struct.pack("<IiiHH4sIiiII", 40, 360, 360, 1, 24, b"MJPG", 0, 0, 0, 0, 0)
    head = chunk(
        b"avih", struct.pack("<14I", 100_000, 0, 0, 0x10, 80, 0, 2, 0, 360, 360, 0, 0, 0, 0)
    )
    streams = stream(b"vids", b"MJPG", picture) + stream(b"txts", b"\0\0\0\0", b"")
    name = "list".encode("utf-16-le") + b"\0\0"
    packet = b"GAB2\0" + struct.pack("<HI", 2, len(name)) + name
    packet += struct.pack("<HI", 4, len(subtitles)) + subtitles
    jpeg = (MEDIA / "image.jpg").read_bytes()
    movie = listed(b"movi", chunk(b"01tx", packet), *[chunk(b"00dc", jpeg)] * 3)
    body = b"AVI " + listed(b"hdrl", head, streams) + movie
    return b"RIFF" + struct.pack("<I", len(body)) + body
