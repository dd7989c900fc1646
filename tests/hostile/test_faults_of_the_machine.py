"""A machine that fails: no room, no rights, no home, another time, an ffprobe that is none, no
descriptors, processes or memory left, closed streams, signals in bursts.

Every fault is real, and nearly every test is the program itself, which sends to the sandbox.
However a run ends, `Bench.healthy` holds: an exit code of the contract, whole lines and no
traceback on stderr, nothing temporary left, a row for every POST.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import product
from pathlib import Path

import pytest
from builders import NOW, body
from processes import KEY, served

from hostile.faults import (
    ENOUGH,
    MEDIA,
    Bench,
    Done,
    as_root,
    at,
    bench,
    burst,
    disk,
    fill,
    grow,
    open_folder,
    without_rights,
)
from motion_preflight.cli import exit_codes
from motion_preflight.formats.names import FORMATS
from motion_preflight.media.programs.ffprobe import bundled
from motion_preflight.pipeline import preflight
from motion_preflight.provider.client import Api
from motion_preflight.report.clearance import ClearedRequest
from motion_preflight.report.totals import Budget
from motion_preflight.submission.errors import NotSent, NotSentReason
from motion_preflight.submission.ledger.ledger import Ledger
from motion_preflight.submission.submitter import Submitter

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="faults as Linux has them")
FFPROBE = bundled("ffprobe") or shutil.which("ffprobe") or "ffprobe"
CLIP = (MEDIA / "clip-8s.mp4").read_bytes()  # it is the result of each task, too
NO_SIGNAL = "trap '' XFSZ"  # what is too much for a file is an error then
QUIET = ("--allow-private", "-q")
SEND = (*QUIET, "--yes")
AS_JSON = ("--format", "json")
OVER = {"polls": 0}  # a task is over when it is looked at


@pytest.fixture
def here(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    """The program and a provider; a test may give options of the sandbox."""
    with bench(tmp_path, **getattr(request, "param", {})) as built:
        yield built


def states_of(done: Done) -> list[str | None]:
    """The state of each request as the JSON on stdout says it, `None` of one without a row."""
    reports = json.loads(done.stdout)["reports"]
    return [report["receipt"] and report["receipt"]["state"] for report in reports]


def large(here: Bench, count: int) -> Path:
    """Requests whose rows take room: two of them fill a page of the ledger."""
    built = [served(here.sandbox, number) for number in range(count)]
    return here.file([item | {"prompt": item["prompt"] + 2400 * "."} for item in built])


def words(done: Done) -> str:
    """Both streams on one line, however they are wrapped."""
    return " ".join((done.stdout + done.stderr).split())


# --- no room --------------------------------------------------------------------------------


@pytest.mark.parametrize(("size", "count"), [("4k", 1), ("4k", 3), ("8k", 1)])
def test_a_url_that_finds_no_room_here_is_not_measured(size: str, count: int, here: Bench) -> None:
    with disk(here.temporary, size):
        done = here.run("check", here.requests(count), *QUIET, "--scan")
        here.healthy(done, exit_codes.UNSURE)
    assert "no room for a temporary file (No space left on device); set TMPDIR" in words(done)


@pytest.mark.parametrize("blocks", [0, 8])  # of 512 bytes
@pytest.mark.parametrize("way", [NO_SIGNAL, ":"])
def test_a_temporary_file_that_may_not_grow_is_no_verdict(
    blocks: int, way: str, here: Bench
) -> None:
    done = here.run("check", here.requests(), *QUIET, limits=f"{way}; ulimit -f {blocks}")
    here.healthy(done, exit_codes.UNSURE)
    assert "there is no room for a temporary file" in words(done)


def test_nothing_temporary_anywhere_is_said_by_doctor_too(here: Bench) -> None:
    done = here.run("doctor", limits=f"{NO_SIGNAL}; ulimit -f 0")
    here.healthy(done, exit_codes.OK)
    assert "NONE CAN BE WRITTEN" in done.stdout


@pytest.mark.parametrize("size", [4, 20, 36, 52, 64, 72, 80, 92, 120])  # KiB
def test_a_ledger_without_room_sends_what_it_can_keep_and_no_more(size: int, here: Bench) -> None:
    """What was sent before the room was gone is shown, whatever came then."""
    with disk(here.state, f"{size}k"):
        done = here.run("submit", large(here, 8), *SEND, *AS_JSON)
        sent = len(here.sandbox.posts)
        code = exit_codes.OK if sent == 8 else exit_codes.CANNOT_RUN
        here.healthy(done, code)
        assert here.states == ["submitted"] * sent
        if sent < 8:
            assert "cannot be used (database or disk is full)" in done.stderr
        if sent:
            assert states_of(done) == ["submitted"] * sent + [None] * (8 - sent)


def test_a_ledger_that_has_room_again_goes_on(here: Bench) -> None:
    with disk(here.state, "88k"):
        requests = large(here, 8)
        here.healthy(here.run("submit", requests, *SEND), exit_codes.CANNOT_RUN)
        assert 0 < len(here.sandbox.posts) < 8
        grow(here.state, "1m")
        here.healthy(here.run("submit", requests, *SEND), exit_codes.BROKEN)  # some are under way
        prompts = [json.loads(post.body)["prompt"] for post in here.sandbox.posts]
        assert len(prompts) == len(set(prompts)) == 8
        assert here.states == ["submitted"] * 8


@pytest.mark.parametrize("blocks", [0, 24, 56, 64, 72, 80])
def test_a_ledger_that_may_not_grow_sends_what_it_can_keep(blocks: int, here: Bench) -> None:
    """The clip does not fit the first ones: it is sent unmeasured, as was asked for."""
    limits = f"{NO_SIGNAL}; ulimit -f {blocks}"
    done = here.run("submit", large(here, 4), *SEND, "--accept-unsure", limits=limits)
    here.healthy(done, exit_codes.OK, exit_codes.CANNOT_RUN)
    assert here.states == ["submitted"] * len(here.sandbox.posts)
    assert (done.returncode == exit_codes.OK) == (len(here.sandbox.posts) == 4)
    assert done.stdout.count("submitted   ") == len(here.sandbox.posts)


def filled_by_the_first_post(here: Bench, until: Callable[[], bool] | None = None) -> None:
    """From the first POST on the disk of the ledger has no room, until it has it again."""

    def run() -> None:
        end = time.monotonic() + ENOUGH
        while not here.sandbox.posts and time.monotonic() < end:
            time.sleep(0.005)
        filler = fill(here.state)
        while until and not until() and time.monotonic() < end:
            time.sleep(0.005)
        if until:
            filler.unlink()

    threading.Thread(target=run, daemon=True).start()


SLOW = {"delay": 0.5}  # the answer comes when there is no room any more


@pytest.mark.parametrize("here", [SLOW], indirect=True)
@pytest.mark.parametrize(
    "outcome",
    [
        (None, exit_codes.UNKNOWN, "submitted", "as task task_"),
        ("cut-after", exit_codes.UNKNOWN, "unknown", "was sent, and whether the provider took it"),
        ("400", exit_codes.CANNOT_RUN, "rejected", "the provider refused it: 400"),
    ],
)
@pytest.mark.parametrize("form", [(), AS_JSON])
def test_an_outcome_that_cannot_be_written_down_is_told(
    outcome: tuple[str | None, int, str, str], form: tuple[str, ...], here: Bench
) -> None:
    fault, code, shown, says = outcome
    here.sandbox.fault(*([fault] if fault else []))
    requests = here.requests(2)
    with disk(here.state, "200k"):
        filled_by_the_first_post(here)
        done = here.run("submit", requests, *SEND, *form)
        (here.state / "filler").unlink()
        here.healthy(done, code)
        (post,), (row,) = here.sandbox.posts, here.rows
        assert (says in done.stderr, "could not be written down" in done.stderr) == (True, True)
        assert row["intent"] in done.stderr
        assert (post.task_id or "") in done.stderr or fault
        if form:
            assert states_of(done) == [shown, None]
        else:
            assert f"{shown:<11} {requests}[0]" in done.stdout

        listed = json.loads(here.run("tasks", *AS_JSON).stdout)["tasks"]
        assert [item["state"] for item in listed] == ["unknown"]


@pytest.mark.parametrize("here", [SLOW | OVER], indirect=True)
def test_a_result_is_fetched_though_nothing_can_be_written_down(here: Bench) -> None:
    """It is paid for, and its link ends."""
    with disk(here.state, "200k"):
        filled_by_the_first_post(here)
        done = here.run("submit", here.requests(), *SEND, *AS_JSON, "--download", here.out)
        (here.state / "filler").unlink()
        here.healthy(done, exit_codes.UNKNOWN)
    task_id = here.sandbox.posts[0].task_id
    receipt = json.loads(done.stdout)["reports"][0]["receipt"]
    assert (receipt["state"], receipt["task_id"]) == ("completed", task_id)
    assert [path.name for path in here.out.glob("*.mp4")] == [f"{task_id}.mp4"]
    assert (here.out / f"{task_id}.mp4").read_bytes() == CLIP


@pytest.mark.parametrize("here", [SLOW | {"polls": 1}], indirect=True)
def test_a_task_id_is_written_down_when_there_is_room_again(here: Bench) -> None:
    with disk(here.state, "200k"):
        filled_by_the_first_post(
            here,
            until=lambda: any("/v1/tasks/" in path for _, path in here.sandbox.requests),
        )
        done = here.run("submit", here.requests(), *SEND, "--download", here.out)
        here.healthy(done, exit_codes.UNKNOWN)
        (row,) = here.rows
    task_id = here.sandbox.posts[0].task_id
    assert (row["state"], row["task_id"]) == ("completed", task_id)
    assert json.loads(row["files"]) == [str(here.out / f"{task_id}.mp4")]


@pytest.mark.parametrize("here", [OVER], indirect=True)
@pytest.mark.parametrize("size", ["4k", "16k"])
def test_a_download_without_room_goes_on_when_there_is_some(size: str, here: Bench) -> None:
    with disk(here.out, size):
        done = here.run("submit", here.requests(), *SEND, "--download", here.out)
        here.healthy(done, exit_codes.BROKEN)
        assert "cannot be written (No space left on device)" in done.stderr
        assert here.states == ["completed"]
        assert not list(here.out.glob("*.mp4"))

        grow(here.out, "1m")
        task_id = str(here.sandbox.posts[0].task_id)
        here.healthy(here.run("tasks", "wait", task_id, "--download", here.out), exit_codes.OK)
        (file,) = here.out.glob("*.mp4")
        assert (file.name, file.read_bytes()) == (f"{task_id}.mp4", CLIP)
    assert len(here.sandbox.posts) == 1


def test_reports_without_room_are_named_one_by_one_and_the_others_written(here: Bench) -> None:
    with disk(here.out, "4k"):
        fill(here.out)
        files = [f"--format={name}={here.out}/{name}" for name in FORMATS]
        good = ("--format", f"json={here.folder}/good", "--format", "text")
        done = here.run("check", here.requests(2), *QUIET, *files, *good)
    here.healthy(done, exit_codes.CANNOT_RUN)
    full = "cannot be written (No space left on device)"
    assert sorted(done.stderr.splitlines()) == sorted(
        f"motion-preflight: {here.out}/{name}: {full}" for name in FORMATS
    )
    assert done.stdout.count("PASS") == 2
    assert json.loads((here.folder / "good").read_text())["summary"]["pass"] == 2


@pytest.mark.parametrize("here", [OVER], indirect=True)
@pytest.mark.parametrize(
    ("arguments", "streams", "posts"),
    [
        (("submit", "requests.json", *SEND), ">/dev/full", 0),  # nobody would see what is sent
        (("submit", "requests.json", *QUIET, "--dry-run"), ">/dev/full", 0),
        (("submit", "requests.json", *SEND, *AS_JSON), ">/dev/full", 2),
        (("submit", "requests.json", *SEND, *AS_JSON, "--wait"), ">/dev/full 2>/dev/full", 2),
        (("submit", "requests.json", *SEND, "--format=json=/dev/full"), "", 2),
    ],
)
def test_what_was_sent_is_told_where_there_is_room(
    arguments: tuple[str, ...], streams: str, posts: int, here: Bench
) -> None:
    here.requests(2)
    done = here.run(*arguments, streams=streams)
    here.healthy(done, exit_codes.CANNOT_RUN, quiet="2>" in streams)
    assert len(here.sandbox.posts) == posts
    assert len(here.states) == posts
    if "2>" not in streams:
        assert "cannot be written (No space left on device)" in done.stderr
        assert all(str(row["task_id"]) in done.stderr for row in here.rows)


@pytest.mark.parametrize("here", [OVER], indirect=True)
def test_stderr_without_room_changes_nothing(here: Bench) -> None:
    """Not what is said of tasks while they are waited for, either."""
    values = ("submit", here.requests(2), *SEND, *AS_JSON, "--download", here.out)
    done = here.run(*values, streams="2>/dev/full")
    here.healthy(done, exit_codes.OK)
    assert states_of(done) == ["completed", "completed"]
    assert len(list(here.out.glob("*.mp4"))) == 2


def test_a_long_batch_that_can_keep_nothing_on_the_disk_goes_on(here: Bench) -> None:
    """So many media are more than are kept in memory; names of that length cannot be files."""
    count = 2_600
    lines = [
        json.dumps(body(video_url=f"{number}v{'x' * 3000}", image_url=f"{number}i{'x' * 3000}"))
        for number in [*range(count), 0]
    ]
    requests = here.file("\n".join(lines), "many.jsonl")
    limits = f"{NO_SIGNAL}; ulimit -f 0"
    done = here.run("check", requests, "-q", "--format", "jsonl", limits=limits)
    here.healthy(done, exit_codes.BROKEN)
    assert done.stdout.count('"verdict":"fail"') == count + 1


# --- no rights ------------------------------------------------------------------------------


def test_a_state_folder_that_may_not_be_written_sends_nothing(here: Bench) -> None:
    alone, requests = without_rights(), here.requests()
    here.state.mkdir(mode=0o500)
    for arguments in (("submit", requests, *SEND), ("tasks",)):
        done = here.run(*arguments, before=alone)
        here.healthy(done, exit_codes.CANNOT_RUN)
        assert "ledger.sqlite3 cannot be used (Permission denied)" in done.stderr
    assert here.sandbox.posts == []


@pytest.mark.parametrize("mode", [0o000, 0o500])
def test_a_state_folder_that_may_not_be_read_is_nothing_to_doctor(mode: int, here: Bench) -> None:
    here.state.mkdir(mode=mode)
    done = here.run("doctor", before=without_rights(), SSL_CERT_FILE=str(here.state / "no.pem"))
    here.state.chmod(0o700)
    here.healthy(done, exit_codes.OK)


@pytest.mark.parametrize("name", ["ledger.sqlite3", "runs"])
def test_a_ledger_that_may_not_be_written_sends_nothing(name: str, here: Bench) -> None:
    here.run("tasks")
    (here.state / name).chmod(0o400 if name.endswith("3") else 0o500)
    done = here.run("submit", here.requests(), *SEND, before=without_rights())
    here.healthy(done, exit_codes.CANNOT_RUN)
    assert here.sandbox.posts == []


@pytest.mark.parametrize("here", [OVER], indirect=True)
def test_results_are_fetched_though_the_ledger_may_not_be_written_any_more(here: Bench) -> None:
    here.run("submit", here.requests(2), *SEND)
    here.state.chmod(0o500)  # its journal cannot be made
    values = ("tasks", "wait", "--download", here.out, *AS_JSON)
    done = here.run(*values, before=without_rights())
    here.state.chmod(0o700)
    here.healthy(done, exit_codes.CANNOT_RUN)
    assert [path.read_bytes() for path in here.out.glob("*.mp4")] == [CLIP, CLIP]
    listed = json.loads(done.stdout)["tasks"]
    assert [(item["state"], len(item["files"])) for item in listed] == [("completed", 1)] * 2
    assert here.states == ["submitted"] * 2  # the next wait writes it down
    here.healthy(here.run("tasks", "wait"), exit_codes.OK)
    assert here.states == ["completed"] * 2


@pytest.mark.parametrize("here", [OVER], indirect=True)
@pytest.mark.parametrize("place", ["folder", "parent", "file"])
def test_a_download_folder_that_may_not_be_written_spends_nothing_and_loses_no_result(
    place: str, here: Bench
) -> None:
    alone, requests = without_rights(), here.requests()
    if place == "file":
        here.out.write_text("not a folder", encoding="utf-8")
    else:
        here.out.mkdir(mode=0o500)
    into = ("--download", here.out / "deeper" if place == "parent" else here.out)
    here.healthy(here.run("submit", requests, *SEND, *into, before=alone), exit_codes.CANNOT_RUN)
    assert here.sandbox.posts == []

    here.healthy(here.run("submit", requests, *SEND), exit_codes.OK)
    done = here.run("tasks", "wait", *into, before=alone)
    here.healthy(done, exit_codes.BROKEN, exit_codes.CANNOT_RUN)
    assert str(here.out) in done.stderr
    other = here.folder / "other"
    here.healthy(here.run("tasks", "wait", here.rows[0]["task_id"], "--download", other))
    assert [path.read_bytes() for path in other.glob("*.mp4")] == [CLIP]


@pytest.mark.parametrize("name", ["config.toml", "profile.toml"])
@pytest.mark.parametrize("command", ["check", "submit"])
def test_a_configuration_that_may_not_be_read_spends_nothing(
    command: str, name: str, here: Bench
) -> None:
    """It may hold a budget, and prices; a check takes it for somebody else's."""
    alone, folder = without_rights(), here.folder / "config" / "motion-preflight"
    folder.mkdir(parents=True)
    (folder / name).touch(mode=0)
    done = here.run(
        command, here.requests(), *(QUIET if command == "check" else SEND), before=alone
    )
    here.healthy(done, exit_codes.OK if command == "check" else exit_codes.CANNOT_RUN)
    assert (name in done.stderr) == (command == "submit")
    assert here.sandbox.posts == []


def test_a_key_that_may_not_be_read_is_said(here: Bench) -> None:
    alone, key = without_rights(), here.folder / "key"
    key.write_text(KEY, encoding="utf-8")
    key.chmod(0)
    values = {"APIMART_API_KEY": "", "APIMART_API_KEY_FILE": str(key)}
    done = here.run("submit", here.requests(), *SEND, before=alone, **values)
    here.healthy(done, exit_codes.CANNOT_RUN)
    assert "cannot be read (Permission denied)" in done.stderr


@pytest.mark.parametrize("what", ["not there", "not writable"])
def test_another_folder_is_taken_where_tmpdir_is_none(what: str, here: Bench) -> None:
    alone, folder = without_rights(), here.folder / "elsewhere"
    if what == "not writable":
        folder.mkdir(mode=0o500)
    done = here.run("check", here.requests(), *QUIET, before=alone, TMPDIR=str(folder))
    here.healthy(done, exit_codes.OK)


@pytest.mark.parametrize("place", ["state", "tmp", "out"])
def test_a_disk_that_is_read_only_is_said(place: str, here: Bench) -> None:
    requests = here.requests()
    with disk(here.folder / place, "64k", "ro"):
        if place == "tmp":
            done = here.run("submit", requests, *SEND)
            here.healthy(done, exit_codes.OK)  # another folder is taken
        elif place == "state":
            done = here.run("submit", requests, *SEND)
            assert done.returncode == exit_codes.CANNOT_RUN
            assert "cannot be used (Read-only file system)" in done.stderr
        else:
            done = here.run("submit", requests, *SEND, f"--format=json={here.out}/r.json")
            here.healthy(done, exit_codes.CANNOT_RUN)
            assert "r.json: cannot be written (Read-only file system)" in done.stderr
    assert len(here.sandbox.posts) == (place == "tmp")


# --- no home --------------------------------------------------------------------------------

HOMES = ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "USER", "LOGNAME")
LEDGER = "MOTION_PREFLIGHT_STATE"


@pytest.fixture
def nobody() -> Iterator[Bench]:
    """A bench that any user may use."""
    as_root()
    with open_folder() as folder, bench(folder) as built:
        built.temporary.chmod(0o777)
        yield built


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("check", "requests.json", *QUIET), exit_codes.OK, ""),
        (("submit", "requests.json", *SEND), exit_codes.CANNOT_RUN, "this user has no home"),
        (("tasks",), exit_codes.CANNOT_RUN, "this user has no home"),
        (("doctor",), exit_codes.OK, ""),
        (("check", "~/requests.json"), exit_codes.CANNOT_RUN, "no such file"),
        (("check", "~/requests.jsonl", "requests.json"), exit_codes.CANNOT_RUN, "no such file"),
        (("check", "local.json"), exit_codes.BROKEN, ""),
        (("probe", "~/clip.mp4"), exit_codes.BROKEN, ""),
    ],
)
def test_a_user_without_a_home(
    arguments: tuple[str, ...], code: int, says: str, nobody: Bench
) -> None:
    nobody.requests()
    nobody.file(body(video_url="~/clip.mp4", image_url="~/image.png"), "local.json")
    done = nobody.run_as_another(*arguments, without=(*HOMES, LEDGER))
    nobody.healthy(done, code)
    assert says in done.stderr
    assert nobody.sandbox.posts == []


def test_a_user_without_a_home_can_send_when_told_where_the_ledger_is(nobody: Bench) -> None:
    done = nobody.run_as_another("submit", nobody.requests(), *SEND, without=HOMES)
    nobody.healthy(done, exit_codes.OK)
    assert nobody.states == ["submitted"]


# --- another time ---------------------------------------------------------------------------


@pytest.mark.parametrize("here", [OVER], indirect=True)
@pytest.mark.parametrize(
    "moment", ["1969-06-01 00:00:00", "1979-12-31 23:59:58", "2038-01-19 03:14:07", "2106-02-07"]
)
def test_a_clock_that_is_wrong_spoils_nothing(moment: str, here: Bench) -> None:
    clock = at(moment)
    here.healthy(here.run("submit", here.requests(), *SEND, before=clock), exit_codes.OK)
    here.healthy(here.run("tasks", "wait", before=clock), exit_codes.OK)
    assert here.states == ["completed"]
    here.healthy(here.run("tasks", before=clock), exit_codes.OK)
    forget = ("tasks", "forget", "--yes", "--older-than", "700000")
    here.healthy(here.run(*forget, before=clock), exit_codes.OK)


@pytest.mark.parametrize("here", [{"delay": 1.1}], indirect=True)
def test_a_day_that_ends_during_a_run(here: Bench) -> None:
    """Each request counts for the day on which it was sent."""
    folder = here.folder / "config" / "motion-preflight"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text("max_cost_per_day = 1.00", encoding="utf-8")
    done = here.run("submit", here.requests(2), *SEND, before=at("2026-12-31 23:59:59"))
    here.healthy(done, exit_codes.OK)
    days = [row["created"][:10] for row in here.rows]
    assert days[0] in {"2026-12-31", "2027-01-01"}
    assert days[1] == "2027-01-01"
    again = here.run("submit", here.requests(2), *SEND, "--again", before=at("2027-01-01 12:00"))
    here.healthy(again, exit_codes.OVER_BUDGET)
    later = here.run("submit", here.requests(2), *SEND, "--again", before=at("2027-01-02 12:00"))
    here.healthy(later, exit_codes.OK)


class Clock:
    """A time of day that jumps."""

    def __init__(self, moment: str) -> None:
        self.jump(moment)

    def jump(self, moment: str) -> None:
        self.moment = dt.datetime.fromisoformat(moment).replace(tzinfo=dt.UTC)

    def __call__(self) -> dt.datetime:
        return self.moment


@pytest.mark.parametrize(
    "jumps",
    [
        ["2026-12-01 12:00", "2026-12-02 12:00", "2026-11-30 12:00"],
        ["2026-12-01 23:59:59.999999", "2026-12-02 00:00", "2026-12-01 00:00", "2026-12-03 00:00"],
        ["1969-12-31 23:59", "2106-02-07 06:28", "1901-12-13 20:45"],
        ["0001-01-01 00:00", "9999-12-31 23:59:59.999999", "0001-01-02 00:00"],
    ],
)
def test_a_clock_that_jumps_sends_each_request_once(
    jumps: list[str], here: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its day is the one that the clock showed, and a day's budget goes by that. What was sent on a
    day that is still to come counts as of today: the clock was wrong, then or now.
    """
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    clock, spent = Clock(jumps[0]), set[dt.date]()
    made_at = [NOW, clock(), dt.datetime.now(dt.UTC), clock()]
    with (
        Api(here.sandbox.base, KEY) as api,
        Ledger(here.state, now=clock) as ledger,
        Submitter(api, ledger, budget=Budget(day=Decimal("0.5")), now=clock) as submitter,
    ):
        for number, jump in enumerate(jumps):
            request = served(here.sandbox, number)
            report = preflight(request, allow_private=True, now=made_at[number])
            clock.jump(jump)
            for _ in range(2):
                if all(day < clock().date() for day in spent):
                    assert submitter.submit(ClearedRequest(report)).created == clock()
                    spent.add(clock().date())
                else:
                    with pytest.raises(NotSent) as refused:
                        submitter.submit(ClearedRequest(report))
                    assert refused.value.because in {
                        NotSentReason.IDENTICAL,
                        NotSentReason.OVER_BUDGET,
                    }
    assert len(here.sandbox.posts) == len(spent) >= 2
    assert here.states == ["submitted"] * len(spent)


# --- an ffprobe that is none ----------------------------------------------------------------

UNMEASURED = (exit_codes.UNSURE,)
UNUSABLE = (exit_codes.CANNOT_RUN,)
# A script's lines, or what stands in its place.
PROGRAMS: dict[str, tuple[str, tuple[int, ...]]] = {
    "is silent": ("exit 0", UNMEASURED),
    "prints garbage": ("echo hello", UNMEASURED),
    "prints bytes": ("head -c 2000 /dev/urandom", UNMEASURED),
    "prints half a JSON": ("""echo '{"streams": ['""", UNMEASURED),
    "prints a list": ("echo '[1]'", UNMEASURED),
    "prints nothing in JSON": ("echo '{}'", UNMEASURED),
    "prints nulls": ("""echo '{"streams": null, "format": null}'""", UNMEASURED),
    "prints other types": ("""echo '{"streams": [1], "format": 2}'""", UNMEASURED),
    "prints a depth": ("head -c 100000 /dev/zero | tr '\\0' '['", UNMEASURED),
    "crashes": ("kill -SEGV $$", UNMEASURED),
    "is killed": ("echo half; kill -KILL $$", UNMEASURED),
    "fails without a word": ("exit 1", UNMEASURED),
    "is another program": ("echo 'usage: other' >&2; exit 2", (exit_codes.BROKEN, *UNMEASURED)),
    "sleeps": ("sleep 1000", UNMEASURED),
    "ignores SIGTERM": ("trap '' TERM; while :; do sleep 1000; done", UNMEASURED),
    "has no interpreter": ("#!/no/such/interpreter", UNUSABLE),
    "is no program": ("\x7fELF but not really", UNUSABLE),
    "may not be run": ("", UNUSABLE),
    "is a folder": ("", UNUSABLE),
    "is not there": ("", UNUSABLE),
}


# The program, which gives others a second and no more by the clock.
HASTY = """
import sys
from motion_preflight.__main__ import main
from motion_preflight.media.programs import limited_process as child
child.USUAL = child.Bounds(seconds=1)
sys.exit(main())
"""


def as_ffprobe(folder: Path, name: str, script: str) -> Path:
    """The program in a folder."""
    file = folder / "an ffprobe"
    if name == "is a folder":
        file.mkdir()
    elif name != "is not there":
        whole = script.startswith(("#!", "\x7f"))
        file.write_text(script if whole else f"#!/bin/sh\n{script}\n", encoding="latin-1")
        file.chmod(0o600 if name == "may not be run" else 0o700)
    return file


@pytest.mark.parametrize("name", PROGRAMS)
def test_an_ffprobe_that(name: str, here: Bench) -> None:
    """Of a URL and of a file, alone and among others, the answer is the same."""
    script, codes = PROGRAMS[name]
    ffprobe = str(as_ffprobe(here.folder, name, script))
    url = here.requests()
    local = body(video_url=str(MEDIA / "clip-8s.mp4"), image_url=str(MEDIA / "image.png"))
    both = here.file([local, served(here.sandbox)], "both.json")
    for arguments in (("submit", url, *SEND), ("check", both, *QUIET)):
        done = here.run(*arguments, code=HASTY, MOTION_PREFLIGHT_FFPROBE=ffprobe)
        here.healthy(done, *codes)
        assert "temporary file" not in words(done)
        if codes == UNUSABLE:
            assert "an ffprobe" in done.stderr
            assert done.stderr.count("cannot be run") == 1
        else:
            assert done.stderr == ""
    assert here.sandbox.posts == []


@pytest.mark.parametrize(
    "script", ["exec yes", "exec yes >&2", "head -c 1000000000 /dev/zero | tr '\\0' ' '"]
)
def test_an_ffprobe_that_prints_without_end(script: str, here: Bench) -> None:
    """There are 400 MB for what it prints."""
    values = {"MOTION_PREFLIGHT_FFPROBE": str(as_ffprobe(here.folder, "", script))}
    requests = here.file(body(video_url=str(MEDIA / "clip-8s.mp4"), image_url="no.png"))
    done = here.run("check", requests, "-q", limits="ulimit -v 400000", **values)
    here.healthy(done, exit_codes.UNSURE, exit_codes.BROKEN, exit_codes.CANNOT_RUN)


def test_an_ffprobe_that_reads_stdin_takes_no_request(here: Bench) -> None:
    """As programs do that run the real one elsewhere."""
    script = f'cat >/dev/null\nexec {FFPROBE} "$@"'
    ffprobe = as_ffprobe(here.folder, "", script)
    count = 1500
    media = {"video_url": str(MEDIA / "clip-8s.mp4"), "image_url": str(MEDIA / "image.png")}
    lines = [json.dumps(body(prompt=f"{number} {'x' * 300}", **media)) for number in range(count)]
    requests = here.file("\n".join(lines))
    values = ("check", "-", "-q", "--format", "jsonl")
    done = here.run(*values, streams=f"<{requests}", MOTION_PREFLIGHT_FFPROBE=str(ffprobe))
    here.healthy(done, exit_codes.OK)
    assert done.stdout.count('"verdict":"pass"') == count


# --- no descriptors, processes, memory ------------------------------------------------------


def started(done: Done) -> None:
    """Skips where Python itself could not begin."""
    if done.stderr.startswith(("Error processing line", "Fatal Python error")):
        pytest.skip("Python itself does not start with so few")


@pytest.mark.parametrize("descriptors", [*range(4, 24), 28, 34, 40])
def test_few_descriptors_lose_nothing_that_was_sent(descriptors: int, here: Bench) -> None:
    """What cannot be measured is sent all the same, so that every step is come to."""
    values = ("submit", here.requests(2), *SEND, *AS_JSON, "--accept-unsure")
    done = here.run(*values, limits=f"ulimit -n {descriptors}")
    started(done)
    here.healthy(done, exit_codes.OK, exit_codes.BROKEN, exit_codes.CANNOT_RUN)
    states = states_of(done) if done.stdout else []
    assert [state for state in states if state] == here.states
    assert (done.returncode == exit_codes.OK) == (here.states == ["submitted"] * 2)
    assert here.states == ["submitted"] * len(here.sandbox.posts)
    if descriptors > 32:
        assert done.returncode == exit_codes.OK


@pytest.mark.parametrize("descriptors", [*range(4, 25, 2), 28, 36])
def test_few_descriptors_make_no_wrong_verdict(descriptors: int, here: Bench) -> None:
    done = here.run("check", here.requests(4), *QUIET, limits=f"ulimit -n {descriptors}")
    started(done)
    here.healthy(done, exit_codes.OK, exit_codes.UNSURE, exit_codes.CANNOT_RUN)
    assert "Missing" not in words(done)  # a name of ours
    if descriptors > 32:
        assert done.returncode == exit_codes.OK


@pytest.mark.parametrize("here", [OVER], indirect=True)
@pytest.mark.parametrize("descriptors", range(5, 11))
def test_few_descriptors_lose_no_result(descriptors: int, here: Bench) -> None:
    values = ("submit", here.requests(), *SEND, "--accept-unsure", "--download", here.out)
    done = here.run(*values, limits=f"ulimit -n {descriptors}")
    started(done)
    here.healthy(done, exit_codes.OK, exit_codes.BROKEN, exit_codes.CANNOT_RUN)
    if done.returncode == exit_codes.OK:
        assert [path.read_bytes() for path in here.out.glob("*.mp4")] == [CLIP]
    elif here.sandbox.posts:
        assert str(here.sandbox.posts[0].task_id) in done.stderr


@pytest.mark.parametrize("processes", [1, 2, 3, 4, 5, 8])
def test_few_processes_lose_nothing(processes: int, nobody: Bench) -> None:
    """A thread counts as one."""
    done = nobody.run_as_another("check", nobody.requests(), *QUIET, processes=processes)
    nobody.healthy(done, exit_codes.OK, exit_codes.UNSURE, exit_codes.CANNOT_RUN)
    values = ("submit", nobody.requests(2), *SEND, "--accept-unsure")
    done = nobody.run_as_another(*values, processes=processes)
    nobody.healthy(done, exit_codes.OK, exit_codes.BROKEN, exit_codes.CANNOT_RUN)
    assert (done.returncode == exit_codes.OK) == (nobody.states == ["submitted"] * 2)


@pytest.mark.parametrize("megabytes", [200, 300, 400, 600])
def test_little_memory_is_enough(megabytes: int, here: Bench) -> None:
    limits = f"ulimit -v {megabytes * 1024}"
    here.healthy(here.run("check", here.requests(4), *QUIET, limits=limits), exit_codes.OK)
    here.healthy(here.run("submit", here.requests(2), *SEND, limits=limits), exit_codes.OK)


# --- closed streams -------------------------------------------------------------------------


@pytest.mark.parametrize("closed", [item for item in product((0, 1), repeat=3) if any(item)])
def test_closed_streams_change_nothing_but_what_is_seen(
    closed: tuple[int, int, int], here: Bench
) -> None:
    ways = ("<&-", ">&-", "2>&-")
    streams = " ".join(way for way, one in zip(ways, closed, strict=True) if one)
    quiet = bool(closed[2])
    requests = here.requests(2)
    done = here.run("check", requests, "--allow-private", streams=streams)
    here.healthy(done, exit_codes.OK)
    done = here.run("submit", requests, *SEND, f"--format=json={here.out}", streams=streams)
    here.healthy(done, exit_codes.OK)
    reports = json.loads(here.out.read_text(encoding="utf-8"))["reports"]
    assert [report["receipt"]["state"] for report in reports] == ["submitted", "submitted"]
    here.healthy(here.run("tasks", streams=streams), exit_codes.OK)
    done = here.run("submit", requests, *QUIET, "--again", streams=streams)  # nobody to ask
    here.healthy(done, exit_codes.CANNOT_RUN, quiet=quiet)
    assert len(here.sandbox.posts) == 2


@pytest.mark.parametrize("command", ["check", "submit"])
@pytest.mark.parametrize("streams", ["<&-", "0>/dev/null", "<&- >&- 2>&-"])
def test_stdin_that_cannot_be_read_holds_no_request(
    command: str, streams: str, here: Bench
) -> None:
    done = here.run(command, "-", *(QUIET if command == "check" else SEND), streams=streams)
    here.healthy(done, exit_codes.CANNOT_RUN, quiet="2>&-" in streams)
    assert done.stderr.count("\n") == ("2>&-" not in streams)


# --- signals --------------------------------------------------------------------------------

BURSTS = {
    "Ctrl-C three times": [signal.SIGINT] * 3,
    "SIGTERM three times": [signal.SIGTERM] * 3,
    "SIGTERM, then Ctrl-C": [signal.SIGTERM, signal.SIGINT],
    "Ctrl-C, then SIGTERM": [signal.SIGINT, signal.SIGTERM],
    "the terminal's end": [signal.SIGHUP, signal.SIGTERM, signal.SIGHUP],
}
INTERRUPTED = {exit_codes.INTERRUPTED, 128 + signal.SIGTERM, 128 + signal.SIGHUP}


def interrupted(
    here: Bench, name: str, dice: random.Random, longest: float, *arguments: str
) -> Done:
    """A run that gets a burst of signals at some moment."""
    pauses = [dice.choice([0, 0, 0.001, 0.01, 0.05]) for _ in BURSTS[name]]
    process = here.start(*arguments)
    time.sleep(dice.uniform(0, longest))
    burst(process, *BURSTS[name], pauses=pauses)
    stdout, stderr = process.communicate(timeout=ENOUGH)
    return subprocess.CompletedProcess(arguments, process.returncode, stdout, stderr)


@pytest.mark.parametrize("name", BURSTS)
@pytest.mark.parametrize("count", [1, 8])
def test_a_check_that_is_interrupted_again_and_again(name: str, count: int, here: Bench) -> None:
    dice = random.Random(f"{name} {count}")
    built = [served(here.sandbox, number) for number in range(count)]
    for number, item in enumerate(built):  # media of its own for each of them
        item |= {field: f"{item[field]}?{number}" for field in ("video_url", "image_url")}
    here.file(built)
    for _ in range(2):
        done = interrupted(here, name, dice, 0.5, "check", "requests.json", *QUIET)
        answer = f"{done.returncode} {done.stderr}"
        assert done.returncode in INTERRUPTED | {exit_codes.OK, exit_codes.UNSURE}, answer
        assert "Traceback" not in done.stderr, answer
        assert "ignored" not in done.stderr, answer
        here.tidy()


@pytest.mark.parametrize("here", [{"polls": 1, "delay": 0.08}], indirect=True)
@pytest.mark.parametrize("case", range(2))
@pytest.mark.parametrize("name", BURSTS)
def test_a_submission_that_is_interrupted_again_and_again_knows_what_it_sent(
    name: str, case: int, here: Bench
) -> None:
    dice = random.Random(f"{name} {case}")
    here.requests(3)
    values = ("submit", "requests.json", *SEND, "--download", "out")
    done = interrupted(here, name, dice, (0.7, 2.5)[case], *values)
    answer = f"{done.returncode} {here.states} {done.stderr}"
    usual = {exit_codes.OK, exit_codes.UNSURE, exit_codes.UNKNOWN}
    assert done.returncode in INTERRUPTED | usual, answer
    assert (done.returncode == exit_codes.UNKNOWN) == ("unknown" in here.states), answer
    assert "sending" not in here.states, answer
    assert "Traceback" not in done.stderr, answer
    assert "ignored" not in done.stderr, answer
    here.tidy()
    here.kept()
    for row in here.rows:
        assert row["state"] != "unknown" or row["intent"] in done.stderr, answer


def test_who_asked_for_signals_to_be_ignored_is_heard(here: Bench) -> None:
    """As `nohup` does, and shells with what they start in the background."""
    here.requests(3)
    process = here.start("submit", "requests.json", *SEND, ignored=("SIGHUP", "SIGINT"))
    burst(process, signal.SIGHUP, signal.SIGINT, pauses=[0.05, 0.05])
    stdout, stderr = process.communicate(timeout=ENOUGH)
    assert process.returncode == exit_codes.OK, stdout + stderr
    assert here.states == ["submitted"] * 3


# --- several in one process -----------------------------------------------------------------


def test_a_ledger_that_is_opened_ends_no_lock_of_another_one(tmp_path: Path) -> None:
    """POSIX forgets all locks of a process on a file when it closes any descriptor of it."""
    look = (
        "import sqlite3, sys\n"
        "database = sqlite3.connect(sys.argv[1], timeout=0, isolation_level=None)\n"
        "try: database.execute('BEGIN IMMEDIATE')\n"
        "except sqlite3.OperationalError as error: print(error)\n"
        "else: print('mine')\n"
    )

    def elsewhere() -> str:
        """What another process finds when it wants to write."""
        command = [sys.executable, "-c", look, str(tmp_path / "ledger.sqlite3")]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    with Ledger(tmp_path) as ledger, ledger.transaction():
        assert elsewhere() == "database is locked"
        other = threading.Thread(target=lambda: Ledger(tmp_path).close())
        other.start()
        time.sleep(0.5)  # it waits for the lock by now
        assert elsewhere() == "database is locked"
    other.join(ENOUGH)
    assert elsewhere() == "mine"
