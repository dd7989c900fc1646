"""A cleared request on its way: is one like it under way, is the check still true, is the picture
there — and then it is sent as it was given.
"""

from __future__ import annotations

import copy
import datetime as dt
import hashlib
import json
import os
import pickle
import shutil
import struct
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from builders import MISSING, OPTIONS, PROFILE, body, intent
from paths import MEDIA
from peers import Peer, answer, read_request
from processes import unprivileged

from motion_preflight import MotionControlRequest, preflight, submit, wait
from motion_preflight.batch import check_again
from motion_preflight.errors import PreflightError, SettingsInvalid
from motion_preflight.media.workers import LocalWorkers
from motion_preflight.pipeline import preflight_many
from motion_preflight.provider.client import Api
from motion_preflight.provider.state import State
from motion_preflight.report.clearance import ClearedRequest, NotCleared
from motion_preflight.report.findings import Report, Verdict
from motion_preflight.report.totals import Budget
from motion_preflight.sandbox.server import Sandbox
from motion_preflight.submission.duplicates import DuplicateGuard
from motion_preflight.submission.errors import (
    InsufficientBalance,
    NotSent,
    NotSentReason,
    OutcomeUnknown,
    Rejected,
    TaskFailed,
)
from motion_preflight.submission.fingerprint import Fingerprint
from motion_preflight.submission.image_upload import ImageUpload, PictureReader
from motion_preflight.submission.ledger.ledger import Ledger
from motion_preflight.submission.receipt import Receipt, described
from motion_preflight.submission.submitter import Submitter, over_budget
from motion_preflight.testing.habit import Habit
from motion_preflight.testing.host import Host

KEY = "sk-never-to-be-seen-anywhere"
MINUTE = dt.timedelta(minutes=1)
SECOND = dt.timedelta(seconds=1)


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxies, and nobody's settings."""
    for name in [*os.environ]:
        if name.lower().endswith("_proxy") or name.startswith(("MOTION_PREFLIGHT_", "APIMART_")):
            monkeypatch.delenv(name)
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "home"))


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(probe=False) as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def media_folder(tmp_path: Path) -> Path:
    """A folder of media that may be changed: a clip and a picture."""
    result = tmp_path / "media_folder"
    result.mkdir()
    put(result / "clip.mp4", "clip-8s.mp4")
    put(result / "image.png", "image.png")
    return result


def put(path: Path, name: str) -> None:
    """A sample in the place of whatever is there, at another time and as another file."""
    path.unlink(missing_ok=True)
    shutil.copyfile(MEDIA / name, path)


def report(sandbox: Sandbox, folder: Path | None = None, **fields: Any) -> Report:
    """What the check says of a request with the sandbox's media."""
    usual = body(
        video_url=sandbox.media_url("clip-8s.mp4"),
        image_url=sandbox.media_url("image.png"),
        character_orientation="image",
    )
    values = {name: value for name, value in (usual | fields).items() if value is not MISSING}
    return preflight(values, profile=PROFILE, folder=folder, allow_private=True, label="dance.json")


def cleared(sandbox: Sandbox, folder: Path | None = None, **fields: Any) -> ClearedRequest:
    return ClearedRequest(report(sandbox, folder, **fields))


@contextmanager
def submitting(sandbox: Sandbox, folder: Path, **options: Any) -> Iterator[Submitter]:
    usual: dict[str, Any] = {"budget": Budget(), "pause": lambda _: None}
    with (
        Api(sandbox.base, KEY, timeout=5) as api,
        Ledger(folder) as ledger,
        Submitter(api, ledger, **usual | options) as submitter,
    ):
        yield submitter


def send(sandbox: Sandbox, folder: Path, request: ClearedRequest, **options: Any) -> Receipt:
    """One request, in a run of its own."""
    with submitting(sandbox, folder, **options) as submitter:
        return submitter.submit(request)


def not_sent(
    because: NotSentReason, sandbox: Sandbox, folder: Path, request: ClearedRequest, **options: Any
) -> NotSent:
    """What is raised, while nothing is sent and nothing is written down."""

    def recorded() -> list[object]:
        return [len(sandbox.posts), *((row.intent, row.state) for row in rows(folder))]

    before = recorded()
    with pytest.raises(NotSent) as caught:
        send(sandbox, folder, request, **options)
    assert caught.value.because is because
    assert recorded() == before
    assert "None" not in str(caught.value)
    return caught.value


def rows(folder: Path) -> list[Receipt]:
    with Ledger(folder) as ledger:
        return ledger.rows()


def sent_bodies(sandbox: Sandbox) -> list[dict[str, Any]]:
    return [json.loads(post.body) for post in sandbox.posts]


# --- what is sent ------------------------------------------------------------------------


def test_a_cleared_request_is_sent_once(sandbox: Sandbox, folder: Path) -> None:
    request = cleared(sandbox)
    receipt = send(sandbox, folder, request)
    (post,) = sandbox.posts
    assert (receipt.state, receipt.task_id) == (State.SUBMITTED, post.task_id)
    assert receipt.label == "dance.json"
    assert receipt.origin == sandbox.base
    assert request.report.estimate
    assert receipt.estimate == request.report.estimate.amount
    assert rows(folder) == [receipt]
    assert sandbox.keys_astray == []


def test_a_receipt_has_a_short_name_and_the_profiles_currency(
    sandbox: Sandbox, folder: Path
) -> None:
    receipt = send(sandbox, folder, cleared(sandbox))
    assert (len(receipt.intent), receipt.currency) == (12, "USD")
    assert receipt.idempotency_key.startswith(f"motion-preflight-{receipt.intent}")


def test_a_run_knows_which_intent_is_on_its_way(sandbox: Sandbox, folder: Path) -> None:
    """Of a request that is refused before it has one, it is none."""
    with submitting(sandbox, folder) as submitter:
        intents = [submitter.intent]
        first = submitter.submit(cleared(sandbox))
        intents.append(submitter.intent)
        with pytest.raises(NotSent):
            submitter.submit(cleared(sandbox))
        intents.append(submitter.intent)
    assert intents == [None, first.intent, None]


def test_between_attempts_is_the_runs_own_pause(sandbox: Sandbox, folder: Path) -> None:
    sandbox.fault("429-later*1")
    pauses: list[float] = []
    assert send(sandbox, folder, cleared(sandbox), pause=pauses.append).task_id
    assert len(pauses) == 1
    assert pauses[0] > 0


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"prompt": MISSING, "keep_original_sound": MISSING},
        {"prompt": "  “quotes” \\ \u2028 \x01 😀 ünï\n", "keep_original_sound": "no"},
        {"watermark_info": {"enabled": True, "text": "mine"}},
        {"seed": 7, "more": {"a": [1, 2.5, None, True, "x"], "https://x/?k=v": {}}, "ö": -0.0},
    ],
    ids=["usual", "least", "odd text", "watermark", "unknown fields"],
)
def test_the_body_is_what_the_user_gave(
    fields: dict[str, Any], sandbox: Sandbox, folder: Path
) -> None:
    request = cleared(sandbox, **fields)
    values = copy.deepcopy(dict(request.report.body))
    send(sandbox, folder, request)
    (arrived,) = sent_bodies(sandbox)
    assert arrived == values
    assert list(arrived) == list(values)
    assert dict(request.report.body) == values


@pytest.mark.parametrize(
    "query",
    [
        "?X-Amz-Signature=a%2Fb%2fc+d==&empty=&&bare;semi=1",
        "?sig=%7E~%C3%A9é'`\"<>|{}^",
        "?token=a b",
        "#t=3,8",
        "?",
    ],
)
def test_links_arrive_byte_for_byte(query: str, sandbox: Sandbox, folder: Path) -> None:
    links: dict[str, Any] = {
        "video_url": sandbox.media_url("clip-8s.mp4") + query.replace(" ", "%20"),
        "image_url": sandbox.base.upper().replace("HTTP", "Http") + "/media/./image.png" + query,
    }
    if " " in query:  # no link has blanks
        links["image_url"] = sandbox.media_url("image.png")
    send(sandbox, folder, cleared(sandbox, **links))
    (arrived,) = sent_bodies(sandbox)
    assert {name: arrived[name] for name in links} == links


def test_white_space_around_a_link_is_neither_measured_nor_sent(
    sandbox: Sandbox, folder: Path
) -> None:
    link = sandbox.media_url("clip-8s.mp4")
    request = cleared(sandbox, video_url=f"\u00a0{link}\u200b\n")
    assert "link-trimmed" in {finding.rule for finding in request.report.findings}
    send(sandbox, folder, request)
    (arrived,) = sent_bodies(sandbox)
    assert arrived["video_url"] == link


def test_a_request_made_in_code_arrives_without_defaults(sandbox: Sandbox, folder: Path) -> None:
    motion_control_request = MotionControlRequest(
        model="kling-v2-6-motion-control",
        image_url=sandbox.media_url("image.png"),
        video_url=sandbox.media_url("clip-8s.mp4"),
        character_orientation="image",
        mode="std",
    )
    request = ClearedRequest(preflight(motion_control_request, profile=PROFILE, allow_private=True))
    send(sandbox, folder, request)
    assert sent_bodies(sandbox) == [motion_control_request.body()]
    assert len(motion_control_request.body()) == 5


def test_no_secret_is_in_the_ledger(sandbox: Sandbox, folder: Path) -> None:
    request = cleared(
        sandbox,
        video_url=sandbox.media_url("clip-8s.mp4") + "?sig=signed-and-secret",
        more={"callback": ["https://me:password@apimart-user.com/?token=tokens-and-secrets"]},
    )
    receipt = send(sandbox, folder, request)
    assert receipt.body["video_url"] == sandbox.media_url("clip-8s.mp4") + "?sig=…"
    assert receipt.body["model"] == request.report.body["model"]
    stored = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    for secret in (KEY, "signed-and-secret", "password", "tokens-and-secrets"):
        assert secret.encode() not in stored
        assert secret not in str(receipt)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("again", "no", "again must be a bool, not str"),
        ("timeout", -1, "timeout must be above 0 seconds"),
        ("timeout", 0, "timeout must be above 0 seconds"),
        ("timeout", float("nan"), "timeout must be above 0 seconds"),
        ("timeout", "60", "timeout must be a number of seconds, not str"),
        ("timeout", True, "timeout must be a number of seconds, not bool"),
        ("max_cost", 1.5, "max_cost must be a Decimal, not float"),
        ("max_cost", Decimal("NaN"), "max_cost must be 0, or between"),
        ("max_cost", Decimal(-1), "max_cost must be 0, or between"),
        ("api_key", 5, "api_key must be a text, not int"),
        ("base_url", b"https://x.example", "base_url must be a text, not bytes"),
    ],
)
def test_an_option_that_cannot_be_meant_sends_nothing(
    name: str, value: object, message: str, sandbox: Sandbox, folder: Path
) -> None:
    options: dict[str, Any] = {"api_key": KEY, "base_url": sandbox.base, "ledger_folder": folder}
    with pytest.raises((TypeError, ValueError), match=message):
        submit(cleared(sandbox), **options | {name: value})
    assert sandbox.posts == []
    assert rows(folder) == []


@pytest.mark.parametrize("timeout", [-1, float("nan"), "60", True, None])
def test_a_wait_of_no_time_is_refused(timeout: Any, folder: Path) -> None:
    with pytest.raises((TypeError, ValueError), match="timeout must be"):
        wait(intent(), api_key=KEY, timeout=timeout, ledger_folder=folder)


def test_each_request_has_a_key_of_its_own(sandbox: Sandbox, folder: Path) -> None:
    sandbox.fault("429*2")
    with submitting(sandbox, folder, again=True) as submitter:
        for _ in range(3):
            submitter.submit(cleared(sandbox))
    keys = Counter(post.headers["idempotency-key"] for post in sandbox.posts)
    assert sorted(keys.values()) == [1, 1, 3]
    assert set(keys) == {row.idempotency_key for row in rows(folder)}
    assert all(len(key) <= 191 and key.isascii() and " " not in key for key in keys)


def test_the_run_goes_on_after_a_refusal(sandbox: Sandbox, folder: Path) -> None:
    sandbox.fault("422*1")
    with submitting(sandbox, folder) as submitter:
        with pytest.raises(Rejected) as caught:
            submitter.submit(cleared(sandbox))
        assert caught.value.status == 422
        assert caught.value.receipt
        assert caught.value.receipt.intent == submitter.intent
        submitter.submit(cleared(sandbox, prompt="another"))
        assert len(sandbox.posts) == 2


# --- a local picture ---------------------------------------------------------------------


@pytest.mark.parametrize("name", ["image.png", "image.jpg", "image.webp", "image.gif"])
def test_a_local_picture_is_uploaded(name: str, sandbox: Sandbox, folder: Path) -> None:
    receipt = send(sandbox, folder, cleared(sandbox, MEDIA, image_url=name))
    assert sandbox.uploads == [(MEDIA / name).read_bytes()]
    (arrived,) = sent_bodies(sandbox)
    assert arrived["image_url"] == f"{sandbox.base}/uploads/1.{name.partition('.')[2]}"
    assert receipt.body["image_url"] == arrived["image_url"]
    order = [path for method, path in sandbox.requests if method == "POST"]
    assert order == ["/v1/uploads/images", "/v1/videos/generations"]


def test_a_picture_is_sent_as_what_it_is(sandbox: Sandbox) -> None:
    built = cleared(sandbox, MEDIA, image_url="image.jpg")
    reader, data = PictureReader(), (MEDIA / "image.jpg").read_bytes()
    picture = reader.read(built.report)
    assert picture == ImageUpload(data, "jpeg", hashlib.sha256(data).hexdigest())
    assert reader.read(built.report) is picture
    assert reader.read(cleared(sandbox).report) is None


def test_an_upload_says_what_the_picture_is(folder: Path) -> None:
    uploads: list[bytes] = []

    def talk(sock: Any) -> None:
        while request := read_request(sock):
            uploads.append(request)
            sock.sendall(answer(500))

    with Sandbox(probe=False) as media, Peer(talk) as peer:
        request = cleared(media, MEDIA, image_url="image.jpg")
        with (
            Api(peer.base, KEY) as api,
            Ledger(folder) as ledger,
            Submitter(api, ledger, budget=Budget()) as submitter,
            pytest.raises(NotSent),
        ):
            submitter.submit(request)
    assert b'filename="image.jpg"' in uploads[0]
    assert b"Content-Type: image/jpeg" in uploads[0]


def test_a_picture_that_is_another_than_was_checked_is_none(
    sandbox: Sandbox, media_folder: Path
) -> None:
    built = cleared(sandbox, media_folder, image_url="image.png")
    put(media_folder / "image.png", "image-300.png")
    with pytest.raises(NotSent) as caught:
        PictureReader().read(built.report)
    assert str(caught.value) == "the picture changed since it was checked"
    assert (caught.value.because, caught.value.receipt) == (NotSentReason.CHANGED, None)


def test_a_picture_that_is_gone_is_none(sandbox: Sandbox, media_folder: Path) -> None:
    built = cleared(sandbox, media_folder, image_url="image.png")
    (media_folder / "image.png").unlink()
    with pytest.raises(NotSent, match=r"^the picture cannot be read: ") as caught:
        PictureReader().read(built.report)
    assert (caught.value.because, caught.value.receipt) == (NotSentReason.UPLOAD, None)


def test_a_picture_is_uploaded_once_a_run(
    sandbox: Sandbox, folder: Path, media_folder: Path
) -> None:
    shutil.copy(media_folder / "image.png", media_folder / "same.png")
    put(media_folder / "other.png", "image-300.png")
    with submitting(sandbox, folder) as submitter:
        for number, name in enumerate(["image.png", "same.png", "other.png", "image.png"]):
            submitter.submit(
                cleared(sandbox, media_folder, image_url=name, prompt=f"dance {number}")
            )
    links = [item["image_url"].rpartition("/")[2] for item in sent_bodies(sandbox)]
    assert links == ["1.png", "1.png", "2.png", "1.png"]
    assert sandbox.uploads == [
        (media_folder / name).read_bytes() for name in ("image.png", "other.png")
    ]


def test_a_picture_in_the_users_home_is_uploaded(
    sandbox: Sandbox, folder: Path, tmp_path: Path
) -> None:
    """The check takes `~/` for the home, so that the upload has to."""
    (tmp_path / "home").mkdir()
    put(tmp_path / "home" / "me.png", "image.png")
    send(sandbox, folder, cleared(sandbox, image_url="~/me.png"))
    assert sandbox.uploads == [(MEDIA / "image.png").read_bytes()]


@pytest.mark.parametrize(
    "fault", ["upload-400", "upload-413", "upload-500", "upload-cut", "upload-odd"]
)
def test_an_upload_that_fails_sends_nothing(fault: str, sandbox: Sandbox, folder: Path) -> None:
    sandbox.fault(f"{fault}*1")
    request = cleared(sandbox, MEDIA, image_url="image.png")
    error = not_sent(NotSentReason.UPLOAD, sandbox, folder, request)
    assert error.receipt is None
    assert KEY not in str(error)
    assert send(sandbox, folder, request).task_id  # it can be tried again at once


def test_a_picture_that_changed_is_checked_anew(
    sandbox: Sandbox, folder: Path, media_folder: Path
) -> None:
    request = cleared(sandbox, media_folder, image_url="image.png")
    put(media_folder / "image.png", "image-300.png")
    send(sandbox, folder, request)
    assert sandbox.uploads == [(MEDIA / "image-300.png").read_bytes()]


@pytest.mark.parametrize("name", ["garbage.mp4", "text-named.png", None])
def test_a_picture_that_is_none_any_more_is_not_sent(
    name: str | None, sandbox: Sandbox, folder: Path, media_folder: Path
) -> None:
    request = cleared(sandbox, media_folder, image_url="image.png")
    (media_folder / "image.png").unlink()
    if name:
        put(media_folder / "image.png", name)
    with pytest.raises(NotCleared) as caught:
        send(sandbox, folder, request)
    assert caught.value.report.verdict is Verdict.FAIL
    assert (sandbox.posts, sandbox.uploads, rows(folder)) == ([], [], [])


def test_a_picture_that_became_too_large_to_upload_is_not_sent(
    sandbox: Sandbox, folder: Path, media_folder: Path
) -> None:
    request = cleared(sandbox, media_folder, image_url="image.png")
    with (media_folder / "image.png").open("ab") as file:
        file.truncate(20_000_001)
    with pytest.raises(NotCleared):
        send(sandbox, folder, request)
    assert (sandbox.posts, sandbox.uploads, rows(folder)) == ([], [], [])


@pytest.mark.parametrize("name", ["image-300.png", "text-named.png"])
def test_a_picture_that_changes_while_it_is_uploaded(
    name: str, folder: Path, media_folder: Path
) -> None:
    def tell(line: str) -> None:
        if "uploads" in line:
            put(media_folder / "image.png", name)

    with Sandbox(probe=False, tell=tell) as sandbox:
        request = cleared(sandbox, media_folder, image_url="image.png")
        with pytest.raises((NotSent, NotCleared)) as caught:
            send(sandbox, folder, request)
        assert isinstance(caught.value, NotSent) == (name == "image-300.png")
        if isinstance(caught.value, NotSent):
            output = "nothing was sent: the picture changed while it was uploaded"
            assert (str(caught.value), caught.value.because) == (output, NotSentReason.CHANGED)
        assert (sandbox.posts, rows(folder)) == ([], [])


# --- whether the check is still true -----------------------------------------------------


@pytest.mark.parametrize(
    ("age", "looks"),
    [
        (SECOND, 0),
        (MINUTE - SECOND, 0),
        (MINUTE, 0),
        (MINUTE + SECOND, 1),
        (100 * MINUTE, 1),
        (-2 * MINUTE, 1),
    ],
)
def test_media_are_looked_at_again_after_a_minute(
    age: dt.timedelta, looks: int, sandbox: Sandbox, folder: Path
) -> None:
    request = cleared(sandbox)
    before, measured_at = Counter(sandbox.requests), request.report.measured_at
    assert measured_at
    send(sandbox, folder, request, now=lambda: measured_at + age)
    asked_for = Counter(sandbox.requests) - before
    assert asked_for["GET", "/media/clip-8s.mp4"] == asked_for["GET", "/media/image.png"] == looks
    assert len(sandbox.posts) == 1


def test_a_picture_in_the_requests_folder_is_only_looked_at(sandbox: Sandbox, folder: Path) -> None:
    """That it is what was checked is known without a second check."""
    request = cleared(sandbox, MEDIA, image_url="image.png")
    before = Counter(sandbox.requests)
    send(sandbox, folder, request)
    assert (Counter(sandbox.requests) - before)["GET", "/media/clip-8s.mp4"] == 0


def later(request: ClearedRequest) -> dict[str, Any]:
    """The options of a run in which the media are looked at again."""
    checked_at = request.report.checked_at
    assert checked_at
    return {"now": lambda: checked_at + 2 * MINUTE}


def test_a_second_look_takes_the_workers_of_the_run(folder: Path, sandbox: Sandbox) -> None:
    """Over the connections that they keep: a look, and a check of what changed."""
    with Host() as host, LocalWorkers(replace(OPTIONS, allow_private=True)) as workers:
        video = host.serve("clip.mp4", MEDIA / "clip-9.9s.mp4")
        request = ClearedRequest(check_again(report(sandbox, video_url=video), workers))
        host.serve("clip.mp4", MEDIA / "clip-8s.mp4")
        before = host.connections
        send(sandbox, folder, request, workers=workers, **later(request))
        assert len(host.log) >= 2
        assert host.connections == before


def test_a_second_look_is_a_small_request(folder: Path, sandbox: Sandbox) -> None:
    with Host() as host:
        padding = struct.pack(">I4s", 1_000_000, b"free").ljust(1_000_000, b"\0")
        video = host.serve("clip.mp4", (MEDIA / "clip-8s.mp4").read_bytes() + padding)
        request = cleared(sandbox, video_url=video)
        host.clear()
        send(sandbox, folder, request, **later(request))
        (look,) = host.log
        assert look.headers["range"] == "bytes=0-65535"
        assert look.sent <= 65536


@pytest.mark.parametrize(
    "habit",
    [
        Habit(),
        Habit(etag="none"),
        Habit(etag="weak", last_modified=False),
        Habit(etag="none", last_modified=False),
        Habit(ranges=False),
        Habit(chunked=True, ranges=False),
    ],
    ids=["usual", "no etag", "weak etag", "no validator", "no ranges", "no length"],
)
def test_media_that_did_not_change_are_sent_as_they_were_checked(
    habit: Habit, folder: Path, sandbox: Sandbox
) -> None:
    with Host() as host:
        request = cleared(sandbox, video_url=host.serve("clip.mp4", MEDIA / "clip-8s.mp4", habit))
        host.clear()
        receipt = send(sandbox, folder, request, **later(request))
        assert len(host.log) == 1
    assert request.report.estimate
    assert receipt.estimate == request.report.estimate.amount


def test_a_clip_that_was_swapped_behind_a_host_without_validators_is_not_sent(
    folder: Path, sandbox: Sandbox
) -> None:
    """Its size is the same, and it would pass too: only the bytes tell."""
    bare = Habit(etag="none", last_modified=False)
    clips = [(MEDIA / name).read_bytes() for name in ("clip-8s.mp4", "clip-9.9s.mp4")]
    size = max(map(len, clips)) + 8
    first, then = (
        clip + struct.pack(">I4s", size - len(clip), b"free").ljust(size - len(clip), b"\0")
        for clip in clips
    )
    with Host() as host:
        request = cleared(sandbox, video_url=host.serve("clip.mp4", first, bare))
        host.serve("clip.mp4", then, bare)
        not_sent(NotSentReason.CHANGED, sandbox, folder, request, **later(request))
    assert (sandbox.posts, rows(folder)) == ([], [])


@pytest.mark.parametrize("tags", [('"a"', '"b"'), ('W/"a"', '"a"'), ('"a"', "")])
def test_a_clip_whose_servers_have_tags_of_their_own_is_sent_once(
    tags: tuple[str, ...], folder: Path, sandbox: Sandbox
) -> None:
    with Host() as host:
        habit = Habit(etags=tags, last_modified=False)
        request = cleared(sandbox, video_url=host.serve("clip.mp4", MEDIA / "clip-8s.mp4", habit))
        send(sandbox, folder, request, **later(request))
    (arrived,) = sent_bodies(sandbox)
    assert arrived == dict(request.report.body)


def test_the_same_bytes_at_another_time_are_checked_and_sent(
    folder: Path, media_folder: Path
) -> None:
    with Sandbox(media_folder, probe=False) as sandbox:
        request = cleared(sandbox, video_url=sandbox.media_url("clip.mp4"))
        os.utime(media_folder / "clip.mp4", (1, 1))
        before = Counter(sandbox.requests)
        send(sandbox, folder, request, **later(request))
        assert (Counter(sandbox.requests) - before)["GET", "/media/clip.mp4"] >= 1


def test_a_clip_that_became_shorter_is_sent_with_the_new_estimate(
    folder: Path, media_folder: Path
) -> None:
    with Sandbox(media_folder, probe=False) as sandbox:
        request = cleared(sandbox, video_url=sandbox.media_url("clip.mp4"))
        put(media_folder / "clip.mp4", "clip-3s.mp4")
        receipt = send(sandbox, folder, request, **later(request))
        assert receipt.estimate
        assert receipt.estimate.high == Decimal("0.17136")
        assert rows(folder) == [receipt]


def test_a_clip_that_became_dearer_is_not_sent(folder: Path, media_folder: Path) -> None:
    with Sandbox(media_folder, probe=False) as sandbox:
        request = cleared(sandbox, video_url=sandbox.media_url("clip.mp4"))
        put(media_folder / "clip.mp4", "clip-9.9s.mp4")
        error = not_sent(NotSentReason.CHANGED, sandbox, folder, request, **later(request))
        assert str(error) == (
            "nothing was sent: the request or a medium changed since the check: it costs at most "
            "0.57, was at most 0.46; check it again"
        )
        assert error.receipt is None


@pytest.mark.parametrize(
    ("name", "verdict"),
    [("clip-2.9s.mp4", Verdict.FAIL), ("garbage.mp4", Verdict.FAIL), (None, Verdict.FAIL)],
)
def test_a_clip_that_breaks_a_rule_by_now_is_not_sent(
    name: str | None, verdict: Verdict, folder: Path, media_folder: Path
) -> None:
    with Sandbox(media_folder, probe=False) as sandbox:
        request = cleared(sandbox, video_url=sandbox.media_url("clip.mp4"))
        (media_folder / "clip.mp4").unlink()
        if name:
            put(media_folder / "clip.mp4", name)
        with pytest.raises(NotCleared) as caught:
            send(sandbox, folder, request, **later(request))
        assert caught.value.report.verdict is verdict
        assert caught.value.report.label == "dance.json"
        assert (sandbox.posts, rows(folder)) == ([], [])


def test_a_picture_behind_a_link_is_looked_at_too(folder: Path, media_folder: Path) -> None:
    with Sandbox(media_folder, probe=False) as sandbox:
        links = {name: sandbox.media_url(name) for name in ("clip.mp4", "image.png")}
        request = cleared(sandbox, video_url=links["clip.mp4"], image_url=links["image.png"])
        put(media_folder / "image.png", "text-named.png")
        with pytest.raises(NotCleared):
            send(sandbox, folder, request, **later(request))
        assert sandbox.posts == []


@pytest.mark.parametrize("accept", [False, True])
def test_a_host_that_does_not_answer_any_more(
    folder: Path, sandbox: Sandbox, *, accept: bool
) -> None:
    """The estimate is not known any more, which may be dearer than any amount."""
    with Host() as host:
        video = host.serve("clip.mp4", MEDIA / "clip-8s.mp4")
        request = ClearedRequest(report(sandbox, video_url=video), accept_unsure=accept)
        host.serve("clip.mp4", b"", Habit(status=503))
        if accept:
            not_sent(NotSentReason.CHANGED, sandbox, folder, request, **later(request))
        else:
            with pytest.raises(NotCleared) as caught:
                send(sandbox, folder, request, **later(request))
            assert caught.value.report.verdict is Verdict.UNSURE
        assert sandbox.posts == []


def test_a_host_that_answers_by_now_makes_a_price_known(folder: Path, sandbox: Sandbox) -> None:
    with Host() as host:
        video = host.serve("clip.mp4", b"", Habit(status=503))
        request = ClearedRequest(report(sandbox, video_url=video), accept_unsure=True)
        host.serve("clip.mp4", MEDIA / "clip-8s.mp4")
        error = not_sent(NotSentReason.CHANGED, sandbox, folder, request, **later(request))
        assert "it costs at most 0.46, was not known;" in str(error)


def test_what_is_unsure_and_accepted_stays_so(folder: Path, sandbox: Sandbox) -> None:
    with Host() as host:
        video = host.serve("clip.mp4", b"", Habit(status=503))
        request = ClearedRequest(report(sandbox, video_url=video), accept_unsure=True)
        receipt = send(sandbox, folder, request, **later(request))
    assert receipt.estimate is None
    assert sent_bodies(sandbox)[0]["video_url"] == video


def test_a_report_of_many_is_as_old_as_its_media(sandbox: Sandbox) -> None:
    """Else a medium that was measured at the beginning of a long run would pass for fresh."""
    body_of = dict(report(sandbox).body)
    many = preflight_many([body_of, body_of], profile=PROFILE, allow_private=True)
    next(many)
    measured_before = dt.datetime.now(dt.UTC)
    time.sleep(0.01)
    measured_at = next(many).measured_at
    assert measured_at
    assert measured_at <= measured_before


@pytest.mark.parametrize(
    "changes",
    [
        {"body": {"mode": "pro"}},
        {"body": {"model": "kling-v3-motion-control"}},
        {"body": {"prompt": "another"}, "estimate": None},
        {"findings": ()},
        {"options": {"price": Decimal("0.000001")}},
    ],
    ids="-".join,
)
def test_a_report_put_together_from_others_is_checked_anew(
    changes: dict[str, Any], sandbox: Sandbox, folder: Path
) -> None:
    """Else it would be sent at the price of another request."""
    checked = report(sandbox)
    values = dict(changes)
    if "body" in values:
        values["body"] = {**checked.body, **values["body"]}
    if "options" in values:
        values["options"] = replace(checked.options, **values["options"])
    other = replace(checked, **values)
    own = preflight(dict(other.body), profile=PROFILE, allow_private=True)
    try:
        receipt = send(sandbox, folder, ClearedRequest(other))
    except (NotSent, NotCleared):
        assert sandbox.posts == []
    else:
        assert own.estimate is not None
        assert receipt.estimate == own.estimate.counted or "options" in changes


def test_a_link_that_was_trimmed_is_not_measured_again(sandbox: Sandbox, folder: Path) -> None:
    checked = report(sandbox, video_url=f" {sandbox.media_url('clip-8s.mp4')}\u200b")
    assert "link-trimmed" in {finding.rule for finding in checked.findings}
    before = [path for _, path in sandbox.requests if path.startswith("/media/")]
    send(sandbox, folder, ClearedRequest(checked))
    assert [path for _, path in sandbox.requests if path.startswith("/media/")] == before


def test_a_clip_that_was_not_measured_is_not_sent(sandbox: Sandbox, folder: Path) -> None:
    checked = report(sandbox)
    long = {**checked.body, "video_url": sandbox.media_url("clip-30.1s.mp4")}
    with pytest.raises(NotCleared):
        send(sandbox, folder, ClearedRequest(replace(checked, body=long)))
    assert sandbox.posts == []


# --- identical requests ------------------------------------------------------------------


def test_an_identical_request_that_is_under_way_is_polled_once_and_refuses(folder: Path) -> None:
    with Sandbox(probe=False, polls=9) as sandbox:
        first = send(sandbox, folder, cleared(sandbox))
        assert first.task_id
        error = not_sent(NotSentReason.IDENTICAL, sandbox, folder, cleared(sandbox))
        assert sandbox.polls_of(first.task_id) == 1
        assert error.receipt
        assert error.receipt.task_id == first.task_id
        why = f"an identical request is not over ({described(first)}); "
        assert str(error) == (
            f"{why}wait(error.receipt) waits for it, or send this one with submit(…, again=True)"
        )
        assert error.in_words_of_command() == (
            f"{why}wait for that with `motion-preflight tasks wait {first.intent}`, or send this "
            "one with --again"
        )


@pytest.mark.parametrize("fault", ["poll-failed", "poll-cancelled"])
def test_an_identical_request_that_failed_meanwhile_lets_it_pass(fault: str, folder: Path) -> None:
    with Sandbox(probe=False, polls=0, faults=[f"{fault}*1"]) as sandbox:
        first = send(sandbox, folder, cleared(sandbox))
        second = send(sandbox, folder, cleared(sandbox))
        assert first.task_id != second.task_id
        states = {row.task_id: row.state for row in rows(folder)}
        word = State(fault.removeprefix("poll-"))
        assert states == {first.task_id: word, second.task_id: State.SUBMITTED}


def test_an_identical_request_that_is_completed_meanwhile_is_done_already(folder: Path) -> None:
    with Sandbox(probe=False, polls=0) as sandbox:
        first = send(sandbox, folder, cleared(sandbox))
        second = send(sandbox, folder, cleared(sandbox))
        assert not first.already_done
        assert second.already_done
        assert (second.intent, second.state) == (first.intent, State.COMPLETED)
        assert second.cost
        assert len(sandbox.posts) == sandbox.polls_of(str(first.task_id)) == 1
        assert rows(folder) == [replace(second, already_done=False)]
        assert send(sandbox, folder, cleared(sandbox), again=True).intent != first.intent
        assert len(sandbox.posts) == 2


@pytest.mark.parametrize("fault", ["poll-404", "poll-500", "poll-401", "poll-cut", "poll-html"])
def test_a_poll_that_fails_says_nothing(fault: str, folder: Path) -> None:
    with Sandbox(probe=False, polls=0, faults=[fault]) as sandbox:
        first = send(sandbox, folder, cleared(sandbox))
        not_sent(NotSentReason.IDENTICAL, sandbox, folder, cleared(sandbox))
        assert sandbox.polls_of(str(first.task_id)) == 1


def test_an_identical_request_whose_outcome_is_unknown_refuses(
    sandbox: Sandbox, folder: Path
) -> None:
    sandbox.fault("cut-after*1")
    with pytest.raises(OutcomeUnknown) as caught:
        send(sandbox, folder, cleared(sandbox))
    error = not_sent(NotSentReason.IDENTICAL, sandbox, folder, cleared(sandbox))
    assert error.receipt == caught.value.receipt
    assert error.receipt
    text = f"an identical request is not over ({described(error.receipt)}); settle that first"
    assert str(error) == (
        f"{text} with resolve(error.receipt, task_id=…), or send this one with "
        "submit(…, again=True)"
    )
    assert error.in_words_of_command() == (
        f"{text}: `motion-preflight tasks show {error.receipt.intent}` says how, or send this one "
        "with --again"
    )
    assert send(sandbox, folder, cleared(sandbox), again=True).task_id
    assert len(sandbox.posts) == 2


@pytest.mark.parametrize("fault", ["422*1", "429-much-later*1"])
def test_an_identical_request_that_was_refused_lets_it_pass(
    fault: str, sandbox: Sandbox, folder: Path
) -> None:
    sandbox.fault(fault)
    with pytest.raises(Rejected):
        send(sandbox, folder, cleared(sandbox))
    assert send(sandbox, folder, cleared(sandbox)).task_id


def test_the_same_request_twice_in_a_run_is_sent_once(folder: Path) -> None:
    """Even when the first one is over."""
    with Sandbox(probe=False, polls=0) as sandbox, submitting(sandbox, folder) as submitter:
        submitter.submit(cleared(sandbox))
        with pytest.raises(NotSent) as caught:
            submitter.submit(cleared(sandbox))
        assert caught.value.because is NotSentReason.IDENTICAL
        assert "stands twice in this run; submit(…, again=True) sends it twice" in str(caught.value)
        assert len(sandbox.posts) == 1


def test_what_was_paid_before_is_known(folder: Path) -> None:
    """Of those that are over, the latest one."""
    failing = Sandbox(probe=False, polls=0, faults=["poll-failed"])
    with failing as sandbox, Api(sandbox.base, KEY) as api:
        first = send(sandbox, folder, cleared(sandbox))
        with Ledger(folder) as ledger:
            twins = DuplicateGuard(ledger, api.origin, again=False, api=api)
            assert twins.before(first.fingerprint) is None
            look = twins.look(report(sandbox))
            twins.admit(look)
            assert look.fingerprint == first.fingerprint
            over = twins.before(first.fingerprint)
            assert twins.before(Fingerprint("another")) is None
        assert over
        assert (over.intent, over.state) == (first.intent, State.FAILED)


def test_the_same_request_twice_in_a_run_on_purpose(sandbox: Sandbox, folder: Path) -> None:
    with submitting(sandbox, folder, again=True) as submitter:
        assert submitter.submit(cleared(sandbox)) != submitter.submit(cleared(sandbox))
    assert len(sandbox.posts) == len(rows(folder)) == 2


@pytest.mark.parametrize(
    "fields",
    [
        {"prompt": "she  dances"},
        {"keep_original_sound": "no"},
        {"mode": "pro"},
        {"seed": 1},
        {"watermark_info": {"enabled": True}},
    ],
)
def test_another_request_is_not_identical(
    fields: dict[str, Any], sandbox: Sandbox, folder: Path
) -> None:
    send(sandbox, folder, cleared(sandbox))
    send(sandbox, folder, cleared(sandbox, **fields))
    assert len(sandbox.posts) == 2


def test_links_that_are_signed_otherwise_are_identical(folder: Path) -> None:
    with Sandbox(probe=False, polls=9) as sandbox:
        video = sandbox.media_url("clip-8s.mp4") + "?v=1"
        send(sandbox, folder, cleared(sandbox, video_url=f"{video}&X-Amz-Signature=one"))
        other = cleared(sandbox, video_url=f"{video}&X-Amz-Signature=another&X-Amz-Date=x")
        not_sent(NotSentReason.IDENTICAL, sandbox, folder, other)


def test_pictures_of_the_same_bytes_are_identical_and_not_uploaded(
    folder: Path, media_folder: Path
) -> None:
    with Sandbox(probe=False, polls=9) as sandbox:
        send(sandbox, folder, cleared(sandbox, media_folder, image_url="image.png"))
        other = cleared(sandbox, MEDIA, image_url=str(MEDIA / "image.png"))
        not_sent(NotSentReason.IDENTICAL, sandbox, folder, other)
        assert len(sandbox.uploads) == 1
        put(media_folder / "image.png", "image-300.png")
        send(sandbox, folder, cleared(sandbox, media_folder, image_url="image.png"))
        assert len(sandbox.uploads) == 2


def test_the_same_request_to_another_provider_is_another(sandbox: Sandbox, folder: Path) -> None:
    request = cleared(sandbox)
    send(sandbox, folder, request)
    with Sandbox(probe=False) as other:
        send(other, folder, request)
        assert len(other.posts) == 1


# --- budgets and balance -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("budget", "posts"),
    [
        (Budget(request=Decimal("0.4569")), 0),
        (Budget(request=Decimal("0.45696")), 3),  # just met
        (Budget(run=Decimal(1)), 2),
        (Budget(day=Decimal(1)), 2),
        (Budget(run=Decimal(0)), 0),
        (Budget(), 3),
    ],
)
def test_a_budget_is_not_exceeded(
    budget: Budget, posts: int, sandbox: Sandbox, folder: Path
) -> None:
    refused = []
    with submitting(sandbox, folder, budget=budget) as submitter:
        for number in range(3):
            try:
                submitter.submit(cleared(sandbox, prompt=f"dance {number}"))
            except NotSent as error:
                refused.append(error.because)
    assert refused == [NotSentReason.OVER_BUDGET] * (3 - posts)
    assert len(sandbox.posts) == len(rows(folder)) == posts


def test_the_budget_of_a_day_counts_the_runs_before(sandbox: Sandbox, folder: Path) -> None:
    """What is unknown counts, what was refused does not."""
    sandbox.fault("422*1", "cut-after*1")
    for number, expected in enumerate([Rejected, OutcomeUnknown]):
        with pytest.raises(expected):
            send(sandbox, folder, cleared(sandbox, prompt=f"dance {number}"))
    request = cleared(sandbox, prompt="another")
    not_sent(NotSentReason.OVER_BUDGET, sandbox, folder, request, budget=Budget(day=Decimal("0.9")))
    assert send(sandbox, folder, request, budget=Budget(day=Decimal("0.92"))).task_id


def test_what_has_no_price_is_over_any_budget(sandbox: Sandbox, folder: Path) -> None:
    with Host() as host:
        video = host.serve("clip.mp4", b"", Habit(status=503))
        request = ClearedRequest(report(sandbox, video_url=video), accept_unsure=True)
        not_sent(
            NotSentReason.OVER_BUDGET, sandbox, folder, request, budget=Budget(run=Decimal(99))
        )


def test_all_of_them_are_held_against_the_budget(sandbox: Sandbox, folder: Path) -> None:
    """One after the other: what the day has spent, and what those before them may cost (0.46)."""
    send(sandbox, folder, cleared(sandbox, prompt="before"))
    three = [cleared(sandbox, prompt=f"dance {number}") for number in range(3)]
    with Ledger(folder) as ledger:
        output = {
            budget: over_budget(three, ledger, budget)
            for budget in (
                Budget(),
                Budget(day=Decimal("1.84")),
                Budget(day=Decimal("1.8")),
                Budget(run=Decimal("1.38")),
                Budget(run=Decimal("1.37")),
                Budget(request=Decimal("0.4")),
            )
        }
        assert over_budget([], ledger, Budget(run=Decimal(0))) is None
    assert [why and why.partition(";")[2] for why in output.values()] == [
        None,
        None,
        " these 3 requests may cost 1.37088",
        None,
        " these 3 requests may cost 1.37088",
        " the budget for one request is 0.40",
    ]


def test_what_has_no_price_is_over_the_budget_of_all(sandbox: Sandbox, folder: Path) -> None:
    with Host() as host, Ledger(folder) as ledger:
        video = host.serve("clip.mp4", b"", Habit(status=503))
        unsure = ClearedRequest(report(sandbox, video_url=video), accept_unsure=True)
        why = over_budget([unsure], ledger, Budget(run=Decimal(9)))
        assert why == "it has no known price, and the budget for this run is USD 9.00"
        assert over_budget([unsure], ledger, Budget()) is None


def balance_note(sandbox: Sandbox, folder: Path, count: int = 1) -> str | None:
    with submitting(sandbox, folder) as submitter:
        return submitter.look_at_balance([cleared(sandbox)] * count)


@pytest.mark.parametrize(
    ("balance", "count", "message"),
    [
        ("100", 1, None),
        ("0.5712", 1, None),  # the ten seconds that may be reserved
        ("0.5711", 1, "0.5712 may be reserved"),
        ("0.45696", 1, "may be reserved"),
        ("1", 2, "1.1424 may be reserved"),
        ("2", 2, None),
    ],
)
def test_a_balance_is_held_against_what_may_be_reserved(
    balance: str, count: int, message: str | None, folder: Path
) -> None:
    with Sandbox(probe=False, balance=Decimal(balance)) as sandbox:
        note = balance_note(sandbox, folder, count)
    assert (note is None) == (message is None)
    assert (message or "") in (note or "")


def test_a_balance_that_may_be_too_small_is_said(folder: Path) -> None:
    with Sandbox(probe=False, balance=Decimal("0.5")) as sandbox:
        assert balance_note(sandbox, folder) == (
            "the balance is 0.5, and 0.5712 may be reserved first (the longest durations): it may "
            "be refused"
        )


def test_a_request_without_a_price_needs_no_balance(folder: Path) -> None:
    with Host() as host, Sandbox(probe=False, balance=Decimal(0)) as sandbox:
        video = host.serve("clip.mp4", b"", Habit(status=503))
        unsure = ClearedRequest(report(sandbox, video_url=video), accept_unsure=True)
        with submitting(sandbox, folder) as submitter:
            assert submitter.look_at_balance([unsure]) is None


@pytest.mark.parametrize(("balance", "count"), [("0", 1), ("0.4569", 1), ("0.9", 2)])
def test_a_balance_below_the_least_sends_nothing(balance: str, count: int, folder: Path) -> None:
    with Sandbox(probe=False, balance=Decimal(balance)) as sandbox:
        with pytest.raises(InsufficientBalance) as caught:
            balance_note(sandbox, folder, count)
        assert caught.value.status is None
        assert caught.value.receipt is None
        assert balance in str(caught.value)
        assert (sandbox.posts, rows(folder)) == ([], [])


@pytest.mark.parametrize("fault", ["balance-401", "balance-500", "balance-false", "balance-odd"])
def test_a_balance_that_cannot_be_read_is_only_a_note(
    fault: str, sandbox: Sandbox, folder: Path
) -> None:
    sandbox.fault(fault)
    note = balance_note(sandbox, folder)
    assert note
    assert note.startswith("the balance could not be read (")
    assert KEY not in note


@pytest.mark.parametrize(
    ("account", "least"), [(Decimal("0.1"), True), (Decimal(100), False), (None, False)]
)
def test_a_key_without_a_limit_spends_the_accounts(
    account: Decimal | None, folder: Path, *, least: bool
) -> None:
    with Sandbox(probe=False, balance=None, account_balance=account) as sandbox:
        if least:
            with pytest.raises(InsufficientBalance):
                balance_note(sandbox, folder)
        else:
            assert balance_note(sandbox, folder) is None
        asked_for = [path for _, path in sandbox.requests if "balance" in path]
        assert asked_for == ["/v1/balance", "/v1/user/balance"]


# --- the function ------------------------------------------------------------------------


def test_the_function_sends_what_is_cleared(sandbox: Sandbox, folder: Path) -> None:
    receipt = submit(cleared(sandbox), api_key=KEY, base_url=sandbox.base, ledger_folder=folder)
    assert rows(folder) == [receipt]
    assert len(sandbox.posts) == 1


def test_the_function_sends_the_same_twice_only_on_purpose(folder: Path) -> None:
    with Sandbox(probe=False, polls=9) as sandbox:
        sent_twice(sandbox, folder)


def sent_twice(sandbox: Sandbox, folder: Path) -> None:
    options: dict[str, Any] = {"api_key": KEY, "base_url": sandbox.base, "ledger_folder": folder}
    submit(cleared(sandbox), **options)
    with pytest.raises(NotSent) as caught:
        submit(cleared(sandbox), **options)
    assert caught.value.because is NotSentReason.IDENTICAL
    submit(cleared(sandbox), again=True, **options)
    assert len(sandbox.posts) == 2


def test_the_function_waits_as_long_as_it_is_told(folder: Path) -> None:
    with Sandbox(probe=False, delay=3) as sandbox, pytest.raises(OutcomeUnknown):
        submit(
            cleared(sandbox),
            api_key=KEY,
            base_url=sandbox.base,
            ledger_folder=folder,
            timeout=0.5,
        )


def test_settings_that_may_not_be_read_spend_nothing(
    sandbox: Sandbox, folder: Path, tmp_path: Path
) -> None:
    """They may hold a budget."""
    settings = tmp_path / "home" / "motion-preflight" / "config.toml"
    settings.parent.mkdir(parents=True)
    settings.touch(mode=0o000)
    request = cleared(sandbox)
    with unprivileged(), pytest.raises(SettingsInvalid, match=r"config\.toml: Permission denied"):
        submit(request, api_key=KEY, base_url=sandbox.base, ledger_folder=folder)
    assert sandbox.posts == []


def test_a_setting_that_nobody_knows_spends_nothing(
    sandbox: Sandbox, folder: Path, tmp_path: Path
) -> None:
    """It may be a budget with a slip of the pen."""
    settings = tmp_path / "home" / "motion-preflight" / "config.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text("max_cost_per_dya = 0.4\n", encoding="ascii")
    with pytest.raises(SettingsInvalid, match="max_cost_per_dya"):
        submit(cleared(sandbox), api_key=KEY, base_url=sandbox.base, ledger_folder=folder)
    assert sandbox.posts == []


def test_the_function_takes_the_rest_from_the_environment(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "key").write_text(f"{KEY}\n", encoding="utf-8")
    monkeypatch.setenv("APIMART_API_KEY_FILE", str(tmp_path / "key"))
    monkeypatch.setenv("APIMART_BASE_URL", f"{sandbox.base}/v1/")
    monkeypatch.setenv("MOTION_PREFLIGHT_STATE", str(tmp_path / "elsewhere"))
    receipt = submit(cleared(sandbox))
    assert rows(tmp_path / "elsewhere") == [receipt]
    assert not (tmp_path / "home").exists()


def test_the_function_takes_nothing_but_what_is_cleared(sandbox: Sandbox, folder: Path) -> None:
    checked = report(sandbox)
    wrong: Any
    for wrong in (checked, checked.body, None):
        name = type(wrong).__name__
        with pytest.raises(TypeError, match=f"^submit takes a ClearedRequest, not {name}$"):
            submit(wrong, api_key=KEY, base_url=sandbox.base, ledger_folder=folder)
    assert sandbox.posts == []


def test_the_function_keeps_to_every_budget(sandbox: Sandbox, folder: Path, tmp_path: Path) -> None:
    options: dict[str, Any] = {"api_key": KEY, "base_url": sandbox.base, "ledger_folder": folder}
    with pytest.raises(NotSent) as caught:
        submit(cleared(sandbox), max_cost=Decimal("0.4"), **options)
    assert caught.value.because is NotSentReason.OVER_BUDGET
    settings = tmp_path / "home" / "motion-preflight" / "config.toml"
    settings.parent.mkdir(parents=True)
    for name in ("max_cost_per_request", "max_cost_per_day"):
        settings.write_text(f"{name} = 0.4\n", encoding="ascii")
        with pytest.raises(NotSent) as caught:
            submit(cleared(sandbox), **options)
        assert caught.value.because is NotSentReason.OVER_BUDGET
    assert (sandbox.posts, rows(folder)) == ([], [])


def test_the_function_looks_at_the_balance_first(folder: Path) -> None:
    with Sandbox(probe=False, balance=Decimal("0.1")) as sandbox:
        with pytest.raises(InsufficientBalance):
            submit(cleared(sandbox), api_key=KEY, base_url=sandbox.base, ledger_folder=folder)
        assert (sandbox.posts, rows(folder)) == ([], [])


@pytest.mark.parametrize(
    "key", ["schlüssel-of-some-length", "two words", "a\nb", "\u2028", "x\x00"]
)
def test_a_key_that_is_none_sends_nothing(key: str, sandbox: Sandbox, folder: Path) -> None:
    with pytest.raises(SettingsInvalid) as caught:
        submit(cleared(sandbox), api_key=key, base_url=sandbox.base, ledger_folder=folder)
    assert key not in str(caught.value)
    assert sandbox.posts == []


def test_a_key_as_a_file_holds_it_is_taken(sandbox: Sandbox, folder: Path) -> None:
    """The environment's is trimmed; somebody else's is read the same way."""
    options: dict[str, Any] = {"base_url": sandbox.base, "ledger_folder": folder}
    assert submit(cleared(sandbox), api_key=f"{KEY}\n", **options).task_id


@pytest.mark.parametrize("value", [float("nan"), Decimal(1), {1, 2}, b"x", Path("x")])
def test_a_body_that_is_no_json_is_our_error(value: object, sandbox: Sandbox, folder: Path) -> None:
    """Only our exceptions leave the library, and nothing is sent."""
    with pytest.raises(PreflightError):
        send(sandbox, folder, cleared(sandbox, seed=value))
    assert (sandbox.posts, rows(folder)) == ([], [])


# --- errors ------------------------------------------------------------------------------


def test_every_error_can_be_pickled(sandbox: Sandbox, folder: Path) -> None:
    """They come out of other processes whole."""
    sandbox.fault("422*1", "429-much-later*1", "402*1", "cut-after*1")
    errors: list[PreflightError] = []
    for number in range(4):
        with pytest.raises(PreflightError) as caught:
            send(sandbox, folder, cleared(sandbox, prompt=f"dance {number}"))
        errors.append(caught.value)
    errors.append(
        not_sent(NotSentReason.IDENTICAL, sandbox, folder, cleared(sandbox, prompt="dance 3"))
    )
    with pytest.raises(NotCleared) as refused:
        cleared(sandbox, video_url=sandbox.media_url("clip-12s.mp4"))
    errors += [refused.value, TaskFailed("it failed", errors[-1].args[1])]
    names = [type(error).__name__ for error in errors]
    assert names == ["Rejected", "RateLimited", "InsufficientBalance", "OutcomeUnknown", "NotSent",
                     "NotCleared", "TaskFailed"]  # fmt: skip
    for error in errors:
        for again in (pickle.loads(pickle.dumps(error)), copy.deepcopy(error)):
            assert type(again) is type(error)
            assert str(again) == str(error)
            assert again.args == error.args
            assert vars(again) == vars(error)


def test_an_answer_that_repeats_what_was_sent_gives_nothing_away(folder: Path) -> None:
    """All of it, as it was sent, in the message of a refusal."""
    prompt = "first line\nsecond  line of it\tand a third"

    def talk(sock: Any) -> None:
        while request := read_request(sock):
            echoed = request.decode().partition("Authorization: ")[2]
            output = json.loads(request.partition(b"\r\n\r\n")[2] or b"{}").get("prompt", "")
            sock.sendall(answer(400, {"error": {"message": f"{echoed[:100]} {output}"}}))

    with Sandbox(probe=False) as media, Peer(talk) as peer:
        request = cleared(media, prompt=prompt)
        with (
            Api(peer.base, KEY) as api,
            Ledger(folder) as ledger,
            Submitter(api, ledger, budget=Budget()) as submitter,
            pytest.raises(Rejected) as caught,
        ):
            submitter.submit(request)
    for words in (KEY, KEY[:12], "second", "and a third"):
        assert words not in str(caught.value)
    assert "second" not in str(rows(folder)[0].error)


def test_an_answer_that_repeats_a_signature_alone_gives_nothing_away(folder: Path) -> None:
    """Without the link around it, only what was sent says that it is one."""
    signature = "5f0c1d2e3a4b5c6d7e8f90a1b2c3d4e5"

    def talk(sock: Any) -> None:
        while read_request(sock):
            sock.sendall(answer(400, {"error": {"message": f"{signature} does not match"}}))

    with Sandbox(probe=False) as media, Peer(talk) as peer:
        signed = f"{media.media_url('clip-8s.mp4')}?X-Amz-Signature={signature}"
        request = cleared(media, video_url=signed)
        with (
            Api(peer.base, KEY) as api,
            Ledger(folder) as ledger,
            Submitter(api, ledger, budget=Budget()) as submitter,
            pytest.raises(Rejected) as caught,
        ):
            submitter.submit(request)
    assert "does not match" in str(caught.value)
    assert signature not in str(caught.value)
    assert signature not in str(rows(folder)[0].error)
