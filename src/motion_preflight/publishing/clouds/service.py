"""A bucket or container of one of the worlds, opened: what is the same for all of them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from motion_preflight.publishing.errors import (
    CredentialsMissing,
    StoreProgramMissing,
    StoreRefused,
)
from motion_preflight.text.lazy_dataclass import dataclass, field
from motion_preflight.text.locations import redacted, sanitize_external_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from obstore.store import AzureStore, ClientConfig, GCSStore, RetryConfig, S3Store

    CloudStore = S3Store | GCSStore | AzureStore

WEEK = timedelta(days=7)  # the longest that signatures 4 of Amazon and Google allow
INSTALL = "pip install 'motion-preflight[publish]'"
PART = 5 << 20  # bytes; the smallest part that S3 takes, so an interruption waits for little
_CONNECT = timedelta(seconds=10)
_REQUEST = timedelta(seconds=180)  # for a part: 29 KiB/s are enough
_RETRIES = 3


@dataclass(frozen=True, slots=True)
class SessionEnd:
    """When the credentials that sign a link end, and the link with them."""

    moment: datetime | None = None  # `None`: they do not end, or it is not known
    unknown: bool = False  # they end, and do not say when


@dataclass(frozen=True, slots=True)
class CloudService:
    """One bucket or container, and what is said about it."""

    store: CloudStore
    address: str  # of the bucket, for those who need no signature; without a slash at its end
    place: str  # the bucket and its host, as messages name them
    noun: str  # bucket, container
    access: str  # what to look at when the keys are refused: environment, profile
    region: str | None  # `None`: the service has none
    signing: str = ""  # what lets a login sign links; empty: every one does
    session_end: Callable[[], SessionEnd] = SessionEnd
    unsigned_because: str | None = None  # why no link can be signed, and what to do; `None`: it can
    secrets: tuple[str, ...] = field(default=(), repr=False)
    # Gives up the uploads of a path that were begun and never finished: their parts are billed.
    abort_uploads: Callable[[str], None] = lambda _: None
    # Raises StoreRefused when the service sends on to another host, asked about a path of it.
    ensure_direct: Callable[[str], None] = lambda _: None


def obstore_module() -> Any:  # noqa: ANN401  a module
    """The library obstore. Raises StoreProgramMissing where it is not installed."""
    try:
        import obstore  # noqa: PLC0415  it belongs to an extra
        import obstore.store  # noqa: PLC0415
    except ImportError as error:
        raise StoreProgramMissing(
            f"Publishing to an object store needs libraries that are not installed: {INSTALL}"
        ) from error
    return obstore


def library_errors() -> tuple[type[Exception], ...]:
    """What the library raises."""
    return obstore_module().exceptions.BaseError, FileNotFoundError, ValueError


def host_of(address: str) -> str:
    """The host and port of an endpoint. Raises CredentialsMissing when it is none of http, or a
    user stands in it, whom every link would show.
    """
    scheme, host = urlsplit(address)[:2]
    if scheme not in {"http", "https"}:
        raise CredentialsMissing(
            f"The endpoint {redacted(address)} does not begin with http:// or https://."
        )
    if "@" in host:
        raise CredentialsMissing(
            f"The address {redacted(address)} holds a user or a password, which every link would "
            "show: take them out, and set the keys beside it."
        )
    return host


def ensure_same_host(endpoint: str, location: str, *, place: str, settings: str) -> None:
    """Raises StoreRefused when an answer of the endpoint redirects to another host. The library
    would follow, and take along what is no header of the usual name: a session's token, a shared
    access signature in the address.

    location  of the redirect; `""`: it is none
    settings  the variables that name the endpoint
    """
    try:
        host = urlsplit(location).netloc
    except ValueError:
        host = "no host"
    if host not in {"", host_of(endpoint)}:
        raise StoreRefused(
            f"{place} sends on to another host, {sanitize_external_text(host)[:100]}, which is not "
            f"given the keys. If that one is right, set {settings} so that it is asked itself."
        )


def client_options(address: str, certificates: str | None = None) -> ClientConfig:
    """How the library connects.

    address       of the endpoint; one of http:// is allowed when it was asked for
    certificates  a file of certificates to trust beside the system's; `None`: none
    """
    options: ClientConfig = {
        "connect_timeout": _CONNECT,
        "timeout": _REQUEST,
        "allow_http": address.startswith("http://"),
    }
    if certificates:
        try:
            options["root_certificate"] = Path(certificates).read_bytes()
        except OSError as error:
            raise CredentialsMissing(
                f"The certificates for S3 cannot be read: {certificates}: {error.strerror}. Look "
                "at AWS_CA_BUNDLE and the profile."
            ) from error
    return options


def retries() -> RetryConfig:
    """How often the library tries again what may be tried again."""
    return {
        "max_retries": _RETRIES,
        "retry_timeout": _REQUEST,
        "backoff": {
            "init_backoff": timedelta(milliseconds=200),
            "max_backoff": timedelta(seconds=3),
            "base": 2,
        },
    }
