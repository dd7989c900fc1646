"""Azure Blob Storage: account and credentials as the Azure CLI reads them."""

from __future__ import annotations

import os
import re
import shutil
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from motion_preflight.network.redirect import redirect_of
from motion_preflight.publishing.clouds.service import (
    CloudService,
    client_options,
    ensure_same_host,
    host_of,
    library_errors,
    obstore_module,
    retries,
)
from motion_preflight.publishing.errors import CredentialsMissing
from motion_preflight.text.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from obstore.store import AzureConfig, AzureStore

_SETUP = (
    "set AZURE_STORAGE_CONNECTION_STRING, or AZURE_STORAGE_ACCOUNT with AZURE_STORAGE_KEY, or log "
    "in with `az login`"
)
_UNSIGNED = (
    "A shared access signature signs no further links, and is never handed out itself: set "
    "AZURE_STORAGE_KEY, log in with `az login`, or say that the container is public."
)

_STRANGE = (
    "Links into a folder of Azure whose name has spaces or letters beyond a to z cannot be signed: "
    "name another folder, or say that the container is public."
)
# The library signs a name as it stands in the address; what is escaped there, Azure refuses.
_SIGNABLE = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=:@/-]*")


@dataclass(frozen=True, slots=True)
class _Account:
    name: str
    key: str | None
    signature: str | None  # a shared access signature
    endpoint: str  # without a slash at its end


# https://learn.microsoft.com/azure/storage/common/storage-use-emulator, published for everybody
_EMULATOR = _Account(
    "devstoreaccount1",
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==",
    None,
    "http://127.0.0.1:10000/devstoreaccount1",
)


def open_az(container: str, folder: str) -> CloudService:
    """A container of Azure Blob Storage. Raises CredentialsMissing and StoreProgramMissing.

    folder  the one inside that is published to; it decides whether links can be signed
    """
    stores = obstore_module().store
    account = _account()
    host = host_of(account.endpoint)
    return CloudService(
        store=_open(stores.AzureStore, container, account),
        address=f"{account.endpoint}/{container}",
        place=f"{container} at {host}",
        noun="container",
        access="AZURE_STORAGE_ACCOUNT and AZURE_STORAGE_KEY, or AZURE_STORAGE_CONNECTION_STRING, "
        "or `az login`",
        region=None,
        signing="Give it the role Storage Blob Delegator, or set AZURE_STORAGE_KEY",
        unsigned_because=_unsigned_because(account, folder),
        ensure_direct=partial(_ensure_direct, container, account),
        secrets=tuple(secret for secret in (account.key, account.signature) if secret),
    )


def _ensure_direct(container: str, account: _Account, path: str) -> None:
    """Raises StoreRefused when the endpoint sends on to another host. It is asked with the shared
    access signature where there is one, and else without credentials.
    """
    query = f"?{account.signature}" if account.signature else ""
    ensure_same_host(
        account.endpoint,
        redirect_of(f"{account.endpoint}/{container}/{quote(path)}{query}"),
        place=f"{container} at {host_of(account.endpoint)}",
        settings="AZURE_STORAGE_CONNECTION_STRING or AZURE_STORAGE_SERVICE_ENDPOINT",
    )


def _unsigned_because(account: _Account, folder: str) -> str | None:
    if account.signature and not account.key:
        return _UNSIGNED
    return None if _SIGNABLE.fullmatch(folder) else _STRANGE


def _open(opener: type[AzureStore], container: str, account: _Account) -> AzureStore:
    config: AzureConfig = {
        "account_name": account.name,
        "container_name": container,
        "endpoint": account.endpoint,
    }
    if account.key:
        config["account_key"] = account.key
    elif account.signature:
        config["sas_key"] = account.signature
    else:
        config |= _login()
    try:
        return opener(
            config=config,
            client_options=client_options(account.endpoint),
            retry_config=retries(),
        )
    except library_errors() as error:
        raise CredentialsMissing(
            f"The credentials for Azure Blob Storage are not well-formed: {_SETUP}."
        ) from error


def _login() -> AzureConfig:
    """How to log in without a key: what the library reads from the environment by itself, or the
    login of the Azure CLI.
    """
    by_itself = ("AZURE_CLIENT_SECRET", "AZURE_FEDERATED_TOKEN_FILE", "AZURE_STORAGE_TOKEN",
                 "IDENTITY_ENDPOINT", "MSI_ENDPOINT")  # fmt: skip
    if any(os.environ.get(name) for name in by_itself):
        return {}
    if shutil.which("az"):
        return {"use_azure_cli": True}
    raise CredentialsMissing(f"There are no credentials for Azure Blob Storage: {_SETUP}.")


def _account() -> _Account:
    parts = _connection(os.environ.get("AZURE_STORAGE_CONNECTION_STRING", ""))
    if parts.get("usedevelopmentstorage", "").lower() == "true":
        return _EMULATOR
    name = parts.get("accountname") or _environment("ACCOUNT", "ACCOUNT_NAME")
    endpoint = parts.get("blobendpoint") or _environment("SERVICE_ENDPOINT", "ENDPOINT")
    if not name and endpoint:
        name = urlsplit(endpoint).netloc.partition(".")[0]
    if not name:
        raise CredentialsMissing(f"There is no account for Azure Blob Storage: {_SETUP}.")
    suffix = parts.get("endpointsuffix", "core.windows.net")
    scheme = parts.get("defaultendpointsprotocol", "https")
    signature = parts.get("sharedaccesssignature") or _environment("SAS_TOKEN", "SAS_KEY")
    return _Account(
        name,
        parts.get("accountkey") or _environment("KEY", "ACCOUNT_KEY", "ACCESS_KEY"),
        signature.removeprefix("?") if signature else None,
        (endpoint or f"{scheme}://{name}.blob.{suffix}").rstrip("/"),
    )


def _environment(*names: str) -> str | None:
    """The first of some variables that is set."""
    values = (os.environ.get(f"AZURE_STORAGE_{name}") for name in names)
    return next((value for value in values if value), None)


def _connection(text: str) -> dict[str, str]:
    """The parts of a connection string by their names in lower case; empty without one."""
    pairs = (part.partition("=") for part in text.split(";") if "=" in part)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}
