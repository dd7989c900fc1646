"""A command line that begins with a medium, and `new`."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from pathlib import Path

import pytest
from conftest import Program

from motion_preflight.cli import exit_codes
from motion_preflight.cli.parser import with_command

FIELDS = ("--model", "kling-v2-6-motion-control", "--mode", "std", "--orientation", "image")


def commands_of(text: str) -> list[list[str]]:
    """The commands of a page, which stand on lines of their own, broken as a shell allows."""
    lines = [line.strip() for line in text.replace("\\\n", " ").splitlines()]
    return [shlex.split(line) for line in lines if line.startswith("motion-preflight ")]


@pytest.fixture
def folder(tmp_path: Path, media: Path) -> Path:
    for name in ("clip-8s.mp4", "clip-12s.mp4", "image.png", "image-2.5to1.png", "clip-2.9s.mp4"):
        shutil.copyfile(media / name, tmp_path / name)
    return tmp_path


def test_a_clip_and_a_picture_need_no_command(program: Program, folder: Path) -> None:
    done = program("clip-8s.mp4", "image.png", cwd=folder)
    assert done.returncode == exit_codes.OK, done.stderr
    for text in ("the same shape", "cost", "kling-v3-motion-control", "USD 0.82", "USD 1.10"):
        assert text in done.stdout
    assert done.stdout.index('"image" fits') < done.stdout.index("cost")


def test_every_command_of_the_page_works(program: Program, folder: Path) -> None:
    """From the page to a request that is checked, by pasting its lines."""
    page = program("clip-8s.mp4", "image.png", cwd=folder).stdout
    commands = commands_of(page)
    assert [words[1] for words in commands] == ["new", "submit", "new", "submit"]
    for words in commands:
        done = program(*words[1:], cwd=folder)
        expected = exit_codes.BROKEN if words[1] == "submit" else exit_codes.OK
        assert done.returncode == expected, done.stderr  # a local clip is not sent yet
    assert json.loads((folder / "image.json").read_text())["video_url"] == "clip-8s.mp4"


def test_what_does_not_fit_is_mended_first(program: Program, folder: Path) -> None:
    page = program("clip-12s.mp4", cwd=folder).stdout
    assert ["motion-preflight", "fix", "clip-12s.mp4", "--for", "image"] in commands_of(page)
    assert re.search(r"--image PICTURE .*--orientation video", page.replace("\\\n", ""))


def test_the_shapes_of_clip_and_picture_are_compared(program: Program, folder: Path) -> None:
    page = program("clip-8s.mp4", "image-2.5to1.png", cwd=folder).stdout
    assert "the clip is square, the picture wide (5:2): the shapes differ" in " ".join(page.split())


def test_the_order_does_not_matter(program: Program, folder: Path) -> None:
    one = program("clip-8s.mp4", "image.png", cwd=folder).stdout
    assert program("image.png", "clip-8s.mp4", cwd=folder).stdout == one


def test_a_clip_that_fits_nothing_has_no_price(program: Program, folder: Path) -> None:
    page = program("clip-2.9s.mp4", cwd=folder).stdout
    assert "USD" not in page
    assert [words[1] for words in commands_of(page)] == ["fix"]
    assert page.count("what to do stands above") == 2


def test_programs_get_the_document_of_probe(program: Program, folder: Path) -> None:
    done = program("clip-8s.mp4", "image.png", "--format", "json", cwd=folder)
    assert json.loads(done.stdout)["schema"] == "motion-preflight/facts/1"


def test_three_media_are_too_many(program: Program, folder: Path) -> None:
    done = program("clip-8s.mp4", "image.png", "clip-12s.mp4", cwd=folder)
    assert done.returncode == exit_codes.CANNOT_RUN
    assert "probe" in done.stderr


@pytest.mark.parametrize(
    ("first", "begins"),
    [
        ("clip.mp4", True),
        ("IMG_1.MOV", True),
        ("me.heic", True),
        ("https://example.com/clip?id=1", True),
        ("check", False),
        ("--version", False),
        ("dance.json", False),
        ("chek", False),
        ("", False),
    ],
)
def test_a_medium_at_the_place_of_a_command_is_known(first: str, *, begins: bool) -> None:
    assert (with_command([first])[0] == "probe") is begins


def test_a_path_whose_blanks_were_not_quoted_is_shown_in_quotes(
    program: Program, tmp_path: Path
) -> None:
    clip = tmp_path / "My Clips" / "dance one.mp4"
    clip.parent.mkdir()
    clip.write_bytes(b"")
    link = "https://example.com/a.png?k=s3cret"  # is not repeated
    done = program(*str(clip).split(" "), "me.png", link)
    assert done.returncode == exit_codes.CANNOT_RUN
    hint = f"a path with blanks stands in quotes: motion-preflight '{clip}' me.png"
    assert done.stderr.splitlines()[1:] == [hint]


def test_a_request_at_the_place_of_a_command_is_to_be_checked(program: Program) -> None:
    done = program("dance.json")
    assert "try: motion-preflight check dance.json" in done.stderr


def test_paths_start_at_the_file_that_is_written(program: Program, folder: Path) -> None:
    (folder / "requests").mkdir()
    media = ("--video", "clip-8s.mp4", "--image", "image.png")
    done = program("new", "requests/dance.json", *media, *FIELDS, cwd=folder)
    assert done.returncode == exit_codes.OK, done.stderr
    body = json.loads((folder / "requests" / "dance.json").read_text())
    assert body["video_url"] == str(Path("..", "clip-8s.mp4"))
    assert program("check", "requests/dance.json", cwd=folder).returncode == exit_codes.OK


def test_nothing_is_written_over_a_file(program: Program, folder: Path) -> None:
    file = folder / "dance.json"
    file.write_text("mine")
    done = program("new", file, "--video", "a.mp4", "--image", "b.png", *FIELDS, cwd=folder)
    assert done.returncode == exit_codes.CANNOT_RUN
    assert "nothing is overwritten" in done.stderr
    assert file.read_text() == "mine"


def test_a_request_with_a_mistake_is_not_written(program: Program, folder: Path) -> None:
    done = program("new", "dance.json", "--video", "a.mp4", "--mode", "fast", cwd=folder)
    assert done.returncode == exit_codes.CANNOT_RUN
    for text in ("model is missing", "image_url is missing", "mode"):
        assert text in done.stderr
    assert not (folder / "dance.json").exists()


def test_a_link_stays_as_it_is(program: Program, folder: Path) -> None:
    link = "https://example.com/clip.mp4?X-Amz-Signature=abc"
    program("new", "dance.json", "--video", link, "--image", "image.png", *FIELDS, cwd=folder)
    assert json.loads((folder / "dance.json").read_text())["video_url"] == link
