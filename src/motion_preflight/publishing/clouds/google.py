"""Google Cloud Storage with the application default credentials."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from motion_preflight.publishing.clouds.service import (
    CloudService,
    client_options,
    host_of,
    library_errors,
    obstore_module,
    retries,
)
from motion_preflight.publishing.errors import CredentialsMissing

if TYPE_CHECKING:
    from obstore.store import GCSConfig, GCSStore

_HOST = "https://storage.googleapis.com"
_LOGIN = (
    "set GOOGLE_APPLICATION_CREDENTIALS to the key file of a service account, or log in with "
    "`gcloud auth application-default login`"
)
_UNSIGNED = (
    "The login of a person signs no links at Google: use the key file of a service account in "
    "GOOGLE_APPLICATION_CREDENTIALS, or say that the bucket is public."
)
_LARGEST = 1 << 20  # bytes of a file of credentials


def open_gs(bucket: str) -> CloudService:
    """A bucket of Google Cloud Storage. Raises CredentialsMissing and StoreProgramMissing."""
    stores = obstore_module().store
    file = _credentials_file()
    kind, host = _read(file) if file else ("instance", None)
    emulator = os.environ.get("STORAGE_EMULATOR_HOST")
    if emulator and "://" not in emulator:
        emulator = f"http://{emulator}"
    host = (emulator or host or _HOST).rstrip("/")
    return CloudService(
        store=_open(stores.GCSStore, bucket, host, file),
        address=f"{host}/{bucket}",
        place=f"{bucket} at {host_of(host)}",
        noun="bucket",
        access="GOOGLE_APPLICATION_CREDENTIALS, or `gcloud auth application-default login`",
        region=None,
        signing="Give the account the permission iam.serviceAccounts.signBlob, or use its key file",
        unsigned_because=_UNSIGNED if kind == "authorized_user" else None,
    )


def _open(opener: type[GCSStore], bucket: str, host: str, file: Path | None) -> GCSStore:
    config: GCSConfig = {"base_url": host}
    if file:
        config["application_credentials"] = str(file)
    try:
        return opener(
            bucket, config=config, client_options=client_options(host), retry_config=retries()
        )
    except library_errors() as error:
        raise CredentialsMissing(
            f"The credentials in {file} are not complete, or not well-formed: {_LOGIN}."
        ) from error


def _credentials_file() -> Path | None:
    """The file of the application default credentials; `None` on a machine of Google's, which has
    its own.

    https://cloud.google.com/docs/authentication/application-default-credentials
    """
    named = os.environ.get("GOOGLE_APPLICATION_CREDENTIALS")
    if named:
        if not Path(named).is_file():
            raise CredentialsMissing(
                "GOOGLE_APPLICATION_CREDENTIALS names a file that is not there."
            )
        return Path(named)
    folder = os.environ.get("CLOUDSDK_CONFIG")
    usual = Path(folder) if folder else Path("~/.config/gcloud").expanduser()
    if os.name == "nt" and not folder:
        usual = Path(os.environ.get("APPDATA", "")) / "gcloud"
    file = usual / "application_default_credentials.json"
    if file.is_file():
        return file
    if not _is_at_google():
        raise CredentialsMissing(f"There are no credentials for Google Cloud Storage: {_LOGIN}.")
    return None


def _is_at_google() -> bool:
    """Whether this machine has an account of its own: an instance, or a container of Cloud Run."""
    if os.environ.get("GCE_METADATA_HOST") or os.environ.get("K_SERVICE"):
        return True
    try:
        name = Path("/sys/class/dmi/id/product_name").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return name.startswith("Google")


def _read(file: Path) -> tuple[str, str | None]:
    """The kind of the credentials, and the host that they are for, `None` for Google's own."""
    try:
        with file.open("rb") as opened:
            content = json.loads(opened.read(_LARGEST))
        kind = content["type"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CredentialsMissing(f"{file} holds no credentials of Google's: {_LOGIN}.") from error
    if kind not in {"service_account", "authorized_user"}:
        raise CredentialsMissing(
            f"{file} holds credentials of the kind {str(kind)[:40]}, which are not read here: "
            f"{_LOGIN}."
        )
    host = content.get("gcs_base_url")
    return kind, host if isinstance(host, str) else None
