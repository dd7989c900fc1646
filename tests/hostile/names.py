"""Names that lead where a test wants, and a record of every address that was connected to.

    net = Net({"media.host": [["93.184.215.14"], ["10.0.0.1"]]}, {"93.184.215.14": place})
    with net.standing_in():
        preflight(...)
    assert net.connected == ["93.184.215.14"]

Each look-up of a name gets its next answer, and the last one from then on: a list of addresses,
`[]` for a name that nobody knows, `None` for no answer at all. Inside of `standing_in`, a
connection to an address goes in truth to where it `leads` on loopback, all others into a trap.

`python -m hostile.names SPEC ARGUMENT…` is the program with that in place, and `Server` gives the
same answers to the resolver of the system, over UDP.
"""

from __future__ import annotations

import atexit
import contextlib
import ipaddress
import json
import socket
import struct
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

SourceLocation = tuple[str, int]
Answers = list[list[str] | None]
_REAL_LOOKUP = socket.getaddrinfo
_REAL_CONNECT = socket.socket.connect


@dataclass
class Net:
    """What the names and addresses of the world are, and what was asked of it. Threads share it."""

    names: dict[str, Answers] = field(default_factory=dict)
    leads: dict[str, SourceLocation] = field(default_factory=dict)  # address → where it is in truth
    trap: SourceLocation | None = None  # where every other address is; None: nowhere
    looked_up: list[str] = field(default_factory=list)
    connected: list[str] = field(default_factory=list)  # addresses, in the order of the attempts
    _turns: Counter[str] = field(default_factory=Counter)
    _lock: Lock = field(default_factory=Lock)
    _over: Event = field(default_factory=Event)

    def answer(self, name: str, text: str = "") -> list[str] | None:
        """What a look-up of a name finds; `turn` tells apart look-ups that are one in truth."""
        name = name.lower().rstrip(".")
        with self._lock:
            answers = self.names.get(name, [[]])
            result = answers[min(self._turns[name + text], len(answers) - 1)]
            self._turns[name + text] += 1
            self.looked_up += [] if text else [name]
        return result

    @contextlib.contextmanager
    def standing_in(self) -> Iterator[Self]:
        """Puts it in the place of the resolver and of the network, in this process."""
        self._over.clear()
        socket.getaddrinfo = self._look_up  # type: ignore[assignment]
        socket.socket.connect = self._connect()  # type: ignore[method-assign]
        try:
            yield self
        finally:
            socket.getaddrinfo = _REAL_LOOKUP
            del socket.socket.connect  # the one of its base class is seen again
            self._over.set()

    def _look_up(self, host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        with contextlib.suppress(OSError):  # every spelling of a number that the system takes
            return _REAL_LOOKUP(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
        result = self.answer(host)
        if result is None:
            self._over.wait()
        if not result:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [_entry(address, port) for address in result]

    def _connect(self) -> Any:
        def connect(sock: socket.socket, address: Any) -> None:
            if sock.family not in {socket.AF_INET, socket.AF_INET6}:
                return _REAL_CONNECT(sock, address)
            with self._lock:
                self.connected.append(str(address[0]))
            to = self.leads.get(str(address[0]), self.trap)
            if to is None:
                raise ConnectionRefusedError
            return _REAL_CONNECT(sock, to if sock.family == socket.AF_INET else _mapped(to))

        return connect

    def spec(self, log: Path) -> dict[str, Any]:
        """The same for another process, which writes what was asked of it into `log`."""
        return {"names": self.names, "leads": self.leads, "trap": self.trap, "log": str(log)}

    def take(self, log: Path) -> None:
        """Adds what another process was asked."""
        if log.exists():
            seen = json.loads(log.read_text())
            self.looked_up += seen["looked_up"]
            self.connected += seen["connected"]


class Server:
    """The answers of a net over UDP, at port 53 of an address."""

    def __init__(self, net: Net, address: str = "127.0.0.1") -> None:
        self.net = net
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((address, 53))
        Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            query, client = self._socket.recvfrom(4096)
            with contextlib.suppress(ValueError, IndexError, struct.error):
                reply = _reply(query, self.net)
                if reply:
                    self._socket.sendto(reply, client)


def place_of(base: str) -> SourceLocation:
    """Where a server with that base URL listens."""
    parts = urlsplit(base)
    return str(parts.hostname), int(parts.port or 0)


def _entry(address: str, port: int) -> Any:
    if ":" in address:
        return socket.AF_INET6, socket.SOCK_STREAM, 6, "", (address, port, 0, 0)
    return socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)


def _mapped(place: SourceLocation) -> tuple[str, int, int, int]:
    """The same place for a socket of IPv6."""
    return f"::ffff:{place[0]}", place[1], 0, 0


def _reply(query: bytes, net: Net) -> bytes | None:
    """The answer to a DNS query, `None` where the net gives none."""
    labels, at = [], 12
    while size := query[at]:
        labels.append(query[at + 1 : at + 1 + size].decode("ascii"))
        at += size + 1
    question = query[12 : at + 5]
    (kind,) = struct.unpack_from(">H", query, at + 1)
    result = net.answer(".".join(labels), "" if kind == 1 else f"#{kind}")  # A and AAAA are asked
    if result is None:
        return None
    records = b""
    packed = [ipaddress.ip_address(address).packed for address in result]
    fitting = [item for item in packed if len(item) == {1: 4, 28: 16}.get(kind)]
    for item in fitting:
        records += struct.pack(">HHHIH", 0xC00C, kind, 1, 0, len(item)) + item
    flags = 0x8180 if result else 0x8183
    return query[:2] + struct.pack(">HHHHH", flags, 1, len(fitting), 0, 0) + question + records


def main() -> None:
    """The program, among the names of a file."""
    spec = json.loads(Path(sys.argv.pop(1)).read_text())
    leads = {address: tuple(place) for address, place in spec["leads"].items()}
    net = Net(spec["names"], leads, tuple(spec["trap"]) if spec["trap"] else None)

    def note() -> None:
        seen = {"looked_up": net.looked_up, "connected": net.connected}
        Path(spec["log"]).write_text(json.dumps(seen))

    atexit.register(note)
    from motion_preflight.cli.program import run  # noqa: PLC0415  after the names

    with net.standing_in():
        sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
