"""Links in one spelling, without their signatures: neither a second bill nor a false twin."""

from __future__ import annotations

import datetime as dt

import pytest
from builders import NOW
from signed_links import ENDED, MD5, base64url, jwt

from motion_preflight.text.links.comparison import comparable_link as same

LATER = NOW + dt.timedelta(days=3, hours=5)
OTHER_MD5 = "92eb5ffee6ae2fec3ad71c777531578f"


def test_a_link_that_is_signed_anew_is_the_same_in_every_style() -> None:
    pairs = {
        name: (sign(NOW), sign(LATER)) for name, sign in ENDED.items() if "Airtable" not in name
    }
    wrong = {
        name: (one, other)
        for name, (one, other) in pairs.items()
        if one == other or {same(one), same(one.replace(MD5, OTHER_MD5))} != {same(other)}
    }
    assert wrong == {}


def test_the_parameters_beside_a_signature_are_compared() -> None:
    urls = {name: sign(NOW) for name, sign in ENDED.items()}
    joined = {name: url + ("&" if "?" in url else "?") for name, url in urls.items()}
    wrong = {
        name: url
        for name, url in urls.items()
        if same(f"{joined[name]}id=5") in {same(f"{joined[name]}id=6"), same(url)}
    }
    assert wrong == {}


def test_another_file_is_not_the_same_however_it_is_signed() -> None:
    urls = {name: sign(NOW) for name, sign in ENDED.items()}
    others = {name: "-2?".join(url.split("?", 1)) for name, url in urls.items() if "?" in url}
    others |= {name: f"{url}-2" for name, url in urls.items() if "?" not in url}
    assert {name: url for name, url in urls.items() if same(others[name]) == same(url)} == {}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://e.com/a?token=FILEA", "https://e.com/a?token=FILEB"),
        ("https://e.com/a?auth=FILEA", "https://e.com/a?auth=FILEB"),
        ("https://e.com/a?key=FILEA", "https://e.com/a?key=FILEB"),
        ("https://e.com/a?sign=FILEA", "https://e.com/a?sign=FILEB"),
        ("https://e.com/a?verify=FILEA", "https://e.com/a?verify=FILEB"),
        ("https://e.com/a?policy=A", "https://e.com/a?policy=B"),
        ("https://e.com/a?auth_key=FILEA", "https://e.com/a?auth_key=FILEB"),
        ("https://e.com/a?exp=1", "https://e.com/a?exp=2"),
        ("https://e.com/a?expires=1", "https://e.com/a?expires=2"),
        ("https://e.com/a?expire=never", "https://e.com/a?expire=ever"),
        ("https://e.com/a?e=1764590400", "https://e.com/a?e=1764590401"),
        ("https://e.com/a?t=1764590400", "https://e.com/a?t=1764590401"),
        ("https://e.com/a?v=1", "https://e.com/a?v=2"),
        ("https://e.com/a?hash=1", "https://e.com/a?hash=2"),
        ("https://e.com/a?secure=1", "https://e.com/a?secure=2"),
        ("https://e.com/a?l=1&tk=2", "https://e.com/a?l=2&tk=2"),
        ("https://e.com/a?st=1&dl=1", "https://e.com/a?st=2&dl=1"),
        ("https://e.com/FILEA/a.mp4", "https://e.com/FILEB/a.mp4"),
        ("https://e.com/token=FILEA/a.mp4", "https://e.com/token=FILEB/a.mp4"),
        (f"https://e.com/{MD5}/a.mp4", f"https://e.com/{OTHER_MD5}/a.mp4"),
        (f"https://e.com/{MD5}/12345678/a.mp4", f"https://e.com/{OTHER_MD5}/12345678/a.mp4"),
        (f"https://e.com/{MD5}/65a0b0c0", f"https://e.com/{OTHER_MD5}/65a0b0c1"),
        (f"https://e.com/20261301/{MD5}/a.mp4", f"https://e.com/20261301/{OTHER_MD5}/a.mp4"),
        (f"https://e.com/202611301200/{MD5}.mp4", f"https://e.com/202611301200/{OTHER_MD5}.mp4"),
        ("https://e.com/a,1764590400/x", "https://e.com/b,1764590400/x"),
        (
            f"https://e.com/get?token={jwt(file='a', exp=1764590400)}",
            f"https://e.com/get?token={jwt(file='b', exp=1764590400)}",
        ),
        (
            f"https://e.com/{jwt(file='a', exp=1764590400)}/x.mp4",
            f"https://e.com/{jwt(file='b', exp=1764590400)}/x.mp4",
        ),
        (
            f"https://e.com/get?token={jwt(url='/f?id=5', exp=1)}",
            f"https://e.com/get?token={jwt(url='/f?id=6', exp=1)}",
        ),
        (
            f"https://e.com/get?data={base64url({'file': 'a'})}",
            f"https://e.com/get?data={base64url({'file': 'b'})}",
        ),
        ("https://www.dropbox.com/s/x?rlkey=a", "https://www.dropbox.com/s/x?rlkey=b"),
        ("https://drive.google.com/uc?id=a", "https://drive.google.com/uc?id=b"),
        ("https://e.com/?u=https://b.com/a", "https://e.com/?u=https://b.com/b"),
        ("https://e.com/?u=https://b.com/a?id=1", "https://e.com/?u=https://b.com/a?id=2"),
        ("http://e.com/a", "https://e.com/a"),
        ("https://e.com/a/b", "https://e.com/a//b"),
        ("https://e.com/a?x=c/../b", "https://e.com/a?x=b"),
        ("https://e.com/a/.b", "https://e.com/a/b"),
        ("https://e.com/a/...", "https://e.com/a/"),
        ("https://e.com/a%2F..%2Fb", "https://e.com/b"),
        ("https://e.com/a%252E", "https://e.com/a."),
        ("https://xn--bcher-kva.de/a", "https://bucher.de/a"),
        ("https://[2001:db8::1]/a", "https://[2001:db8::2]/a"),
    ],
)
def test_nothing_says_that_these_are_signatures(one: str, other: str) -> None:
    assert same(one) != same(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://e.com/a/./b", "https://e.com/a/b"),
        ("https://e.com/x/../a/b", "https://e.com/a/b"),
        ("https://e.com/../a/b", "https://e.com/a/b"),
        ("https://e.com/%2e%2E/a/b", "https://e.com/a/b"),
        ("https://e.com/a/b/..", "https://e.com/a/"),
        ("https://e.com/a/.", "https://e.com/a/"),
        ("https://BÜCHER.de/a", "https://xn--bcher-kva.de/a"),
        ("https://bücher.de./a", "https://XN--BCHER-KVA.DE:443/a"),
        ("https://日本。jp/a", "https://xn--wgv71a.jp/a"),
        ("https://%61pimart-user.com/a", "https://apimart-user.com/a"),
        ("https://[2001:DB8:0:0:0:0:0:1]/a", "https://[2001:db8::1]/a"),
        ("https://e.com/clip(1).mp4", "https://e.com/clip%281%29.mp4"),
        ("https://e.com/it's.mp4", "https://e.com/it%27s.mp4"),
        ("https://e.com/a@b:c.mp4", "https://e.com/a%40b%3Ac.mp4"),
        ("https://e.com/a b.mp4", "https://e.com/a%20b.mp4"),
        ("http://e.com:080/a", "http://e.com/a"),
        (
            f"https://e.com/get?token={jwt(file='a', exp=1764590400, iat=1, jti='x')}",
            f"https://e.com/get?token={jwt(file='a', exp=1764590999, iat=2, jti='y')}",
        ),
        (
            f"https://e.com/get?token={jwt(url='/f?id=5&X-Amz-Signature=1', exp=1)}",
            f"https://e.com/get?token={jwt(url='/f?id=5&X-Amz-Signature=2', exp=2)}",
        ),
        (
            "https://raw.githubusercontent.com/me/it/main/a.mp4?token=GHSAT0AAA",
            "https://raw.githubusercontent.com/me/it/main/a.mp4?token=GHSAT0BBB",
        ),
        (
            "https://media.githubusercontent.com/media/me/it/main/a.mp4?token=A",
            "https://media.githubusercontent.com/media/me/it/main/a.mp4?token=B",
        ),
        (
            "https://firebasestorage.googleapis.com/v0/b/x/o/a.mp4?alt=media&token=1-2",
            "https://firebasestorage.googleapis.com/v0/b/x/o/a.mp4?alt=media&token=3-4",
        ),
        (
            "https://www.dropbox.com/scl/fi/x/a.mp4?rlkey=a&st=b&dl=1",
            "https://www.dropbox.com/scl/fi/x/a.mp4?rlkey=a&st=c&dl=1",
        ),
        (
            "https://b.s3.amazonaws.com/a?X-Amz-Signature=1&x-id=GetObject",
            "https://b.s3.amazonaws.com/a?X-Amz-Signature=2&response-content-type=video%2Fmp4",
        ),
        (
            "https://cdn.e.com/s--Ab12_-cd--/v1/a.mp4",
            "https://cdn.e.com/s--Zz12_-cd--/v1/a.mp4",
        ),
        ("https://e.com/a?expires=1764590400", "https://e.com/a?expires=1764590999"),
        (
            "https://e.com/?w=1&url=https%3A%2F%2Fb.com%2Fa%3FX-Amz-Signature%3D1",
            "https://e.com/?w=1&url=https%3A%2F%2FB.com%3A443%2Fa%3FX-Amz-Signature%3D2",
        ),
        ("https://e.com/a?private_token=x", "https://e.com/a?private_token=y"),
    ],
)
def test_these_are_spellings_of_one_link(one: str, other: str) -> None:
    assert same(one) == same(other)


def test_no_secret_of_a_token_is_in_the_spelling() -> None:
    for token in (jwt(exp=1764590400), jwt(exp=1764590400, sub="a")):
        assert token.rpartition(".")[2] not in same(f"https://e.com/a?token={token}")
        assert token.rpartition(".")[2] not in same(f"https://e.com/{token}/a.mp4")
