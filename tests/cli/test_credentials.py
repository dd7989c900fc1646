"""A credential in a request is an error of its own; nothing of it is shown or stored."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from builders import body
from paths import FIXTURES

from motion_preflight.cli import exit_codes
from motion_preflight.formats.names import FORMATS

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Program

KEY = "sk-a1B2c3D4e5F6g7H8i9J0kLmN"


def request(**fields: Any) -> str:
    media = FIXTURES / "media"
    built = body(video_url=str(media / "clip-8s.mp4"), image_url=str(media / "image.png"))
    return json.dumps(built | fields)


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"api_key": "hunter2-hunter2"}, "api_key"),
        ({"headers": {"Authorization": "Bearer hunter2-hunter2"}}, "headers.Authorization"),
        ({"extra": [{"secret": {"value": "hunter2-hunter2"}}]}, "extra.secret"),
    ],
)
def test_a_field_that_holds_a_credential_is_an_error_that_does_not_show_it(
    fields: dict[str, Any], place: str, name: str, program: Program, tmp_path: Path
) -> None:
    (tmp_path / "request.json").write_text(request(**fields), encoding="utf-8")
    done = program("check", "request.json", "--format", name)
    assert done.returncode == exit_codes.BROKEN
    assert place in done.stdout
    assert "hunter2" not in done.stdout + done.stderr


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("setting", ["APIMART_API_KEY", "APIMART_API_KEY_FILE"])
def test_the_key_in_force_anywhere_in_the_body_is_an_error_that_does_not_show_it(
    setting: str, name: str, program: Program, tmp_path: Path
) -> None:
    (tmp_path / "key").write_text(f"Bearer {KEY}\n", encoding="utf-8")
    value = KEY if setting == "APIMART_API_KEY" else str(tmp_path / "key")
    deep = {"a": [{"b": f"use {KEY} please"}]}
    (tmp_path / "request.json").write_text(request(prompt=KEY, deep=deep), encoding="utf-8")
    done = program("check", "request.json", "--format", name, cwd=None, **{setting: value})
    assert done.returncode == exit_codes.BROKEN
    assert "in force" in done.stdout
    assert KEY[3:] not in done.stdout + done.stderr


@pytest.mark.parametrize("options", [("--dry-run",), ("--yes",), ("--yes", "--accept-unsure")])
def test_nothing_of_it_is_sent_or_stored(
    options: tuple[str, ...], program: Program, tmp_path: Path
) -> None:
    published = json.loads(request(prompt=f"dance {KEY}", api_key="hunter2-hunter2"))
    (tmp_path / "request.json").write_text(json.dumps(published), encoding="utf-8")
    state = tmp_path / "state"
    done = program(
        "submit", "request.json", *options,
        APIMART_API_KEY=KEY, MOTION_PREFLIGHT_STATE=str(state),
        APIMART_BASE_URL="http://127.0.0.1:9",
    )  # fmt: skip
    assert done.returncode == exit_codes.BROKEN
    stored = b"".join(file.read_bytes() for file in state.rglob("*") if file.is_file())
    for secret in (KEY[3:], "hunter2"):
        assert secret not in done.stdout + done.stderr
        assert secret.encode() not in stored
