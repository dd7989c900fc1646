"""An internet of its own, in network namespaces: real addresses, a real resolver, no way out.

    with Island() as island:
        seen = island.check({"media.host": [["93.184.215.14"]]}, body(...))

The child (`python -m hostile.island`, under `unshare`) has every address of `worlds` on its
loopback, a web server at port 80 of each, and `names.Server` as the only name server. Jobs come on
stdin and answers go to stdout, a line of JSON each.
"""

from __future__ import annotations

import contextlib
import ctypes
import ipaddress
import json
import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from hostile.names import Net, Server
from hostile.worlds import INNER, PUBLIC, Seen, report_on, requests_by_host, serve, surroundings
from motion_preflight.testing.host import Host

if TYPE_CHECKING:
    from hostile.names import Answers
    from hostile.worlds import Habits

_BIND = 4096  # MS_BIND


class Unavailable(Exception):  # noqa: N818  a reason to skip
    """There can be no island here, and why."""


class Island:
    """The parent's side. Raises `Unavailable` where this system lets nobody make one."""

    def __init__(self) -> None:
        unshare = shutil.which("unshare")
        if sys.platform != "linux" or unshare is None:
            raise Unavailable("network namespaces are Linux's, and made by `unshare`")
        result = ""
        for more in ([], ["--user", "--map-root-user"]):
            self._home = Path(tempfile.mkdtemp())
            self._child = subprocess.Popen(
                [unshare, *more, "--net", "--mount", sys.executable, "-m", "hostile.island"],
                env=surroundings(self._home),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            assert self._child.stdout is not None
            line = self._child.stdout.readline()
            result = json.loads(line)["ready"] if line else self._end()
            if result is None:
                return
            if line:
                self._end()
        raise Unavailable(f"network namespaces are not to be had here: {result}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def check(
        self,
        names: dict[str, Answers],
        request: dict[str, Any],
        habits: Habits | None = None,
        **options: Any,
    ) -> Seen:
        return self._job(names=names, habits=habits or {}, request=request, options=options)

    def program(
        self,
        names: dict[str, Answers],
        *arguments: str,
        habits: Habits | None = None,
        **environment: str,
    ) -> Seen:
        return self._job(
            names=names, habits=habits or {}, arguments=arguments, environment=environment
        )

    def _job(self, **job: Any) -> Seen:
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        self._child.stdin.write(json.dumps(job) + "\n")
        self._child.stdin.flush()
        line = self._child.stdout.readline()
        assert line, self._end()
        return Seen(**json.loads(line))

    def _end(self) -> str:
        """What the child complained of."""
        try:
            _, complaint = self._child.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            self._child.kill()
            _, complaint = self._child.communicate()
        shutil.rmtree(self._home, ignore_errors=True)
        return complaint.strip()


# --- inside ----------------------------------------------------------------------------------


def main() -> None:
    """Serves jobs until stdin ends."""
    try:
        server = Server(Net({"there.host": [[PUBLIC[0]]]}), _set_up())
        result = socket.getaddrinfo("there.host", 80, type=socket.SOCK_STREAM)
        asked_us = [entry[4][0] for entry in result] == [PUBLIC[0]]
        trouble = None if asked_us else "the resolver of this system asks somebody else"
    except OSError as error:
        trouble = str(error)
    _tell({"ready": trouble})
    if trouble:
        return
    with contextlib.ExitStack() as stack:
        hosts: dict[str, Host] = {
            address: stack.enter_context(Host(address, port=80)) for address in (*PUBLIC, *INNER)
        }
        for line in sys.stdin:
            _tell(_done(json.loads(line), server, hosts))


def _tell(answer: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def _done(job: dict[str, Any], server: Server, hosts: dict[str, Host]) -> dict[str, Any]:
    server.net = Net(job["names"])
    serve(hosts, job["habits"], Path.home())
    if "arguments" in job:
        answer = _run(job["arguments"], job["environment"])
    else:
        answer = report_on(job["request"], job["options"])
    counts = {address: host.connections for address, host in hosts.items()}
    return asdict(Seen(answer, server.net.looked_up, requests_by_host(hosts), counts))


def _run(arguments: list[str], environment: dict[str, str]) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "motion_preflight", *arguments],
        env=os.environ | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return {"code": done.returncode, "stdout": done.stdout, "stderr": done.stderr}


def _set_up() -> str:
    """Gives the loopback its addresses, and the system its name server. Raises `OSError`."""
    import fcntl  # noqa: PLC0415  not everywhere

    with socket.socket() as sock:
        fcntl.ioctl(sock, 0x8914, struct.pack("16sH14x", b"lo", 0x49))  # SIOCSIFFLAGS: up, running
    for address in (*PUBLIC, *INNER):
        with contextlib.suppress(FileExistsError):  # ::1 comes by itself
            _add(address)
    file = Path.home() / "resolv.conf"
    file.write_text("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
    libc = ctypes.CDLL(None, use_errno=True)
    target = str(Path("/etc/resolv.conf").resolve())
    if libc.mount(str(file).encode(), target.encode(), None, _BIND, None):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), target)
    return "127.0.0.1"


def _add(address: str) -> None:
    """An address of the loopback device, by netlink."""
    result = ipaddress.ip_address(address)
    family = socket.AF_INET if result.version == 4 else socket.AF_INET6
    about = struct.pack("BBBBI", family, result.max_prefixlen, 0x02, 0, socket.if_nametoindex("lo"))
    for attribute in (1, 2):  # IFA_ADDRESS, IFA_LOCAL
        about += struct.pack("HH", 4 + len(result.packed), attribute) + result.packed
    message = struct.pack("IHHII", 16 + len(about), 20, 0x605, 1, 0) + about  # RTM_NEWADDR
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as sock:
        sock.send(message)
        (number,) = struct.unpack_from("i", sock.recv(4096), 16)
    if number:
        raise OSError(-number, os.strerror(-number), address)


if __name__ == "__main__":
    main()
