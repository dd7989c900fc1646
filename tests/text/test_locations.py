"""A location: URL or path, its name, and how it is shown without its secrets."""

import pytest

from motion_preflight.text.locations import (
    extension,
    file_name,
    is_url,
    printable,
    redacted,
    sanitize_external_text,
)


@pytest.mark.parametrize(
    "location",
    ["http://apimart-user.com/a", "HTTPS://apimart-user.com", " https://apimart-user.com/a ", "ftp://h/x",
     "s3://bucket/key", "data:video/mp4;base64,AAAA", "DATA:,x", "file:/etc/passwd",
     "http:/apimart-user.com", "https:apimart-user.com", "blob:abc", "git+ssh://x/y"],
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
        # What was meant as a link, and is none as it stands, holds the same secrets.
        ("host.com/a.mp4?sig=SECRET&b=c", "host.com/a.mp4?sig=…&b=…"),
        ("host.com:81/a.mp4?sig=SECRET#SECRET", "host.com:81/a.mp4?sig=…#…"),
        ("bucket/a.mp4?X-Amz-Signature=SECRET", "bucket/a.mp4?X-Amz-Signature=…"),
        ('=HYPERLINK("https://host.com/a?sig=SECRET","x")', '=HYPERLINK("https://host.com/a?sig=…'),
        ("h t t p s://host.com/a?sig=SECRET", "h t t p s://host.com/a?sig=…"),
        ("see https://host.com/a?sig=SECRET", "see https://host.com/a?sig=…"),
        ("https\uff1a//host.com/a?sig=SECRET", "https\uff1a//host.com/a?sig=…"),
        ("user:SECRET@host.com/a.mp4", "…@host.com/a.mp4"),
        ("user:SECRET@host/a.mp4", "…@host/a.mp4"),
        ("ftp//user:SECRET@host.com/a.mp4", "ftp//…@host.com/a.mp4"),
        ("C:\\clips\\a@2x.png", "C:\\clips\\a@2x.png"),
        ("12:30@home.mp4", "12:30@home.mp4"),
        ("https://apimart-user.com/a.mp4", "https://apimart-user.com/a.mp4"),
        ("https://apimart-user.com/a?X-Sig=abc&b=c", "https://apimart-user.com/a?X-Sig=…&b=…"),
        ("https://apimart-user.com/a?x=1;y=2", "https://apimart-user.com/a?x=…&y=…"),
        ("https://apimart-user.com/a?justatoken", "https://apimart-user.com/a?…"),
        ("https://apimart-user.com/a?a==b=c", "https://apimart-user.com/a?a=…"),
        ("https://apimart-user.com/a?dG9rZW4=", "https://apimart-user.com/a?…"),
        ("https://apimart-user.com/a?dG9rZW4==&b=c", "https://apimart-user.com/a?…&b=…"),
        (f"https://apimart-user.com/a?{'n' * 40}=c", f"https://apimart-user.com/a?{'n' * 40}=…"),
        (f"https://apimart-user.com/a?{'n' * 41}=c", "https://apimart-user.com/a?…"),
        ("https://apimart-user.com/a?b=", "https://apimart-user.com/a?…"),
        ("https://apimart-user.com?key=abc", "https://apimart-user.com?key=…"),
        ("https://apimart-user.com/a#secret", "https://apimart-user.com/a#…"),
        ("https://apimart-user.com/a?x=1#y?z=2", "https://apimart-user.com/a?x=…#…"),
        ("https://user:pw@apimart-user.com/a", "https://…@apimart-user.com/a"),
        ("https://user@apimart-user.com:81/a", "https://…@apimart-user.com:81/a"),
        ("https://a@b@apimart-user.com/a", "https://…@apimart-user.com/a"),
        ("https://user:pw\\apimart-user.com/a", "https://…@apimart-user.com/a"),
        ("https://user:pw@apimart-user.com?x=1", "https://…@apimart-user.com?x=…"),
        ("https://user:pw@apimart-user.com#x", "https://…@apimart-user.com#…"),
        ("https://user:p/w@apimart-user.com/a", "https://…@apimart-user.com/a"),
        ("https:user:pw@apimart-user.com/a", "https:…@apimart-user.com/a"),
        ("https:/user:pw@apimart-user.com/a", "https:/…@apimart-user.com/a"),
        ("https:\\\\user:pw@apimart-user.com/a", "https:\\\\…@apimart-user.com/a"),
        ("ftp://user:pw@apimart-user.com/a", "ftp://…@apimart-user.com/a"),
        ("https://apimart-user.com:81/a?x=1", "https://apimart-user.com:81/a?x=…"),
        ("data:video/mp4;base64,AAAA", "data:…"),
        ("https://apimart-user.com/\x1b[31m", "https://apimart-user.com/�[31m"),
        ("a\u202egpm.4", "a�gpm.4"),
        ("a\nb\tc\x9b", "a�b�c�"),
    ],
)
def test_a_location_is_shown_without_its_secrets(location: str, shown: str) -> None:
    assert redacted(location) == shown


@pytest.mark.parametrize(
    "location",
    [
        "https://user:a/SECRET@apimart-user.com/a",
        "https://user:a?SECRET@apimart-user.com/a",
        "https://user:a#SECRET@apimart-user.com/a",
        "https://user:a\\SECRET@apimart-user.com/a",
        "https://user:a/b?c#SECRET@apimart-user.com/a",
        "https://user:a&b=SECRET@apimart-user.com/a",
        "https://SECRET@apimart-user.com/a",
        "https:SECRET:pw@apimart-user.com/a",
        "https://user:12/SECRET@apimart-user.com/a",
        "https://apimart-user.com/a?mail=me@apimart-user.com&sig=SECRET",
        "https://apimart-user.com/a?GoogleAccessId=x@y.iam.gserviceaccount.com&Expires=1&Signature=SECRET",
        "https://apimart-user.com:8443/a?mail=me@apimart-user.com&sig=SECRET",
        "https://apimart-user.com/a?k=x@SECRET",
        "https://apimart-user.com/a?x=y@z;SECRET",
        "https://apimart-user.com/a#x@SECRET",
        "https://apimart-user.com/@name/a?sig=SECRET",
        "https://user:pw@apimart-user.com/a?mail=me@apimart-user.com&sig=SECRET",
        "data:text/plain,x@SECRET",
    ],
)
def test_no_sign_in_a_location_brings_a_secret_out(location: str) -> None:
    assert "SECRET" not in redacted(location)
    if "://" in location:  # others are not told from text
        assert "SECRET" not in sanitize_external_text(f"GET {location}")


@pytest.mark.parametrize(
    "code",
    [0, 0x1B, 0x7F, 0x85, 0x9B, 0x61C, 0x200B, 0x200E, 0x200F, 0x2028, 0x2029, 0x202A, 0x202E,
     0x2060, 0x2066, 0x2069, 0x206F, 0xFEFF, 0xD800, 0xDC80, 0xDFFF],
    ids=hex,
)  # fmt: skip
def test_what_drives_a_terminal_or_is_not_seen_is_not_shown(code: int) -> None:
    sign = chr(code)
    assert printable(f"a{sign}b") == "a�b"
    assert redacted(f"https://apimart-user.com/a{sign}b") == "https://apimart-user.com/a�b"
    assert redacted(f"a{sign}b.mp4") == "a�b.mp4"


@pytest.mark.parametrize("text", ["größe", "日本", "😀", "e\u0301", "a b"])
def test_what_people_write_is_shown(text: str) -> None:
    assert printable(text) == text


@pytest.mark.parametrize(
    "text",
    ["GET https://h/x?k=SECRET failed", "(https://h/x?k=SECRET)", '"https://h/x?k=SECRET"',
     "<HTTPS://h/x?k=SECRET>", "https://user:SECRET@h/x", "see https://h/#SECRET\nnext",
     "a https://h/?a=1&b=SECRET, and https://h/?c=SECRET", "https://h/x?k=a)SECRET",
     "https://h/x?k=a'SECRET", "https://h/x?k=[a]SECRET", "https://h/x?k={a}SECRET"],
)  # fmt: skip
def test_a_message_of_somebody_else_loses_the_secrets_of_its_urls(text: str) -> None:
    assert "SECRET" not in sanitize_external_text(text)


def test_a_message_of_somebody_else_is_one_line_that_drives_no_terminal() -> None:
    assert sanitize_external_text("one\r\n two\x1b[2J\t\u2066three") == "one two�[2J �three"


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
        ("https://apimart-user.com/a/clip.mp4?x=y.png#z.gif", "clip.mp4", "mp4"),
        ("https://apimart-user.com", "", ""),
        ("https://apimart-user.com/", "", ""),
        ("https://apimart-user.com?x=a.mp4", "", ""),
        ("https://apimart-user.com/a.d/clip", "clip", ""),
        ("data:video/mp4,a.b/c.mp4", "", ""),
    ],
)
def test_the_file_name_and_its_ending(location: str, name: str, ending: str) -> None:
    assert (file_name(location), extension(location)) == (name, ending)


@pytest.mark.parametrize(
    ("location", "shown"),
    [
        ("https://www.tiktok.com/@me/video/73", "https://www.tiktok.com/@me/video/73"),
        ("https://me:pa/ss@apimart-user.com/clip.mp4", "https://…@apimart-user.com/clip.mp4"),
        ("https://me@apimart-user.com/@me/clip.mp4", "https://…@me/clip.mp4"),
    ],
)
def test_a_sign_of_users_in_a_path_hides_no_host(location: str, shown: str) -> None:
    assert redacted(location) == shown
