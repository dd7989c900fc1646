"""Builders of passing values; a test overrides only what it is about."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import shlex
import socket
import sqlite3
import subprocess
import sys
import uuid
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from threading import Thread
from typing import TYPE_CHECKING, Any, Self

from motion_preflight.estimate import Span
from motion_preflight.facts import (
    AudioStream,
    Durations,
    MediaFacts,
    Reason,
    Transfer,
    Unmeasured,
    VideoStream,
)
from motion_preflight.preflight import report_of
from motion_preflight.probe import find_ffprobe
from motion_preflight.profile import Limit, Profile
from motion_preflight.receipt import Receipt, State
from motion_preflight.report import Authority, Conditions, Finding, Level, Report
from motion_preflight.request import read_draft
from motion_preflight.rules.rule import Case

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from sandbox import Sandbox

    from motion_preflight.rules.rule import RuleModule

NOW = dt.datetime(2026, 12, 1, 12, 0, tzinfo=dt.UTC)
PROFILE = Profile.load()
VIDEO_URL = "https://apimart-user.com/clip.mp4"
IMAGE_URL = "https://apimart-user.com/image.png"
CONDITIONS = Conditions(PROFILE, NOW)
MISSING = object()  # as the value of a field: leave it out


def body(**fields: Any) -> dict[str, Any]:
    """A request that passes."""
    usual = {
        "model": "kling-v2-6-motion-control",
        "prompt": "she dances",
        "image_url": IMAGE_URL,
        "video_url": VIDEO_URL,
        "keep_original_sound": "yes",
        "character_orientation": "video",
        "mode": "std",
    }
    return {name: value for name, value in (usual | fields).items() if value is not MISSING}


def seconds(every: str | None = None, **ways: str | None) -> Durations:
    """Durations: the same for header, container, video and audio, some of them otherwise."""
    same = dict.fromkeys(("header", "container", "video", "audio"), every) | ways
    return Durations(**{way: Decimal(value) for way, value in same.items() if value is not None})


def video(**facts: Any) -> MediaFacts:
    """An 8-second clip that passes."""
    usual = MediaFacts(
        location=VIDEO_URL,
        size=5_000_000,
        container="mp4",
        format_name="mov,mp4,m4a,3gp,3g2,mj2",
        brand="isom",
        probed_by="ffprobe 8.1",
        durations=seconds("8"),
        faststart=True,
        fragmented=False,
        truncated=False,
        video=VideoStream("h264", 720, 1280, 0, Fraction(30), Decimal(0)),
        audio=AudioStream("aac", 44100, 2),
        transfer=Transfer(1, 65536, 200, "video/mp4", VIDEO_URL, '"1"'),
    )
    return replace(usual, **facts)


def with_stream(**changes: Any) -> MediaFacts:
    """The same clip with another video stream."""
    usual = video()
    assert usual.video is not None
    return replace(usual, video=replace(usual.video, **changes))


def image(**facts: Any) -> MediaFacts:
    """A picture that passes."""
    usual = MediaFacts(
        location=IMAGE_URL,
        size=400_000,
        container="png",
        format_name=None,
        brand=None,
        probed_by="Pillow 12.0",
        truncated=False,
        video=VideoStream("png", 800, 800, 0, None),
    )
    return replace(usual, **facts)


def unmeasured(reason: Reason, error: str = "why", **known: Any) -> Unmeasured:
    return replace(Unmeasured(VIDEO_URL, reason, error), **known)


def case(request: dict[str, Any] | None = None, **parts: Any) -> Case:
    """A case in which every rule is silent."""
    usual = Case(
        draft=read_draft(request or body(), PROFILE.models),
        video=video(),
        image=image(),
        profile=PROFILE,
        now=NOW,
        tolerance=Decimal(0),
    )
    return replace(usual, **parts)


def profile(**limits: dict[str, Any]) -> Profile:
    """APIMart's profile with some of its limits otherwise."""
    changed = {
        name: replace(getattr(PROFILE.limits, name), **_bounds(bounds))
        for name, bounds in limits.items()
    }
    return replace(PROFILE, limits=replace(PROFILE.limits, **changed))


def duration_profile(**bounds: Any) -> Profile:
    """APIMart's profile with another limit of seconds, the same for both orientations."""
    limit = Limit("motion-control-page", **_bounds(bounds))
    both = replace(PROFILE.limits.video_duration, image=limit, video=limit)
    return replace(PROFILE, limits=replace(PROFILE.limits, video_duration=both))


def _bounds(bounds: dict[str, Any]) -> dict[str, Any]:
    """Bounds as a profile holds them: the reading's name → its figure."""
    return {
        key: {name: Decimal(figure) for name, figure in readings.items()}
        for key, bound in bounds.items()
        for readings in [bound if isinstance(bound, dict) else {"": bound}]
    }


def said(rule: RuleModule, case: Case) -> list[Finding]:
    """What one rule says of a case; a rule that lacks what it needs says nothing."""
    if any(case.lacks(need) for need in rule.RULE.needs):
        return []
    findings = list(rule.check(case))
    for finding in findings:
        well_formed(rule, finding)
    return findings


def well_formed(rule: RuleModule, finding: Finding) -> None:
    """What holds of every finding, whatever it says."""
    assert finding.rule == rule.RULE.id
    assert finding.level.weight <= rule.RULE.level.weight
    assert finding.authority is rule.RULE.authority
    assert finding.source
    for text in (finding.message, finding.remedy):
        assert text == text.strip()
        assert text
        assert "None" not in text
        assert "Decimal" not in text
        assert text.count("`") % 2 == 0


def only(findings: list[Finding]) -> Finding:
    """The one finding there is."""
    (finding,) = findings
    return finding


def command(remedy: str) -> list[str]:
    """The words of the command that a remedy gives between backticks."""
    _, text, _ = remedy.split("`")
    return shlex.split(text)


def mending(findings: Iterable[Finding], field: str) -> set[str]:
    """The commands that mend the medium of a field, each once."""
    remedies = (finding.remedy for finding in findings if finding.field == field)
    quoted = (part for remedy in remedies for part in remedy.split("`")[1::2])
    return {text for text in quoted if text.startswith("ffmpeg ")}


def intent(name: str = "a request", **fields: Any) -> Receipt:
    """What may be written into a ledger before it is sent; those of one name are identical."""
    unique = uuid.uuid4().hex
    usual = Receipt(
        intent=unique[:12],
        state=State.SENDING,
        created=NOW,
        updated=NOW,
        label="dance.json",
        origin="https://api.example",
        identity=name,
        idempotency_key=f"motion-preflight-{unique}",
        body=body(),
        currency="USD",
        estimate=Span(Decimal("0.45"), Decimal("0.46")),
    )
    return replace(usual, **fields)


class Peer:
    """A server on loopback that does with each connection what it is told to."""

    def __init__(
        self, talk: Callable[[socket.socket], None], *, tls: ssl.SSLContext | None = None
    ) -> None:
        self._talk, self._tls = talk, tls
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self._listener.getsockname()[1]
        self.base = f"http{'s' if tls else ''}://127.0.0.1:{self.port}"
        self.connections = 0
        self._open: list[socket.socket] = []
        self._closing = False
        self._threads = [Thread(target=self._accept, daemon=True)]

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing = True
        with suppress(OSError):  # wakes the acceptor
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        self._threads[0].join(5)
        self._listener.close()
        for sock in self._open:
            with suppress(OSError):  # it may have ended by itself
                sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)

    def _accept(self) -> None:
        while True:
            sock, _ = self._listener.accept()
            if self._closing:
                sock.close()
                return
            self.connections += 1
            self._open.append(sock)
            self._threads.append(Thread(target=self._serve, args=(sock,), daemon=True))
            self._threads[-1].start()

    def _serve(self, sock: socket.socket) -> None:
        with sock, suppress(OSError):  # the client may hang up whenever it likes
            if self._tls:
                with self._tls.wrap_socket(sock, server_side=True) as safe:
                    self._open.append(safe)
                    self._talk(safe)
            else:
                self._talk(sock)


def asked(sock: socket.socket) -> bytes:
    """One HTTP request, head and body; `b""` at the end of the connection."""
    found = b""
    while b"\r\n\r\n" not in found:
        more = sock.recv(1 << 16)
        if not more:
            return b""
        found += more
    length = re.search(rb"(?i)\r\ncontent-length: (\d+)", found)
    missing = int(length[1]) if length else 0
    missing -= len(found.partition(b"\r\n\r\n")[2])
    while missing > 0:
        more = sock.recv(1 << 16)
        if not more:
            return b""
        found, missing = found + more, missing - len(more)
    return found


def answer(status: int, content: bytes | dict[str, Any] = b"", **headers: str) -> bytes:
    """An HTTP answer; `_` in a header's name is `-`."""
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    named = {"Content-Length": str(len(data))} | headers
    lines = "".join(f"{name.replace('_', '-')}: {text}\r\n" for name, text in named.items())
    return f"HTTP/1.1 {status} Said\r\n{lines}\r\n".encode() + data


KEY = "sk-sandbox-0123456789abcdef"


def served(sandbox: Sandbox, number: int = 0, **fields: Any) -> dict[str, Any]:
    """A request that passes, with media of the sandbox; every number is another one."""
    usual = {
        "prompt": f"dance number {number}",
        "video_url": sandbox.media_url("clip-8s.mp4"),
        "image_url": sandbox.media_url("image.png"),
    }
    return body(**(usual | fields))


def customer(sandbox: Sandbox, folder: Path, **more: str) -> dict[str, str]:
    """The environment by which the program sends to the sandbox, its ledger in `folder`/state."""
    return {
        "APIMART_API_KEY": KEY,
        "APIMART_API_KEY_FILE": "",
        "APIMART_BASE_URL": sandbox.base,
        "MOTION_PREFLIGHT_STATE": str(folder / "state"),
    } | more


def surroundings(folder: Path, **more: str) -> dict[str, str]:
    """The environment of a process whose home is `folder`: without proxies and settings."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.lower().endswith("_proxy")
        and not name.startswith(("MOTION_PREFLIGHT_", "APIMART_"))
    }
    return kept | {"HOME": str(folder), "XDG_CONFIG_HOME": str(folder / "config")} | more


def started(
    *arguments: str | Path, folder: Path, environment: Mapping[str, str], **streams: Any
) -> subprocess.Popen[str]:
    """The program as a process that runs while the test goes on; its home is `folder`."""
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(
        [sys.executable, "-m", "motion_preflight", *map(str, arguments)],
        cwd=folder,
        env=surroundings(folder, **environment),
        text=True,
        encoding="utf-8",
        **(pipes | streams),
    )


def ledger_rows(folder: Path) -> list[dict[str, Any]]:
    """The rows of the ledger in `folder`/state as the file holds them, the oldest first; to open
    it as the program does would change what a dead run left.
    """
    file = folder / "state" / "ledger.sqlite3"
    if not file.is_file():
        return []
    with closing(sqlite3.connect(file)) as database:
        database.row_factory = sqlite3.Row
        if not database.execute("SELECT 1 FROM sqlite_master").fetchone():
            return []  # it is only being made
        return [dict(row) for row in database.execute("SELECT * FROM intents ORDER BY rowid")]


def report(
    request: dict[str, Any] | None = None,
    *,
    label: str = "dance.json",
    strict: bool = False,
    findings: Iterable[Finding] | None = None,
    **parts: Any,
) -> Report:
    """The report of a case: what the rules say of it, or other findings than theirs."""
    made = case(request, **parts)
    conditions = replace(CONDITIONS, strict=strict)
    found = report_of(made.draft, made.video, made.image, label=label, conditions=conditions)
    return found if findings is None else replace(found, findings=tuple(findings))


def finding(level: Level = Level.ERROR, **fields: Any) -> Finding:
    """Something that a rule says."""
    usual = Finding(
        rule="video-too-large",
        level=level,
        field="video_url",
        message="the video is too large",
        remedy="make it smaller",
        authority=Authority.APIMART,
        source="the API page",
    )
    return replace(usual, **fields)


def reports() -> list[Report]:
    """One that passes, one that fails, and one that is unsure, as a batch has them."""
    unsure = body(character_orientation="image")
    return [
        report(),
        report(label="list.json[2]", video=video(durations=seconds("42"))),
        report(unsure, label="many.jsonl:17", video=video(durations=seconds("8", video="10.4"))),
    ]


# Texts that would break out of one format or another.
HOSTILE = [
    "a\nb\r\nc\rd", "a\u2028b\u2029c\x85d\x0be", "\x00\x1b[31mred\x1b[0m", "\ud800 \ufffe\uffff",
    "\u202egnp.exe", "%0A::error::x", "100% %25 %", "::stop-commands::x", "a::b,c=d:e",
    "##[error]x", "a|b", "`", "``a`b```", "|`|", " a ", "\\", "a\\|b", "a\\`b",
    "**a** _b_ ~~c~~ $`x`$", "<img src=x onerror=y>", "</failure>&amp;]]>", "<!-- -->",
    "![x](https://evil.example/x.png)", "[x](javascript:y)",
    "https://evil.example www.evil.example a@evil.example @octocat #1 :+1:",
    "[[ATTACHMENT|x]]", '"quoted" and \'so\'', "日本語 🎬", "a" * 5000,
]  # fmt: skip


def ffprobe_script(folder: Path, script: str) -> str:
    """The path of an ffprobe that is a script of sh, in which `real "$@"` calls the true one."""
    file = folder / "ffprobe-script"
    true = shlex.quote(find_ffprobe())
    file.write_text(f'#!/bin/sh\nreal() {{ {true} "$@"; }}\n{script}\n', encoding="utf-8")
    file.chmod(0o755)
    return str(file)


@contextmanager
def unprivileged() -> Iterator[None]:
    """Without root's rights, where there are some. What is imported inside must be imported
    before: this process may not read its own files.
    """
    root = os.name == "posix" and os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)
