"""What cannot be seen around a link is taken off before it is measured and sent; a note says so."""

from __future__ import annotations

import pytest
from builders import IMAGE_URL, PROFILE, VIDEO_URL, body, case
from findings import findings_of, single

from motion_preflight.report.findings import Level
from motion_preflight.request.parse import parse_request
from motion_preflight.rules import link_trimmed


@pytest.mark.parametrize(
    ("around", "words"),
    [
        ("{} ", "a space"),
        ("\n{}", "a line break"),
        ("{}\r\n", "a line break"),
        ("\t{}", "a tab"),
        ("\u00a0{}", "a no-break space"),
        ("{}\u200b", "a zero-width space"),
        ("\ufeff{}", "a byte-order mark"),
        ("\u3000{}", "a wide space"),
        ("\u202a{}\u202c", "a direction mark and U+202C"),
        ("{}\u2060", "U+2060"),
        ("\u00a0\u200b{}\n", "a no-break space and a zero-width space and a line break"),
        ("\ufeff\u00a0\t{}\n", "a byte-order mark and a no-break space and a tab and others"),
    ],
)
@pytest.mark.parametrize("field", ["video_url", "image_url"])
def test_it_is_taken_off_measured_and_sent_the_same(field: str, around: str, words: str) -> None:
    link = VIDEO_URL if field == "video_url" else IMAGE_URL
    draft = parse_request(body(**{field: around.format(link)}), PROFILE.models)
    assert draft.violations == ()
    assert getattr(draft, field) == link  # what is measured
    assert draft.body == body()  # what is sent
    finding = single(findings_of(link_trimmed, case(draft=draft)))
    assert finding.level is Level.NOTE
    assert finding.field == field
    assert finding.message.startswith(f"{words} around the link of the reference ")


@pytest.mark.parametrize("path", [" clip.mp4", "clip.mp4\u200b", "\u00a0clips/a.mp4 "])
def test_the_name_of_a_file_stays_as_it_is(path: str) -> None:
    draft = parse_request(body(video_url=path), PROFILE.models)
    assert draft.video_url == path
    assert findings_of(link_trimmed, case(draft=draft)) == []


def test_a_link_without_any_is_silent() -> None:
    assert findings_of(link_trimmed, case()) == []
