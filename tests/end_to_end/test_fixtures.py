"""Every request of fixtures/requests says exactly what its NAME.report.json says."""

from __future__ import annotations

import json
from pathlib import Path

import make_reports
import pytest
from make_media import RECIPES

from motion_preflight.media.programs.ffprobe import bundled

REQUESTS = make_reports.requests()


@pytest.mark.process
@pytest.mark.parametrize("request_file", REQUESTS, ids=str)
def test_a_request_gets_its_expected_report(
    request_file: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    if bundled("ffprobe") is None:
        pytest.skip("the expected reports are those of the bundled ffprobe, which is not installed")
    monkeypatch.chdir(make_reports.ROOT)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    expected = make_reports.expected(request_file).read_text(encoding="utf-8")
    assert json.loads(make_reports.report(request_file)) == json.loads(expected)
    assert json.loads(expected)["verdict"] == request_file.parent.name


def test_no_report_stands_without_its_request() -> None:
    reports = {path.name for path in (make_reports.ROOT / "fixtures").rglob("*.report.json")}
    assert reports == {make_reports.expected(request).name for request in REQUESTS}


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
        for body in [json.loads((make_reports.ROOT / request).read_text(encoding="utf-8"))]
    ]
    model = "kling-v2-6-motion-control"
    assert sorted(answer) == [
        (model, "image", "std", "yes", "clip-8s.mp4"),
        (model, "video", "pro", "no", "clip-12s.mp4"),
    ]


def test_every_medium_has_its_recipe_and_all_are_small(media: Path) -> None:
    assert {path.name for path in media.iterdir()} == set(RECIPES)
    everything = (make_reports.ROOT / "fixtures").rglob("*")
    assert sum(path.stat().st_size for path in everything if path.is_file()) < 2_000_000
