"""The functions with `await`: the same answers, bounded, and cancelled as Ctrl-C ends a call."""

from __future__ import annotations

import asyncio
import inspect
import os
import shutil
import threading
import typing
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from builders import body
from object_servers import S3Server
from processes import KEY, ffprobe_script, ledger_rows, served
from tcp_proxy import Line

import motion_preflight
import motion_preflight.asyncio as door
from motion_preflight import (
    ClearedRequest,
    NotSent,
    OutcomeUnknown,
    PublishOptions,
    State,
    preflight,
    submit,
)
from motion_preflight.sandbox.server import Sandbox
from motion_preflight.testing.habit import Habit
from motion_preflight.testing.host import Host

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

pytestmark = pytest.mark.anyio
_FOREVER = 3600.0  # seconds; whatever waits for so long is ended by something else


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


async def until(happened: Callable[[], object]) -> None:
    """Waits until something has happened; 30 seconds at most."""
    with anyio.fail_after(30):
        while not happened():  # noqa: ASYNC110  in a thread, or in another process
            await anyio.sleep(0.01)


async def cancelled(call: Callable[[], Awaitable[object]], when: Callable[[], object]) -> None:
    """Cancels a call as soon as something has happened, and waits for its end."""
    async with anyio.create_task_group() as group:

        async def run() -> None:
            await call()
            pytest.fail("it was not cancelled")

        group.start_soon(run)
        await until(when)
        group.cancel_scope.cancel()


def waiting_program(folder: Path) -> tuple[str, Callable[[], int | None]]:
    """A program that never ends by itself, and a look at its process, `None` before it runs."""
    file = folder / "pid"
    script = ffprobe_script(folder, f'echo $$ > "{file}.new"; mv "{file}.new" "{file}"; sleep 3600')
    return script, lambda: int(file.read_text("ascii")) if file.exists() else None


def is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def customer(sandbox: Sandbox | Host, folder: Path) -> dict[str, Any]:
    return {"api_key": KEY, "base_url": sandbox.base, "ledger_folder": folder / "state"}


def test_each_has_the_name_and_the_arguments_of_the_one_without_await() -> None:
    for name in door.__all__:
        signatures = [
            inspect.signature(getattr(module, name)) for module in (door, motion_preflight)
        ]
        assert signatures[0].parameters == signatures[1].parameters, name
        hints = typing.get_type_hints(getattr(door, name))
        assert "return" in hints


async def test_a_report_is_the_one_of_the_library(media: Path) -> None:
    request = body(video_url="clip-8s.mp4", image_url="image.png")
    report = await door.preflight(request, label="dance", folder=media)
    same = preflight(request, label="dance", folder=media, now=report.checked_at)
    assert report.to_dict() == same.to_dict()


async def test_the_facts_of_a_medium_and_its_error_come_through(media: Path) -> None:
    facts = await door.probe(media / "clip-8s.mp4", kind="video")
    assert facts == motion_preflight.probe(media / "clip-8s.mp4", kind="video")
    with pytest.raises(motion_preflight.SourceUnreachable):
        await door.probe(media / "not-there.mp4")


async def test_reports_of_many_come_in_the_order_of_the_requests(media: Path) -> None:
    clips = ["clip-8s.mp4", "clip-3s.mp4", "not-there.mp4", "clip-8s.mp4"]
    requests = [body(video_url=clip, image_url="image.png") for clip in clips]
    reports = [report async for report in door.preflight_many(requests, folder=media, jobs=2)]
    assert [report.body["video_url"] for report in reports] == clips
    with pytest.raises(ValueError, match="jobs must be 1 or more"):
        await anext(door.preflight_many([], jobs=0))


class Counted:
    """Requests that count how many are checked at a time."""

    def __init__(self) -> None:
        self.now, self.most, self.lock = 0, 0, threading.Lock()
        self.several = threading.Event()

    def body(self) -> dict[str, Any]:
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)
            if self.now > 1:
                self.several.set()
        self.several.wait(30)
        with self.lock:
            self.now -= 1
        return {}


async def test_two_hundred_at_once_are_bounded() -> None:
    request, reports = Counted(), list[object]()

    async def one() -> None:
        reports.append(await door.preflight(request))

    async with anyio.create_task_group() as group:
        for _ in range(200):
            group.start_soon(one)
    assert len(reports) == 200
    assert 1 < request.most <= 8


async def test_cancelling_a_check_ends_its_ffprobe(media: Path, tmp_path: Path) -> None:
    ffprobe, process = waiting_program(tmp_path)
    request = body(video_url=media / "clip-8s.mp4", image_url=media / "image.png")
    await cancelled(lambda: door.preflight(request, ffprobe=ffprobe), process)
    number = process()
    assert number is not None
    await until(lambda: not is_alive(number))


async def test_cancelling_a_probe_ends_its_transfer(media: Path, host: Host) -> None:
    url = host.serve("clip.mp4", media / "clip-8s.mp4", Habit(stall_header=True))
    options: Any = {"allow_private": True, "timeout": _FOREVER}
    await cancelled(lambda: door.probe(url, **options), lambda: host.log)
    assert not [thread.name for thread in threading.enumerate() if thread.name == "host"]


async def test_a_check_that_waits_for_its_turn_is_never_begun(media: Path, host: Host) -> None:
    url = host.serve("clip.mp4", media / "clip-8s.mp4", Habit(stall_header=True))
    options: Any = {"allow_private": True, "timeout": _FOREVER}

    async def ten() -> None:
        async with anyio.create_task_group() as group:
            for number in range(10):
                group.start_soon(lambda link: door.probe(link, **options), f"{url}?{number}")

    await cancelled(ten, lambda: len(host.log) == 8)
    assert len(host.log) == 8


async def test_leaving_the_loop_over_many_ends_what_is_measured(media: Path, host: Host) -> None:
    url = host.serve("clip.mp4", media / "clip-8s.mp4", Habit(stall_header=True))
    image = media / "image.png"
    requests = [body(video_url=link, image_url=image) for link in (media / "clip-8s.mp4", url)]
    options: Any = {"allow_private": True, "timeout": _FOREVER}
    async with aclosing(door.preflight_many(requests, **options)) as reports:
        assert (await anext(reports)).body["video_url"] == str(media / "clip-8s.mp4")
        with anyio.move_on_after(0.1) as scope:
            await anext(reports)
        assert scope.cancelled_caught
    assert not [thread.name for thread in threading.enumerate() if thread.name == "host"]


async def test_cancelling_a_fix_ends_ffmpeg_and_leaves_no_file(media: Path, tmp_path: Path) -> None:
    ffmpeg, process = waiting_program(tmp_path)
    output = tmp_path / "results" / "mended.mp4"
    output.parent.mkdir()
    clip = media / "clip-12s.mp4"
    await cancelled(
        lambda: door.fix(clip, output=output, orientation="image", ffmpeg=ffmpeg), process
    )
    number = process()
    assert number is not None
    await until(lambda: not is_alive(number))
    assert list(output.parent.iterdir()) == []


async def test_a_request_whose_clip_is_mended_names_the_new_one(
    tmp_path: Path, media: Path
) -> None:
    for name in ("clip-12s.mp4", "image.png"):
        shutil.copy(media / name, tmp_path)
    request = body(video_url="clip-12s.mp4", image_url="image.png", character_orientation="image")
    done = await door.fix_request(request, folder=tmp_path, dry_run=True)
    assert done == motion_preflight.fix_request(request, folder=tmp_path, dry_run=True)


async def test_what_is_published_is_taken_away_again(
    s3: S3Server, media: Path, tmp_path: Path
) -> None:
    bucket, options = s3.new_bucket(), PublishOptions(allow_private=True)
    published = await door.publish(
        media / "clip-8s.mp4", to=f"s3://{bucket}", options=options, ledger_folder=tmp_path
    )
    assert (published.error, s3.names(bucket)) == (None, [published.name])
    assert published.link
    (gone,) = await door.unpublish([published.link], allow_private=True, ledger_folder=tmp_path)
    assert (gone.error, s3.names(bucket)) == (None, [])


async def test_cancelling_a_publication_leaves_nothing_at_the_store(
    s3: S3Server, media: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clip takes two seconds on this line, in three parts."""
    clip = tmp_path / "large.mp4"
    clip.write_bytes(
        (media / "clip-8s.mp4").read_bytes()
        + (12_000_000).to_bytes(4, "big")
        + b"free"
        + bytes(12_000_000 - 8)
    )
    bucket, sent = s3.new_bucket(), list[float]()
    options = PublishOptions(allow_private=True)
    with Line(s3.base, speed=6_000_000) as line:
        monkeypatch.setenv("AWS_ENDPOINT_URL", line.base)
        await cancelled(
            lambda: door.publish(
                clip,
                to=f"s3://{bucket}",
                options=options,
                watch=sent.append,
                ledger_folder=tmp_path,
            ),
            lambda: sent,
        )
        assert line.passed < 12_000_000
    assert (s3.names(bucket), s3.unfinished(bucket)) == ([], [])


async def test_cancelling_a_publication_ends_its_rclone(
    no_credentials: Path, media: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script, process = waiting_program(tmp_path)
    (no_credentials / "rclone").symlink_to(script)
    monkeypatch.setenv("PATH", f"{no_credentials}{os.pathsep}{os.environ['PATH']}")
    clip = media / "clip-8s.mp4"
    await cancelled(lambda: door.publish(clip, to="rclone:box:", ledger_folder=tmp_path), process)
    number = process()
    assert number is not None
    await until(lambda: not is_alive(number))


async def test_what_is_sent_is_written_down_and_followed(tmp_path: Path) -> None:
    with Sandbox(polls=0) as sandbox:
        report = await door.preflight(served(sandbox), allow_private=True)
        receipt = await door.submit(ClearedRequest(report), **customer(sandbox, tmp_path))
        done = await door.wait(receipt, **customer(sandbox, tmp_path))
    assert (receipt.state, done.state) == (State.SUBMITTED, State.COMPLETED)
    assert len(sandbox.posts) == 1


async def test_cancelling_a_post_says_that_its_outcome_is_unknown(tmp_path: Path) -> None:
    with Sandbox(faults=["stall"]) as sandbox:
        account = customer(sandbox, tmp_path)
        cleared = ClearedRequest(preflight(served(sandbox), allow_private=True))
        with pytest.raises(BaseExceptionGroup) as raised:
            await cancelled(
                lambda: door.submit(cleared, **account),
                lambda: sandbox.posts and sandbox.posts[0].task_id,
            )
        (error,) = raised.value.exceptions
        assert isinstance(error, OutcomeUnknown)
        assert "it was interrupted before the answer came" in str(error)
        with pytest.raises(NotSent, match="is not over"):
            submit(cleared, **account)
    assert [row["state"] for row in ledger_rows(tmp_path)] == ["unknown"]
    assert len(sandbox.posts) == 1


async def test_cancelling_between_two_attempts_sends_no_second_one(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", logger="motion_preflight.submission.exchange")
    with Sandbox(faults=["429-later"]) as sandbox:
        account = customer(sandbox, tmp_path)
        cleared = ClearedRequest(preflight(served(sandbox), allow_private=True))
        await cancelled(
            lambda: door.submit(cleared, **account),
            lambda: "→ Refused" in caplog.text,  # the answer has come, and the next attempt waits
        )
    assert [row["state"] for row in ledger_rows(tmp_path)] == ["rejected"]
    assert len(sandbox.posts) == 1


async def test_cancelling_before_the_post_sends_nothing(tmp_path: Path, host: Host) -> None:
    host.serve("v1/balance", b"", Habit(stall_header=True))
    with Sandbox() as sandbox:
        cleared = ClearedRequest(preflight(served(sandbox), allow_private=True))
    account = customer(host, tmp_path) | {"timeout": _FOREVER}
    await cancelled(lambda: door.submit(cleared, **account), lambda: host.log)
    assert [entry.method for entry in host.log] == ["GET"]
    assert ledger_rows(tmp_path) == []


async def test_cancelling_while_it_waits_leaves_the_task_as_it_is(tmp_path: Path) -> None:
    with Sandbox(faults=["poll-stall"]) as sandbox:
        account = customer(sandbox, tmp_path)
        receipt = submit(ClearedRequest(preflight(served(sandbox), allow_private=True)), **account)
        polled = ("GET", f"/v1/tasks/{receipt.task_id}")
        await cancelled(lambda: door.wait(receipt, **account), lambda: polled in sandbox.requests)
    assert [row["state"] for row in ledger_rows(tmp_path)] == ["submitted"]


def test_a_task_of_asyncio_that_is_cancelled_twice_still_ends_its_post(tmp_path: Path) -> None:
    """By the event loop's own means, and without waiting for anything in between."""
    with Sandbox(faults=["stall"]) as sandbox:
        cleared = ClearedRequest(preflight(served(sandbox), allow_private=True))

        async def main() -> None:
            task = asyncio.create_task(door.submit(cleared, **customer(sandbox, tmp_path)))
            await until(lambda: sandbox.posts and sandbox.posts[0].task_id)
            task.cancel()
            await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(OutcomeUnknown):
                await task

        asyncio.run(main())
    assert [row["state"] for row in ledger_rows(tmp_path)] == ["unknown"]


def test_a_timeout_of_asyncio_ends_a_check(media: Path, host: Host) -> None:
    url = host.serve("clip.mp4", media / "clip-8s.mp4", Habit(stall_header=True))

    async def main() -> None:
        request = body(video_url=url, image_url=media / "image.png")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await door.preflight(request, allow_private=True, timeout=_FOREVER)

    asyncio.run(main())
    assert not [thread.name for thread in threading.enumerate() if thread.name == "host"]
