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
from build import CONDITIONS, IMAGE_URL, VIDEO_URL, body, image, profile, unmeasured, video
from hosts import Host

from motion_preflight import preflight
from motion_preflight.errors import NotCleared, PreflightError
from motion_preflight.facts import Measured, Reason
from motion_preflight.report import (
    Authority,
    ClearedRequest,
    Finding,
    Level,
    Report,
    Verdict,
    hindrance,
)

MEGA = 1_000_000
MEND = "mend it, or send it all the same (--accept-unsure; in Python accept_unsure=True)"
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
        conditions=replace(CONDITIONS, strict=strict),
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
    made = report(*levels, strict=strict)
    assert made.verdict == verdict
    for accept, expected in ((False, allowed), (True, allowed_unsure)):
        assert (hindrance(made, accept_unsure=accept) is None) is expected
        if expected:
            assert ClearedRequest(made, accept).report is made
        else:
            with pytest.raises(NotCleared):
                ClearedRequest(made, accept)


@pytest.mark.parametrize(
    ("made", "accept", "why"),
    [
        (report(E), True, "the check failed (rule-error)"),
        (report(E, U, W, N), False, "the check failed (rule-error, rule-unsure)"),
        (report(W, N, strict=True), False, "the check failed (rule-warning)"),
        (report(E, E), False, "the check failed (rule-error)"),
        (report(U, W), False, f"the check is unsure (rule-unsure): {MEND}"),
        (report(clip=unmeasured(Reason.TIMEOUT)), False, f"the check is unsure: {MEND}"),
    ],
)
def test_the_rules_that_decide_are_named_once(made: Report, accept: bool, why: str) -> None:  # noqa: FBT001
    assert hindrance(made, accept_unsure=accept) == why


def test_what_was_not_measured_is_unsure_though_no_rule_says_so() -> None:
    for made in (
        report(clip=unmeasured(Reason.TIMEOUT)),
        report(picture=unmeasured(Reason.UNREADABLE, location=IMAGE_URL)),
    ):
        assert made.verdict is Verdict.UNSURE
        assert hindrance(made)
        assert hindrance(made, accept_unsure=True) is None


def test_the_exception_says_why_and_carries_the_report() -> None:
    made = report(E)
    with pytest.raises(NotCleared) as caught:
        ClearedRequest(made)
    assert str(caught.value) == hindrance(made) == "the check failed (rule-error)"
    assert caught.value.report is made
    assert isinstance(caught.value, PreflightError)


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
    assert hindrance(report(video_url=url)) is None


@pytest.mark.parametrize(
    "path", ["clip.mp4", "/home/me/clip.mp4", "../clip.mp4", r"C:\clips\clip.mp4", "~/c.mp4", "c:x"]
)
@pytest.mark.parametrize("accept", [False, True])
def test_a_local_video_cannot_be_sent(path: str, accept: bool) -> None:  # noqa: FBT001
    why = hindrance(report(video_url=path, clip=video(location=path)), accept_unsure=accept)
    assert why == (
        f"the reference video is a local file ({path}), and the provider takes no upload of "
        "videos: publish it, and put its direct link into video_url"
    )


def test_a_local_video_is_named_so_that_it_cannot_drive_a_terminal() -> None:
    why = hindrance(report(video_url="a\x1b[31m\n.mp4"))
    assert why is not None
    assert "(a�[31m�.mp4)" in why


@pytest.mark.parametrize("value", [None, 5, ["https://apimart-user.com/clip.mp4"], {}])
def test_a_video_that_is_no_text_is_not_sent_whatever_the_check_says(value: object) -> None:
    assert hindrance(report(video_url=value), accept_unsure=True)


def test_the_check_is_told_before_the_local_file() -> None:
    assert hindrance(report(E, video_url="clip.mp4")) == "the check failed (rule-error)"
    why = hindrance(report(U, video_url="clip.mp4"))
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
    made = local(image(location="me.png", container=container, size=size))
    assert (hindrance(made) is None) is allowed
    if allowed:
        assert ClearedRequest(made).uploads_image


def test_a_container_that_cannot_be_uploaded_is_told_with_those_that_can() -> None:
    assert hindrance(local(image(container="bmp"))) == (
        "the reference image is a local file, and the provider takes no upload of it (an upload "
        "can be jpeg, png, webp, gif): publish it, and put its direct link into image_url"
    )


def test_a_picture_that_is_too_large_is_told_with_its_size_and_the_limit() -> None:
    assert hindrance(local(image(size=20_000_001))) == (
        "the reference image is a local file, and the provider takes no upload of it (it has "
        "20,000,001 bytes, an upload 20,000,000 at most): publish it, and put its direct link into "
        "image_url"
    )


@pytest.mark.parametrize(
    "reason", [Reason.UNREADABLE, Reason.UNSUPPORTED, Reason.MISSING, Reason.TIMEOUT]
)
def test_a_local_picture_that_was_not_measured_is_never_uploaded(reason: Reason) -> None:
    made = local(unmeasured(reason, location="me.png", container="png", size=5))
    assert hindrance(made)
    why = hindrance(made, accept_unsure=True)
    assert why is not None
    assert why.startswith(
        "the reference image is a local file, and the provider takes no upload of it"
    )
    with pytest.raises(NotCleared):
        ClearedRequest(made, accept_unsure=True)


def test_the_limits_of_an_upload_are_those_of_the_profile() -> None:
    made = local(image(size=5 * MEGA))
    for limit, allowed in ((5 * MEGA, True), (5 * MEGA - 1, False)):
        changed = replace(CONDITIONS, profile=profile(upload_size={"maximum": limit}))
        assert (hindrance(replace(made, conditions=changed)) is None) is allowed
    two_readings = profile(upload_size={"maximum": {"MB": 4 * MEGA, "MiB": 6 * MEGA}})
    assert hindrance(replace(made, conditions=replace(CONDITIONS, profile=two_readings)))
    no_limit = replace(CONDITIONS.profile.limits.upload_size, maximum=None)
    limits = replace(CONDITIONS.profile.limits, upload_size=no_limit)
    free = replace(CONDITIONS, profile=replace(CONDITIONS.profile, limits=limits))
    assert hindrance(replace(made, conditions=free)) is None


def test_a_local_picture_does_not_make_up_for_a_local_video() -> None:
    why = hindrance(local(video_url="clip.mp4"))
    assert why is not None
    assert why.startswith("the reference video is a local file")


def test_a_missing_picture_is_no_local_file() -> None:
    missing = {name: value for name, value in body().items() if name != "image_url"}
    made = replace(report(E), body=missing, image=unmeasured(Reason.NOT_GIVEN, location=None))
    assert hindrance(made) == "the check failed (rule-error)"
    assert hindrance(replace(made, findings=()), accept_unsure=True)


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
    made = report(seed=value)
    with pytest.raises((TypeError, ValueError)):
        json.dumps(dict(made.body), allow_nan=False)
    with pytest.raises(NotCleared):
        ClearedRequest(made, accept_unsure=True)


# ---------------------------------------------------------------- out of a real check


@pytest.fixture(autouse=True)
def _without_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


def test_a_request_that_passes_is_cleared(host: Host, media: Path) -> None:
    clip = host.serve("clip.mp4", media / "clip-8s.mp4")
    picture = host.serve("me.png", media / "image.png", content_type="image/png")
    made = preflight(body(video_url=clip, image_url=picture), allow_private=True)
    assert made.verdict is Verdict.PASS
    assert not ClearedRequest(made).uploads_image


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
    made = preflight(body(video_url=clip, image_url=name), folder=media, allow_private=True)
    assert (hindrance(made) is None) is allowed
    if allowed:
        assert ClearedRequest(made).uploads_image
