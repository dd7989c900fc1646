"""Identical requests are known as such. Two of one request that look different are billed twice, so
how a link is signed or spelled must not show; two that differ in what they ask for must.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest
from builders import MISSING, body
from hypothesis import example, given
from hypothesis import strategies as st

from motion_preflight.submission.digests import link_key, path_key, request_digest
from motion_preflight.submission.fingerprint import Fingerprint, FingerprintSet, MediaKeys
from motion_preflight.text.links.comparison import comparable_link, origin_of

ORIGIN = "https://api.apimart.ai"
CLIP = "https://apimart-user.com/clip.mp4"


def of(**fields: Any) -> Fingerprint:
    """What a passing request with some of its fields otherwise is known by, nothing measured."""
    return known_by(ORIGIN, body(**fields))


def known_by(origin: str, fields: dict[str, Any]) -> Fingerprint:
    video, image = (
        link_key(link) if isinstance(link := fields.get(name), str) else None
        for name in ("video_url", "image_url")
    )
    return Fingerprint(
        request_digest(origin, fields), MediaKeys(video_link=video, image_link=image)
    )


def of_video(url: str) -> Fingerprint:
    return of(video_url=url)


# ---------------------------------------------------------------- the body


def test_an_identity_is_a_digest_and_always_the_same() -> None:
    assert re.fullmatch("[0-9a-f]{64}", of().identity)
    assert of() == of()


@pytest.mark.parametrize(
    ("absent", "explicit"),
    [
        ({"prompt": MISSING}, {"prompt": ""}),
        ({"keep_original_sound": MISSING}, {"keep_original_sound": "yes"}),
        ({}, {"watermark_info": {"enabled": False}}),
    ],
)
def test_an_absent_field_is_its_default(absent: dict[str, Any], explicit: dict[str, Any]) -> None:
    assert of(**absent) == of(**explicit)


@pytest.mark.parametrize(
    "fields",
    [
        {"model": "kling-v3-motion-control"},
        {"prompt": "he dances"},
        {"prompt": MISSING},
        {"prompt": "she dances "},
        {"keep_original_sound": "no"},
        {"character_orientation": "image"},
        {"mode": "pro"},
        {"watermark_info": {"enabled": True}},
        {"watermark_info": {"enabled": False, "text": "mine"}},
        {"video_url": "https://apimart-user.com/other.mp4"},
        {"image_url": "https://apimart-user.com/other.png"},
        {"video_url": "https://apimart-user.com/image.png", "image_url": CLIP},
        {"seed": 7},
        {"seed": None},
        {"callback_url": "https://apimart-user.com/hook"},
    ],
)
def test_every_field_matters(fields: dict[str, Any]) -> None:
    assert of(**fields) != of()


@pytest.mark.parametrize(
    ("one", "other"),
    [(1, 2), (1, "1"), (1, True), (0, False), (None, False), ([1, 2], [2, 1]), ({}, [])],
)
def test_the_value_of_an_unknown_field_matters(one: object, other: object) -> None:
    assert of(seed=one) != of(seed=other)


def test_the_order_of_fields_does_not_matter() -> None:
    fields = body(watermark_info={"enabled": True, "text": "mine"})
    turned = dict(reversed(fields.items()))
    turned["watermark_info"] = {"text": "mine", "enabled": True}
    assert request_digest(ORIGIN, turned) == request_digest(ORIGIN, fields)


def test_a_value_does_not_slip_into_the_next_field() -> None:
    assert of(prompt='a","mode":"pro') != of(prompt="a", mode="pro")
    assert of(a="b", c="d") != of(a='b","c":"d')


@pytest.mark.parametrize("text", ["é", "日本", "😀", "\ud83d", "a\x00", "a\u2028", "e\u0301"])
def test_every_text_has_an_identity_of_its_own(text: str) -> None:
    assert len({of(prompt=text), of(prompt=text * 2), of(prompt="?")}) == 3


@pytest.mark.parametrize("text", ["", " ", "\n\t", "\u200b", "\ufeff\u2060", "\x00"])
def test_a_prompt_that_nobody_can_see_is_none(text: str) -> None:
    assert of(prompt=text) == of(prompt="")


def test_the_body_is_left_as_it_is() -> None:
    fields = body(video_url=f"{CLIP}?X-Amz-Signature=1")
    before = dict(fields)
    request_digest(ORIGIN, fields)
    assert fields == before


def test_the_provider_matters() -> None:
    assert known_by("https://other.example", body()) != of()
    assert known_by("https://api.apimart.ai:8443", body()) != of()


# ---------------------------------------------------------------- media by what was measured


def measured(**keys: str | None) -> Fingerprint:
    """A request with a clip and a picture that were measured, some of their keys otherwise."""
    usual = MediaKeys("1:a", link_key(CLIP), "2:b", link_key("https://apimart-user.com/image.png"))
    return Fingerprint("a request", replace(usual, **keys))


HERE, ELSEWHERE = path_key("/me.png"), path_key("/pictures/copy.png")


@pytest.mark.parametrize(
    ("what", "one", "other", "same"),
    [
        ("the same clip, signed anew", measured(), measured(video_link="another"), True),
        ("the same picture, elsewhere", measured(), measured(image_link="another"), True),
        ("another clip behind the link", measured(), measured(video_content="1:c"), False),
        ("another picture behind the link", measured(), measured(image_content="1:c"), False),
        ("one that was not measured", measured(), measured(video_content=None), True),
        (
            "neither was measured",
            measured(video_content=None),
            measured(video_content=None),
            True,
        ),
        (
            "not measured, and another link",
            measured(),
            measured(video_content=None, video_link="another"),
            False,
        ),
        (
            "an uploaded picture is its bytes wherever it lies",
            measured(image_sha256="e", image_link=HERE),
            measured(image_sha256="e", image_link=ELSEWHERE),
            True,
        ),
        (
            "two uploaded pictures that begin alike",
            measured(image_sha256="e", image_link=HERE),
            measured(image_sha256="f", image_link=HERE),
            False,
        ),
        (
            "an uploaded picture, later a link to the same",
            measured(image_sha256="e", image_link=HERE),
            measured(),
            True,
        ),
        (
            "an uploaded picture, later a link that was not measured",
            measured(image_sha256="e", image_link=HERE),
            measured(image_content=None),
            False,
        ),
    ],
)
def test_what_was_measured_decides_and_else_the_link(
    what: str,
    one: Fingerprint,
    other: Fingerprint,
    same: bool,  # noqa: FBT001
) -> None:
    assert one.matches(other) is same, what
    assert other.matches(one) is same, what
    seen = FingerprintSet()
    seen.add(one)
    assert (other in seen) is same, what


def test_requests_that_ask_for_different_things_differ_whatever_their_media() -> None:
    other = Fingerprint("another", measured().media)
    assert not measured().matches(other)
    seen = FingerprintSet()
    seen.add(measured())
    assert other not in seen


def test_two_that_differ_may_both_be_like_a_third() -> None:
    """What was not measured is like everything that lay behind its link."""
    one, other, third = measured(), measured(video_content="1:c"), measured(video_content=None)
    for first, then in ((one, third), (third, one), (other, third), (third, other)):
        seen = FingerprintSet()
        seen.add(first)
        assert then in seen
    seen = FingerprintSet()
    seen.add(one)
    assert other not in seen
    seen.add(other)
    assert one in seen
    assert third in seen


def test_a_path_is_no_link() -> None:
    assert path_key(CLIP) != link_key(CLIP)
    assert path_key("/a.png") != path_key("/b.png")


def test_no_key_shows_a_link() -> None:
    keys = [link_key(f"{CLIP}?token=secret"), path_key("/home/me/secret.png")]
    assert all(re.fullmatch("[0-9a-f]{64}", key) for key in keys)


# ---------------------------------------------------------------- links: the same

SIGNED = {
    "AWS, version 4": "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AK%2F{0}%2Fus-east-1"
    "&X-Amz-Date=2026{0}&X-Amz-Expires=3600&X-Amz-SignedHeaders=host&X-Amz-Security-Token={0}"
    "&X-Amz-Signature={0}",
    "AWS, version 2": "AWSAccessKeyId=A{0}&Signature={0}&Expires={0}",
    "AWS, another case": "x-amz-date={0}&x-AMZ-signature={0}",
    "AWS, an escaped name": "X%2DAmz%2DDate={0}&X-Amz-Signature={0}",
    "Google, version 4": "X-Goog-Algorithm=GOOG4-RSA-SHA256&X-Goog-Credential={0}"
    "&X-Goog-Date={0}&X-Goog-Expires={0}&X-Goog-SignedHeaders=host&X-Goog-Signature={0}",
    "Google, version 2": "GoogleAccessId=a{0}&Expires={0}&Signature={0}",
    "Azure": "sv=2024-{0}&ss=b&srt=o&sp=r&st={0}&se={0}&sr=b&spr=https&sip={0}&si={0}&sig={0}",
    "Azure, by a user": "sv=1&skoid={0}&sktid={0}&skt={0}&ske={0}&sks=b&skv=1&se={0}&sig={0}",
    "Azure, by a user, traced": "sv=1&se={0}&skoid={0}&suoid={0}&scid={0}&sig={0}",
    "Alibaba, version 1": "OSSAccessKeyId={0}&Expires={0}&Signature={0}&security-token={0}",
    "Alibaba, version 4": "x-oss-signature-version=OSS4&x-oss-credential={0}&x-oss-date={0}"
    "&x-oss-expires={0}&x-oss-signature={0}&x-oss-security-token={0}",
    "Alibaba's CDN": "auth_key={0}-0-0-{0}",
    "Tencent": "q-sign-algorithm=sha1&q-ak=A{0}&q-sign-time={0}%3B{0}&q-key-time={0}%3B{0}"
    "&q-header-list=host&q-url-param-list=&q-signature={0}&x-cos-security-token={0}",
    "Tencent's CDN, type A": "sign={0}-im1acp-0-{0}",
    "Tencent's CDN, type D": "sign=0f{0}&t={0}",
    "Huawei": "AccessKeyId={0}&Expires={0}&Signature={0}&x-obs-security-token={0}",
    "Volcano": "X-Tos-Algorithm=TOS4&X-Tos-Date={0}&X-Tos-Expires={0}&X-Tos-Signature={0}",
    "Baidu": "authorization=bce-auth-v1%2F{0}%2F2026-{0}%2F1800%2Fhost%2F{0}",
    "Qiniu": "e={0}&token=AK:{0}",
    "CloudFront": "Expires={0}&Signature={0}&Key-Pair-Id=K{0}",
    "CloudFront, by a policy": "Policy={0}&Signature={0}&Key-Pair-Id=K{0}",
    "Akamai": "hdnea=exp={0}~acl=/*~hmac={0}",
    "Akamai, another name": "hdnts=st={0}~exp={0}~acl=/*~hmac={0}",
    "Akamai, its own name": "__token__=exp={0}~acl=/*~hmac={0}",
    "Bunny": "token={0}&expires={0}",
    "Cloudflare": "verify={0}-{0}",
    "nginx": "md5={0}&expires={0}",
    "Backblaze": "Authorization=3_2026_{0}",
    "Discord": "ex=65d9{0}&is=65c6{0}&hm=24{0}",
    "Firebase, Supabase": "token=eyJ{0}",
    "TikTok": "x-expires={0}&x-signature={0}",
    "an access token": "access_token={0}",
}


@pytest.mark.parametrize("query", SIGNED.values(), ids=SIGNED)
def test_a_link_that_is_signed_again_is_the_same(query: str) -> None:
    for start in ("?", "?id=5&"):
        one, other = (f"{CLIP}{start}{query.format(n)}" for n in ("0421", "1307"))
        assert of_video(one) == of_video(other)
        assert of(image_url=one) == of(image_url=other)


@pytest.mark.parametrize("query", SIGNED.values(), ids=SIGNED)
def test_a_signature_leaves_the_other_parameters(query: str) -> None:
    signed = query.format("0421")
    assert of_video(f"{CLIP}?id=5&{signed}") != of_video(f"{CLIP}?id=6&{signed}")
    assert of_video(f"{CLIP}?{signed}&id=5") == of_video(f"{CLIP}?id=5&{signed}")


@pytest.mark.parametrize(
    "url",
    [
        "https://apimart-user.com/clip.mp4",
        "HTTPS://apimart-user.com/clip.mp4",
        "https://apimart-user.com:443/clip.mp4",
        "https://apimart-user.com:/clip.mp4",
        "https://apimart-user.com./clip.mp4",
        "https://apimart-user.com.:443/clip.mp4",
        " https://apimart-user.com/clip.mp4\n",
        "https://apimart-user.com/clip.mp4?",
        "https://apimart-user.com/clip.mp4?&",
        "https://apimart-user.com/clip.mp4#t=5",
        "https://apimart-user.com/clip.mp4?#",
        "https://user:password@apimart-user.com/clip.mp4",
        "https://apimart-user.com/clip.mp4?sig=1#?id=5",
        pytest.param("https://apimart-user.com/%63lip.mp4", id="a letter escaped"),
        pytest.param("https://apimart-user.com/clip%2Emp4", id="a dot escaped"),
    ],
)
def test_another_spelling_of_a_link_is_the_same(url: str) -> None:
    assert of_video(url) == of_video(CLIP)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://e.com", "https://e.com/"),
        ("http://e.com:80/a", "http://e.com/a"),
        ("https://[2001:DB8::1]:443/a", "https://[2001:db8::1]/a"),
        ("https://e.com/a?b=1&&c=2", "https://e.com/a?b=1&c=2"),
        pytest.param("https://e.com/a?b=1&c=2", "https://e.com/a?c=2&b=1", id="turned round"),
        pytest.param("https://e.com/a%2fb", "https://e.com/a%2Fb", id="escapes in another case"),
        pytest.param("https://e.com/~me", "https://e.com/%7Eme", id="a sign escaped"),
        pytest.param("https://e.com/a?b=%7E", "https://e.com/a?b=~", id="escaped in the query"),
        pytest.param("https://e.com/ü", "https://e.com/%C3%BC", id="a letter of Unicode escaped"),
    ],
)
def test_two_spellings_of_one_link_are_the_same(one: str, other: str) -> None:
    assert of_video(one) == of_video(other)


# ---------------------------------------------------------------- links: different


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://e.com/a", "https://e.com/b"),
        ("https://e.com/a", "https://e.com/A"),
        ("https://e.com/a", "https://e.com/a/"),
        ("https://e.com/a", "https://f.com/a"),
        ("https://e.com/a", "https://www.e.com/a"),
        ("https://e.com/a", "http://e.com/a"),
        ("https://e.com/a", "https://e.com:8443/a"),
        ("https://e.com/a", "https://e.com:80/a"),
        ("https://e.com/a", "https://e.com/a?id=5"),
        ("https://e.com/a?id=5", "https://e.com/a?id=6"),
        ("https://e.com/a?id=5", "https://e.com/a?no=5"),
        ("https://e.com/a?id=5", "https://e.com/a?ID=5"),
        ("https://e.com/a?id=a", "https://e.com/a?id=A"),
        ("https://e.com/a?id=5&id=6", "https://e.com/a?id=6&id=5"),
        ("https://e.com/a?versionId=1", "https://e.com/a?versionId=2"),
        ("https://e.com/a?generation=1", "https://e.com/a?generation=2"),
        ("https://e.com/a?file=1&token=x", "https://e.com/a?file=2&token=x"),
        ("https://e.com/a%2Fb", "https://e.com/a/b"),
        ("https://e.com/a?b=1%26c=2", "https://e.com/a?b=1&c=2"),
        ("https://e.com/a?b=1%2B1", "https://e.com/a?b=1+1"),
        ("https://e.com/a%3Fb", "https://e.com/a?b"),
        ("https://e.com/a;v=1", "https://e.com/a;v=2"),
        ("https://e.com/a?sv=1", "https://e.com/a?sv=2"),
        ("https://e.com/a?se=1&st=2", "https://e.com/a?se=3&st=4"),
        ("https://e.com/a?t=1", "https://e.com/a?t=2"),
        ("https://e.com/a?e=1", "https://e.com/a?e=2"),
        ("https://e.com/a?is=1", "https://e.com/a?is=2"),
        ("https://e.com/a?signed=1", "https://e.com/a?signed=2"),
        ("https://e.com/a?expiry=1", "https://e.com/a?expiry=2"),
        ("https://e.com/a?my-token=1", "https://e.com/a?my-token=2"),
        ("https://e.com/a?x-oss-process=video/a", "https://e.com/a?x-oss-process=video/b"),
        ("https://e.com/a?x-oss-process=image/resize,w_300", "https://e.com/a"),
        ("https://e.com/a", "https://e.com./a/"),
    ],
)
def test_two_links_to_different_things_are_different(one: str, other: str) -> None:
    assert of_video(one) != of_video(other)


@pytest.mark.parametrize(
    "url",
    [
        "https://apimart-user.com:99999/clip.mp4",
        "https://apimart-user.com:port/clip.mp4",
        "https://[::1/clip.mp4",
        "https://[v1.x]/clip.mp4",
        "https://exa\u2100mple.com/clip.mp4",
        "http://",
        "://",
        "",
        "data:video/mp4;base64,AAAA",
        "clip.mp4",
        "\ud800",
    ],
)
def test_what_is_no_url_has_an_identity_all_the_same(url: str) -> None:
    assert of_video(url) == of_video(url)
    assert of_video(url) != of_video(CLIP)
    assert of_video(url) != of_video(url + "x")


def test_a_medium_that_is_no_text_has_an_identity_all_the_same() -> None:
    assert of(video_url=None) != of(video_url=["clip.mp4"])


# ---------------------------------------------------------------- whatever is written

NAMES = st.sampled_from(["id", "Signature", "sig", "se", "X-Amz-Date", "token", "t", "%74oken", ""])
QUERIES = st.lists(st.tuples(NAMES, st.text("a1%+&#=?", max_size=4)), max_size=5).map(
    lambda parts: "&".join(f"{name}={value}" for name, value in parts)
)
PATHS = st.text("a/%.;:@?#é", max_size=8)


@example("[", "", "")
@given(st.text(max_size=12), PATHS, QUERIES)
def test_nothing_that_is_written_for_a_link_fails(host: str, path: str, query: str) -> None:
    for url in (host, f"https://{host}/{path}?{query}", f"{host}://{path}"):
        assert isinstance(comparable_link(url), str)
        assert of_video(url) == of_video(url)


@given(PATHS, QUERIES)
def test_what_is_unsigned_stays_as_it_is(path: str, query: str) -> None:
    once = comparable_link(f"https://apimart-user.com/{path}?{query}")
    assert comparable_link(once) == once


@given(PATHS, QUERIES, st.text("a1%=", max_size=8))
def test_a_signature_behind_any_link_changes_nothing(path: str, query: str, secret: str) -> None:
    url = f"https://apimart-user.com/{path.replace('#', '')}?id=1&{query.replace('#', '')}"
    assert of_video(f"{url}&X-Amz-Signature={secret}") == of_video(url)


# ---------------------------------------------------------------- origins


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://api.apimart.ai", "https://api.apimart.ai"),
        ("https://api.apimart.ai/v1/x?y#z", "https://api.apimart.ai"),
        ("HTTPS://API.APIMART.AI.:443", "https://api.apimart.ai"),
        ("http://127.0.0.1:80", "http://127.0.0.1"),
        ("http://127.0.0.1:443", "http://127.0.0.1:443"),
        ("https://127.0.0.1:80", "https://127.0.0.1:80"),
        ("https://[::1]:8080", "https://[::1]:8080"),
        ("https://user:secret@e.com", "https://e.com"),
        ("https://e.com:0", "https://e.com:0"),
    ],
)
def test_an_origin_is_scheme_host_and_port(url: str, origin: str) -> None:
    assert origin_of(urlsplit(url)) == origin


@pytest.mark.parametrize("port", ["65536", "-1", "x", "１"])
def test_a_wrong_port_is_no_origin(port: str) -> None:
    with pytest.raises(ValueError, match=r"[Pp]ort"):
        origin_of(urlsplit(f"https://e.com:{port}/"))
