"""Credentials in a body are found wherever they stand, and nothing of them is kept."""

from __future__ import annotations

from typing import Any

import pytest
from builders import body

from motion_preflight.text.credentials import is_credential_name, separate_credentials, shown_name

KEY = "sk-a1B2c3D4e5F6g7H8i9J0kLmN"
SECRET = "correct-horse-battery-staple"


@pytest.mark.parametrize(
    "name",
    ["api_key", "apiKey", "API-KEY", "x-api-key", "authorization", "Authorization", "token",
     "access_token", "secret", "client_secret", "password", "kling_api_key", "Cookie", "sk"],
)  # fmt: skip
@pytest.mark.parametrize(
    ("around", "place"),
    [
        (lambda field: field, "{}"),
        (lambda field: {"extra": field}, "extra.{}"),
        (lambda field: {"extra": {"headers": [field]}}, "extra.headers.{}"),
    ],
)
def test_a_credential_is_found_by_the_name_of_its_field(name: str, around: Any, place: str) -> None:
    clean, places = separate_credentials(body() | around({name: SECRET}))
    assert [item.field for item in places] == [place.format(name)]
    assert SECRET not in str(clean)


@pytest.mark.parametrize(
    "value",
    [KEY, f"Bearer {KEY}", f"my key is {KEY}.", [KEY], {"deep": [{"er": KEY}]},
     f"https://api.host.com/?key={KEY}", {KEY: 1}, KEY.replace("-", "%2D")],
)  # fmt: skip
@pytest.mark.parametrize("field", ["prompt", "video_url", "model", "extra", "watermark_info"])
def test_the_key_in_force_is_found_anywhere(field: str, value: Any) -> None:
    clean, places = separate_credentials(body() | {field: value}, [KEY])
    assert len(places) == 1
    assert places[0].field.startswith(field)
    assert "in force" in places[0].kind
    assert KEY[4:] not in str(clean)


def test_a_field_that_is_named_by_the_key_is_found() -> None:
    clean, places = separate_credentials({KEY: 1}, [KEY])
    assert clean == {"…": 1}
    assert "named by the API key" in places[0].kind


@pytest.mark.parametrize(
    "value",
    ["sk-0123456789abcdef0123", "Bearer abcdefghij0123456789", "Basic dXNlcjpwYXNzd29yZA==",
     "ghp_0123456789abcdefghijABCDEFGHIJ012345", "AKIAIOSFODNN7EXAMPLE"],
)  # fmt: skip
def test_what_looks_like_a_key_is_found_in_any_text(value: str) -> None:
    clean, places = separate_credentials(body(note=f"{value}"))
    assert [place.field for place in places] == ["note"]
    assert value not in str(clean)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"api_key": ""},
        {"api_key": None},
        {"auth": False},
        {"max_tokens": 5},
        {"client_token": "order-7"},
        {"key": "short"},
        {"prompt": "she carries a token of love and a secret password"},
        {"callback_url": "https://host.com/?token=0123456789abcdef"},
        {"note": "a risk-averse skater, ask-me-anything"},
    ],
)
def test_what_is_no_credential_stays(fields: dict[str, Any]) -> None:
    request = body() | fields
    assert separate_credentials(request, [KEY]) == (request, [])


@pytest.mark.parametrize("around", [lambda fields: fields, lambda fields: {"a": fields}])
def test_a_field_that_is_named_by_what_looks_like_a_key_is_found(around: Any) -> None:
    clean, places = separate_credentials(body() | around({"sk-Ooth6aiXieghu3Ahv1ei": "x"}))
    assert "Ooth6ai" not in str(clean) + str(places)
    assert [place.kind for place in places] == ["is named by what looks like an API key"]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("model", "model"),
        ("sk-Ooth6aiXieghu3Ahv1ei", "…"),
        ("a sk-Ooth6aiXieghu3Ahv1ei b", "a … b"),
        ("https://a.io/c.mp4?sig=SECRET", "https://a.io/c.mp4?sig=…"),
        ("a\x1bb", "a�b"),
        ("x" * 80, "x" * 60),
    ],
)
def test_a_name_is_shown_without_secrets(name: str, shown: str) -> None:
    assert shown_name(name) == shown


def test_a_short_key_is_not_looked_for() -> None:
    assert separate_credentials(body(prompt="a monkey"), ["key"])[1] == []


@pytest.mark.parametrize("name", ["model", "prompt", "video_url", "image_url", "mode", "seed"])
def test_the_fields_of_a_request_are_no_names_of_credentials(name: str) -> None:
    assert not is_credential_name(name)


def test_what_is_nested_too_deep_to_be_looked_through_is_not_kept() -> None:
    deep: dict[str, Any] = {"a": KEY}
    for _ in range(500):
        deep = {"a": deep}
    clean, places = separate_credentials(deep, [KEY])
    assert "too deep" in places[0].kind
    assert KEY not in str(clean)
