"""Where a host sends who asks, without going there."""

from __future__ import annotations

from motion_preflight.network.redirect import redirect_of
from motion_preflight.testing.habit import Habit
from motion_preflight.testing.host import Host


def test_a_redirect_is_told_and_not_followed(host: Host) -> None:
    url = host.serve("start", habit=Habit(redirect_to="http://other.host/a?b=c"))
    assert redirect_of(url) == "http://other.host/a?b=c"
    assert [(seen.method, seen.target) for seen in host.log] == [("HEAD", "/start")]


def test_a_host_that_answers_itself_sends_nowhere(host: Host) -> None:
    assert redirect_of(host.serve("clip.mp4", b"x")) == ""
    assert redirect_of(host.base + "/missing") == ""


def test_a_host_without_an_answer_sends_nowhere() -> None:
    with Host() as gone:
        url = gone.serve("clip.mp4", b"x")
    assert redirect_of(url) == ""
    assert redirect_of("http://[") == ""
