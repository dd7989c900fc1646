"""An S3 that says it has kept a file, and gives out another one."""

from __future__ import annotations

import http.client
from collections.abc import Callable
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Self

_ONE_HOP = {"connection", "transfer-encoding", "content-length", "date", "server"}


@dataclass(frozen=True)
class Answer:
    """What the honest server answered to a GET or a HEAD of a file."""

    status: int
    headers: dict[str, str]  # by names in lower case
    body: bytes

    def with_header(self, name: str, value: str) -> Answer:
        return replace(self, headers=self.headers | {name: value})


Lie = Callable[[Answer], Answer]
LIES: dict[str, Lie] = {
    "cut short": lambda answer: replace(
        answer,
        body=answer.body[: len(answer.body) // 2],
        headers={k: v for k, v in answer.headers.items() if k != "content-range"},
        status=200 if answer.status == 206 else answer.status,
    ),
    "other bytes": lambda answer: replace(answer, body=bytes(len(answer.body))),
    "other type": lambda answer: answer.with_header("content-type", "text/html"),
    "no type": lambda answer: replace(
        answer, headers={k: v for k, v in answer.headers.items() if k != "content-type"}
    ),
    "nothing": lambda _: Answer(404, {"content-type": "application/xml"}, b"<Error/>"),
    "forbidden": lambda _: Answer(403, {"content-type": "application/xml"}, b"<Error/>"),
}


class LyingS3:
    """A server in front of an honest one: what it gives out of files is a lie, the rest is not."""

    def __init__(self, server: str, lie: Lie) -> None:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do(self) -> None:
                _answer(self, server.removeprefix("http://"), lie)

            do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = do  # noqa: N815

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.base = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def _answer(request: BaseHTTPRequestHandler, server: str, lie: Lie) -> None:
    body = request.rfile.read(int(request.headers.get("content-length") or 0))
    connection = http.client.HTTPConnection(server, timeout=30)
    headers = {name.lower(): value for name, value in request.headers.items()}
    del headers["host"]
    connection.request(request.command, request.path, body, headers)
    reply = connection.getresponse()
    answer = Answer(
        reply.status,
        {name.lower(): value for name, value in reply.getheaders() if name.lower() not in _ONE_HOP},
        reply.read(),
    )
    connection.close()
    is_file = request.path.partition("?")[0].strip("/").count("/") > 0
    if is_file and request.command == "GET" and reply.status < 300:
        answer = lie(answer)
    request.send_response(answer.status)
    for name, value in answer.headers.items():
        request.send_header(name, value)
    length = reply.getheader("Content-Length") if request.command == "HEAD" else None
    request.send_header("Content-Length", length or str(len(answer.body)))
    request.end_headers()
    if request.command != "HEAD":
        request.wfile.write(answer.body)
