"""A declared type that services refuse is a note, when the bytes are right."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import case, image, video
from findings import findings_of, single

from motion_preflight.media.facts import MediaFacts
from motion_preflight.network.transfer import Transfer
from motion_preflight.report.findings import Level
from motion_preflight.rules import link_content_type


def declared(medium: MediaFacts, content_type: str | None) -> MediaFacts:
    transfer = Transfer(
        requests=1,
        bytes=1,
        status=206,
        content_type=content_type,
        final_url="https://example.com/x",
        etag=None,
    )
    return replace(medium, transfer=transfer)


@pytest.mark.parametrize(
    "content_type",
    ["video/mp4", "video/quicktime", "VIDEO/MP4; charset=x", "application/mp4", "", None],
)
def test_a_type_that_fits_or_none_is_silent(content_type: str | None) -> None:
    assert findings_of(link_content_type, case(video=declared(video(), content_type))) == []


def test_a_file_on_this_machine_has_no_declared_type() -> None:
    assert findings_of(link_content_type, case()) == []


@pytest.mark.parametrize(
    "content_type",
    ["application/octet-stream", "binary/octet-stream", "text/html; charset=utf-8", "text/plain",
     "image/png", "audio/mp4", "application/x-www-form-urlencoded"],
)  # fmt: skip
def test_a_declared_type_that_providers_refuse_is_a_note(content_type: str) -> None:
    finding = single(findings_of(link_content_type, case(video=declared(video(), content_type))))
    assert (finding.level, finding.field) == (Level.NOTE, "video_url")
    assert f'"{content_type.partition(";")[0]}"' in finding.message
    assert '"video/mp4"' in finding.remedy


def test_a_picture_s_type_is_told_by_the_picture() -> None:
    finding = single(findings_of(link_content_type, case(image=declared(image(), "text/html"))))
    assert finding.field == "image_url"
    assert "image/" in finding.remedy


def test_a_type_without_end_is_cut() -> None:
    finding = single(findings_of(link_content_type, case(video=declared(video(), "x" * 9000))))
    assert len(finding.message) < 200
