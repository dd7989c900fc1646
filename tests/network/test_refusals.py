"""Why a host refuses, from answers as storages, CDNs and walls give them."""

from __future__ import annotations

import pytest

from motion_preflight.network.refusals import (
    BODY,
    Refused,
    read_refusal,
    remedy_without_reason,
)
from motion_preflight.text.links.signatures import is_signed

SIGNED = "https://b.s3.amazonaws.com/c.mp4?X-Amz-Signature=1"
PLAIN = "https://media.host-of-clips.com/c.mp4"


def xml(code: str, message: str = "", more: str = "") -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code>'
        f"<Message>{message}</Message>{more}</Error>"
    ).encode()


PAGE = "<!DOCTYPE html><html><head><title>{}</title></head><body>{}</body></html>"
ANSWERS = {
    "S3, expired": (403, xml("AccessDenied", "Request has expired"), Refused.EXPIRED),
    "S3, expired token": (400, xml("ExpiredToken", "The token has expired."), Refused.EXPIRED),
    "GCS, expired": (400, xml("ExpiredToken", "Invalid argument."), Refused.EXPIRED),
    "Azure, time frame": (
        403,
        xml("AuthenticationFailed", "Server failed to authenticate the request.",
            "<AuthenticationErrorDetail>Signature not valid in the specified time frame"
            "</AuthenticationErrorDetail>"),
        Refused.EXPIRED,
    ),
    "Azure, signature": (
        403,
        xml("AuthenticationFailed", "Server failed to authenticate the request.",
            "<AuthenticationErrorDetail>Signature did not match. String to sign used was x"
            "</AuthenticationErrorDetail>"),
        Refused.SIGNATURE,
    ),
    "S3, signature": (
        403,
        xml("SignatureDoesNotMatch", "The request signature we calculated does not match"),
        Refused.SIGNATURE,
    ),
    "S3, parameters": (
        400,
        xml("AuthorizationQueryParametersError", "X-Amz-Expires must be less than a week"),
        Refused.INCOMPLETE,
    ),
    "S3, private": (403, xml("AccessDenied", "Access Denied"), Refused.DENIED),
    "S3, missing": (404, xml("NoSuchKey", "The specified key does not exist."), Refused.MISSING),
    "S3, archived": (403, xml("InvalidObjectState", "not valid for"), Refused.ARCHIVED),
    "S3, region": (
        301, xml("PermanentRedirect", "must be addressed using the specified endpoint"),
        Refused.ENDPOINT,
    ),
    "S3, slow down": (503, xml("SlowDown", "Please reduce your request rate."), Refused.QUOTA),
    "OSS, referer": (
        403, xml("AccessDenied", "You are denied by bucket referer policy."), Refused.HOTLINK,
    ),
    "OSS, overdue": (403, xml("UserDisable", "UserDisable"), Refused.UNPAID),
    "CloudFront, key": (403, xml("MissingKey", "Missing Key-Pair-Id"), Refused.INCOMPLETE),
    "Supabase": (
        400,
        (b'{"statusCode":"400","error":"InvalidJWT",'
        b'"message":"\\"exp\\" claim timestamp check failed"}'),
        Refused.EXPIRED,
    ),
    "Supabase, missing": (
        400, b'{"statusCode":"404","error":"not_found","message":"Object not found"}',
        Refused.MISSING,
    ),
    "200, JSON": (200, b'{"error":"link expired"}', Refused.EXPIRED),
    "200, XML": (200, xml("NoSuchKey", "The specified key does not exist."), Refused.MISSING),
    "an edge's words": (403, b"URL signature expired", Refused.EXPIRED),
    "another edge's": (403, b"Bad URL hash", Refused.SIGNATURE),
    "a wall": (403, PAGE.format("Just a moment...", "").encode(), Refused.BOT_WALL),
    "a wall with 200": (200, PAGE.format("x", "Solve the CAPTCHA").encode(), Refused.BOT_WALL),
    "Drive's quota": (
        200,
        PAGE.format("Google Drive - Quota exceeded", "Too many users have viewed").encode(),
        Refused.QUOTA,
    ),
    "a bandwidth": (509, b"Bandwidth Limit Exceeded", Refused.QUOTA),
    "LFS": (
        200, b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n",
        Refused.POINTER,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("status", "body", "kind"), ANSWERS.values(), ids=ANSWERS)
def test_an_error_body_that_says_why_is_read(status: int, body: bytes, kind: Refused) -> None:
    refusal = read_refusal(status, {}, body, url=SIGNED)
    assert refusal
    assert (refusal.kind, (refusal.words, refusal.remedy)) == (kind, kind.value)
    assert "another network" not in str(refusal.remedy)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (403, b""),
        (404, b"404 Not Found\n"),
        (500, b"\xff\xfe\x00binary"),
        (200, b"some text"),
        (200, b'{"frames": []}'),
        (200, PAGE.format("Sign in", "Please sign in to watch").encode()),
        (200, PAGE.format("A dance", "This file does not exist in other colours").encode()),
    ],
)
def test_an_answer_without_a_reason_has_none(status: int, body: bytes) -> None:
    assert read_refusal(status, {}, body, url=PLAIN) is None


def test_a_wall_may_say_so_in_its_headers() -> None:
    refusal = read_refusal(403, {"cf-mitigated": "challenge"}, b"", url=PLAIN)
    assert refusal
    assert refusal.kind is Refused.BOT_WALL


def test_a_code_that_nobody_knows_is_shown_without_secrets() -> None:
    more = "<StringToSign>GET SECRET-SECRET</StringToSign><AWSAccessKeyId>AKIA</AWSAccessKeyId>"
    body = xml("OddCode", "not with AKIAIOSFODNN7EXAMPLE1234 here", more)
    refusal = read_refusal(403, {}, body, url=SIGNED)
    assert refusal
    assert refusal.words == 'it says "OddCode: not with … here"'


@pytest.mark.parametrize("body", [
    b"<Error><Code>Odd</Code><Message>" + b"x " * 90_000,
    b"{" * BODY,
    b'{"message": "' + b"a b" * 90_000,
    b"expired " * 90_000,
])  # fmt: skip
def test_no_body_makes_a_message_long(body: bytes) -> None:
    refusal = read_refusal(400, {}, body, url=SIGNED)
    assert refusal is None or len(refusal.words) < 300


@pytest.mark.parametrize(
    ("url", "signed"),
    [
        ("https://b.s3.amazonaws.com/c.mp4?X-Amz-Signature=1", True),
        ("https://x.blob.core.windows.net/c.mp4?sv=1&sig=2", True),
        ("https://d.cloudfront.net/c.mp4?Expires=1&Signature=2", True),
        ("https://x.supabase.co/c.mp4?token=2", True),
        ("https://example.com/c.mp4?v=3", False),
        ("https://example.com/signature=1/c.mp4", False),
    ],
)
def test_a_signed_link_is_known_by_its_parameters(url: str, *, signed: bool) -> None:
    assert is_signed(url) is signed


def test_a_400_of_a_signed_link_is_not_another_network() -> None:
    assert "signed link" in str(remedy_without_reason(400, url=SIGNED))
    assert remedy_without_reason(503, url=SIGNED) is None


def test_a_pointer_of_git_lfs_is_answered_with_the_link_of_the_file() -> None:
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n"
    raw = "https://raw.githubusercontent.com/me/it/main/clip.mp4"
    refusal = read_refusal(200, {}, pointer, url=raw)
    assert refusal
    assert refusal.remedy == "use https://media.githubusercontent.com/media/me/it/main/clip.mp4"
    elsewhere = read_refusal(200, {}, pointer, url=PLAIN)
    assert elsewhere
    assert "or publish the file elsewhere" in str(elsewhere.remedy)
