"""Files in Google Cloud Storage. Its XML interface is close enough to S3's for moto to stand in for
it; tokens and signatures are not looked at.
"""

from __future__ import annotations

import json
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from object_servers import S3Server, fetch

from motion_preflight.publishing.destination import parse_destination
from motion_preflight.publishing.errors import CredentialsMissing, StoreRefused
from motion_preflight.publishing.opening import open_store
from motion_preflight.publishing.store import Store
from motion_preflight.text.links.expiry import link_validity

DAY = timedelta(days=1)
LARGE = 12_000_000  # bytes; sent in three parts


@pytest.fixture(scope="module")
def private_key() -> str:
    command = ["openssl", "genrsa", "2048"]
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout


def service_account(private_key: str, **more: str) -> dict[str, str]:
    return {
        "type": "service_account",
        "private_key": private_key,
        "private_key_id": "1",
        "client_email": "clips@mine.iam.gserviceaccount.com",
    } | more


def log_in(home: Path, account: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    file = home / "account.json"
    file.write_text(json.dumps(account))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(file))


def opened(text: str, **options: bool | str) -> Store:
    return open_store(parse_destination(text), **options)  # type: ignore[arg-type]


def put(store: Store, name: str, file: Path) -> int:
    steps: list[int] = []
    size = file.stat().st_size
    store.put(name, file, size=size, content_type="video/mp4", progress=steps.append)
    return sum(steps)


@pytest.mark.parametrize("size", [80_000, LARGE])
def test_a_file_is_sent_seen_fetched_and_removed(
    moto_s3: S3Server,
    no_credentials: Path,
    private_key: str,
    monkeypatch: pytest.MonkeyPatch,
    size: int,
) -> None:
    clip = no_credentials / "clip.mp4"
    with clip.open("wb") as file:
        file.truncate(size)
    bucket = moto_s3.new_bucket()
    log_in(no_credentials, service_account(private_key, gcs_base_url=moto_s3.base), monkeypatch)
    store = opened(f"gs://{bucket}/clips of mine", public=True)
    assert store.find("a.mp4") is None
    assert put(store, "a.mp4", clip) == size
    stored = store.find("a.mp4")
    assert stored
    assert (stored.size, stored.content_type) == (size, "video/mp4")
    link = store.link("a.mp4", DAY)
    assert link.url == f"{moto_s3.base}/{bucket}/clips%20of%20mine/a.mp4"
    assert moto_s3.content(bucket, "clips of mine/a.mp4") == bytes(size)
    store.delete("a.mp4")
    assert store.find("a.mp4") is None
    with pytest.raises(StoreRefused, match="no bucket misspelled at"):
        put(opened("gs://misspelled", public=True), "a.mp4", clip)


def test_a_link_is_signed_with_the_key_of_the_service_account(
    moto_s3: S3Server, no_credentials: Path, private_key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    log_in(no_credentials, service_account(private_key), monkeypatch)
    link = opened("gs://clips/p").link("a.mp4", DAY)
    assert link.url.startswith("https://storage.googleapis.com/clips/p/a.mp4?X-Goog-")
    validity = link_validity(link.url)
    assert validity
    assert validity.start
    assert link.expires == validity.end == validity.start + DAY
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", moto_s3.base.removeprefix("http://"))
    bucket = moto_s3.new_bucket()
    moto_s3.client().put_object(Bucket=bucket, Key="a.mp4", Body=b"clip")
    with fetch(opened(f"gs://{bucket}").link("a.mp4", DAY).url) as answer:
        assert answer.read() == b"clip"


def test_the_login_of_a_person_signs_no_link_and_this_is_said_before_anything_is_sent(
    no_credentials: Path, tmp_path: Path
) -> None:
    folder = no_credentials / "gcloud"
    folder.mkdir()
    (folder / "application_default_credentials.json").write_text(
        json.dumps(
            {
                "type": "authorized_user",
                "client_id": "1",
                "client_secret": "SeCrEt",
                "refresh_token": "ToKeN",
            }
        )
    )
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(b"clip")
    with pytest.raises(CredentialsMissing, match="login of a person signs no links at Google"):
        put(opened("gs://clips"), "a.mp4", clip)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "names a file that is not there"),
        ("no json", "holds no credentials of Google's"),
        ("[]", "holds no credentials of Google's"),
        ('{"type": "service_account"}', "are not complete, or not well-formed"),
        ('{"type": "external_account"}', "of the kind external_account, which are not read here"),
    ],
)
def test_files_without_usable_credentials_are_refused(
    no_credentials: Path, monkeypatch: pytest.MonkeyPatch, content: str | None, message: str
) -> None:
    file = no_credentials / "account.json"
    if content is not None:
        file.write_text(content)
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(file))
    with pytest.raises(CredentialsMissing, match=message):
        opened("gs://clips")


def test_missing_credentials_are_said_with_what_to_set(no_credentials: Path) -> None:
    assert no_credentials.exists()
    with pytest.raises(
        CredentialsMissing, match="no credentials for Google Cloud Storage: set GOO"
    ):
        opened("gs://clips")
