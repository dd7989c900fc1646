"""A stand-in for the paid video API, on loopback: nothing leaves the machine and nothing is billed.

`motion-preflight sandbox` runs it. In a test:

    with Sandbox(faults=["cut-after*1"]) as sandbox:
        submit(sandbox.base, video=sandbox.media_url("clip-8s.mp4"))
    assert [post.task_id for post in sandbox.posts if post.task_id]

It answers as the API's documents say, and holds a request against its documented limits by
measuring the media as a check does. A *fault* is something that goes wrong on purpose.
What the documents leave open is decided here: a task is billed when it is made and not refunded
when it fails, an Idempotency-Key is kept and changes nothing, and a local path is no link.

`service.py` is the API, `fault_table.py` lists the faults, `listener.py` accepts connections, and
`wire.py` is how bytes come and go.
"""

from __future__ import annotations

import ipaddress
from decimal import Decimal
from functools import partial
from itertools import count
from threading import Event
from typing import TYPE_CHECKING, Literal, Self
from urllib.parse import quote

from motion_preflight.sandbox.documents import refusal
from motion_preflight.sandbox.faults import Faults
from motion_preflight.sandbox.listener import Listener
from motion_preflight.sandbox.service import GENERATIONS, Service
from motion_preflight.sandbox.tasks import Post
from motion_preflight.sandbox.uploads import UPLOAD
from motion_preflight.sandbox.wire import SILENT, Connection
from motion_preflight.text.lazy_dataclass import replace

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterable
    from pathlib import Path
    from types import EllipsisType

    from motion_preflight.sandbox.tasks import Task
    from motion_preflight.sandbox.wire import Answer, Request

BODY = UPLOAD + 100_000  # bytes that a body may have, form fields and all


class Sandbox:
    """The server. Threads may use it, and every connection has one."""

    def __init__(
        self,
        media: Path | None = None,
        *,
        faults: Iterable[str] = (),
        key: str | None = None,
        balance: Decimal | None = Decimal(100),
        account_balance: Decimal | EllipsisType | None = ...,
        polls: int = 1,
        delay: float = 0.0,
        probe: bool = True,
        form: Literal["list", "object"] = "list",
        credit: bool = True,
        address: str = "127.0.0.1",
        port: int = 0,
        tell: Callable[[str], None] | None = None,
    ) -> None:
        """Bind the port; `with` begins to answer.

        media            the folder that is served as /media; `None`: the package's samples
        faults           `NAME`, or `NAME*N` for the next N requests that it fits
        key              the only one that is taken; `None`: any
        balance          USD on the key; `None`: unlimited
        account_balance  USD on the account; not given: as the key
        polls            how often a task is "processing" before it comes to its end
        delay            seconds before each answer to the paid POST
        probe            measure the media, refuse what breaks a limit, and bill the seconds
        form             of the answer to the paid POST: the list, or the newer object
        credit           take what the balance does not cover too, so that it stays at 0; else 402
        tell             called with a line about each request
        """
        if not ipaddress.ip_address(address).is_loopback:
            raise ValueError(f"{address} is not a loopback address")
        self._faults, self._delay, self._tell = Faults(faults), delay, tell
        self._closing = Event()
        self._listener = Listener(self._talk, closing=self._closing, address=address, port=port)
        self.base = self._listener.base
        self._service = Service(
            base=self.base,
            media=media,
            faults=self._faults,
            key=key,
            left={
                "/v1/balance": balance,
                "/v1/user/balance": balance if account_balance is ... else account_balance,
            },
            polls=polls,
            probe=probe,
            form=form,
            credit=credit,
        )
        self._lock = self._service.lock
        self._numbers = count(1)
        self._posts: list[Post] = []
        self._requests: list[tuple[str, str]] = []
        self._keys_astray: list[str] = []

    def __enter__(self) -> Self:
        """Begin to answer."""
        self._listener.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Close every connection at once, stalled or not."""
        self._listener.close()

    def media_url(self, name: str) -> str:
        """The URL of a file of the media folder."""
        return f"{self.base}/media/{quote(name)}"

    def sample_url(self, name: str) -> str:
        """The URL of one of the package's own media, whatever folder is served."""
        return f"{self.base}/samples/{quote(name)}"

    def fault(self, *names: str) -> None:
        """Add faults, after those that there are."""
        self._faults.add(*names)

    def replace_faults(self, *names: str) -> None:
        """Have these faults in place of those that there are. Raises `ValueError`."""
        self._faults.replace(*names)

    def clear_faults(self) -> None:
        """Let everything go well from now on; a task that has failed stays so."""
        self._faults.clear()

    @property
    def posts(self) -> list[Post]:
        """Every paid POST that reached it in any form; copies."""
        with self._lock:
            return [replace(post, headers=dict(post.headers)) for post in self._posts]

    @property
    def tasks(self) -> dict[str, Task]:
        """What was made, by id; copies."""
        with self._lock:
            return {name: replace(task) for name, task in self._service.tasks.items()}

    @property
    def uploads(self) -> list[bytes]:
        """The pictures that were uploaded."""
        with self._lock:
            return [data for _, data in self._service.uploads]

    @property
    def requests(self) -> list[tuple[str, str]]:
        """Method and path of every request in order: the paid ones too, and what the sandbox
        fetches from itself to measure it.
        """
        with self._lock:
            return list(self._requests)

    @property
    def keys_astray(self) -> list[str]:
        """The paths outside of the API that were sent an Authorization header."""
        with self._lock:
            return list(self._keys_astray)

    def polls_of(self, task_id: str) -> int:
        """How often a task was asked for, whatever was answered."""
        with self._lock:
            return self._service.polled[task_id]

    # --- connections ---------------------------------------------------------------------

    def _talk(self, sock: socket.socket, _number: int) -> None:
        line = Connection(sock, self._closing)
        while (request := line.request()) and self._exchange(line, request):
            pass

    def _exchange(self, line: Connection, request: Request) -> bool:
        """Read and answer one request; `True` when the connection can carry another."""
        post = self._noted(request)
        fault = self._faults.take("submit") if post else None
        if fault and fault.after in ("head", "half"):
            half = request.length // 2 if fault.after == "half" else 0
            self._read(line, request, post, half)
            self._say(request, None, fault.name)
            return line.end(fault.way)
        answer = _unreadable(request)
        if answer:
            request.headers["connection"] = "close"  # where its body ends is not known
        elif self._read(line, request, post, request.length):
            answer = self._service.answer(request, post, fault)
        else:
            self._say(request, None, "the request has ended early")
            return False
        answer.headers["X-Request-Id"] = f"req_{next(self._numbers):06}"
        self._say(request, None if answer.way in SILENT else answer.status, answer.fault)
        if post:
            self._closing.wait(self._delay)
        return line.send(request, answer, partial(self._mark, post))

    def _noted(self, request: Request) -> Post | None:
        """Write a request down; what is returned is that of a paid POST."""
        with self._lock:
            self._requests.append((request.method, request.path))
            if "authorization" in request.headers and not request.path.startswith("/v1/"):
                self._keys_astray.append(request.path)
            if (request.method, request.path) != ("POST", GENERATIONS):
                return None
            kept = {name: text for name, text in request.headers.items() if name != "authorization"}
            post = Post(len(self._posts) + 1, kept, self._service.allows(request))
            self._posts.append(post)
            return post

    def _read(self, line: Connection, request: Request, post: Post | None, size: int) -> bool:
        whole = line.read(request, size)
        if post:
            with self._lock:
                post.body, post.complete = request.body, len(request.body) == request.length
        return whole

    def _mark(self, post: Post | None, status: int, *, whole: bool) -> None:
        if post:
            with self._lock:
                post.status, post.answered = status, whole

    def _say(self, request: Request, status: int | None, fault: str) -> None:
        if self._tell:
            # Escaped: what came from outside goes to a terminal. Without its query.
            asked = ascii(f"{request.method} {request.path}")[1:-1]
            self._tell(f"{asked}  {status or 'no answer'}  {fault}".rstrip())


def _unreadable(request: Request) -> Answer | None:
    """The refusal of a body that cannot be read."""
    if "transfer-encoding" in request.headers:
        return refusal(411, "the body needs a Content-Length")
    if request.length > BODY:
        return refusal(413, f"the body has {request.length} bytes; at most {BODY} are taken")
    return None
