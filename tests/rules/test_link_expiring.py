"""A signed link past its end is an error, one that ends within the hour a warning."""

from __future__ import annotations

import datetime as dt
import sys
import time
from typing import TYPE_CHECKING

import pytest
from builders import NOW, case, image, unmeasured, video
from findings import findings_of, single

from motion_preflight.network.errors import Reason
from motion_preflight.report.findings import Level
from motion_preflight.rules import link_expiring

if TYPE_CHECKING:
    from collections.abc import Callable

    from motion_preflight.report.findings import Finding

SIGNED_AT = NOW - dt.timedelta(days=2)


def _dated(vendor: str) -> Callable[[dt.datetime], str]:
    return lambda end: (
        f"{vendor}-Date={SIGNED_AT:%Y%m%dT%H%M%SZ}"
        f"&{vendor}-Expires={int((end - SIGNED_AT).total_seconds())}&{vendor}-Signature=secret"
    )


def _stamped(name: str) -> Callable[[dt.datetime], str]:
    return lambda end: f"{name}={int(end.timestamp())}&Signature=secret"


VENDORS: dict[str, Callable[[dt.datetime], str]] = {
    "aws v4": _dated("X-Amz"),
    "google v4": _dated("X-Goog"),
    "alibaba v4": _dated("x-oss"),
    "volcano": _dated("X-Tos"),
    "huawei v4": _dated("X-Obs"),
    "aws v2, cloudfront, google v2, alibaba v1": _stamped("Expires"),
    "lower case": _stamped("expires"),
    "tiktok": _stamped("x-expires"),
    "azure": lambda end: f"sv=2022-11-02&se={end:%Y-%m-%dT%H%%3A%M%%3A%SZ}&sig=secret",
    "azure without seconds": lambda end: f"se={end:%Y-%m-%dT%H:%MZ}&sig=secret",
    "azure without a zone": lambda end: f"se={end:%Y-%m-%dT%H:%M:%S}&sig=secret",
    "tencent": lambda end: (
        f"q-sign-time={int(SIGNED_AT.timestamp())}%3B{int(end.timestamp())}&q-signature=secret"
    ),
}


def findings_at(query: str, now: dt.datetime = NOW) -> list[Finding]:
    location = f"https://bucket.apimart-user.com/clip.mp4?{query}"
    return findings_of(link_expiring, case(video=video(location=location), now=now))


@pytest.mark.parametrize(
    ("minutes", "level"),
    [(-1, Level.ERROR), (0, Level.ERROR), (1, Level.WARNING), (60, Level.WARNING), (61, None)],
)
def test_each_vendor_writes_its_end_in_its_own_way(minutes: int, level: Level | None) -> None:
    end = NOW + dt.timedelta(minutes=minutes)
    results = {
        name: [(finding.level, finding.field) for finding in findings_at(sign(end))]
        for name, sign in VENDORS.items()
    }
    assert results == dict.fromkeys(VENDORS, [(level, "video_url")] if level else [])


@pytest.mark.parametrize(
    ("before", "level"),
    [
        pytest.param(dt.timedelta(0), Level.ERROR, id="at its end"),
        pytest.param(dt.timedelta(microseconds=1), Level.WARNING, id="just before its end"),
        pytest.param(dt.timedelta(hours=1), Level.WARNING, id="an hour before"),
        pytest.param(dt.timedelta(hours=1, microseconds=1), None, id="just over an hour before"),
    ],
)
def test_the_limits_to_the_microsecond(before: dt.timedelta, level: Level | None) -> None:
    findings = findings_at(_stamped("Expires")(NOW), now=NOW - before)
    assert [finding.level for finding in findings] == ([level] if level else [])


def test_an_ended_link_says_when_and_to_sign_it_anew() -> None:
    finding = single(findings_at(_dated("X-Amz")(NOW - dt.timedelta(hours=3))))
    assert finding.message == (
        "the signed link of the reference video ended at 2026-12-01 09:00 UTC"
    )
    assert "sign it anew" in finding.remedy
    assert "secret" not in finding.message


def test_a_link_about_to_end_says_when_and_how_soon() -> None:
    finding = single(findings_at(_dated("X-Amz")(NOW + dt.timedelta(minutes=20))))
    assert "ends at 2026-12-01 12:20 UTC, in 20 minutes" in finding.message
    assert "sign it for longer" in finding.remedy


@pytest.mark.parametrize(
    ("seconds", "said_as"), [(60, "1 minute"), (119, "1 minute"), (30, "less than a minute")]
)
def test_the_last_minutes_are_said_as_a_person_would(seconds: int, said_as: str) -> None:
    finding = single(findings_at(_stamped("Expires")(NOW + dt.timedelta(seconds=seconds))))
    assert finding.message.endswith(f"in {said_as}")


@pytest.mark.parametrize(
    "query",
    [
        pytest.param("", id="no query"),
        pytest.param("v=3", id="a version"),
        pytest.param("expires=3600", id="a length, not a moment"),
        pytest.param("expires=1000000000", id="the smallest number that is no moment"),
        pytest.param("expires=never", id="a word"),
        pytest.param("expires=99999999999999999999", id="beyond every clock"),
        pytest.param("expires=-1", id="negative"),
        pytest.param("se=2026-01-01T00:00:00Z", id="se without sig"),
        pytest.param("se=soon&sig=x", id="se is no date"),
        pytest.param("X-Amz-Expires=60", id="a length without its start"),
        pytest.param("X-Amz-Date=20261201T000000Z", id="a start without its length"),
        pytest.param("X-Amz-Date=yesterday&X-Amz-Expires=60", id="a start that is no date"),
        pytest.param("X-Amz-Date=20261201T000000Z&X-Amz-Expires=1e3", id="a length in science"),
        pytest.param(
            "X-Amz-Date=20261201T000000Z&X-Amz-Expires=9999999999999", id="a length beyond time"
        ),
        pytest.param("q-sign-time=1764590400", id="a start without its end"),
        pytest.param("q-sign-time=a;b", id="no numbers"),
    ],
)
def test_a_link_that_does_not_say_its_end_is_silent(query: str) -> None:
    assert findings_at(query) == []


def test_a_path_is_silent() -> None:
    assert (
        findings_of(link_expiring, case(video=video(location="clip.mp4?expires=1600000000"))) == []
    )


def test_a_link_that_could_not_be_fetched_is_judged_too_and_so_is_the_image() -> None:
    old = "https://apimart-user.com/x?Expires=1600000000&Signature=s"
    denied = unmeasured(Reason.DENIED, location=old)
    findings = findings_of(link_expiring, case(video=denied, image=image(location=old)))
    assert [finding.field for finding in findings] == ["video_url", "image_url"]
    assert "reference image" in findings[1].message


def test_a_lasting_link_of_the_video_does_not_hide_the_end_of_the_images() -> None:
    ended = case(
        image=image(location="https://apimart-user.com/x.png?Expires=1600000000&Signature=s")
    )
    assert single(findings_of(link_expiring, ended)).field == "image_url"


@pytest.mark.skipif(sys.platform == "win32", reason="the zone of a process cannot be set there")
@pytest.mark.parametrize("here", ["UTC", "Asia/Shanghai", "America/Lima"])
def test_an_end_in_another_zone_is_that_moment(here: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Noon of UTC is 20:00 in Shanghai, wherever this runs; without a zone it is UTC."""
    monkeypatch.setenv("TZ", here)
    time.tzset()
    try:
        ended_at_noon()
    finally:
        monkeypatch.undo()
        time.tzset()


def ended_at_noon() -> None:
    for query in (
        "se=2026-12-01T12:00:00&sig=s",
        "X-Amz-Date=20261201T195900%2B0800&X-Amz-Expires=60",
    ):
        assert "ended at 2026-12-01 12:00 UTC" in single(findings_at(query)).message
    assert (
        "ended at 2026-12-01 12:00 UTC"
        in single(findings_at("se=2026-12-01T20:00%2B08:00&sig=s")).message
    )
    assert findings_at("se=2026-12-01T20:00:00Z&sig=secret") == []


@pytest.mark.parametrize(
    "query",
    [
        "se=0001-01-01T00:00:00%2B08:00&sig=s",
        "X-Amz-Date=00010101T000000%2B0800&X-Amz-Expires=1",
        "se=9999-12-31T23:59:59-08:00&sig=s",
    ],
)
def test_an_end_outside_of_what_a_clock_holds_is_none(query: str) -> None:
    assert findings_at(query) == []
