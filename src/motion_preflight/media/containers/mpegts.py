"""The packets of an MPEG transport stream: whether they are scrambled, and the bytes of a frame.

By ISO/IEC 13818-1, packets of 188 bytes begin with 0x47, the number of the stream (PID), two bits
that say whether the payload is scrambled, and two that say whether there is one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

Read = Callable[[int, int], bytes]  # offset, length → bytes, fewer only at the end

_SYNC, _LENGTH = 0x47, 188
_STRIDES = (188, 192, 204)  # plain; with a time stamp in front (M2TS); with a 16-byte checksum
_IN_A_ROW = 5  # sync bytes at equal distances that prove a stride
_PLACES, _PACKETS = 128, 64  # places that are looked at, packets in a row at each of them
_PES_HEADER = 9  # bytes before the optional fields; the last of these bytes is their length
_SEARCHED = 256 << 10  # bytes at most in which a frame's payload is searched for


def is_scrambled(read: Read, size: int, pid: int | None) -> bool | None:
    """Whether most packets of a stream have a scrambled payload; `None` when no packet of it was
    seen. Of a large file some thousand packets are looked at, spread all over it.
    """
    scrambled = clear = 0
    step = max(_LENGTH * _PACKETS, size // _PLACES)
    for place in range(0, size, step):
        for packet in _packets(read(place, _LENGTH * (_PACKETS + _IN_A_ROW))):
            if _pid(packet) == pid and packet[3] & 0x10:
                scrambled += packet[3] >> 6 != 0
                clear += packet[3] >> 6 == 0
    return scrambled > clear if scrambled or clear else None


def payload(read: Read, at: int, length: int) -> bytes:
    """The first `length` bytes of the frame whose first packet stands at an offset."""
    data = read(at, min(_SEARCHED, 8 * length + _LENGTH * _IN_A_ROW))
    pid, frame = None, bytearray()
    for packet in _packets(data):
        pid = _pid(packet) if pid is None else pid
        content = _content(packet) if _pid(packet) == pid else b""
        if packet[1] & 0x40 and content:  # a frame begins
            if frame:
                break
            content = content[_PES_HEADER + (content[8] if len(content) > 8 else 0) :]
        frame += content
        if len(frame) >= length:
            break
    return bytes(frame[:length])


def _packets(data: bytes) -> Iterator[bytes]:
    for start in range(min(len(data), max(_STRIDES))):
        stride = _stride(data, start)
        if stride:
            for at in range(start, len(data) - _LENGTH + 1, stride):
                if data[at] != _SYNC:
                    return
                yield data[at : at + _LENGTH]
            return


def _stride(data: bytes, start: int) -> int | None:
    for stride in _STRIDES:
        marks = data[start : start + _IN_A_ROW * stride : stride]
        if marks and set(marks) == {_SYNC}:
            return stride
    return None


def _pid(packet: bytes) -> int:
    return int.from_bytes(packet[1:3], "big") & 0x1FFF


def _content(packet: bytes) -> bytes:
    if not packet[3] & 0x10:
        return b""
    return packet[4 + (1 + packet[4] if packet[3] & 0x20 else 0) :]
