"""A paid request of somebody else's client on its way through that client's own transport."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import httpx

from motion_preflight import interruption
from motion_preflight.provider.client import Unsent
from motion_preflight.provider.error_words import error_words
from motion_preflight.provider.free_answer import CallFailed, document_in, task_in, task_path
from motion_preflight.provider.paid_answer import no_answer, paid_meaning
from motion_preflight.provider.raw_answer import LARGEST, RawAnswer
from motion_preflight.text.api_key import usable_key
from motion_preflight.text.lazy_dataclass import dataclass, field
from motion_preflight.text.redaction import key_forms, mask_secrets

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Sequence

    from motion_preflight.provider.responses import Meaning, Task

# By the contract of httpx's transports these come before a byte of the request has left.
_BEFORE = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError,
           httpx.UnsupportedProtocol)  # fmt: skip
_NOT_ALLOWED = re.compile(rb"[\x00\r\n]|\A\s|\s\Z")  # in the value of a header
_ILLEGAL = "a header holds a line end, or white space around it, as a key from a file may"


@dataclass(slots=True)
class Received:
    """An answer whose body was read as far as it takes to judge it. The client reads it again from
    the response, to its end and to the error that broke it off.
    """

    response: httpx.Response
    pieces: list[bytes] = field(default_factory=list)
    size: int = 0  # bytes of the pieces
    whole: bool = False
    error: Exception | None = None

    def add(self, piece: bytes) -> bool:
        """Adds a piece of the body; True when it has enough of them."""
        self.pieces.append(piece)
        self.size += len(piece)
        return self.size > LARGEST

    @property
    def is_over(self) -> bool:
        """Whether nothing more of the body can come."""
        return self.whole or self.error is not None


class Passage:
    """The provider's interface as one request of a client reaches it: the POST is that request, and
    other calls carry its key. Each goes through `send`, once.
    """

    def __init__(
        self, request: httpx.Request, base: str, send: Callable[[httpx.Request], Received]
    ) -> None:
        self._request = request
        self._base = base
        self._send = send
        self._authorization = request.headers.get("Authorization", "")
        self.key = _key_in(self._authorization)  # `None`: the request has none
        self._key_forms = key_forms(self.key) if self.key else []
        self.sent = False  # whether a byte of the POST may have left
        self.received: Received | None = None
        self.error: Exception | None = None  # what the transport raised instead of an answer

    def generate(
        self,
        body: bytes,  # noqa: ARG002  the request has it
        *,
        idempotency_key: str,  # noqa: ARG002  as the client sends it, or not
        secrets: Sequence[str],
    ) -> Meaning | Unsent:
        """Sends the client's request as it is, and says what the answer means."""
        interruption.check()  # so far nothing has left
        self.sent = True
        try:
            self.received = self._send(self._request)
        except Exception as error:  # noqa: BLE001  raised again for the client
            self.error = error
            self.sent = not (isinstance(error, _BEFORE) or self._is_illegal(error))
            if self.sent:
                return no_answer(_words(error), self._key_forms, secrets)
            words = _ILLEGAL if self._is_illegal(error) else _words(error)
            return Unsent(mask_secrets(words, [*self._key_forms, *secrets]))
        asked = str(self._request.url)
        return paid_meaning(raw_answer(self.received), asked, self._key_forms, secrets)

    def _is_illegal(self, error: Exception) -> bool:
        """Whether httpx refused the request for one of its headers, before it wrote a byte."""
        return isinstance(error, httpx.LocalProtocolError) and any(
            _NOT_ALLOWED.search(value) for _, value in self._request.headers.raw
        )

    def task(self, task_id: str) -> Task:
        """The task as it stands now. Raises `CallFailed`."""
        asked = self._base + task_path(task_id)
        headers = {"Authorization": self._authorization, "Accept": "application/json"}
        request = httpx.Request("GET", asked, headers=headers, extensions=self._request.extensions)
        try:
            received = self._send(request)
        except Exception as error:  # noqa: BLE001  whatever it is, nothing is known of the task
            raise CallFailed(mask_secrets(_words(error), self._key_forms)) from None
        document = document_in(raw_answer(received), asked, self._key_forms)
        return task_in(document, self._key_forms)


def receive(response: httpx.Response) -> Received:
    """Reads an answer, also when its body breaks off."""
    stream, received = response.stream, Received(response)
    assert isinstance(stream, httpx.SyncByteStream)
    rest = iter(stream)
    try:
        for piece in rest:
            if received.add(piece):
                break
        else:
            received.whole = True
    except Exception as error:  # noqa: BLE001  raised again where the client comes to it
        received.error = error
    if received.is_over:
        stream.close()
    response.stream = _Replay(received, rest, stream)
    return received


async def receive_async(response: httpx.Response) -> Received:
    """Reads an answer, also when its body breaks off."""
    stream, received = response.stream, Received(response)
    assert isinstance(stream, httpx.AsyncByteStream)
    rest = aiter(stream)
    try:
        async for piece in rest:
            if received.add(piece):
                break
        else:
            received.whole = True
    except Exception as error:  # noqa: BLE001  raised again where the client comes to it
        received.error = error
    if received.is_over:
        await stream.aclose()
    response.stream = _AsyncReplay(received, rest, stream)
    return received


def raw_answer(received: Received) -> RawAnswer:
    """What was read of an answer, unpacked as far as `LARGEST`."""
    response = received.response
    headers = {name.lower(): value for name, value in response.headers.items()}
    answer = RawAnswer(response.status_code, headers, b"", whole=received.whole)
    again = httpx.Response(
        response.status_code, headers=response.headers, stream=_Small(received.pieces)
    )
    try:
        for piece in again.iter_bytes():
            answer.body += piece
            if len(answer.body) > LARGEST:
                answer.whole = False
                break
    except httpx.DecodingError:
        answer.whole = False
    return answer


class _Small(httpx.SyncByteStream):
    """Pieces of a kilobyte, because a few bytes can expand to gigabytes."""

    def __init__(self, pieces: list[bytes]) -> None:
        self._pieces = pieces

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces:
            for start in range(0, len(piece), 1024):
                yield piece[start : start + 1024]


class _Replay(httpx.SyncByteStream):
    def __init__(
        self, received: Received, rest: Iterator[bytes], stream: httpx.SyncByteStream
    ) -> None:
        self._received, self._rest, self._stream = received, rest, stream

    def __iter__(self) -> Iterator[bytes]:
        yield from self._received.pieces
        if self._received.error:
            raise self._received.error
        if not self._received.whole:
            yield from self._rest

    def close(self) -> None:
        if not self._received.is_over:
            self._stream.close()


class _AsyncReplay(httpx.AsyncByteStream):
    def __init__(
        self, received: Received, rest: AsyncIterator[bytes], stream: httpx.AsyncByteStream
    ) -> None:
        self._received, self._rest, self._stream = received, rest, stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._received.pieces:
            yield piece
        if self._received.error:
            raise self._received.error
        if not self._received.whole:
            async for piece in self._rest:
                yield piece

    async def aclose(self) -> None:
        if not self._received.is_over:
            await self._stream.aclose()


def _key_in(authorization: str) -> str | None:
    """The key of a header, whatever its scheme, or without one: a server may take any."""
    scheme, _, key = authorization.strip().partition(" ")
    return usable_key(key or scheme)


def _words(error: Exception) -> str:
    """An error of httpx in words; of another one only its type, whose text may hold anything. So
    may that of a `LocalProtocolError`: it quotes headers.
    """
    known = isinstance(error, httpx.HTTPError | httpx.InvalidURL | OSError)
    quotes = isinstance(error, httpx.LocalProtocolError)
    return error_words(error) if known and not quotes else type(error).__name__
