"""Tokens in the path of a link are hidden, and those that give more than the file are named."""

from __future__ import annotations

import base64
import json
import time

import pytest

from motion_preflight.text.links.secrets import exposed_secrets, path_secrets
from motion_preflight.text.locations import extension, file_name, redacted, redacted_text

BOT = "7012345678:AAHk3v-9dQx2LmZ7sYtR1uWpBcNfGjKeVo8"
RANDOM = "aG9kQ2x7ZpR4tVwY1mB8sKdJ3fLhN6cXeUqTgWoPi5yA"


def jwt(**claims: object) -> str:
    parts = ({"alg": "HS256", "typ": "JWT"}, claims)
    shown = [
        base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts
    ]
    return ".".join([*shown, "c2lnbmF0dXJlc2lnbmF0dXJl"])


EXPOSED = [
    (f"https://api.telegram.org/file/bot{BOT}/videos/file_1.mp4", "bot",
     "https://api.telegram.org/file/…/videos/file_1.mp4"),
    (f"https://api.telegram.org/file/bot{BOT.replace(':', '%3A')}/videos/file_1.mp4", "bot",
     "https://api.telegram.org/file/…/videos/file_1.mp4"),
    (f"https://api.telegram.org/file/bot{BOT.replace(':', '%253a')}/videos/file_1.mp4", "bot",
     "https://api.telegram.org/file/…/videos/file_1.mp4"),
    (f"http://my.bot.host:8081/file/bot{BOT}/a.mp4", "bot", "http://my.bot.host:8081/file/…/a.mp4"),
    ("https://hooks.slack.com/services/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", "webhook",
     "https://hooks.slack.com/services/…/…/…"),
    ("https://discord.com/api/webhooks/112233445566778899/Ab3dEf6hIj9kLmNoPqRsTuVwXyZ012345_-x",
     "webhook", "https://discord.com/api/webhooks/112233445566778899/…"),
    ("https://discord.com/api/v10/webhooks/112233445566778899/Ab3dEf6hIj9kLmNoPqRsTuVwXyZ0/clip.mp4",
     "webhook", "https://discord.com/api/v10/webhooks/112233445566778899/…/clip.mp4"),
    ("https://slack-files.com/T024BE7LD-F024BERPE-09acb6/clip.mp4", "storage",
     "https://slack-files.com/…/clip.mp4"),
    (f"https://objectstorage.us-ashburn-1.oraclecloud.com/p/{RANDOM}/n/ns/b/bk/o/clip.mp4",
     "storage", "https://objectstorage.us-ashburn-1.oraclecloud.com/p/…/n/ns/b/bk/o/clip.mp4"),
    ("https://files.host.com/seafhttp/files/0f8fad5b-d9cb-469f-a165-70867728950e/clip.mp4",
     "storage", "https://files.host.com/seafhttp/files/…/clip.mp4"),
    ("https://cdn.host.com/token/9f86d081884c7d659a2feaa0c55ad015/clip.mp4", "token",
     "https://cdn.host.com/token/…/clip.mp4"),
    ("https://cdn.host.com/api_key=abcdef0123456789/clip.mp4", "apikey",
     "https://cdn.host.com/…/clip.mp4"),
    ("https://cdn.host.com/clip.mp4;jsessionid=0123456789ABCDEF", "jsessionid",
     "https://cdn.host.com/clip.mp4;…"),
    (f"https://cdn.host.com/dl/{RANDOM}/clip.mp4", "long random",
     "https://cdn.host.com/dl/…/clip.mp4"),
    (f"https://cdn.host.com/dl/{RANDOM}", "long random", "https://cdn.host.com/dl/…"),
    ("https://cdn.host.com/sk-proj-a1B2c3D4e5F6g7H8i9J0/clip.mp4", "API key",
     "https://cdn.host.com/…/clip.mp4"),
    ("https://cdn.host.com/ghp_0123456789abcdefghijABCDEFGHIJ012345/clip.mp4", "API key",
     "https://cdn.host.com/…/clip.mp4"),
    (f"https://cdn.host.com/{jwt(sub='me')}/clip.mp4", "access token",
     "https://cdn.host.com/…/clip.mp4"),
    ("https://www.googleapis.com/drive/v3/files/1AbC?alt=media&key=AIzaSyA1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q",
     "query", "https://www.googleapis.com/drive/v3/files/1AbC?alt=…&key=…"),
    ("https://cdn.host.com/clip.mp4?api_key=0123456789abcdef", "query",
     "https://cdn.host.com/clip.mp4?api_key=…"),
]  # fmt: skip


@pytest.mark.parametrize(("url", "word", "shown"), EXPOSED)
def test_a_secret_is_hidden_and_named(url: str, word: str, shown: str) -> None:
    assert redacted(url) == shown
    assert redacted_text(f"no answer from {url} in time") == f"no answer from {shown} in time"
    named = " ".join(exposed_secrets(url))
    assert word in named
    assert not any(part in named for part in path_secrets(url))


HIDDEN = [
    ("https://cdn.host.com/hdnts=st=1~exp=1893456000~acl=*~hmac=0011aabb0011aabb/clip.mp4",
     "https://cdn.host.com/…/clip.mp4"),
    ("https://cdn.host.com/exp=1893456000~acl=%2fclip%2f*~hmac=0011aabb0011aabb/clip.mp4",
     "https://cdn.host.com/…/clip.mp4"),
    ("https://cdn.b-cdn.net/bcdn_token=HS256-AbCd1234&expires=1893456000&token_path=%2F/clip.mp4",
     "https://cdn.b-cdn.net/…/clip.mp4"),
    (f"https://customer-a.cloudflarestream.com/{jwt(exp=1893456000)}/downloads/default.mp4",
     "https://customer-a.cloudflarestream.com/…/downloads/default.mp4"),
]  # fmt: skip


@pytest.mark.parametrize(("url", "shown"), HIDDEN)
def test_a_signature_that_ends_is_hidden_and_not_warned_about(url: str, shown: str) -> None:
    assert redacted(url) == shown
    assert exposed_secrets(url) == []


@pytest.mark.parametrize(
    "url",
    [
        "https://cdn.host.com/My-Holiday-Video-2024-Final-Version-For-My-Client-02.mp4",
        "https://cdn.host.com/my-holiday-video-2024-final-version-for-my-client/clip.mp4",
        "https://cdn.host.com/MyHolidayVideo2024FinalVersionForClientNumber22/clip.mp4",
        "https://cdn.host.com/0f8fad5b-d9cb-469f-a165-70867728950e/clip.mp4",
        "https://cdn.host.com/01ARZ3NDEKTSV4RRFFQ69G5FAV/clip.mp4",
        "https://cdn.host.com/9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08.mp4",
        "https://cdn.host.com/9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08/a.mp4",
        "https://ipfs.io/ipfs/QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG/clip.mp4",
        "https://cdn.host.com/tokens/keynote-2024/clip.mp4",
        "https://cdn.host.com/keys/session-recording-12/clip.mp4",
        "https://raw.githubusercontent.com/o/r/8f3b0a2c1d4e5f60718293a4b5c6d7e8f9012345/clip.mp4",
        "https://cdn.host.com/robot123456/clip.mp4",
        "https://cdn.host.com/task-force-2024-highlights-0123456789/clip.mp4",
        "https://scontent.cdninstagram.com/o1/v/t16/AQNx7sK2mVb9QwErTyUiOpAsDfGhJkLzXcVbNm1234567890.mp4",
    ],
)
def test_what_is_no_secret_stays(url: str) -> None:
    assert redacted(url) == url
    assert exposed_secrets(url) == []


@pytest.mark.parametrize(
    "url",
    [
        "https://b.s3.amazonaws.com/clip.mp4?X-Amz-Signature=00aa&X-Amz-Credential=AKIA/20260101",
        "https://firebasestorage.googleapis.com/v0/b/a/o/clip.mp4?alt=media&token=0f8fad5b-d9cb",
        "https://a.supabase.co/storage/v1/object/sign/b/clip.mp4?token=" + jwt(exp=1893456000),
    ],
)
def test_a_signed_query_is_no_secret_to_warn_about(url: str) -> None:
    assert exposed_secrets(url) == []


def test_a_path_of_a_file_may_be_called_anything() -> None:
    assert redacted(f"clips/{RANDOM}/clip.mp4") == f"clips/{RANDOM}/clip.mp4"


def test_a_secret_is_no_name_of_a_file() -> None:
    assert file_name(f"https://cdn.host.com/dl/{RANDOM}") == ""
    assert extension(f"https://cdn.host.com/{jwt(sub='me')}") == ""
    assert file_name("https://cdn.host.com/clip.mp4;jsessionid=0123456789ABCDEF") == "clip.mp4"


def test_a_long_link_takes_no_time() -> None:
    began = time.monotonic()
    for path in ("sk-" * 50_000, "a/" * 20_000, "eyJ." * 20_000, "a1B" * 50_000, "=:" * 50_000):
        redacted(f"https://cdn.host.com/{path}")
    assert time.monotonic() - began < 5
