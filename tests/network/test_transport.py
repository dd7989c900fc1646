"""Connections: proxies of the environment, certificates, and an end to everything."""

import importlib.util
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from select import select

import httpcore
import httpx
import pytest
import trustme
from paths import MEDIA

from motion_preflight.media.facts import MediaFacts, Unmeasured
from motion_preflight.media.measure import measure
from motion_preflight.media.programs.ffprobe import find_ffprobe
from motion_preflight.network.backend import Deadline, GuardedBackend
from motion_preflight.network.client import TransferStats, Web
from motion_preflight.network.errors import MediaUnavailable, Reason
from motion_preflight.network.transport import GuardedTransport
from motion_preflight.pipeline import preflight
from motion_preflight.report.findings import Level
from motion_preflight.testing.habit import Habit
from motion_preflight.testing.host import Host

PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "ssl_cert_file", "ssl_cert_dir")


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def measured(
    url: str, *, allow_private: bool = True, timeout: float = 3
) -> MediaFacts | Unmeasured:
    with Web(timeout=timeout, allow_private=allow_private) as web:
        return measure(url, "video", cap=1 << 20, ffprobe=find_ffprobe(), web=lambda: web)


def unmeasured(url: str, **options: bool) -> Unmeasured:
    result = measured(url, **options)
    assert isinstance(result, Unmeasured), result
    return result


# --- proxies --------------------------------------------------------------------------------


def _head(sock: socket.socket) -> bytes:
    head = b""
    while b"\r\n\r\n" not in head and (more := sock.recv(1 << 16)):
        head += more
    return head


def _pass_on(one: socket.socket, other: socket.socket) -> None:
    """Whatever comes from either goes to the other, until one has ended."""
    while True:
        for ready in select([one, other], [], [])[0]:
            data = ready.recv(1 << 16)
            if not data:
                return
            (other if ready is one else one).sendall(data)


@dataclass
class Proxy:
    """A proxy on loopback: CONNECT and absolute targets; every name is found at one host."""

    url: str
    asked: list[bytes] = field(default_factory=list)
    refuses: bytes = b""  # what it answers in place of connecting
    at: tuple[str, int] | None = None  # where every name is found

    def serve(self, client: socket.socket) -> None:
        with client, suppress(OSError, LookupError, ValueError):
            head = _head(client)
            method, target, _ = head.split(b"\r\n")[0].split(b" ")
            self.asked.append(head)
            if self.refuses:
                client.sendall(self.refuses)
                return
            place = target if method == b"CONNECT" else target.split(b"/")[2]
            name, _, port = place.decode().partition(":")
            with socket.create_connection(self.at or (name, int(port)), 5) as server:
                if method == b"CONNECT":
                    client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                else:
                    path = b"/" + target.split(b"/", 3)[3]
                    server.sendall(head.replace(target, path, 1))
                _pass_on(client, server)


@contextmanager
def listening(serve: Callable[[socket.socket], object]) -> Iterator[str]:
    """An address on loopback whose connections are served in threads."""
    listener = socket.create_server(("127.0.0.1", 0))

    def run() -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                threading.Thread(target=serve, args=(client,), daemon=True).start()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    built = Proxy("")
    with listening(built.serve) as address:
        built.url = f"http://{address}"
        yield built


@pytest.fixture
def clip(host: Host) -> str:
    return host.serve("clip.mp4", MEDIA / "clip-3s.mp4")


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])
def test_a_proxy_of_the_environment_is_used(
    clip: str, proxy: Proxy, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, proxy.url)
    result = measured(clip)
    assert isinstance(result, MediaFacts), result
    assert result.transfer is not None
    assert (result.transfer.proxied, result.transfer.requests) == (True, 1)
    assert [head.split(b"\r\n")[0] for head in proxy.asked] == [
        b"GET " + clip.encode() + b" HTTP/1.1"
    ]


def test_a_proxy_is_told_of_in_a_note(
    clip: str, host: Host, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", proxy.url)
    image = host.serve("image.png", MEDIA / "image.png")
    request = {"video_url": clip, "image_url": image}
    findings = preflight(request, allow_private=True).findings
    noted = [item for item in findings if item.rule == "url-not-public"]
    assert [item.level for item in noted] == [Level.NOTE, Level.NOTE]
    assert {item.field for item in noted} == set(request)


def test_without_a_proxy_nothing_was_proxied(clip: str) -> None:
    result = measured(clip)
    assert result.transfer is not None
    assert not result.transfer.proxied


def test_a_proxy_without_a_scheme_is_an_http_proxy(
    clip: str, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", proxy.url.removeprefix("http://"))
    assert isinstance(measured(clip), MediaFacts)
    assert len(proxy.asked) == 1


def test_a_proxy_gets_its_own_password_only(
    clip: str, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", proxy.url.replace("//", "//me:secret@"))
    assert isinstance(measured(clip), MediaFacts)
    assert b"\r\nproxy-authorization: basic bwu6c2vjcmv0\r\n" in proxy.asked[0].lower()


@pytest.mark.parametrize("bypass", ["127.0.0.1", "*", "apimart-user.com,127.0.0.1", " 127.0.0.1 "])
def test_no_proxy_is_honoured(
    clip: str, proxy: Proxy, monkeypatch: pytest.MonkeyPatch, bypass: str
) -> None:
    monkeypatch.setenv("HTTP_PROXY", proxy.url)
    monkeypatch.setenv("NO_PROXY", bypass)
    result = measured(clip)
    assert isinstance(result, MediaFacts)
    assert result.transfer is not None
    assert not result.transfer.proxied
    assert proxy.asked == []


@pytest.mark.parametrize("bypass", ["apimart-user.com", "127.0.0.2", ""])
def test_no_proxy_for_others_is_none_for_this_one(
    clip: str, proxy: Proxy, monkeypatch: pytest.MonkeyPatch, bypass: str
) -> None:
    monkeypatch.setenv("HTTP_PROXY", proxy.url)
    monkeypatch.setenv("NO_PROXY", bypass)
    measured(clip)
    assert len(proxy.asked) == 1


def test_a_public_name_is_found_by_the_proxy_which_may_be_private(
    host: Host, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No name is looked up here, and the proxy's own address is the user's affair."""
    clip = host.serve("clip.mp4", MEDIA / "clip-3s.mp4")
    proxy.at = ("127.0.0.1", int(clip.split(":")[2].split("/")[0]))
    monkeypatch.setenv("HTTP_PROXY", proxy.url)
    result = measured(
        "http://media.invalid-apimart-user.com:80/clip.mp4?a=%2f", allow_private=False
    )
    assert isinstance(result, MediaFacts), result
    assert result.transfer is not None
    assert result.transfer.proxied
    assert [seen.target for seen in host.log] == ["/clip.mp4?a=%2f"]
    assert host.log[0].headers["host"].startswith("media.invalid-apimart-user.com")


@pytest.mark.parametrize(
    "to", ["http://127.0.0.1/x", "http://localhost/x", "//[::1]/x", "//0x7f.1"]
)
def test_a_public_host_cannot_lead_to_a_private_one(
    host: Host, proxy: Proxy, monkeypatch: pytest.MonkeyPatch, to: str
) -> None:
    host.serve("clip.mp4", habit=Habit(redirect_to=to))
    proxy.at = ("127.0.0.1", int(host.base.rpartition(":")[2]))
    monkeypatch.setenv("HTTP_PROXY", proxy.url)
    result = unmeasured("http://media.invalid-apimart-user.com/clip.mp4", allow_private=False)
    assert result.reason is Reason.NOT_PUBLIC
    assert len(proxy.asked) == len(host.log) == 1


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "2130706433", "printer.local", "[::1]"])
def test_a_private_host_is_refused_before_a_proxy_is_asked(
    proxy: Proxy, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("HTTP_PROXY", proxy.url)
    result = unmeasured(f"http://{name}:81/clip.mp4", allow_private=False)
    assert result.reason is Reason.NOT_PUBLIC
    assert proxy.asked == []


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n",
        b"nonsense\r\n\r\n",
    ],
)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_refuses_is_an_outcome(
    proxy: Proxy, monkeypatch: pytest.MonkeyPatch, answer: bytes, scheme: str
) -> None:
    proxy.refuses = answer
    monkeypatch.setenv(f"{scheme.upper()}_PROXY", proxy.url)
    result = unmeasured(f"{scheme}://apimart-user.com/clip.mp4", allow_private=False)
    assert result.reason in {Reason.UNREACHABLE, Reason.DENIED}
    assert len(proxy.asked) <= 2  # once more without a Range
    assert result.transfer is not None
    assert result.transfer.proxied
    if scheme == "https" and answer.startswith(b"HTTP"):
        assert answer[9:12].decode() in result.error


def test_a_proxy_that_is_gone_is_an_outcome(clip: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with listening(lambda _: None) as address:
        pass
    monkeypatch.setenv("HTTP_PROXY", f"http://{address}")
    result = unmeasured(clip)
    assert result.reason is Reason.UNREACHABLE
    assert result.error.startswith("no connection (")


@pytest.mark.parametrize("setting", ["ftp://127.0.0.1:1", "http://[::1", "http://a:port", "://"])
def test_a_proxy_setting_that_is_no_url_is_an_outcome(
    clip: str, monkeypatch: pytest.MonkeyPatch, setting: str
) -> None:
    monkeypatch.setenv("HTTP_PROXY", setting)
    result = unmeasured(clip)
    assert result.reason is Reason.UNREACHABLE
    assert "proxy" in result.error


@pytest.mark.skipif(
    importlib.util.find_spec("socksio") is not None, reason="the package for SOCKS is installed"
)
@pytest.mark.parametrize("scheme", ["socks5", "socks5h"])
def test_a_socks_proxy_without_its_package_says_which(
    clip: str, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    monkeypatch.setenv("ALL_PROXY", f"{scheme}://127.0.0.1:1080")
    result = unmeasured(clip)
    assert result.reason is Reason.UNREACHABLE
    assert "pip install 'httpx[socks]'" in result.error


# --- certificates ---------------------------------------------------------------------------


@dataclass
class SecureHost:
    """A host with a certificate of its own authority, which hands on to a plain one."""

    base: str
    authority: Path
    names: list[str] = field(default_factory=list)  # asked for by SNI


def _secure(host: Host, folder: Path, names: tuple[str, ...]) -> Iterator[SecureHost]:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "authority.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)
    secure_host = SecureHost("", folder / "authority.pem")
    context.sni_callback = lambda _, name, __: secure_host.names.append(name)
    plain = ("127.0.0.1", int(host.base.rpartition(":")[2]))

    def serve(client: socket.socket) -> None:
        with suppress(OSError), context.wrap_socket(client, server_side=True) as secure:
            head = _head(secure)
            with socket.create_connection(plain) as server:
                server.sendall(head.replace(b"keep-alive", b"close"))
                while data := server.recv(1 << 16):
                    secure.sendall(data)

    with listening(serve) as address:
        secure_host.base = f"https://{address}"
        yield secure_host


@pytest.fixture
def secure(host: Host, tmp_path: Path) -> Iterator[SecureHost]:
    host.serve("clip.mp4", MEDIA / "clip-3s.mp4")
    yield from _secure(host, tmp_path, ("127.0.0.1", "localhost", "media.apimart-user.com"))


def test_an_authority_of_the_environment_is_trusted(
    secure: SecureHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(secure.authority))
    result = measured(f"{secure.base}/clip.mp4")
    assert isinstance(result, MediaFacts), result
    assert result.transfer is not None
    assert (result.transfer.requests, result.transfer.proxied) == (1, False)


def test_an_unknown_authority_is_named_as_the_cause(secure: SecureHost, host: Host) -> None:
    result = unmeasured(f"{secure.base}/clip.mp4")
    assert result.reason is Reason.UNREACHABLE
    assert "certificate is not trusted" in result.error
    assert host.log == []


def test_a_certificate_of_another_name_is_named_as_the_cause(
    host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for other in _secure(host, tmp_path, ("apimart-user.com",)):
        monkeypatch.setenv("SSL_CERT_FILE", str(other.authority))
        result = unmeasured(f"{other.base}/clip.mp4")
        assert result.reason is Reason.UNREACHABLE
        assert "certificate" in result.error
    assert host.log == []


@pytest.mark.parametrize("content", [None, "", "not a certificate"])
def test_authorities_that_cannot_be_read_are_named_as_the_cause(
    secure: SecureHost, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str | None
) -> None:
    if content is not None:
        (tmp_path / "wrong.pem").write_text(content)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "wrong.pem"))
    result = unmeasured(f"{secure.base}/clip.mp4")
    assert result.reason is Reason.UNREACHABLE
    assert "certificate" in result.error


def test_a_plain_host_needs_no_authorities(
    clip: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    assert isinstance(measured(clip), MediaFacts)


def test_a_host_that_speaks_plain_http_there_is_an_outcome() -> None:
    def serve(client: socket.socket) -> None:
        with client, suppress(OSError):
            client.recv(1 << 16)
            client.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")

    with listening(serve) as address:
        assert unmeasured(f"https://{address}/clip.mp4").reason is Reason.UNREACHABLE


def test_https_goes_through_a_proxy_under_its_own_name(
    secure: SecureHost, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(secure.authority))
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)
    proxy.at = ("127.0.0.1", int(secure.base.rpartition(":")[2]))
    result = measured("https://media.apimart-user.com/clip.mp4", allow_private=False)
    assert isinstance(result, MediaFacts), result
    assert result.transfer is not None
    assert result.transfer.proxied
    assert proxy.asked[0].startswith(b"CONNECT media.apimart-user.com:443 HTTP/1.1\r\n")
    assert secure.names == ["media.apimart-user.com"]


def test_a_name_stays_the_name_though_the_socket_goes_to_an_address(
    secure: SecureHost, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(secure.authority))
    place = secure.base.removeprefix("https://127.0.0.1")
    assert isinstance(measured(f"https://localhost{place}/clip.mp4"), MediaFacts)
    assert secure.names == ["localhost"]
    assert host.log[0].headers["host"] == f"localhost{place}"


# --- an end to everything -------------------------------------------------------------------


def test_a_handshake_that_never_ends_ends() -> None:
    def serve(client: socket.socket) -> None:
        with client, suppress(OSError):
            while client.recv(1 << 16):
                pass

    with listening(serve) as address:
        began = time.monotonic()
        with Web(timeout=0.3, allow_private=True) as web, pytest.raises(MediaUnavailable) as caught:
            web.get(f"https://{address}/", headers={}, size=1, tally=TransferStats())
    assert caught.value.reason is Reason.TIMEOUT
    assert time.monotonic() - began < 2


def test_a_drip_of_bytes_is_ended_by_the_whole_time(host: Host) -> None:
    url = host.serve("clip.mp4", bytes(100_000), Habit(trickle=0.05))
    began = time.monotonic()
    with Web(timeout=0.4, allow_private=True) as web:
        answer = web.get(url, headers={}, size=1000, tally=TransferStats())
        with pytest.raises(MediaUnavailable) as caught:
            b"".join(iter(answer.read, b""))
    assert caught.value.reason is Reason.TIMEOUT
    assert time.monotonic() - began < 1


def test_a_slow_host_is_given_the_time_its_size_needs(host: Host) -> None:
    """Silence is what counts against a host, as long as it keeps up with the slowest rate."""
    url = host.serve("clip.mp4", b"x" * 10, Habit(trickle=0.1))
    with Web(timeout=0.5, allow_private=True) as web:
        answer = web.get(url, headers={}, size=1 << 20, tally=TransferStats())  # 4 s more
        assert b"".join(iter(answer.read, b"")) == b"x" * 10


def test_an_abort_wakes_a_thread_that_waits(host: Host) -> None:
    url = host.serve("clip.mp4", habit=Habit(stall_header=True))
    ended: list[Reason] = []
    with Web(timeout=30, allow_private=True) as web:

        def ask() -> None:
            try:
                web.get(url, headers={}, size=1, tally=TransferStats())
            except MediaUnavailable as unusable:
                ended.append(unusable.reason)

        thread = threading.Thread(target=ask)
        thread.start()
        while not host.log:
            time.sleep(0.005)
        web.abort()
        thread.join(2)
    assert ended == [Reason.UNREACHABLE]


@pytest.fixture
def deaf() -> Iterator[int]:
    """A port whose queue is full: connecting to it takes forever."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        waiting = []
        for _ in range(8):
            sock = socket.socket()
            sock.settimeout(0)
            sock.connect_ex(listener.getsockname())
            waiting.append(sock)
        yield listener.getsockname()[1]
        for sock in waiting:
            sock.close()


def test_connecting_takes_no_longer_than_the_timeout(deaf: int) -> None:
    began = time.monotonic()
    with Web(timeout=0.5, allow_private=True) as web, pytest.raises(MediaUnavailable) as caught:
        web.get(f"http://127.0.0.1:{deaf}/", headers={}, size=1, tally=TransferStats())
    assert caught.value.reason is Reason.TIMEOUT
    assert time.monotonic() - began < 2


def test_an_abort_wakes_a_thread_that_connects(deaf: int) -> None:
    with Web(timeout=20, allow_private=True) as web:

        def ask() -> None:
            with suppress(MediaUnavailable):
                web.get(f"http://127.0.0.1:{deaf}/", headers={}, size=1, tally=TransferStats())

        thread = threading.Thread(target=ask, daemon=True)
        thread.start()
        time.sleep(0.2)
        web.abort()
        thread.join(2)
        assert not thread.is_alive()


def test_a_dead_first_address_leaves_time_for_the_next(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`localhost` is often ::1 first, where nobody listens."""
    backend = GuardedBackend(Deadline(), checked=False)
    monkeypatch.setattr(backend, "_addresses", lambda *_: ["::1", "127.0.0.2", "127.0.0.1"])
    port = int(host.base.rpartition(":")[2])
    backend.connect_tcp("localhost", port, timeout=3).close()
    assert host.connections <= 1


def test_each_thread_has_a_deadline_of_its_own() -> None:
    deadline = Deadline()
    deadline.allow(0)
    other: list[float] = []
    thread = threading.Thread(target=lambda: other.append(deadline.within(5)))
    thread.start()
    thread.join()
    assert other == [5]


def test_a_host_that_is_new_while_all_connections_are_closed_disturbs_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    transport = GuardedTransport(allow_private=True)
    close = httpcore.ConnectionPool.close
    closed: list[httpcore.ConnectionPool] = []

    def close_late(pool: httpcore.ConnectionPool) -> None:
        """Another thread asks a new host just now."""
        transport._acquire(httpx.URL(f"http://{len(closed)}.host"), None, transport._direct)
        closed.append(pool)
        close(pool)

    monkeypatch.setattr(httpcore.ConnectionPool, "close", close_late)
    for name in "ab":
        transport._acquire(httpx.URL(f"http://{name}.host"), None, transport._direct)
    transport.close()
    assert len(closed) == 2
