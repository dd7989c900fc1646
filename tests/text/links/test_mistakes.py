"""Each mistake around a link has its own sentence, which shows the link that was meant."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from builders import PROFILE, body, case, report, video
from findings import findings_of, single
from hypothesis import given
from hypothesis import strategies as st

from motion_preflight.formats.style import Style
from motion_preflight.formats.text_blocks import report_text
from motion_preflight.media.facts import Unmeasured
from motion_preflight.media.measure import measure
from motion_preflight.network.client import Web
from motion_preflight.request.parse import parse_request
from motion_preflight.request.redacted_body import redacted_body
from motion_preflight.rules import request_invalid, url_not_public

LINK = "https://media.host-of-clips.com/a/clip.mp4"
SIGNED = f"{LINK}?part=1&sig=SECRET"
MISTAKES = [
    (f"<{LINK}>", "in angle brackets", LINK),
    (f"<{LINK}|clip>", "in angle brackets", LINK),
    (f'"{LINK}"', "in quotes", LINK),
    (f"'{LINK}'", "in quotes", LINK),
    (f"`{LINK}`", "in quotes", LINK),
    (f"\u201c{LINK}\u201d", "in quotes", LINK),
    (f"\u00ab{LINK}\u00bb", "in quotes", LINK),
    (f'"{LINK}', "in quotes", LINK),
    (f'{LINK}"', "in quotes", LINK),
    (f'"{LINK}",', "in quotes", LINK),
    (f'\\"{LINK}\\"', "in quotes", LINK),
    (f"({LINK})", "in brackets", LINK),
    (f'["{LINK}"]', "in brackets and in quotes", LINK),
    (f"[my clip]({LINK})", "in Markdown", LINK),
    (f"![my clip]({LINK} 'title')", "in Markdown", LINK),
    (f"[{LINK}]({LINK})", "in Markdown", LINK),
    (f'<a href="{LINK}">clip</a>', "in an HTML tag", LINK),
    (f"<video controls src='{LINK}'></video>", "in an HTML tag", LINK),
    (f"[url]{LINK}[/url]", "in BBCode", LINK),
    (SIGNED.replace("&", "&amp;"), 'with "&amp;" in place of "&"', SIGNED),
    (SIGNED.replace("&", "&amp;amp;"), 'with "&amp;" in place of "&"', SIGNED),
    (SIGNED.replace("&", "&#38;"), 'with "&amp;" in place of "&"', SIGNED),
    (SIGNED.replace("&", "\\u0026"), "with the escapes of JSON in it", SIGNED),
    (LINK.replace("/", "\\/"), 'with "\\/" in place of "/"', LINK),
    (LINK.replace(":", "%3A").replace("/", "%2F"), "encoded as a whole", LINK),
    ("www.host-of-clips.com/clip.mp4", "without its scheme", "https://www.host-of-clips.com/clip.mp4"),
    (LINK.removeprefix("https:"), "without its scheme", LINK),
    (LINK.replace("://", ":/"), 'with "https:/" in place of "https://"', LINK),
    (LINK.replace("://", "//"), 'with "https//" in place of "https://"', LINK),
    (LINK.replace("https", "htps"), 'with "htps://" in place of "https://"', LINK),
    (LINK.replace("https", "hxxps"), 'with "hxxps://" in place of "https://"', LINK),
    (f"https://{LINK}", "that names its scheme twice", LINK),
    (LINK.replace("/clip", "/\n   clip"), "with a line break in it", LINK),
    (LINK.replace("/clip", "/\u200bclip"), "with invisible characters in it", LINK),
    (f"video_url={LINK}", 'that begins with "video_url="', LINK),
    (f"URL: {LINK}", 'that begins with "URL:"', LINK),
    (f"view-source:{LINK}", 'that begins with "view-source:"', LINK),
    (f"here it is {LINK} thanks", "with other text around it", LINK),
    (f"{LINK} (my clip, 8 s)", "with other text around it", LINK),
    (f'=HYPERLINK("{LINK}","my clip")', "in a formula of a spreadsheet", LINK),
    (f'=HYPERLINK("{SIGNED}";"my clip")', "in a formula of a spreadsheet", SIGNED),
    (f'=HIPERVINCULO("{LINK}")', "in a formula of a spreadsheet", LINK),
    (f'=IMAGE("{LINK}", 1)', "in a formula of a spreadsheet", LINK),
    (f'="{LINK}"', "in a formula of a spreadsheet", LINK),
    (f"{LINK},", 'with "," at its end', LINK),
    (f"{LINK}.", 'with "." at its end', LINK),
    (f"{LINK};", 'with ";" at its end', LINK),
    (f"{LINK}\u3002", 'with "\u3002" at its end', LINK),
    (f"{LINK}%20", 'with "%20" at its end', LINK),
    (f"{LINK}%0A", 'with "%0A" at its end', LINK),
    (LINK.replace("://", "\uff1a//"), 'with "https\uff1a//" in place of "https://"', LINK),
    (LINK.replace("://", " ://"), 'with "https ://" in place of "https://"', LINK),
    (LINK.replace("://", ":// "), 'with "https:// " in place of "https://"', LINK),
]  # fmt: skip


@pytest.mark.parametrize(("text", "what", "link"), MISTAKES)
@pytest.mark.parametrize("field", ["video_url", "image_url"])
def test_a_mistake_has_its_own_sentence_that_shows_the_clean_link(
    field: str, text: str, what: str, link: str
) -> None:
    draft = parse_request(body(**{field: text}), PROFILE.models)
    finding = single(findings_of(request_invalid, case(draft=draft)))
    assert finding.field == field
    assert finding.message.startswith(f"{field} is a link {what}")
    assert f'write "{link.partition("?")[0]}' in finding.remedy
    assert "SECRET" not in finding.message + finding.remedy
    assert getattr(draft, field) == link  # the other rules look at the link that was meant


@pytest.mark.parametrize(
    "text", [f"{SIGNED} b", f"{LINK} ?sig=1", f"{LINK} copy.mp4", f"{LINK}?a=1,", f"{LINK}/a b.mp4"]
)
def test_what_may_be_a_part_of_a_link_is_not_taken_off(text: str) -> None:
    draft = parse_request(body(video_url=text), PROFILE.models)
    assert draft.violations == ()
    assert draft.video_url == text


PLACEHOLDERS = [
    "YOUR_URL", "YOUR_VIDEO_URL", "your-url-here", "{url}", "{{video_url}}", "${VIDEO_URL}",
    "$VIDEO_URL", "<your link>", "<VIDEO_URL>", "[VIDEO URL]", "%URL%", "%(url)s",
    "INSERT_URL_HERE",
    "#REF!", "#N/A", "#NAME?", "#VALUE!", "#BEZUG!",
    "paste your link here", "REPLACE_ME", "TODO", "string", "null", "...", "\u2026", "video_url",
    "https://{bucket}.s3.amazonaws.com/clip.mp4", "https://cdn.host-of-clips.com/<file>.mp4",
    "https://cdn.host-of-clips.com/${FILE}", "https://.../clip.mp4", '"{url}"',
    "<https://cdn.host-of-clips.com/{name}.mp4>",
]  # fmt: skip


@pytest.mark.parametrize("text", PLACEHOLDERS)
def test_a_placeholder_is_named_and_nothing_is_fetched(text: str) -> None:
    draft = parse_request(body(video_url=text), PROFILE.models)
    finding = single(findings_of(request_invalid, case(draft=draft)))
    assert finding.message.startswith('video_url holds the placeholder "')
    assert finding.remedy == "put the direct link of your own video in its place"
    assert draft.video_url is None


@pytest.mark.parametrize(
    "host",
    ["example.com", "example.org", "example.net", "www.example.com", "EXAMPLE.COM", "example.com.",
     "clips.example", "media.test", "nobody.invalid", "cdn.your-domain.com",
     "your-bucket.s3.amazonaws.com"],
)  # fmt: skip
def test_a_host_of_examples_is_a_placeholder(host: str) -> None:
    finding = single(
        findings_of(url_not_public, case(video=video(location=f"https://{host}/clip.mp4")))
    )
    assert "is a placeholder" in finding.message
    assert finding.remedy == "put the direct link of your own video in its place"


@pytest.mark.parametrize(
    "host",
    ["example.com.au", "myexample.com", "example.io", "test.com", "my-bucket.s3.amazonaws.com"],
)
def test_a_host_that_only_looks_like_one_is_none(host: str) -> None:
    assert findings_of(url_not_public, case(video=video(location=f"https://{host}/clip.mp4"))) == []


PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 12_000).decode()


@pytest.mark.parametrize(
    ("text", "inside"),
    [
        (PNG, "base64 of about 3,072,0"),
        (f"data:image/png;base64,{PNG}", "a data: URL of about 3,072,0"),
        (f"image/png;base64,{PNG}", "a data: URL of about 3,072,0"),
        (f'"{PNG}"', "base64 of about 3,072,0"),
        ("data:video/mp4;base64,AAAA", "a data: URL of about"),
        ("/9j/4AAQSkZJRgABAQAAAQABAAD" + "A" * 99, "base64 of about"),
        ("AAAAIGZ0eXBpc29tAAACAGlzb21pc28y" + "A" * 99, "base64 of about"),
    ],
)
@pytest.mark.parametrize("field", ["video_url", "image_url"])
def test_a_file_in_place_of_a_link_is_named_in_a_line(field: str, text: str, inside: str) -> None:
    draft = parse_request(body(**{field: text}), PROFILE.models)
    finding = single(findings_of(request_invalid, case(draft=draft)))
    word = field.removesuffix("_url")
    assert finding.message.startswith(f"{field} holds the {word} itself ({inside}")
    assert "publish the file" in finding.remedy
    assert len(finding.message + finding.remedy) < 300
    assert len(str(redacted_body(draft.body))) < 2000


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (f"blob:{LINK}", '"blob:" link, which lives in one browser tab only'),
        ("blob:https://a.com/123", '"blob:" link, which lives in one browser tab only'),
        (f'"BLOB:{LINK}"', '"blob:" link, which lives in one browser tab only'),
        (f"video_url: blob:{LINK}", '"blob:" link, which lives in one browser tab only'),
        ("blob:null/3f2504e0-4f89-11d3", '"blob:" link, which lives in one browser tab only'),
        (f"filesystem:{LINK}", '"filesystem:" link, which lives in one browser tab only'),
        (f"view-source:blob:{LINK}", '"blob:" link, which lives in one browser tab only'),
        (f"intent:{LINK}#Intent;end", '"intent:" link, which opens an app of a phone'),
        ("intent://a.com/b#Intent;scheme=https;end", '"intent:" link, which opens an app'),
        (f"chrome-extension://abc/{LINK}", '"chrome-extension:" link, which only an extension'),
    ],
)
@pytest.mark.parametrize("field", ["video_url", "image_url"])
def test_a_link_that_one_program_alone_understands_is_to_be_published(
    field: str, text: str, kind: str
) -> None:
    draft = parse_request(body(**{field: text}), PROFILE.models)
    finding = single(findings_of(request_invalid, case(draft=draft)))
    assert kind in finding.message
    assert finding.remedy == "publish the file, and put its direct link there"
    assert getattr(draft, field) is None  # there is no clean link in it


@pytest.mark.parametrize("between", [", ", ",", ";", " ", "\n"])
def test_several_links_in_a_field_are_counted(between: str) -> None:
    draft = parse_request(body(video_url=f"{LINK}{between}{LINK}"), PROFILE.models)
    finding = single(findings_of(request_invalid, case(draft=draft)))
    assert finding.message == "video_url holds 2 links, and takes one"
    assert finding.remedy == "make a request of each"


@pytest.mark.parametrize(
    "text",
    [
        LINK, SIGNED, "HTTPS://HOST-OF-CLIPS.COM/A.MP4", "clip.mp4", 'my "best" clip.mp4',
        "(a).mp4", "[1] clip.mp4", "<odd>.mp4.mp4", "C:\\clips\\a.mp4", "./your_clip.mp4",
        "https://cdn.host-of-clips.com/a_(b)", "https://cdn.host-of-clips.com/a,b;c='d'", "https://cdn.host-of-clips.com/w_9,h_9/a.mp4",
        "https://a.co/{3F2504E0-4F89-11D3-9A0C-0305E82C3301}.mp4", "insert coin.mp4",
        "http://127.0.0.1:8000/clip.mp4", "https://cdn.host-of-clips.com/?u=https://a.co/b.mp4",
        "https://web.archive.org/web/2024/https://a.co/b.mp4", "/home/me/clips/2024/clip",
    ],
)  # fmt: skip
def test_links_and_names_of_files_are_left_alone(text: str) -> None:
    draft = parse_request(body(video_url=text), PROFILE.models)
    assert draft.violations == ()
    assert draft.video_url == text


@pytest.mark.sweep
@pytest.mark.parametrize("text", ["x" * 3_000_000, "<" * 100_000, "[" * 50_000 + LINK,
                                  "\u00a0" * 100_000 + "y", "a b " * 50_000, f"{LINK} " * 5_000,
                                  "{a}" * 50_000, "your " * 20_000, f"https://{'a.' * 50_000}",
                                  "a@b" * 90_000, "&amp;" * 50_000 + LINK])  # fmt: skip
def test_no_message_is_longer_than_a_few_lines_whatever_is_put_in(text: str) -> None:
    names = ("video_url", "image_url", "model", "mode", "prompt", "seed", text)
    changes: list[dict[str, Any]] = [{name: text} for name in names]
    for fields in [*changes, {"watermark_info": {text: text}}]:
        checked = report(body(**fields))
        for finding in checked.findings:
            assert len(finding.message) < 700
            assert len(finding.remedy) < 700
            assert len(finding.field or "") < 250
        shown = report_text(checked, PROFILE, Style())
        assert max(map(len, shown.splitlines())) < 700


@pytest.mark.parametrize("link", [f"{LINK}/{'a' * 20_000}", f"https://{'a' * 100_000}.com/c.mp4",
                                  f"{LINK}?x={'b' * 900_000}", LINK + "/.." * 100_000])  # fmt: skip
def test_a_link_that_no_host_takes_is_told_at_once(link: str) -> None:
    draft = parse_request(body(video_url=link), PROFILE.models)
    finding = single(findings_of(request_invalid, case(draft=draft)))
    assert finding.message.startswith(f"video_url has {len(link):,} characters")
    result = measure(link, "video", cap=100 << 20, ffprobe="", web=unreached)
    assert isinstance(result, Unmeasured)


def unreached() -> Web:
    return Web(timeout=5, allow_private=False)


@given(st.text(alphabet="<>[](){}\"'`&;amp:/htps.wxyz \n\u200b%$|=", max_size=80))
def test_any_text_has_an_answer(text: str) -> None:
    draft = parse_request(body(video_url=text), PROFILE.models)
    for violation in draft.violations:
        assert len(violation.message) < 300
