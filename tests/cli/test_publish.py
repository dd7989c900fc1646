"""`publish`, `unpublish` and `submit --publish` as processes, against S3 and the sandbox."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from conftest import Program
from object_servers import S3Server, no_cloud
from paths import FIXTURES
from processes import customer, ledger_rows, started, wait_until

from motion_preflight.cli import exit_codes
from motion_preflight.sandbox.server import Sandbox
from motion_preflight.testing.habit import Habit
from motion_preflight.testing.host import Host

MEDIA = FIXTURES / "media"
Done = subprocess.CompletedProcess[str]
FIELDS = ("--model", "kling-v2-6-motion-control", "--mode", "std", "--orientation", "image")


@dataclass
class Studio:
    """A person with clips and a bucket, and no web server."""

    server: S3Server
    bucket: str
    sandbox: Sandbox
    folder: Path
    program: Program

    @property
    def destination(self) -> str:
        return f"s3://{self.bucket}/clips"

    @property
    def environment(self) -> dict[str, str]:
        home = {"HOME": str(self.folder), "XDG_CONFIG_HOME": str(self.folder / "config")}
        cloud = self.server.environment(self.folder)
        return customer(self.sandbox, self.folder) | no_cloud(self.folder) | cloud | home

    def run(self, *arguments: str | Path, **environment: str) -> Done:
        return self.program(*arguments, cwd=self.folder, **(self.environment | environment))

    def publish(self, *arguments: str | Path) -> Done:
        return self.run("publish", *arguments, "--to", self.destination, "--allow-private")

    def submit(self, *arguments: str | Path, **environment: str) -> Done:
        usual = ("--allow-private", "--publish", self.destination)
        return self.run("submit", *usual, *arguments, **environment)

    def clip(self, name: str, called: str | None = None) -> Path:
        file = self.folder / (called or name)
        shutil.copyfile(MEDIA / name, file)
        return file

    def stored(self) -> list[str]:
        return self.server.names(self.bucket)

    def setting(self, text: str) -> None:
        file = self.folder / "config" / "motion-preflight" / "config.toml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


@pytest.fixture
def studio(moto_s3: S3Server, program: Program, tmp_path: Path) -> Iterator[Studio]:
    with Sandbox(media=MEDIA, polls=0) as sandbox:
        yield Studio(moto_s3, moto_s3.new_bucket(), sandbox, tmp_path, program)


def words_of(done: Done) -> str:
    return " ".join((done.stdout + done.stderr).split())


def published(done: Done) -> list[dict[str, Any]]:
    return list(json.loads(done.stdout)["published"])


# --- publish and unpublish -----------------------------------------------------------------


def test_the_link_stands_whole_on_a_line_of_its_own(studio: Studio) -> None:
    done = studio.publish(studio.clip("clip-8s.mp4"))
    assert done.returncode == exit_codes.OK
    (link,) = [line for line in done.stdout.splitlines() if line.startswith("http")]
    assert "X-Amz-Signature=" in link
    assert studio.server.secret not in done.stdout + done.stderr
    (command,) = re.findall(r"`motion-preflight unpublish ([^`]+)`", done.stdout)
    assert studio.run("unpublish", command, "--allow-private").returncode == exit_codes.OK
    assert studio.stored() == []


def test_the_document_has_what_came_of_each_file(studio: Studio) -> None:
    good, short = studio.clip("clip-8s.mp4"), studio.clip("clip-2.9s.mp4")
    done = studio.publish(good, short, "--format", "json")
    assert done.returncode == exit_codes.BROKEN
    first, second = published(done)
    assert (first["uploaded"], first["error"]) == (True, None)
    assert second["link"] is None
    assert "video-duration-below-minimum" in second["error"]
    assert len(studio.stored()) == 1


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["clip-8s.mp4"], exit_codes.CANNOT_RUN),
        (["clip-8s.mp4", "--to", "ftp://example.com/x"], exit_codes.CANNOT_RUN),
        (["cut-faststart.mp4", "--to", "s3://any"], exit_codes.UNSURE),
        (["clip-2.9s.mp4", "--to", "s3://any"], exit_codes.BROKEN),
        (["clip-8s.mp4", "--to", "s3://any", "--expires", "8d"], exit_codes.CANNOT_RUN),
    ],
)
def test_each_obstacle_has_its_exit_code(studio: Studio, arguments: list[str], code: int) -> None:
    done = studio.run("publish", str(MEDIA / arguments[0]), *arguments[1:], "--format", "json")
    assert done.returncode == code
    assert done.stdout == "" or json.loads(done.stdout)["schema"] == "motion-preflight/publish/1"


def test_the_setting_is_the_default_destination(studio: Studio) -> None:
    studio.setting(f'publish = "{studio.destination}"\n')
    clip = studio.clip("clip-8s.mp4")
    assert studio.run("publish", clip, "--allow-private").returncode == exit_codes.OK
    assert len(studio.stored()) == 1


def test_doctor_tries_the_destination_of_the_settings(studio: Studio) -> None:
    studio.setting(f'publish = "{studio.destination}"\n')
    assert "not a public address" in words_of(studio.run("doctor"))  # moto is on loopback
    assert studio.stored() == []
    studio.setting('publish = "s3://no-such-bucket-at-all"\n')
    assert "no-such-bucket-at-all" in words_of(studio.run("doctor"))


def test_tasks_ends_with_what_is_published(studio: Studio) -> None:
    studio.publish(studio.clip("clip-8s.mp4"))
    text = words_of(studio.run("tasks"))
    assert "still published: 1 file" in text
    assert "for no task yet" in text
    document = json.loads(studio.run("tasks", "--format", "json").stdout)
    (file,) = document["published"]
    assert file["state"] == "published"
    assert "?" not in file["link"]


def test_no_log_has_a_signature_or_a_credential(studio: Studio) -> None:
    done = studio.publish(studio.clip("clip-8s.mp4"), "--verbose", "--debug")
    assert done.returncode == exit_codes.OK
    assert studio.server.secret not in done.stderr
    assert studio.server.key not in done.stderr
    assert "Signature=" in done.stderr
    assert not re.search("Signature=[0-9a-f]", done.stderr)


# --- submit --------------------------------------------------------------------------------


def test_one_command_leads_from_a_phone_clip_to_a_result(studio: Studio) -> None:
    """12 s are too long for orientation `image`: the clip is mended, published, and sent."""
    clip = studio.clip("clip-12s.mp4", "IMG_4711.MOV")
    done = studio.submit(
        "--video", clip, "--image", studio.clip("image.png"), *FIELDS, "--fix", "--yes",
        "--wait", "--download", studio.folder / "results",
    )  # fmt: skip
    assert done.returncode == exit_codes.OK, done.stderr
    (post,) = studio.sandbox.posts
    sent = json.loads(post.body)
    assert sent["video_url"].startswith(studio.server.base)
    assert "X-Amz-Signature=" in sent["video_url"]
    assert len(list((studio.folder / "results").glob("*.mp4"))) == 1
    (row,) = ledger_rows(studio.folder)
    assert row["state"] == "completed"
    assert not re.search("Signature=[0-9a-f]", row["body"])
    assert words_of(studio.run("unpublish", "--finished", "--allow-private")).startswith("removed")
    assert studio.stored() == []


def test_without_a_yes_and_a_terminal_nothing_leaves_the_machine(studio: Studio) -> None:
    clip, picture = studio.clip("clip-8s.mp4"), studio.clip("image.png")
    done = studio.submit("--video", clip, "--image", picture, *FIELDS)
    assert done.returncode == exit_codes.CANNOT_RUN
    assert studio.stored() == []
    assert studio.sandbox.posts == []


def test_a_dry_run_mends_elsewhere_and_uploads_nothing(studio: Studio) -> None:
    clip, picture = studio.clip("clip-12s.mp4"), studio.clip("image.png")
    before = sorted(file.name for file in studio.folder.iterdir())
    done = studio.submit("--video", clip, "--image", picture, *FIELDS, "--fix", "--dry-run")
    assert done.returncode == exit_codes.OK, done.stderr
    assert studio.destination in words_of(done)
    after = {file.name for file in studio.folder.iterdir()} - {"state"}
    assert sorted(after) == before
    assert studio.stored() == []
    assert studio.sandbox.posts == []


def test_the_user_is_told_destination_count_and_total(studio: Studio) -> None:
    clip, picture = studio.clip("clip-8s.mp4"), studio.clip("image.png")
    done = studio.submit("--video", clip, "--image", picture, *FIELDS, "--yes")
    text = words_of(done)
    assert f"publish 1 file (0.0 MB) to {studio.destination}, then send 1 paid request" in text
    assert "USD 0.46" in text


def test_a_clip_of_several_requests_is_published_once(studio: Studio) -> None:
    clip, picture = studio.clip("clip-8s.mp4"), studio.clip("image.png")
    body = {
        "model": "kling-v2-6-motion-control", "mode": "std", "character_orientation": "image",
        "video_url": clip.name, "image_url": picture.name,
    }  # fmt: skip
    requests = [body | {"prompt": f"dance {number}"} for number in range(3)]
    file = studio.folder / "many.json"
    file.write_text(json.dumps(requests), encoding="utf-8")
    done = studio.submit(file, "--yes")
    assert done.returncode == exit_codes.OK, done.stderr
    assert len(studio.sandbox.posts) == 3
    assert len(studio.stored()) == 1


def test_a_picture_that_cannot_be_uploaded_is_published(studio: Studio) -> None:
    clip, picture = studio.clip("clip-8s.mp4"), studio.clip("image.bmp")
    done = studio.submit("--video", clip, "--image", picture, *FIELDS, "--yes")
    assert done.returncode == exit_codes.OK, done.stderr
    assert sorted(Path(name).suffix for name in studio.stored()) == [".bmp", ".mp4"]


def test_an_identical_request_is_done_already_and_publishes_nothing(studio: Studio) -> None:
    clip, picture = studio.clip("clip-8s.mp4"), studio.clip("image.png")
    arguments = ("--video", clip, "--image", picture, *FIELDS, "--yes")
    assert studio.submit(*arguments, "--wait").returncode == exit_codes.OK
    assert studio.run("unpublish", "--finished", "--allow-private").returncode == exit_codes.OK
    done = studio.submit(*arguments)
    assert done.returncode == exit_codes.OK
    assert "done already" in done.stdout
    assert len(studio.sandbox.posts) == 1
    assert studio.stored() == []


@pytest.mark.parametrize("fault", ["cut-before*9", "reset-before*9"])
def test_what_no_request_needed_is_taken_away_again(studio: Studio, fault: str) -> None:
    """The provider closes before it reads: nothing was sent, and the file goes too."""
    picture = studio.clip("image.png")
    studio.sandbox.fault(fault)
    done = studio.submit(
        "--video", studio.clip("clip-8s.mp4"), "--image", picture, *FIELDS, "--yes",
        APIMART_BASE_URL="http://127.0.0.1:9",
    )  # fmt: skip
    assert done.returncode != exit_codes.OK
    assert studio.sandbox.posts == []
    assert [row["state"] for row in ledger_rows(studio.folder)] in ([], ["not-sent"])
    if not ledger_rows(studio.folder):
        assert studio.stored() == []


def test_a_link_that_does_not_give_the_file_stops_the_run(studio: Studio, host: Host) -> None:
    host.serve("cdn/x", b"")
    studio.setting(f'publish = "{studio.destination}"\npublish_url = "{host.base}/cdn"\n')
    clip, picture = studio.clip("clip-8s.mp4"), studio.clip("image.png")
    done = studio.run(
        "submit", "--video", clip, "--image", picture, *FIELDS, "--yes", "--allow-private"
    )
    assert done.returncode == exit_codes.BROKEN
    assert "its media are not published" in words_of(done)
    assert studio.sandbox.posts == []
    assert studio.stored() == []


def test_a_file_of_an_unknown_outcome_stays(studio: Studio) -> None:
    studio.sandbox.fault("504-billed*1")
    clip, picture = studio.clip("clip-8s.mp4"), studio.clip("image.png")
    done = studio.submit("--video", clip, "--image", picture, *FIELDS, "--yes")
    assert done.returncode == exit_codes.UNKNOWN
    assert len(studio.stored()) == 1
    done = studio.run("unpublish", "--older-than", "0", "--allow-private")
    assert done.returncode == exit_codes.BROKEN
    assert "may still fetch it" in words_of(done)
    assert len(studio.stored()) == 1


def test_an_interruption_before_the_post_takes_the_file_away(studio: Studio, host: Host) -> None:
    """The link is served by a host that never answers, so that the run hangs at its proof."""
    clip, picture = studio.clip("clip-8s.mp4"), studio.clip("image.png")
    studio.setting(f'publish = "{studio.destination}"\npublish_url = "{host.base}/cdn"\n')
    name = "f227347a24c857cd54ca180cba0af3788e21f4e5.mp4"
    host.serve(f"cdn/{name}", clip, Habit(stall_header=True))
    process = started(
        "submit", "--video", clip, "--image", picture, *FIELDS, "--yes", "--allow-private",
        "--timeout", "60", folder=studio.folder, environment=studio.environment,
    )  # fmt: skip
    wait_until(lambda: host.requests(f"cdn/{name}"), process)
    assert len(studio.stored()) == 1
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == exit_codes.INTERRUPTED, errors
    assert studio.stored() == []
    assert studio.sandbox.posts == []


def test_a_run_that_is_killed_leaves_a_row_that_unpublish_clears(
    studio: Studio, host: Host
) -> None:
    clip, picture = studio.clip("clip-8s.mp4"), studio.clip("image.png")
    studio.setting(f'publish = "{studio.destination}"\npublish_url = "{host.base}/cdn"\n')
    name = "f227347a24c857cd54ca180cba0af3788e21f4e5.mp4"
    host.serve(f"cdn/{name}", clip, Habit(stall_header=True))
    process = started(
        "submit", "--video", clip, "--image", picture, *FIELDS, "--yes", "--allow-private",
        "--timeout", "60", folder=studio.folder, environment=studio.environment,
    )  # fmt: skip
    wait_until(lambda: host.requests(f"cdn/{name}"), process)
    process.kill()
    process.communicate()
    document = json.loads(studio.run("tasks", "--format", "json").stdout)
    (file,) = document["published"]
    assert file["state"] == "uploading"
    done = studio.run("unpublish", f"{studio.destination}/{name}", "--allow-private")
    assert done.returncode == exit_codes.OK, done.stderr
    assert studio.stored() == []
