"""Every request of fixtures/requests says exactly what its NAME.report.json says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from paths import FIXTURES
from processes import run_script

from motion_preflight.media.programs.ffprobe import bundled

REQUESTS = [path for path in sorted((FIXTURES / "requests").glob("*/*.json"))
            if ".report" not in path.name]  # fmt: skip


@pytest.mark.process
def test_every_request_gets_its_expected_report(tmp_path: Path) -> None:
    if bundled("ffprobe") is None:
        pytest.skip("the expected reports are those of the bundled ffprobe, which is not installed")
    done = run_script("make_reports.py", "--check", XDG_CONFIG_HOME=str(tmp_path))
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("request_file", REQUESTS, ids=lambda path: path.stem)
def test_a_request_lies_in_the_folder_of_its_verdict(request_file: Path) -> None:
    expected = request_file.with_suffix(".report.json").read_text(encoding="utf-8")
    assert json.loads(expected)["verdict"] == request_file.parent.name


def test_no_report_stands_without_its_request() -> None:
    reports = {path.name for path in FIXTURES.rglob("*.report.json")}
    assert reports == {request.with_suffix(".report.json").name for request in REQUESTS}


def test_both_worked_examples_of_the_api_page_are_there() -> None:
    answer = [
        (
            body["model"],
            body["character_orientation"],
            body["mode"],
            body["keep_original_sound"],
            Path(body["video_url"]).name,
        )
        for request in REQUESTS
        if request.name.startswith("worked-example")
        for body in [json.loads(request.read_text(encoding="utf-8"))]
    ]
    model = "kling-v2-6-motion-control"
    assert sorted(answer) == [
        (model, "image", "std", "yes", "clip-8s.mp4"),
        (model, "video", "pro", "no", "clip-12s.mp4"),
    ]


@pytest.mark.process
def test_every_medium_has_its_recipe(media: Path) -> None:
    recipes = run_script("make_media.py", "--list").stdout.splitlines()
    assert {path.name for path in media.iterdir()} == {line.split()[0] for line in recipes}


def test_all_fixtures_are_small() -> None:
    everything = FIXTURES.rglob("*")
    assert sum(path.stat().st_size for path in everything if path.is_file()) < 2_000_000
