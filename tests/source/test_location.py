"""A location: URL or path, its name, and how it is shown without its secrets."""

import pytest

from motion_preflight.source.location import extension, file_name, is_url, redacted, scrubbed


@pytest.mark.parametrize(
    "location",
    ["http://example.com/a", "HTTPS://example.com", " https://example.com/a ", "ftp://h/x",
     "s3://bucket/key", "data:video/mp4;base64,AAAA", "DATA:,x", "file:/etc/passwd",
     "http:/example.com", "https:example.com", "blob:abc", "git+ssh://x/y"],
)  # fmt: skip
def test_a_url(location: str) -> None:
    assert is_url(location)


@pytest.mark.parametrize(
    "location",
    ["clip.mp4", "./clip.mp4", "/tmp/a:b.mp4", "C:/clips/a.mp4", "C:\\clips\\a.mp4", "a:b.mp4",
     "take:2.mp4", "-clip.mp4", "", " ", "//host/share", "1http://x", "12:30.mp4", "~/clip.mp4",
     "http", "https", "%03d.png"],
)  # fmt: skip
def test_a_path(location: str) -> None:
    assert not is_url(location)


@pytest.mark.parametrize(
    ("location", "shown"),
    [
        ("clips/a b.mp4", "clips/a b.mp4"),
        ("a?token=secret", "a?token=secret"),  # a path: a file may be called that
        ("https://example.com/a.mp4", "https://example.com/a.mp4"),
        ("https://example.com/a?X-Sig=abc&b=c", "https://example.com/a?X-Sig=…&b=…"),
        ("https://example.com/a?x=1;y=2", "https://example.com/a?x=…&y=…"),
        ("https://example.com/a?justatoken", "https://example.com/a?…"),
        ("https://example.com/a?a==b=c", "https://example.com/a?a=…"),
        ("https://example.com?key=abc", "https://example.com?key=…"),
        ("https://example.com/a#secret", "https://example.com/a#…"),
        ("https://example.com/a?x=1#y?z=2", "https://example.com/a?x=…#…"),
        ("https://user:pw@example.com/a", "https://…@example.com/a"),
        ("https://user@example.com:81/a", "https://…@example.com:81/a"),
        ("https://a@b@example.com/a", "https://…@example.com/a"),
        ("https://user:pw\\example.com/a", "https://…@example.com/a"),
        ("https://user:pw@example.com?x=1", "https://…@example.com?x=…"),
        ("https://user:pw@example.com#x", "https://…@example.com#…"),
        ("data:video/mp4;base64,AAAA", "data:…"),
        ("https://example.com/\x1b[31m", "https://example.com/�[31m"),
        ("a\u202egpm.4", "a�gpm.4"),
        ("a\nb\tc\x9b", "a�b�c�"),
    ],
)
def test_a_location_is_shown_without_its_secrets(location: str, shown: str) -> None:
    assert redacted(location) == shown


@pytest.mark.parametrize(
    "text",
    ["GET https://h/x?k=SECRET failed", "(https://h/x?k=SECRET)", '"https://h/x?k=SECRET"',
     "<HTTPS://h/x?k=SECRET>", "https://user:SECRET@h/x", "see https://h/#SECRET\nnext",
     "a https://h/?a=1&b=SECRET, and https://h/?c=SECRET", "https://h/x?k=a)SECRET",
     "https://h/x?k=a'SECRET", "https://h/x?k=[a]SECRET", "https://h/x?k={a}SECRET"],
)  # fmt: skip
def test_a_message_of_somebody_else_loses_the_secrets_of_its_urls(text: str) -> None:
    assert "SECRET" not in scrubbed(text)


def test_a_message_of_somebody_else_is_one_line_that_drives_no_terminal() -> None:
    assert scrubbed("one\r\n two\x1b[2J\t\u2066three") == "one two�[2J �three"


@pytest.mark.parametrize(
    ("location", "name", "ending"),
    [
        ("clip.mp4", "clip.mp4", "mp4"),
        ("/a/b/Clip.MP4", "Clip.MP4", "mp4"),
        ("C:\\a\\clip.mov", "clip.mov", "mov"),
        ("clip", "clip", ""),
        (".mp4", ".mp4", ""),
        ("a.tar.gz", "a.tar.gz", "gz"),
        ("clip.", "clip.", ""),
        ("", "", ""),
        ("a/", "", ""),
        ("https://example.com/a/clip.mp4?x=y.png#z.gif", "clip.mp4", "mp4"),
        ("https://example.com", "", ""),
        ("https://example.com/", "", ""),
        ("https://example.com?x=a.mp4", "", ""),
        ("https://example.com/a.d/clip", "clip", ""),
        ("data:video/mp4,a.b/c.mp4", "", ""),
    ],
)
def test_the_file_name_and_its_ending(location: str, name: str, ending: str) -> None:
    assert (file_name(location), extension(location)) == (name, ending)
