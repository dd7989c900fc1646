"""Publishing: what is sent, how often, and what is proved before a link is shown."""

from __future__ import annotations

import datetime as dt
import hashlib
import shutil
import threading
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from object_servers import S3Server

from motion_preflight.errors import PreflightError
from motion_preflight.formats.publications import published_text
from motion_preflight.formats.style import Style
from motion_preflight.publishing.errors import CredentialsMissing, PublishError, StoreRefused
from motion_preflight.publishing.object_store import ObjectStore
from motion_preflight.publishing.options import PublishOptions
from motion_preflight.publishing.publish import Publishing, publish
from motion_preflight.publishing.published import Published
from motion_preflight.publishing.store import Link
from motion_preflight.publishing.unpublish import unpublish
from motion_preflight.report.findings import Verdict
from motion_preflight.submission.ledger.ledger import Ledger
from motion_preflight.submission.ledger.publications import Publications
from motion_preflight.submission.publication import Publication, PublicationState
from motion_preflight.testing.habit import Habit
from motion_preflight.testing.host import Host


@dataclass
class Place:
    """A bucket, a ledger, and a clip of one's own."""

    server: S3Server
    bucket: str
    folder: Path
    clip: Path

    @property
    def destination(self) -> str:
        return f"s3://{self.bucket}/clips"

    @property
    def name(self) -> str:
        return f"{hashlib.sha256(self.clip.read_bytes()).hexdigest()[:40]}.mp4"

    def publish(self, medium: Path | None = None, **options: Any) -> Published:
        chosen = replace(PublishOptions(allow_private=True), **options)
        return publish(
            medium or self.clip, to=self.destination, options=chosen, ledger_folder=self.folder
        )

    def rows(self) -> list[Publication]:
        with Ledger(self.folder) as ledger:
            return Publications(ledger).all()

    def stored(self) -> list[str]:
        return self.server.names(self.bucket)


@pytest.fixture
def place(s3: S3Server, media: Path, tmp_path: Path) -> Place:
    clip = tmp_path / "a private name.mp4"
    shutil.copyfile(media / "clip-8s.mp4", clip)
    return Place(s3, s3.new_bucket(), tmp_path / "state", clip)


def test_a_link_gives_the_file_under_a_name_that_is_its_hash(place: Place) -> None:
    result = place.publish()
    assert result.error is None
    assert result.uploaded
    assert result.name == place.name
    assert place.stored() == [f"clips/{place.name}"]
    assert place.server.content(place.bucket, f"clips/{place.name}") == place.clip.read_bytes()
    assert result.link is not None
    assert "private" not in result.link
    assert result.expires is not None
    life = result.expires - dt.datetime.now(dt.UTC)
    assert dt.timedelta(hours=23, minutes=58) < life <= dt.timedelta(hours=24)


def test_what_is_there_already_is_not_sent_again(place: Place) -> None:
    first = place.publish()
    stored = place.server.client().head_object(Bucket=place.bucket, Key=f"clips/{place.name}")
    again = place.publish()
    assert (first.uploaded, again.uploaded) == (True, False)
    assert again.link is not None
    now = place.server.client().head_object(Bucket=place.bucket, Key=f"clips/{place.name}")
    assert now["LastModified"] == stored["LastModified"]
    assert len(place.rows()) == 1


@pytest.mark.parametrize(
    ("medium", "orientation", "verdict"),
    [
        ("clip-2.9s.mp4", None, Verdict.FAIL),
        ("clip-12s.mp4", "image", Verdict.FAIL),
        ("clip-12s.mp4", None, Verdict.PASS),
        ("cut-faststart.mp4", None, Verdict.UNSURE),
        ("garbage.mp4", None, Verdict.FAIL),
        ("image.png", None, Verdict.PASS),
        ("nowhere.mp4", None, Verdict.FAIL),
    ],
)
def test_only_what_passes_the_check_is_published(
    place: Place, media: Path, medium: str, orientation: str | None, verdict: Verdict
) -> None:
    result = place.publish(media / medium, orientation=orientation)
    assert result.verdict is verdict
    assert (result.error is None) is (verdict is Verdict.PASS)
    assert len(place.stored()) == (verdict is Verdict.PASS)
    assert len(place.rows()) == (verdict is Verdict.PASS)


def test_what_is_unsure_is_published_when_that_is_accepted(place: Place, media: Path) -> None:
    result = place.publish(media / "cut-faststart.mp4", accept_unsure=True)
    assert result.error is None
    assert len(place.stored()) == 1


def test_a_link_is_not_published_again(place: Place) -> None:
    with Publishing(PublishOptions(to=place.destination), ledger_folder=place.folder) as publishing:
        result = publishing.publish("https://example.com/clip.mp4?X-Amz-Signature=s3cr3t")
    assert result.error is not None
    assert "is a link already" in result.error
    assert "s3cr3t" not in repr(result)


@pytest.mark.parametrize(
    "habit",
    [
        Habit(status=403),
        Habit(status=404),
        Habit(html=True),
        Habit(wrong_range="other-bytes"),
        Habit(wrong_range="200-to-range", declared_size=17_000),
        Habit(declared_size=10**9),
        Habit(short_body=100),
        Habit(gzip=True),
        Habit(redirect_to="https://login.example.com/"),
        Habit(endless=True),
    ],
    ids=lambda habit: repr(habit)[:60],
)
def test_a_link_that_does_not_give_the_file_is_not_shown_and_nothing_stays(
    place: Place, host: Host, habit: Habit
) -> None:
    url = host.serve(f"cdn/{place.name}", place.clip, habit)
    result = place.publish(public_url=url.rpartition("/")[0], timeout=5)
    assert result.link is None
    assert result.error is not None
    assert result.verdict is Verdict.PASS  # the file is fine, its link is not
    assert place.stored() == []
    assert place.rows() == []


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"x" * 17_342, "video/mp4"),
        (None, "text/html; charset=utf-8"),
        (None, "image/png"),
    ],
)
def test_other_bytes_or_another_type_behind_the_link_are_seen(
    place: Place, host: Host, content: bytes | None, kind: str
) -> None:
    data = place.clip.read_bytes() if content is None else content
    assert len(data) == place.clip.stat().st_size
    url = host.serve(f"cdn/{place.name}", data, content_type=kind)
    result = place.publish(public_url=url.rpartition("/")[0])
    assert result.error is not None
    assert "the link gives" in result.error
    assert place.stored() == []


@pytest.mark.parametrize(
    ("habit", "kind"),
    [
        (Habit(), "video/mp4"),
        (Habit(ranges=False), "video/mp4"),
        (Habit(wrong_range="200-to-range"), "video/mp4"),
        (Habit(wrong_range="short"), "video/mp4"),
        (Habit(head=False, etag="none", last_modified=False), "application/octet-stream"),
        (Habit(), "video/quicktime"),
    ],
    ids=repr,
)
def test_hosts_that_give_the_file_in_their_own_way_are_good(
    place: Place, host: Host, habit: Habit, kind: str
) -> None:
    url = host.serve(f"cdn/{place.name}", place.clip, habit, content_type=kind)
    result = place.publish(public_url=url.rpartition("/")[0])
    assert result.error is None
    assert result.link == url
    assert result.expires is None


def test_a_link_is_fetched_without_credentials(place: Place, host: Host) -> None:
    url = host.serve(f"cdn/{place.name}", place.clip)
    place.publish(public_url=url.rpartition("/")[0])
    for request in host.requests(url):
        headers = {name.lower(): value for name, value in dict(request.headers).items()}
        assert not headers.keys() & {"authorization", "cookie", "x-amz-security-token"}
        assert headers["range"].startswith("bytes=")


def test_a_damaged_copy_at_the_destination_is_replaced(place: Place) -> None:
    damaged = bytes(place.clip.stat().st_size)
    place.server.client().put_object(
        Bucket=place.bucket, Key=f"clips/{place.name}", Body=damaged, ContentType="video/mp4"
    )
    result = place.publish()
    assert result.error is None
    assert result.uploaded
    assert place.server.content(place.bucket, f"clips/{place.name}") == place.clip.read_bytes()


def test_why_a_file_is_not_published_is_one_sentence(place: Place, media: Path) -> None:
    error = place.publish(media / "clip-2.9s.mp4").error
    assert error is not None
    assert error.startswith("the check failed (video-duration-below-minimum): the video is 2.9")
    assert '"video" allows 3 to 30 s; use a longer clip; or' in error


def test_a_store_that_the_provider_cannot_reach_gets_nothing(place: Place) -> None:
    result = place.publish(allow_private=False)
    assert result.error is not None
    assert "not a public address" in result.error
    assert "(--allow-private for a rehearsal" in " ".join(published_text(result, Style()).split())
    assert place.stored() == []
    assert place.rows() == []


def test_a_missing_bucket_leaves_no_row(place: Place) -> None:
    chosen = PublishOptions(allow_private=True)
    result = publish(
        place.clip, to="s3://no-such-bucket", options=chosen, ledger_folder=place.folder
    )
    assert result.error is not None
    assert "no-such-bucket" in result.error
    assert place.rows() == []


def test_without_credentials_nothing_is_tried(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(CredentialsMissing):
        place.publish()
    assert place.rows() == []


def test_a_signing_store_takes_the_file_and_its_link_is_proved(
    signed_s3: S3Server, media: Path, tmp_path: Path
) -> None:
    place = Place(signed_s3, signed_s3.new_bucket(), tmp_path / "state", media / "clip-8s.mp4")
    result = place.publish()
    assert result.error is None
    assert place.stored() == [f"clips/{place.name}"]
    assert place.publish().uploaded is False


def test_a_file_that_cannot_be_taken_away_again_is_named(
    place: Place, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The proof fails, and the store refuses to delete: the message names the file."""
    host.serve(f"cdn/{place.name}", place.clip, Habit(html=True))

    def refuse(*_: object, **__: object) -> None:
        raise StoreRefused("the keys may not delete")

    monkeypatch.setattr(ObjectStore, "delete", refuse)
    result = place.publish(public_url=f"{host.base}/cdn")
    assert result.error is not None
    assert "may still be there (the keys may not delete)" in result.error
    assert f"{place.destination}/{place.name} may still be there" in result.error
    assert len(place.rows()) == 1


def test_an_upload_that_a_killed_run_left_is_given_up(place: Place) -> None:
    client = place.server.client()
    key = f"clips/{place.name}"
    client.create_multipart_upload(Bucket=place.bucket, Key=key)
    with Ledger(place.folder) as ledger:
        Publications(ledger).claim(_wanted(place))
    assert place.server.unfinished(place.bucket) == [key]
    (result,) = unpublish([place.name], allow_private=True, ledger_folder=place.folder)
    assert result.error is None
    assert place.server.unfinished(place.bucket) == []


def test_a_link_that_still_answers_after_the_removal_is_told(place: Place, host: Host) -> None:
    """A cache keeps the file of a public bucket; the ledger's own link is enough to see it."""
    host.serve(f"cdn/{place.name}", place.clip)
    place.publish(public_url=f"{host.base}/cdn")
    (result,) = unpublish([place.name], allow_private=True, ledger_folder=place.folder)
    assert result.error is not None
    assert "still gives something" in result.error


@pytest.mark.parametrize("name", ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"])
def test_credentials_with_the_end_of_a_line_are_named(
    place: Place, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "AKID\r")
    with pytest.raises(CredentialsMissing, match=name):
        place.publish()
    assert place.rows() == []


def test_what_a_host_repeats_of_a_signature_is_not_shown(
    place: Place, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed = f"{host.base}/{place.name}?X-Amz-Signature=0123456789abcdef0123456789abcdef"
    host.serve(place.name, place.clip, content_type="text/0123456789abcdef0123456789abcdef")
    monkeypatch.setattr(ObjectStore, "link", lambda *_: Link(signed, None))
    result = place.publish()
    assert result.error is not None
    assert "0123456789abcdef" not in result.error


# --- the ledger ----------------------------------------------------------------------------


def test_the_ledger_knows_the_link_without_its_signature(place: Place) -> None:
    result = place.publish()
    (row,) = place.rows()
    assert row.state is PublicationState.PUBLISHED
    assert row.link == str(result.link).partition("?")[0]
    assert row.expires == result.expires
    assert row.source == str(place.clip)
    content = (place.folder / "ledger.sqlite3").read_bytes()
    for secret in (place.server.secret, "X-Amz-Signature", place.server.key):
        assert secret.encode() not in content


def test_a_file_of_a_run_that_was_killed_is_known(place: Place) -> None:
    """A killed run leaves its row as `uploading`; the next one publishes over it."""
    with Ledger(place.folder) as ledger:
        Publications(ledger).claim(_wanted(place))
    (row,) = place.rows()
    assert row.state is PublicationState.UPLOADING
    assert place.publish().uploaded
    (row,) = place.rows()
    assert row.state is PublicationState.PUBLISHED


def test_what_another_run_publishes_is_not_taken_away(place: Place) -> None:
    with Ledger(place.folder) as one, Ledger(place.folder) as other:
        first, second = Publications(one), Publications(other)
        row = first.claim(_wanted(place))
        assert row is not None
        row = first.publish(row, "https://s3.example.com/b/x.mp4?sig=1", None)
        assert second.claim(_wanted(place)) is not None
        assert not first.begin_removal(row, own=True)
        assert second.begin_removal(row, own=True)


def test_a_file_that_is_being_removed_is_waited_for(place: Place) -> None:
    with Ledger(place.folder) as one, Ledger(place.folder) as other:
        first, second = Publications(one), Publications(other)
        row = first.claim(_wanted(place))
        assert row is not None
        assert first.begin_removal(row)
        assert second.claim(_wanted(place)) is None
        first.end_removal(row, removed=True)
        assert second.claim(_wanted(place)) is not None


def test_two_threads_that_publish_one_file_both_get_its_link(place: Place) -> None:
    results: list[Published] = []
    threads = [threading.Thread(target=lambda: results.append(place.publish())) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [result.error for result in results] == [None] * 3
    assert place.stored() == [f"clips/{place.name}"]


def test_a_file_that_changes_while_it_is_published_is_taken_away(place: Place) -> None:
    def change(part: float) -> None:
        if part >= 1:
            with place.clip.open("r+b") as file:
                file.write(b"changed!")

    result = publish(
        place.clip,
        to=place.destination,
        options=PublishOptions(allow_private=True),
        watch=change,
        ledger_folder=place.folder,
    )
    assert result.error is not None
    assert "changed" in result.error
    assert place.stored() == []
    assert place.rows() == []


def test_an_interruption_of_the_upload_leaves_nothing(place: Place) -> None:
    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        publish(
            place.clip,
            to=place.destination,
            options=PublishOptions(allow_private=True),
            watch=interrupt,
            ledger_folder=place.folder,
        )
    assert place.stored() == []
    assert place.server.unfinished(place.bucket) == []
    assert place.rows() == []


# --- unpublish -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "part", ["whole link", "link without query", "destination and name", "name"]
)
def test_a_published_file_is_taken_away_by_any_of_its_names(place: Place, part: str) -> None:
    link = str(place.publish().link)
    name = {
        "whole link": link,
        "link without query": link.partition("?")[0],
        "destination and name": f"{place.destination}/{place.name}",
        "name": place.name,
    }[part]
    (result,) = unpublish([name], allow_private=True, ledger_folder=place.folder)
    assert result.error is None
    assert place.stored() == []
    assert place.rows() == []


def test_a_link_that_the_ledger_does_not_know_is_not_touched(place: Place) -> None:
    (result,) = unpublish(["https://example.com/x.mp4?token=s3cr3t"], ledger_folder=place.folder)
    assert result.error is not None
    assert "s3cr3t" not in repr(result)


def test_age_chooses_what_is_taken_away(place: Place) -> None:
    place.publish()
    assert unpublish(older_than=dt.timedelta(days=1), ledger_folder=place.folder) == []
    (result,) = unpublish(older_than=dt.timedelta(0), ledger_folder=place.folder)
    assert result.error is None
    assert place.stored() == []


def test_another_store_under_the_same_name_is_left_alone(
    place: Place, signing_s3: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.publish()
    for name, value in signing_s3.environment(Path.home()).items():
        if name.startswith("AWS_"):
            monkeypatch.setenv(name, value)
    (result,) = unpublish([place.name], allow_private=True, ledger_folder=place.folder)
    assert result.error is not None
    assert "another store" in result.error
    assert len(place.rows()) == 1
    assert place.stored() == [f"clips/{place.name}"]


def test_what_cannot_be_removed_stays_in_the_ledger(place: Place) -> None:
    place.publish()
    place.server.client().delete_object(Bucket=place.bucket, Key=f"clips/{place.name}")
    place.server.client().delete_bucket(Bucket=place.bucket)
    (result,) = unpublish([place.name], allow_private=True, ledger_folder=place.folder)
    assert result.error is not None
    assert len(place.rows()) == 1


@pytest.mark.parametrize("hours", [0, -1, 24 * 7 + 1])
def test_a_life_that_no_link_can_have_is_refused(hours: int) -> None:
    with pytest.raises(ValueError, match="7 days"):
        PublishOptions(expires=dt.timedelta(hours=hours))


def test_errors_of_publishing_are_errors_of_the_program() -> None:
    assert issubclass(PublishError, PreflightError)


def _wanted(place: Place) -> Publication:
    now = dt.datetime.now(dt.UTC)
    return Publication(
        destination=place.destination,
        address=f"{place.server.base}/{place.bucket}",
        name=place.name,
        state=PublicationState.UPLOADING,
        created=now,
        updated=now,
        source=str(place.clip),
        size=place.clip.stat().st_size,
        sha256=hashlib.sha256(place.clip.read_bytes()).hexdigest(),
        content_type="video/mp4",
    )
