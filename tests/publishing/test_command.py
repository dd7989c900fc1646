"""Files that a command of the user's own publishes."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Protocol

import pytest

from motion_preflight.publishing.destination import parse_destination
from motion_preflight.publishing.errors import (
    DestinationInvalid,
    StoreError,
    StoreProgramMissing,
    StoreRefused,
)
from motion_preflight.publishing.opening import open_store
from motion_preflight.publishing.program import run_program
from motion_preflight.publishing.store import Store

DAY = timedelta(days=1)
LINK = "https://clips.example/a.mp4"


class Script(Protocol):
    def __call__(self, text: str) -> str: ...


@pytest.fixture
def script(tmp_path: Path) -> Script:
    """Writes a program of the user's own, and returns its path."""

    def write(text: str) -> str:
        path = tmp_path / f"script-{len(list(tmp_path.iterdir()))}"
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)
        return str(path)

    return write


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "my {name} clip; rm -rf.mp4"
    path.write_bytes(b"clip")
    return path


def opened(publish: list[str], unpublish: list[str] | None = None) -> Store:
    return open_store(
        parse_destination("command"), publish_command=publish, unpublish_command=unpublish or []
    )


def put(store: Store, file: Path, name: str = "a.mp4") -> list[int]:
    steps: list[int] = []
    store.put(name, file, size=4, content_type="video/mp4", progress=steps.append)
    return steps


def wait_for_the_end(process: str) -> None:
    """Waits for a process that was killed, and that somebody else may have to collect."""
    path = Path(f"/proc/{process}/stat")
    while path.exists():
        with suppress(OSError):
            if path.read_text().split()[2] in "ZX":
                return
        time.sleep(0.02)


def test_the_last_line_of_the_command_is_the_link(
    script: Script, clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = script(
        f'cp "$1" {tmp_path}/web.mp4\n'
        f'echo "sent $2 in $HOUSE" >{tmp_path}/said\n'
        f'echo done; echo " {LINK} "; echo'
    )
    monkeypatch.setenv("HOUSE", "the environment")
    store = opened([program, "{file}", "as:{name}"])
    assert put(store, clip) == [4]
    assert (tmp_path / "web.mp4").read_bytes() == b"clip"
    assert (tmp_path / "said").read_text() == "sent as:a.mp4 in the environment\n"
    assert store.link("a.mp4", DAY).url == LINK
    assert store.find("a.mp4") is None
    store.close()


def test_words_are_passed_on_as_they_are_without_a_shell(
    script: Script, clip: Path, tmp_path: Path
) -> None:
    program = script(f'printf "%s\\n" "$@" >{tmp_path}/words; echo {LINK}')
    put(opened([program, "--from={file}", "$HOME", "{{name}}", "{other}"]), clip)
    words = (tmp_path / "words").read_text().splitlines()
    assert words == [f"--from={clip}", "$HOME", "{a.mp4}", "{other}"]


def test_the_end_of_a_signed_link_is_the_one_it_states(script: Script, clip: Path) -> None:
    signed = (
        f"{LINK}?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a&X-Amz-Date=20261129T120000Z"
        "&X-Amz-Expires=3600&X-Amz-SignedHeaders=host&X-Amz-Signature=0a"
    )
    store = opened([script(f"echo '{signed}'"), "{file}"])
    put(store, clip)
    expires = store.link("a.mp4", DAY).expires
    assert expires
    assert expires.isoformat() == "2026-11-29T13:00:00+00:00"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("echo uploaded", "It printed: uploaded What it may have sent is still there"),
        ("true", "It printed nothing"),
        (f"echo {LINK}; echo bye", "It printed: bye"),
        ("echo ftp://clips.example/a.mp4", "It printed: ftp://clips"),
        ("echo https://", "It printed: https://"),
        (f"printf '{LINK}?\\342\\200\\256x'", "It printed: https://clips"),
        ("echo http://u:s3cr3tpw@clips.example/a.mp4", "It printed: http"),
        (f"echo '{LINK} and more'", "It printed: https://clips"),
    ],
)
def test_what_is_no_link_is_said(script: Script, clip: Path, text: str, message: str) -> None:
    with pytest.raises(StoreError, match="must be the link.*" + message):
        put(opened([script(text), "{file}"]), clip)


def test_a_failure_shows_the_last_complaint_without_secrets(script: Script, clip: Path) -> None:
    program = script(
        "echo first >&2\n"
        "echo 'denied for https://u:pw@host/x?sig=s3cr3t token=abcdef12' >&2\n"
        "exit 7"
    )
    with pytest.raises(StoreError, match="failed with exit code 7: denied for") as refused:
        put(opened([program, "{file}"]), clip)
    assert not [secret for secret in ("pw", "s3cr3t", "abcdef12") if secret in str(refused.value)]


def test_a_program_that_is_not_there_is_said(clip: Path) -> None:
    with pytest.raises(
        StoreProgramMissing, match=r"no-such-upload cannot be started: No such file"
    ):
        put(opened(["no-such-upload", "{file}"]), clip)


def test_it_is_removed_by_its_link_or_by_hand(script: Script, clip: Path, tmp_path: Path) -> None:
    publish = [script(f"echo {LINK}"), "{file}"]
    with pytest.raises(StoreError, match="must be removed by hand: there is no unpublish_command"):
        opened(publish).delete("a.mp4", link=LINK)
    unpublish = [script(f'echo "$1 $2" >>{tmp_path}/gone'), "{link}", "{name}"]
    store = opened(publish, unpublish)
    with pytest.raises(StoreError, match="its whole link is not known"):
        store.delete("a.mp4")
    put(store, clip)
    store.delete("a.mp4")
    opened([], unpublish).delete("b.mp4", link="https://clips.example/b.mp4")
    gone = (tmp_path / "gone").read_text().splitlines()
    assert gone == [f"{LINK} a.mp4", "https://clips.example/b.mp4 b.mp4"]
    with pytest.raises(StoreRefused, match=r"unpublish_command \(false\) failed with exit code 1"):
        opened(publish, ["false", "{link}"]).delete("a.mp4", link=LINK)


@pytest.mark.parametrize(
    ("publish", "unpublish", "message"),
    [
        ([], [], "needs publish_command in the settings"),
        (["upload"], [], "publish_command has no {file}"),
        (["upload", "{file}"], ["remove"], "unpublish_command has no {link}"),
    ],
)
def test_commands_without_their_marks_are_refused(
    publish: list[str], unpublish: list[str], message: str
) -> None:
    with pytest.raises(DestinationInvalid, match=message):
        opened(publish, unpublish)


def test_nothing_is_published_without_a_publish_command(clip: Path) -> None:
    with pytest.raises(DestinationInvalid, match="needs publish_command"):
        put(opened([], ["true", "{link}"]), clip)
    with pytest.raises(StoreError, match=r"has published no a\.mp4 in this run"):
        opened(["true", "{file}"]).link("a.mp4", DAY)


def test_a_command_that_takes_too_long_or_prints_too_much_is_ended(script: Script) -> None:
    assert "longer than 0 seconds" in str(run_program([script("sleep 60")], seconds=0.1).stopped)
    flood = run_program([script("yes")], seconds=60)
    assert "printed more than" in str(flood.stopped)
    assert flood.code < 0


def test_an_interruption_ends_the_command_and_all_that_it_started(
    script: Script, tmp_path: Path
) -> None:
    """The second process of the group ignores what asks it to end."""
    program = script(
        f"trap 'echo asked >{tmp_path}/asked; exit' INT\n"
        "(trap '' INT TERM; exec sleep 60) &\n"
        f"echo $! >{tmp_path}/number\n"
        "echo started >&2\n"
        "wait"
    )

    def interrupt(_: bytes) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_program([program], seconds=60, watch=interrupt)
    assert (tmp_path / "asked").read_text() == "asked\n"
    wait_for_the_end((tmp_path / "number").read_text().strip())
