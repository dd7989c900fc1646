"""A link that answers with a web page; the direct form is named for hosts that are known."""

from __future__ import annotations

import pytest
from builders import case, image, unmeasured, video
from findings import findings_of, single

from motion_preflight.network.errors import Reason
from motion_preflight.report.findings import Level
from motion_preflight.rules import link_not_direct

GENERIC = "use the link that downloads the file itself"
NO_FILES = "publish the file itself elsewhere"


@pytest.mark.parametrize("reason", [item for item in Reason if item is not Reason.NOT_DIRECT])
def test_other_reasons_are_other_rules(reason: Reason) -> None:
    assert findings_of(link_not_direct, case(video=unmeasured(reason))) == []


def test_media_that_were_measured_are_silent() -> None:
    assert findings_of(link_not_direct, case()) == []


SITES = ["youtube", "drive", "dropbox", "a link in a link"]
PAGES = [
    ("https://www.youtube.com/watch?v=1", NO_FILES),
    (
        "https://drive.google.com/file/d/1aB/view",
        "https://drive.google.com/uc?export=download&id=1aB",
    ),
    ("https://www.dropbox.com/s/x/clip.mp4?dl=0", "dl=1 in place of dl=0"),
    ("https://youtu.be/1?from=https://apimart-user.com/", NO_FILES),
]


@pytest.mark.parametrize("reason", [item for item in Reason if item is not Reason.NOT_DIRECT])
@pytest.mark.parametrize(("url", "todo"), PAGES, ids=SITES)
def test_a_page_of_a_well_known_site_is_one_whyever_it_was_not_measured(
    url: str, todo: str, reason: Reason
) -> None:
    finding = single(findings_of(link_not_direct, case(video=unmeasured(reason, location=url))))
    assert (finding.level, finding.field) == (Level.ERROR, "video_url")
    assert finding.message == "the link of the reference video is that of a page, not of the file"
    assert todo in finding.remedy


@pytest.mark.parametrize("url", [url for url, _ in PAGES], ids=SITES)
def test_a_page_that_gave_the_file_all_the_same_is_silent(url: str) -> None:
    assert (
        findings_of(link_not_direct, case(video=video(location=url), image=image(location=url)))
        == []
    )


@pytest.mark.parametrize(
    "location",
    [
        pytest.param("https://www.dropbox.com/s/x/clip.mp4?dl=1", id="dropbox's direct form"),
        pytest.param("https://www.dropbox.com/s/x/clip.mp4?rlkey=k&raw=1", id="its other one"),
        pytest.param("https://drive.google.com/uc?export=download&id=1aB", id="drive's"),
        pytest.param("https://github.com/me/it/raw/main/clip.mp4", id="github's"),
        pytest.param("https://huggingface.co/me/it/resolve/main/clip.mp4", id="hugging face's"),
        pytest.param("youtube.com/watch?v=1", id="a path"),
        pytest.param(None, id="not given"),
    ],
)
def test_what_is_no_page_of_a_well_known_site_is_silent_until_it_answers_with_one(
    location: str | None,
) -> None:
    failed = unmeasured(Reason.TIMEOUT, location=location)
    assert findings_of(link_not_direct, case(video=failed, image=failed)) == []


@pytest.mark.parametrize(
    ("url", "todo"),
    [
        (
            "https://drive.google.com/file/d/1aB/view?usp=sharing",
            "https://drive.google.com/uc?export=download&id=1aB",
        ),
        ("https://drive.google.com/open?id=1aB", "uc?export=download&id=1aB"),
        ("https://DRIVE.Google.com/file/d/1aB/view", "uc?export=download&id=1aB"),
        ("https://www.dropbox.com/scl/fi/x/clip.mp4?dl=0", "dl=1 in place of dl=0"),
        ("https://dropbox.com/s/x/clip.mp4?dl=0", "dl=1 in place of dl=0"),
        (
            "https://github.com/me/it/blob/main/clip.mp4?x=1",
            "raw.githubusercontent.com/me/it/main/clip.mp4",
        ),
        ("https://gitlab.com/group/sub/it/-/blob/main/clip.mp4", "/-/raw/"),
        ("https://huggingface.co/datasets/me/it/blob/main/clip.mp4", "/resolve/"),
        ("https://1drv.ms/v/s!abc", "download=1"),
        ("https://onedrive.live.com/?id=1", "download=1"),
        ("https://www.youtube.com/watch?v=1", NO_FILES),
        ("https://youtu.be/1", NO_FILES),
        ("https://m.tiktok.com/v/1", NO_FILES),
        ("https://vimeo.com/1", NO_FILES),
        ("https://www.bilibili.com/video/1", NO_FILES),
        ("https://YouTube.com/watch?v=1", NO_FILES),
        pytest.param("https://dropbox.com/s/x/clip.mp4?dl=1", GENERIC, id="it has dl=1 already"),
        pytest.param("https://apimart-user.com/clip", GENERIC, id="a host that is not known"),
        pytest.param("https://drive.google.com/drive/folders/1", GENERIC, id="a folder"),
        pytest.param("https://github.com/me/it", GENERIC, id="a repository"),
        pytest.param("https://notyoutube.com/1", GENERIC, id="a name that ends like a player"),
        pytest.param("https://apimart-user.com/dropbox.com/x", GENERIC, id="a name in the path"),
        pytest.param("https://dropbox.com.apimart-user.com/x", GENERIC, id="a name in front"),
    ],
)
def test_the_direct_form_of_well_known_hosts_is_named(url: str, todo: str) -> None:
    page = unmeasured(Reason.NOT_DIRECT, location=url)
    finding = single(findings_of(link_not_direct, case(video=page)))
    assert (finding.level, finding.field) == (Level.ERROR, "video_url")
    assert finding.message == (
        "the link of the reference video answers with a web page, not with the file"
    )
    assert todo in finding.remedy


def test_both_media_are_reported() -> None:
    page = unmeasured(Reason.NOT_DIRECT)
    result = findings_of(link_not_direct, case(video=page, image=page))
    assert [item.field for item in result] == ["video_url", "image_url"]
    assert "reference image" in result[1].message
