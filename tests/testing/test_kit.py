"""What tests of other programs take: the provider, clips and pictures."""

from __future__ import annotations

import os
import typing
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from motion_preflight import ClearedRequest, OutcomeUnknown, preflight, probe, submit, testing
from motion_preflight.testing import MotionProvider, make_clip, make_picture, plugin

POST = "/v1/videos/generations"


def send(provider: MotionProvider, **content: Any) -> int:
    headers = {"Authorization": "Bearer any"}
    return httpx.post(provider.base_url + POST, headers=headers, **content).status_code


def test_its_request_passes_and_may_be_changed(motion_provider: MotionProvider) -> None:
    report = preflight(motion_provider.request(), allow_private=True)
    assert (report.verdict, report.findings) == ("pass", ())
    assert motion_provider.request(mode="pro", seed=7).items() >= {"mode": "pro", "seed": 7}.items()


def test_it_keeps_the_bodies_that_it_received(motion_provider: MotionProvider) -> None:
    request = motion_provider.request(prompt="a waltz")
    assert send(motion_provider, json=request) == 200
    assert send(motion_provider, content=b"no JSON") == 400
    assert motion_provider.posts == [request, b"no JSON"]
    assert [task.request for task in motion_provider.sandbox.tasks.values()] == [request]


def test_faults_are_replaced_and_an_unknown_one_changes_nothing(
    motion_provider: MotionProvider,
) -> None:
    request = motion_provider.request()
    motion_provider.faults = ["400*1", "429"]
    with pytest.raises(ValueError, match="'nonsense' is no fault"):
        motion_provider.faults = ["500", "nonsense"]
    assert motion_provider.faults == ("400*1", "429")
    assert [send(motion_provider, json=request) for _ in range(2)] == [400, 429]
    motion_provider.faults = []
    assert send(motion_provider, json=request) == 200


def test_the_environment_leads_to_it_for_one_test(
    motion_provider: MotionProvider, tmp_path: Path
) -> None:
    cleared = ClearedRequest(preflight(motion_provider.request(), allow_private=True))
    assert submit(cleared).origin == motion_provider.base_url
    assert (tmp_path / "motion-preflight" / "ledger.sqlite3").is_file()


def test_the_environment_is_the_former_one_afterwards() -> None:
    assert "APIMART_BASE_URL" not in os.environ


@pytest.mark.server
def test_it_serves_a_folder_and_has_faults_from_the_beginning(media: Path, tmp_path: Path) -> None:
    with MotionProvider(str(media), faults=["cut-after"]) as provider:
        url = provider.media_url("clip-3s.mp4")
        request = provider.request(video_url=url)
        cleared = ClearedRequest(preflight(request, allow_private=True))
        with pytest.raises(OutcomeUnknown):
            submit(cleared, api_key="any", base_url=provider.base_url, ledger_folder=tmp_path)
    assert provider.posts == [request]


@pytest.mark.process
@pytest.mark.parametrize("seconds", [3, 2.99, Decimal("10.04")])
def test_a_clip_lasts_exactly_so_long(seconds: float | Decimal, tmp_path: Path) -> None:
    lasts = probe(make_clip(tmp_path / "clip.mp4", seconds=seconds)).durations
    readings = {lasts.header, lasts.container, lasts.video, lasts.audio, lasts.samples}
    assert readings == {Decimal(str(seconds))}


@pytest.mark.process
def test_a_clip_is_as_it_was_asked_for(tmp_path: Path) -> None:
    clip = tmp_path / "a clip.mov"
    clip.write_bytes(b"earlier")
    assert make_clip(str(clip), seconds=3, audio=False, width=640, height=480) == clip
    facts = probe(clip)
    assert (facts.audio, facts.container) == (None, "mov")
    assert facts.video
    assert (facts.video.width, facts.video.height) == (640, 480)
    assert probe(make_clip(clip, seconds=3)).audio


@pytest.mark.parametrize("seconds", [0, -1, 3.001])
def test_a_length_that_no_clip_has_is_named(seconds: float, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=f"steps of 0.01, not {seconds}"):
        make_clip(tmp_path / "clip.mp4", seconds=seconds)


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.webp"])
def test_a_picture_is_as_it_was_asked_for(name: str, tmp_path: Path) -> None:
    picture = make_picture(tmp_path / name, width=400, height=300)
    facts = probe(picture, kind="image")
    assert facts.video
    assert (facts.video.width, facts.video.height) == (400, 300)


def test_a_picture_may_be_transparent(tmp_path: Path) -> None:
    request = {"image_url": make_picture(tmp_path / "a.png", alpha=0)}
    rules = [finding.rule for finding in preflight(request).findings]
    assert "image-transparent" in rules


def test_type_hints_can_be_read_at_run_time() -> None:
    for name in testing.__all__:
        assert typing.get_type_hints(getattr(testing, name)) is not None
    for name, member in vars(MotionProvider).items():
        function = member.fget if isinstance(member, property) else member
        if callable(function):
            assert "return" in typing.get_type_hints(function), name
    assert plugin.motion_provider.__doc__
