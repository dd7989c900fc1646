"""When a signed link begins and ends, read from real-looking links of every common style."""

from __future__ import annotations

import base64
import datetime as dt
import itertools
import random
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from builders import NOW, case, image, video
from findings import findings_of, single
from signed_links import (
    BOTH,
    CDN,
    DAY,
    END,
    ENDED,
    HALF_HOUR,
    HOUR,
    MD5,
    SHA,
    base64url,
    epoch,
    jwt,
)

from motion_preflight.report.findings import Level
from motion_preflight.rules import link_expiring
from motion_preflight.text.links.comparison import comparable_link
from motion_preflight.text.links.expiry import link_validity

if TYPE_CHECKING:
    from collections.abc import Callable

    from signed_links import Signer


def levels(url: str) -> list[Level]:
    result = findings_of(link_expiring, case(video=video(location=url)))
    assert all(MD5 not in item.message and SHA not in item.message for item in result)
    return [item.level for item in result]


@pytest.mark.parametrize("sign", BOTH.values(), ids=BOTH)
def test_start_and_end_are_read_from_the_link(sign: Signer) -> None:
    start, end = NOW - 2 * DAY, NOW + 3 * DAY
    validity = link_validity(sign(start, end))
    assert validity is not None
    assert (validity.start, validity.end) == (start, end)


@pytest.mark.parametrize("sign", [*END.values(), *CDN.values()], ids=[*END, *CDN])
def test_an_end_is_read_from_the_link(sign: Callable[[dt.datetime], str]) -> None:
    validity = link_validity(sign(NOW + 3 * DAY))
    assert validity is not None
    assert (validity.start, validity.end) == (None, NOW + 3 * DAY)


@pytest.mark.parametrize(
    ("left", "expected"),
    [
        pytest.param(-300 * DAY, [Level.ERROR], id="long past"),
        pytest.param(-2 * HOUR, [Level.ERROR], id="ended"),
        pytest.param(HALF_HOUR, [Level.WARNING], id="before the job may fetch it"),
        pytest.param(2 * HOUR, [], id="in two hours"),
        pytest.param(2 * DAY, [], id="in two days"),
    ],
)
def test_an_end_is_judged_in_every_style(left: dt.timedelta, expected: list[Level]) -> None:
    results = {name: levels(sign(NOW + left)) for name, sign in ENDED.items()}
    assert {name: result for name, result in results.items() if result != expected} == {}


@pytest.mark.parametrize(
    ("ahead", "expected"),
    [
        pytest.param(dt.timedelta(minutes=4), [], id="a clock that is ahead"),
        pytest.param(dt.timedelta(minutes=6), [Level.ERROR], id="soon"),
        pytest.param(2 * DAY, [Level.ERROR], id="the day after tomorrow"),
    ],
)
def test_a_link_that_is_not_valid_yet_is_an_error(
    ahead: dt.timedelta, expected: list[Level]
) -> None:
    results = {name: levels(sign(NOW + ahead, NOW + ahead + DAY)) for name, sign in BOTH.items()}
    assert {name: result for name, result in results.items() if result != expected} == {}


def test_a_link_that_is_not_valid_yet_says_from_when_it_is() -> None:
    sign = BOTH["Azure"]
    location = sign(NOW + HOUR, NOW + DAY)
    finding = single(findings_of(link_expiring, case(image=image(location=location))))
    assert finding.message == (
        "the signed link of the reference image is not valid before 2026-12-01 13:00 UTC"
    )
    assert "check the clock" in finding.remedy


LIMITED = ["S3, version 4", "S3 of another seller", "GCS, version 4", "OSS, version 4", "TOS",
           "Azure, signed by a user"]  # fmt: skip


@pytest.mark.parametrize("beyond", [0, 1, 80 * 86400])
def test_more_than_the_style_allows_is_an_error(beyond: int) -> None:
    start = NOW - HOUR
    end = start + 7 * DAY + dt.timedelta(seconds=beyond)
    results = {name: levels(sign(start, end)) for name, sign in BOTH.items()}
    expected = {name: [Level.ERROR] if beyond and name in LIMITED else [] for name in BOTH}
    assert results == expected


def test_more_than_the_style_allows_says_how_much_it_is() -> None:
    url = BOTH["S3, version 4"](NOW - HOUR, NOW - HOUR + 30 * DAY)
    finding = single(findings_of(link_expiring, case(video=video(location=url))))
    assert finding.message == (
        "the signed link of the reference video asks for 30 days, and AWS signature 4 allows "
        "7 days at most"
    )
    assert finding.remedy == "sign it for 7 days or less"


@pytest.mark.parametrize("spell", [str.lower, str.upper, str])
def test_the_order_and_the_case_of_parameters_do_not_matter(spell: Callable[[str], str]) -> None:
    results = {}
    for (name, sign), seed in itertools.product(ENDED.items(), range(3)):
        base, _, query = sign(NOW + HALF_HOUR).partition("?")
        parts = [part for part in query.split("&") if part]
        random.Random(seed).shuffle(parts)
        turned = [f"{spell(part.partition('=')[0])}={part.partition('=')[2]}" for part in parts]
        results[name, seed] = levels(f"{base}?{'&'.join(['id=7', *turned, 'v=3'])}#t=1")
    assert {row: result for row, result in results.items() if result != [Level.WARNING]} == {}


@pytest.mark.parametrize("name", ["t", "v", "_", "ts", "time", "timestamp", "cb", "nocache", "d"])
@pytest.mark.parametrize("value", ["1699999999", "1699999999000", "2020-01-01", "65a0b0c0"])
def test_a_cache_buster_is_no_expiry(name: str, value: str) -> None:
    assert levels(f"https://apimart-user.com/clip.mp4?{name}={value}") == []
    assert levels(f"https://apimart-user.com/clip.mp4?id=4&{name}={value}&w=100") == []


@pytest.mark.parametrize(
    "url",
    [
        "https://apimart-user.com/1699999999/clip.mp4",
        "https://apimart-user.com/uploads/20201201/clip.mp4",
        f"https://apimart-user.com/{MD5}/clip.mp4",
        f"https://apimart-user.com/{MD5}/12345678/clip.mp4",
        f"https://apimart-user.com/202013451299/{MD5}/clip.mp4",
        f"https://apimart-user.com/{MD5}/5f000000",
        "https://apimart-user.com/v1699999999/clip.mp4",
        "https://apimart-user.com/clip.mp4?e=1699999999",
        "https://apimart-user.com/clip.mp4?oe=65a0b0c0",
        "https://apimart-user.com/clip.mp4?ex=65a0b0c0",
        "https://apimart-user.com/clip.mp4?token=1699999999",
        "https://apimart-user.com/clip.mp4?auth_key=1699999999",
        "https://apimart-user.com/clip.mp4?sign=1&t=1699999999",
        "https://ik.imagekit.io/me/a.mp4?ik-t=9999999999&ik-s=1",
    ],
)
def test_a_date_that_is_no_end_is_silent(url: str) -> None:
    assert levels(url) == []


@pytest.mark.parametrize(
    "url",
    [
        "https://apimart-user.com/clip.mp4?ex=zz&is=zz&hm=1",
        "https://apimart-user.com/clip.mp4?ex=&is=&hm=",
        "https://apimart-user.com/clip.mp4?token=eyJ.eyJ.x",
        "https://apimart-user.com/clip.mp4?token=eyJhIjox.eyJleHAi.",
        f"https://apimart-user.com/clip.mp4?token={jwt(exp='soon')}",
        f"https://apimart-user.com/clip.mp4?token={jwt(exp=None, nbf=[1])}",
        f"https://apimart-user.com/clip.mp4?token={jwt(exp=True)}",
        f"https://apimart-user.com/clip.mp4?token={jwt(exp=1e300)}",
        f"https://apimart-user.com/clip.mp4?token={jwt(exp=float('nan'))}",
        f"https://apimart-user.com/clip.mp4?token={jwt(exp=-1)}",
        f"https://apimart-user.com/clip.mp4?token=e30.{base64url([1])}.x",
        "https://d1.cloudfront.net/c.mp4?Policy=____&Signature=a&Key-Pair-Id=K",
        "https://d1.cloudfront.net/c.mp4?Policy=e30_&Signature=a&Key-Pair-Id=K",
        f"https://d1.cloudfront.net/c.mp4?Policy={base64url({'Statement': 1})}&Key-Pair-Id=K",
        f"https://d1.cloudfront.net/c.mp4?Policy={base64url({'Statement': [7]})}&Key-Pair-Id=K",
        f"https://d1.cloudfront.net/c.mp4?Policy={base64url({'Statement': []})}&Key-Pair-Id=K",
        "https://d1.cloudfront.net/c.mp4?Key-Pair-Id=K&Policy="
        + base64url({"Statement": [{"Condition": {"DateLessThan": 4}}]}),
        "https://apimart-user.com/c.mp4?hdnts=exp=x~hmac=1",
        "https://apimart-user.com/c.mp4?hdnts=~~~exp=~hmac=",
        "https://apimart-user.com/hdnts=exp=99999999999999999999~hmac=1/c.mp4",
        "https://apimart-user.com/c.mp4?authorization=bce-auth-v1",
        "https://apimart-user.com/c.mp4?authorization=bce-auth-v1/a/2026-13-01T00:00:00Z/9/h/s",
        "https://apimart-user.com/c.mp4?_upt=",
        "https://apimart-user.com/c.mp4?token=%7B%7D&sig=1",
        "https://apimart-user.com/c.mp4?token=%7B&sig=1",
        "https://apimart-user.com/c.mp4?secure=,",
        "https://apimart-user.com/c.mp4?q-sign-time=;",
        "https://apimart-user.com/c.mp4?se=2026-99-99&sig=x",
        "https://apimart-user.com/c.mp4?expires=20269999T999999Z",
        "https://apimart-user.com/c.mp4?expires=１７００００００００",
        "https://apimart-user.com/c.mp4?%FF=%FF&expires=%FF",
        "https://[::1/c.mp4?expires=1600000000",
        "https://apimart-user.com/c.mp4?" + "&" * 1000 + "expires",
        "https://apimart-user.com/c.mp4?token=eyJ" + "." * 10000,
    ],
)
def test_a_malformed_signature_is_silent(url: str) -> None:
    assert levels(url) == []


@pytest.mark.parametrize("text", ['{"a":' * 100_000, "[" * 100_000, "9" * 100_000])
def test_a_hostile_token_is_silent(text: str) -> None:
    payload = base64.urlsafe_b64encode(f'{{"exp":{text}'.encode()).decode().rstrip("=")
    assert levels(f"https://apimart-user.com/clip.mp4?token=eyJhIjoxfQ.{payload}.x") == []
    assert levels(f"https://d1.cloudfront.net/c.mp4?Policy={payload}&Key-Pair-Id=K") == []


def test_of_several_signatures_all_have_to_hold() -> None:
    """A file of a GitHub release is signed for GitHub and for its store."""
    token = jwt(exp=epoch(NOW + HALF_HOUR))
    url = f"{BOTH['Azure'](NOW - DAY, NOW + DAY)}&jwt={token}"
    validity = link_validity(url)
    assert validity is not None
    assert (validity.start, validity.end) == (NOW - DAY, NOW + HALF_HOUR)


def test_a_link_inside_a_link_is_read_too() -> None:
    inner = quote(BOTH["S3, version 4"](NOW - DAY, NOW - HOUR), safe="")
    assert levels(f"https://proxy.apimart-user.com/?url={inner}&w=100") == [Level.ERROR]
    nested = "https://e.com/?u="
    for _ in range(12):
        nested = f"https://e.com/?u={quote(nested, safe='')}"
    for url in (nested, "https://e.com/?u=" * 5000):
        assert levels(url) == []
        assert comparable_link(url) == comparable_link(comparable_link(url))
