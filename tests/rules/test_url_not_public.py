"""A URL that the provider's server cannot fetch is an error, told by its text alone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import VIDEO_URL, case, image, unmeasured, video
from findings import findings_of, single

from motion_preflight.network.errors import Reason
from motion_preflight.network.transfer import Transfer
from motion_preflight.report.findings import Level
from motion_preflight.rules import url_not_public


@pytest.mark.parametrize(
    "location",
    [
        "https://apimart-user.com/clip.mp4",
        "http://apimart-user.com/clip.mp4",
        "HTTPS://APIMART-USER.COM/CLIP.MP4",
        "https://apimart-user.com:8443/clip.mp4",
        "https://8.8.8.8/clip.mp4",
        "https://[2606:4700::1111]/clip.mp4",
        "https://172.32.0.1/clip.mp4",
        "https://apimart-user.com/a@b.mp4",
        "https://localhost.apimart-user.com/clip.mp4",
        "https://my.locals/clip.mp4",
        "clip.mp4",
        "/tmp/a@b/clip.mp4",
    ],
)
def test_a_public_url_and_a_path_are_silent(location: str) -> None:
    assert findings_of(url_not_public, case(video=video(location=location))) == []


@pytest.mark.parametrize(
    ("location", "wrong"),
    [
        ("ftp://apimart-user.com/clip.mp4", 'its scheme is "ftp"'),
        ("s3://bucket/clip.mp4", 'its scheme is "s3"'),
        ("gs://bucket/clip.mp4", 'its scheme is "gs"'),
        ("file:///clip.mp4", 'its scheme is "file"'),
        ("data:video/mp4;base64,AAAA", 'its scheme is "data"'),
        ("blob:https://apimart-user.com/1", 'its scheme is "blob"'),
        ("https://me:secret@apimart-user.com/clip.mp4", "it carries credentials"),
        ("https://apimart-user.com\\@10.0.0.1/clip.mp4", "it carries credentials"),
        ("https:///clip.mp4", "it names no host"),
        ("https://apimart-user.com/my\tclip.mp4", "white space"),
        ("https://apimart-user.com:99999/clip.mp4", "its port is not a number from 1 to 65535"),
        ("https://apimart-user.com:0/clip.mp4", "its port is not a number from 1 to 65535"),
        ("https://apimart-user.com:secret/clip.mp4", "its port is not a number from 1 to 65535"),
        ("https://[::1/clip.mp4", "it is not a URL"),
        ("https://apimart-user..com/clip.mp4", "its host has an empty part between two dots"),
        ("https://.apimart-user.com/clip.mp4", "its host has an empty part between two dots"),
        ("https://localhost/clip.mp4", '"localhost" is not a public name'),
        ("https://nas.local/clip.mp4", '"nas.local" is not a public name'),
        ("https://db.internal/clip.mp4", '"db.internal" is not a public name'),
        ("https://nas/clip.mp4", '"nas" is not a public name'),
        ("https://nas.localdomain/clip.mp4", '"nas.localdomain" is not a public name'),
        ("https://media.default.svc/clip.mp4", '"media.default.svc" is not a public name'),
        ("https://abc.onion/clip.mp4", '"abc.onion" is not a public name'),
        ("https://127.0.0.1/clip.mp4", "127.0.0.1 is not a public address"),
        ("https://127.1/clip.mp4", "127.0.0.1 is not a public address"),
        ("https://2130706433/clip.mp4", "127.0.0.1 is not a public address"),
        ("https://0x7f.0.0.1/clip.mp4", "127.0.0.1 is not a public address"),
        ("https://10.0.0.7/clip.mp4", "10.0.0.7 is not a public address"),
        ("https://172.31.255.255/clip.mp4", "172.31.255.255 is not a public address"),
        ("https://[::1]/clip.mp4", "::1 is not a public address"),
        ("https://[64:ff9b::a00:1]/clip.mp4", "is not a public address"),
    ],
)
def test_a_url_that_cannot_be_public_is_an_error(location: str, wrong: str) -> None:
    finding = single(findings_of(url_not_public, case(video=video(location=location))))
    assert (finding.level, finding.field) == (Level.ERROR, "video_url")
    assert "URL of the reference video" in finding.message
    assert wrong in finding.message
    assert "secret" not in finding.message
    assert "link" in finding.remedy


@pytest.mark.parametrize(
    ("location", "remedy"),
    [
        ("s3://bucket/my clip.mp4", "aws s3 presign 's3://bucket/my clip.mp4' --expires-in 86400"),
        ("gs://bucket/clip.mp4", "make a signed link of it, for a day, and use that"),
        ("s3://bucket/clip.mp4?sig=secret", "make a signed link of it, for a day, and use that"),
        ("file:///clips/clip.mp4", "to check it before, write its path without a scheme"),
    ],
)
def test_another_scheme_has_its_own_remedy(location: str, remedy: str) -> None:
    finding = single(findings_of(url_not_public, case(video=video(location=location))))
    assert "allowed: http, https" in finding.message
    assert remedy in finding.remedy
    assert "secret" not in finding.remedy


def test_both_media_are_judged() -> None:
    private = "https://10.0.0.7/x"
    result = findings_of(
        url_not_public, case(video=video(location=private), image=image(location=private))
    )
    assert [item.field for item in result] == ["video_url", "image_url"]
    assert "reference image" in result[1].message


@pytest.mark.parametrize(
    ("location", "count"),
    [
        pytest.param("https://10.0.0.7/clip.mp4", 0, id="a private host is let through"),
        pytest.param("https://localhost/clip.mp4", 0, id="a special name is let through"),
        pytest.param("https://me:pw@10.0.0.7/clip.mp4", 1, id="credentials are not"),
        pytest.param("ftp://10.0.0.7/clip.mp4", 1, id="another scheme is not"),
    ],
)
def test_allow_private_lets_hosts_through_and_nothing_else(location: str, count: int) -> None:
    result = findings_of(url_not_public, case(video=video(location=location), allow_private=True))
    assert len(result) == count


def test_a_redirect_to_a_private_address_is_an_error_though_the_url_itself_is_public() -> None:
    refused = unmeasured(Reason.NOT_PUBLIC, "https://10.0.0.7/ cannot be fetched: private")
    finding = single(findings_of(url_not_public, case(video=refused)))
    assert (finding.level, finding.field) == (Level.ERROR, "video_url")
    assert refused.error in finding.message


def test_a_url_that_was_refused_for_its_own_text_is_said_once() -> None:
    refused = unmeasured(Reason.NOT_PUBLIC, location="https://10.0.0.7/clip.mp4")
    finding = single(findings_of(url_not_public, case(video=refused)))
    assert "10.0.0.7 is not a public address" in finding.message


def test_through_a_proxy_it_is_a_note_that_only_the_name_was_judged() -> None:
    proxied = Transfer(1, 65536, 200, "video/mp4", VIDEO_URL, None, proxied=True)
    finding = single(findings_of(url_not_public, case(video=replace(video(), transfer=proxied))))
    assert (finding.level, finding.field) == (Level.NOTE, "video_url")
    assert "proxy" in finding.message
    assert "outside your network" in finding.remedy


def test_a_local_video_does_not_hide_a_private_image() -> None:
    mixed = case(video=video(location="clip.mp4"), image=image(location="https://10.0.0.7/x.png"))
    assert single(findings_of(url_not_public, mixed)).field == "image_url"
