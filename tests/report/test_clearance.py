"""Only a report that allows it makes a cleared request: what stands in the way, and what to do."""

from __future__ import annotations

import json
import os
import pickle
from dataclasses import FrozenInstanceError, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from builders import IMAGE_URL, NOW, OPTIONS, VIDEO_URL, body, image, profile, unmeasured, video

from motion_preflight import preflight
from motion_preflight.errors import PreflightError
from motion_preflight.media.facts import Measured
from motion_preflight.network.errors import Reason
from motion_preflight.report.clearance import ClearedRequest, NotCleared, blocking_reason
from motion_preflight.report.findings import Authority, Finding, Level, Report, Verdict
from motion_preflight.testing.host import Host

MEGA = 1_000_000
MEND = "mend it, or send it all the same (accept_unsure=True)"
E, U, W, N = Level.ERROR, Level.UNSURE, Level.WARNING, Level.NOTE


def finding(level: Level, rule: str | None = None) -> Finding:
    """One of the findings of that level."""
    named = rule or f"rule-{level.value}"
    return Finding(named, level, None, "message", "remedy", Authority.APIMART, "source")


def report(
    *levels: Level,
    strict: bool = False,
    clip: Measured | None = None,
    picture: Measured | None = None,
    **fields: Any,
) -> Report:
    """A report with findings of these levels; without any it passes."""
    return Report(
        label="dance.json",
        body=body(**fields),
        findings=tuple(finding(level) for level in levels),
        skipped=(),
        video=clip or video(),
        image=picture or image(),
        estimate=None,
        options=replace(OPTIONS, strict=strict),
        checked_at=NOW,
        measured_at=NOW,
    )


def local(picture: Measured | None = None, **fields: Any) -> Report:
    """A report on a request whose picture is a local file."""
    return report(picture=picture or image(location="me.png"), image_url="me.png", **fields)


# ---------------------------------------------------------------- verdicts


@pytest.mark.parametrize(
    ("levels", "strict", "verdict", "allowed", "allowed_unsure"),
    [
        ((), False, "pass", True, True),
        ((N,), False, "pass", True, True),
        ((W,), False, "pass", True, True),
        ((W, N, W), False, "pass", True, True),
        ((U,), False, "unsure", False, True),
        ((U, W, N), False, "unsure", False, True),
        ((E,), False, "fail", False, False),
        ((E, U), False, "fail", False, False),
        ((E, U, W, N), False, "fail", False, False),
        ((), True, "pass", True, True),
        ((N,), True, "pass", True, True),
        ((W,), True, "fail", False, False),
        ((U,), True, "unsure", False, True),
        ((U, W), True, "fail", False, False),
        ((E,), True, "fail", False, False),
    ],
)
def test_the_verdict_decides(
    levels: tuple[Level, ...],
    strict: bool,  # noqa: FBT001
    verdict: str,
    allowed: bool,  # noqa: FBT001
    allowed_unsure: bool,  # noqa: FBT001
) -> None:
    checked = report(*levels, strict=strict)
    assert checked.verdict == verdict
    for accept, expected in ((False, allowed), (True, allowed_unsure)):
        assert (blocking_reason(checked, accept_unsure=accept) is None) is expected
        if expected:
            assert ClearedRequest(checked, accept).report is checked
        else:
            with pytest.raises(NotCleared):
                ClearedRequest(checked, accept)


@pytest.mark.parametrize(
    ("judged", "accept", "why"),
    [
        (report(E), True, "the check failed (rule-error)"),
        (report(E, U, W, N), False, "the check failed (rule-error, rule-unsure)"),
        (report(W, N, strict=True), False, "the check failed (rule-warning)"),
        (report(E, E), False, "the check failed (rule-error)"),
        (report(U, W), False, f"the check is unsure (rule-unsure): {MEND}"),
        (report(clip=unmeasured(Reason.TIMEOUT)), False, f"the check is unsure: {MEND}"),
    ],
)
def test_the_rules_that_decide_are_named_once(judged: Report, accept: bool, why: str) -> None:  # noqa: FBT001
    assert blocking_reason(judged, accept_unsure=accept) == why


def test_what_was_not_measured_is_unsure_though_no_rule_says_so() -> None:
    for built in (
        report(clip=unmeasured(Reason.TIMEOUT)),
        report(picture=unmeasured(Reason.UNREADABLE, location=IMAGE_URL)),
    ):
        assert built.verdict is Verdict.UNSURE
        assert blocking_reason(built)
        assert blocking_reason(built, accept_unsure=True) is None


def test_the_exception_says_why_and_carries_the_report() -> None:
    checked = report(E)
    with pytest.raises(NotCleared) as caught:
        ClearedRequest(checked)
    assert blocking_reason(checked) == "the check failed (rule-error)"
    assert str(caught.value) == "the check failed (rule-error). Findings: message"
    assert caught.value.report is checked
    assert caught.value.sentences == ("message",)
    assert caught.value.in_words_of_command() == blocking_reason(checked)
    assert isinstance(caught.value, PreflightError)


def test_the_exception_has_few_sentences_and_carries_all() -> None:
    with pytest.raises(NotCleared) as caught:
        ClearedRequest(report(*[E] * 5, U, W))
    assert str(caught.value).endswith("Findings: message; message; message; and 3 more")
    assert caught.value.sentences == ("message",) * 6
    read = pickle.loads(pickle.dumps(caught.value))
    assert (str(read), read.sentences) == (str(caught.value), caught.value.sentences)


def test_the_exception_has_no_sentence_where_no_finding_is_in_the_way() -> None:
    with pytest.raises(NotCleared) as caught:
        ClearedRequest(report(U, video_url="clip.mp4"), accept_unsure=True)
    assert "publish it" in str(caught.value)
    assert caught.value.sentences == ()


def test_each_side_reads_its_own_words() -> None:
    with pytest.raises(NotCleared) as caught:
        ClearedRequest(report(U))
    assert "(accept_unsure=True)" in str(caught.value)
    assert caught.value.in_words_of_command().endswith("all the same (--accept-unsure)")


def test_a_cleared_request_cannot_become_another_one() -> None:
    cleared = ClearedRequest(report())
    with pytest.raises(FrozenInstanceError):
        cleared.report = report(E)  # type: ignore[misc]  # that is the point
    with pytest.raises(NotCleared):
        replace(cleared, report=report(E))
    with pytest.raises(NotCleared):
        replace(ClearedRequest(report(U), accept_unsure=True), accept_unsure=False)


def test_a_cleared_request_goes_to_another_process_as_it_is() -> None:
    cleared = ClearedRequest(report(U), accept_unsure=True)
    assert pickle.loads(pickle.dumps(cleared)) == cleared


# ---------------------------------------------------------------- the video


@pytest.mark.parametrize(
    "url",
    [
        VIDEO_URL,
        f" {VIDEO_URL}",
        "HTTPS://apimart-user.com/clip.mp4",
        "http://apimart-user.com/clip.mp4?a=b#c",
    ],
)
def test_a_video_with_a_link_may_be_sent(url: str) -> None:
    assert blocking_reason(report(video_url=url)) is None


@pytest.mark.parametrize(
    "path", ["clip.mp4", "/home/me/clip.mp4", "../clip.mp4", r"C:\clips\clip.mp4", "~/c.mp4", "c:x"]
)
@pytest.mark.parametrize("accept", [False, True])
def test_a_local_video_cannot_be_sent(path: str, accept: bool) -> None:  # noqa: FBT001
    why = blocking_reason(report(video_url=path, clip=video(location=path)), accept_unsure=accept)
    assert why == (
        f"the reference video is a local file ({path}), and the provider takes no upload of "
        "videos: publish it, and put its direct link into video_url"
    )


def test_a_local_video_is_named_so_that_it_cannot_drive_a_terminal() -> None:
    why = blocking_reason(report(video_url="a\x1b[31m\n.mp4"))
    assert why is not None
    assert "(a�[31m�.mp4)" in why


@pytest.mark.parametrize("value", [None, 5, ["https://apimart-user.com/clip.mp4"], {}])
def test_a_video_that_is_no_text_is_not_sent_whatever_the_check_says(value: object) -> None:
    assert blocking_reason(report(video_url=value), accept_unsure=True)


def test_the_check_is_told_before_the_local_file() -> None:
    assert blocking_reason(report(E, video_url="clip.mp4")) == "the check failed (rule-error)"
    why = blocking_reason(report(U, video_url="clip.mp4"))
    assert why is not None
    assert why.startswith("the check is unsure")


# ---------------------------------------------------------------- the picture


def test_a_picture_with_a_link_is_not_uploaded() -> None:
    for container in ("png", "bmp", "tiff"):
        cleared = ClearedRequest(report(picture=image(container=container, size=90 * MEGA)))
        assert not cleared.uploads_image


@pytest.mark.parametrize(
    ("container", "size", "allowed"),
    [
        ("png", 400_000, True),
        ("jpeg", 400_000, True),
        ("webp", 400_000, True),
        ("gif", 400_000, True),
        ("bmp", 400_000, False),
        ("tiff", 400_000, False),
        ("heic", 400_000, False),
        ("avif", 400_000, False),
        ("svg", 400_000, False),
        ("mp4", 400_000, False),
        ("PNG", 400_000, False),
        ("", 400_000, False),
        (None, 400_000, False),
        ("png", 0, True),
        ("png", 1, True),
        ("png", 20 * MEGA, True),
        ("png", 20 * MEGA + 1, False),
        ("png", 20 * (1 << 20), False),
        ("jpeg", 50 * MEGA, False),
        ("png", None, True),
    ],
)
def test_a_local_picture_is_uploaded_if_the_provider_takes_it(
    container: str | None,
    size: int | None,
    allowed: bool,  # noqa: FBT001
) -> None:
    built = local(image(location="me.png", container=container, size=size))
    assert (blocking_reason(built) is None) is allowed
    if allowed:
        assert ClearedRequest(built).uploads_image


def test_a_container_that_cannot_be_uploaded_is_told_with_those_that_can() -> None:
    assert blocking_reason(local(image(container="bmp"))) == (
        "the reference image is a local file, and the provider takes no upload of it (an upload "
        "can be jpeg, png, webp, gif): publish it, and put its direct link into image_url"
    )


def test_a_picture_that_is_too_large_is_told_with_its_size_and_the_limit() -> None:
    assert blocking_reason(local(image(size=20_000_001))) == (
        "the reference image is a local file, and the provider takes no upload of it (it has "
        "20,000,001 bytes, an upload 20,000,000 at most): publish it, and put its direct link into "
        "image_url"
    )


@pytest.mark.parametrize(
    "reason", [Reason.UNREADABLE, Reason.UNSUPPORTED, Reason.MISSING, Reason.TIMEOUT]
)
def test_a_local_picture_that_was_not_measured_is_never_uploaded(reason: Reason) -> None:
    built = local(unmeasured(reason, location="me.png", container="png", size=5))
    assert blocking_reason(built)
    why = blocking_reason(built, accept_unsure=True)
    assert why is not None
    assert why.startswith(
        "the reference image is a local file, and the provider takes no upload of it"
    )
    with pytest.raises(NotCleared):
        ClearedRequest(built, accept_unsure=True)


def test_the_limits_of_an_upload_are_those_of_the_profile() -> None:
    built = local(image(size=5 * MEGA))
    for limit, allowed in ((5 * MEGA, True), (5 * MEGA - 1, False)):
        changed = replace(OPTIONS, profile=profile(upload_size={"maximum": limit}))
        assert (blocking_reason(replace(built, options=changed)) is None) is allowed
    two_readings = profile(upload_size={"maximum": {"MB": 4 * MEGA, "MiB": 6 * MEGA}})
    assert blocking_reason(replace(built, options=replace(OPTIONS, profile=two_readings)))
    no_limit = replace(OPTIONS.profile.limits.upload_size, maximum=None)
    limits = replace(OPTIONS.profile.limits, upload_size=no_limit)
    free = replace(OPTIONS, profile=replace(OPTIONS.profile, limits=limits))
    assert blocking_reason(replace(built, options=free)) is None


def test_a_local_picture_does_not_make_up_for_a_local_video() -> None:
    why = blocking_reason(local(video_url="clip.mp4"))
    assert why is not None
    assert why.startswith("the reference video is a local file")


def test_a_missing_picture_is_no_local_file() -> None:
    missing = {name: value for name, value in body().items() if name != "image_url"}
    built = replace(report(E), body=missing, image=unmeasured(Reason.NOT_GIVEN, location=None))
    assert blocking_reason(built) == "the check failed (rule-error)"
    assert blocking_reason(replace(built, findings=()), accept_unsure=True)


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(float("nan"), id="not a number"),
        pytest.param(float("inf"), id="infinite"),
        pytest.param(Decimal("0.5"), id="a decimal"),
        pytest.param(Path("me.png"), id="a path"),
        pytest.param(b"bytes", id="bytes"),
        pytest.param({1, 2}, id="a set"),
        pytest.param([{"deep": object()}], id="an object inside"),
    ],
)
def test_what_the_wire_cannot_carry_is_not_cleared(value: object) -> None:
    checked = report(seed=value)
    with pytest.raises((TypeError, ValueError)):
        json.dumps(dict(checked.body), allow_nan=False)
    with pytest.raises(NotCleared):
        ClearedRequest(checked, accept_unsure=True)


# ---------------------------------------------------------------- out of a real check


@pytest.fixture(autouse=True)
def _without_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


def test_a_request_that_passes_is_cleared(host: Host, media: Path) -> None:
    clip = host.serve("clip.mp4", media / "clip-8s.mp4")
    picture = host.serve("me.png", media / "image.png", content_type="image/png")
    built = preflight(body(video_url=clip, image_url=picture), allow_private=True)
    assert built.verdict is Verdict.PASS
    assert not ClearedRequest(built).uploads_image


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("image.png", True),
        ("image.jpg", True),
        ("image.gif", True),
        ("image.webp", True),
        ("image.bmp", False),
        ("image-svg.svg", False),
        ("cut.png", False),
        ("text-named.png", False),
        ("not-there.png", False),
    ],
)
def test_a_local_picture_of_a_real_check(
    host: Host,
    media: Path,
    name: str,
    allowed: bool,  # noqa: FBT001
) -> None:
    clip = host.serve("clip.mp4", media / "clip-8s.mp4")
    built = preflight(body(video_url=clip, image_url=name), folder=media, allow_private=True)
    assert (blocking_reason(built) is None) is allowed
    if allowed:
        assert ClearedRequest(built).uploads_image
