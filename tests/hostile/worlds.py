"""Two worlds to be hostile in: a stand-in for names and network, and an island of its own.

Both have web servers at the same public addresses and at the same ones that nobody may contact;
all of them serve the same good media, so that whoever comes to a wrong address is content there.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, Self

from paths import ROOT
from warm import warm

from hostile.media import PICTURE, far_moov
from hostile.names import Net, place_of
from motion_preflight.testing.habit import Habit
from motion_preflight.testing.host import Host

if TYPE_CHECKING:
    from hostile.names import Answers

PUBLIC = ("93.184.215.14", "151.101.1.69", "2606:2800:21f:cb07:6820:80da:af6b:8b2c")
INNER = ("10.0.0.1", "169.254.169.254", "192.168.1.1", "100.64.0.1", "127.0.0.1", "127.0.0.2",
         "fd00::1", "::1", "64:ff9b::a00:1", "2002:a00:1::1")  # fmt: skip
TESTS = ROOT / "tests"
AMONG_NAMES = "from hostile.names import main; main()"  # the program where these lead elsewhere
Habits = dict[str, dict[str, dict[str, Any]]]  # address → name → fields of its `Habit`


@dataclass
class Seen:
    """What came of a job."""

    said: dict[str, Any]  # of the report, or code, stdout and stderr of the program
    looked_up: list[str]
    requests_by_host: dict[str, list[str]]  # address → the targets that were asked for there
    connections: dict[str, int]  # address → TCP connections

    @property
    def contacted(self) -> set[str]:
        """Every address that anybody connected to."""
        return {address for address, count in self.connections.items() if count}

    def findings(self, field: str = "video_url") -> list[tuple[str, str, str]]:
        """Rule, level and message of all that is said of a field."""
        return [
            (rule, level, text) for rule, level, of, text in self.said["findings"] if of == field
        ]


class World(Protocol):
    def check(
        self,
        names: dict[str, Answers],
        request: dict[str, Any],
        habits: Habits | None = None,
        **options: Any,
    ) -> Seen:
        """`preflight` among these names and habits."""

    def program(
        self,
        names: dict[str, Answers],
        *arguments: str,
        habits: Habits | None = None,
        **environment: str,
    ) -> Seen:
        """The program as a process of its own."""


def serve(hosts: dict[str, Host], habits: Habits, folder: Path) -> None:
    """The same media everywhere, and whatever is unusual; what was before is forgotten."""
    clip = folder / "clip.mp4"
    if not clip.exists():
        clip.write_bytes(far_moov())
    for address, host in hosts.items():
        host.clear()
        host._served.clear()
        host.serve("clip.mp4", clip)
        host.serve("image.png", PICTURE, content_type="image/png")
        for name, habit in habits.get(address, {}).items():
            host.serve(name, clip, Habit(**habit))


def requests_by_host(hosts: dict[str, Host]) -> dict[str, list[str]]:
    """The targets that were asked for, by address."""
    return {address: [seen.target for seen in host.log] for address, host in hosts.items()}


def report_on(request: dict[str, Any], options: dict[str, Any]) -> dict[str, Any]:
    """What `preflight` says, in JSON."""
    from motion_preflight.pipeline import preflight  # noqa: PLC0415  not before the names

    report = preflight(request, **options)
    return {
        "verdict": report.verdict,
        "findings": [
            [finding.rule, finding.level, finding.field, finding.message]
            for finding in report.findings
        ],
    }


def surroundings(home: Path) -> dict[str, str]:
    """The environment of a child: no proxies, no settings, and these modules."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.lower().endswith("_proxy")
        and not name.startswith(("MOTION_PREFLIGHT_", "APIMART_"))
    }
    return kept | {
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / "config"),
        "PYTHONPATH": os.pathsep.join(
            [
                *map(str, (TESTS, TESTS / "support", ROOT / "scripts")),
                os.environ.get("PYTHONPATH", ""),
            ]
        ),
    }


class StandIn:
    """The world of `names`: works everywhere."""

    def __init__(self) -> None:
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> Self:
        self.folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory()))
        self._hosts = {item: self._stack.enter_context(Host()) for item in (*PUBLIC, *INNER)}
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def check(
        self,
        names: dict[str, Answers],
        request: dict[str, Any],
        habits: Habits | None = None,
        **options: Any,
    ) -> Seen:
        def run(net: Net) -> dict[str, Any]:
            with net.standing_in():
                return report_on(request, options)

        return self._among(names, habits or {}, run)

    def program(
        self,
        names: dict[str, Answers],
        *arguments: str,
        habits: Habits | None = None,
        **environment: str,
    ) -> Seen:
        def run(net: Net) -> dict[str, Any]:
            spec, log = self.folder / "spec.json", self.folder / "log.json"
            spec.write_text(json.dumps(net.spec(log)))
            done = warm().run(
                spec, *arguments,
                cwd=TESTS, env=surroundings(self.folder) | environment,
                beginning={"code": AMONG_NAMES},
            )  # fmt: skip
            net.take(log)
            return {"code": done.returncode, "stdout": done.stdout, "stderr": done.stderr}

        return self._among(names, habits or {}, run)

    def _among(self, names: dict[str, Answers], habits: Habits, run: Any) -> Seen:
        serve(self._hosts, habits, self.folder)
        leads = {address: place_of(host.base) for address, host in self._hosts.items()}
        net = Net(names, leads, leads["127.0.0.1"])
        answer = run(net)
        counts = {address: net.connected.count(address) for address in net.connected}
        return Seen(answer, net.looked_up, requests_by_host(self._hosts), counts)
