"""S3 and what speaks it: endpoint, region and credentials as Amazon's own tools read them.

They come from botocore, which the AWS CLI is built on: environment, profiles, shared files, SSO,
roles, processes, web identity, containers and instances.
"""

from __future__ import annotations

import os
from contextlib import closing, suppress
from datetime import UTC
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from motion_preflight.publishing.clouds.service import (
    INSTALL,
    CloudService,
    SessionEnd,
    client_options,
    ensure_same_host,
    host_of,
    obstore_module,
    retries,
)
from motion_preflight.publishing.errors import CredentialsMissing, StoreProgramMissing

if TYPE_CHECKING:
    from datetime import datetime

    from obstore.store import S3Credential

_SETUP = (
    "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, choose a profile with AWS_PROFILE, or log in "
    "with `aws sso login`"
)
_ACCESS = (
    "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the profile (AWS_PROFILE), and "
    "AWS_ENDPOINT_URL for a server of another maker"
)
_CONNECT, _READ, _ATTEMPTS = 10, 30, 2  # seconds, seconds, and attempts of botocore's own requests
_USUAL_REGION = "us-east-1"  # the one that servers of other makers take when none is set


def open_s3(bucket: str) -> CloudService:
    """A bucket of S3, or of a server that speaks it. Raises CredentialsMissing and
    StoreProgramMissing.
    """
    stores = obstore_module().store
    session, credentials = _login()
    region = os.environ.get("AWS_REGION") or session.get_config_variable("region") or _USUAL_REGION
    client = _client(session, region)
    endpoint = str(client.meta.endpoint_url).rstrip("/")
    address, in_host = _bucket_address(endpoint, bucket, _style(session))
    store = stores.S3Store(
        bucket,
        endpoint=address if in_host else endpoint,
        region=region,
        virtual_hosted_style_request=in_host,
        # One request that deletes many is not known to every server.
        disable_bulk_delete=True,
        skip_signature=False,
        credential_provider=lambda: _keys(credentials),
        client_options=client_options(endpoint, session.get_config_variable("ca_bundle")),
        retry_config=retries(),
    )
    return CloudService(
        store=store,
        address=address,
        place=f"{bucket} at {host_of(endpoint)}",
        noun="bucket",
        access=_ACCESS,
        region=region,
        session_end=lambda: _session_end(credentials),
        secrets=_secrets(credentials),
        abort_uploads=partial(_abort_uploads, client, bucket),
        ensure_direct=partial(_ensure_direct, client, bucket, credentials),
    )


def _ensure_direct(client: Any, bucket: str, credentials: Any, path: str) -> None:  # noqa: ANN401
    """Raises StoreRefused when the endpoint sends on to another host. The library would follow, and
    take the token of a session there; without a token it takes no part of the keys.
    """
    if not credentials.get_frozen_credentials().token:
        return
    endpoint, location = str(client.meta.endpoint_url), ""
    # Whatever else goes wrong, the library says when it does the same.
    with closing(client), suppress(Exception):
        location = _redirect(client, bucket, path)
    ensure_same_host(
        endpoint,
        location,
        place=f"{bucket} at {host_of(endpoint)}",
        settings="AWS_ENDPOINT_URL or AWS_REGION",
    )


def _redirect(client: Any, bucket: str, path: str) -> str:  # noqa: ANN401  as above
    """Where the endpoint redirects to; `""` when it answers itself."""
    import botocore.exceptions  # noqa: PLC0415

    try:
        client.head_object(Bucket=bucket, Key=path)
    except botocore.exceptions.ClientError as error:
        headers = error.response["ResponseMetadata"]["HTTPHeaders"]
        return str(headers.get("location", ""))
    return ""


def _abort_uploads(client: Any, bucket: str, path: str) -> None:  # noqa: ANN401  as above
    """Gives up unfinished uploads, which a run leaves that was killed. A server that does not list
    them keeps none, or ends them by its own rules.
    """
    # A list in a form of the server's own ends in whatever botocore's parsers stumble over.
    with closing(client), suppress(Exception):
        answer = client.list_multipart_uploads(Bucket=bucket, Prefix=path)
        for upload in answer.get("Uploads", ()):
            if upload["Key"] == path:
                client.abort_multipart_upload(Bucket=bucket, Key=path, UploadId=upload["UploadId"])


def _login() -> tuple[Any, Any]:
    """Botocore's session and its credentials, both untyped."""
    try:
        import botocore.exceptions  # noqa: PLC0415  it belongs to an extra
        import botocore.session  # noqa: PLC0415
    except ImportError as error:
        raise StoreProgramMissing(
            f"Publishing to S3 needs libraries that are not installed: {INSTALL}"
        ) from error
    try:
        session = botocore.session.Session()
        session.user_agent_name = "motion-preflight"
        session.register_component("data_loader", _loader(session.get_config_variable("data_path")))
        credentials = session.get_credentials()
        if credentials is None:
            raise CredentialsMissing(f"There are no credentials for S3. {_SETUP}.")
        keys = credentials.get_frozen_credentials()  # renews those of a session
    except botocore.exceptions.ProfileNotFound as error:
        raise CredentialsMissing(
            f"AWS_PROFILE names the profile {os.environ.get('AWS_PROFILE', '')}, and there is none "
            "of that name: `aws configure list-profiles` shows them."
        ) from error
    except (botocore.exceptions.BotoCoreError, RuntimeError) as error:
        raise CredentialsMissing(_login_failure(error)) from error
    for name, value in (
        ("id", keys.access_key),
        ("secret", keys.secret_key),
        ("token", keys.token),
    ):
        if value and not (value.isascii() and value.isprintable()):
            raise CredentialsMissing(
                f"The {name} of the credentials for S3 has a character that no header can carry, "
                "such as the end of a line of a Windows file: look at AWS_ACCESS_KEY_ID, "
                "AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN and the files of the AWS CLI."
            )
    return session, credentials


@cache
def _loader(folder: str | None) -> Any:  # noqa: ANN401  botocore has no types
    """What reads botocore's descriptions of services; `folder` has further ones. Reading them takes
    a third of a second, and a process may publish many times.
    """
    from botocore.loaders import create_loader  # noqa: PLC0415

    return create_loader(folder)


def _login_failure(error: Exception) -> str:
    """What to do about credentials that botocore cannot get. Its own text may repeat the output of
    a program that prints keys, so only the kind of the error is shown.
    """
    kind = type(error).__name__
    if "SSO" in kind or "Token" in kind or "Login" in kind:
        return "The login to AWS has ended: `aws sso login` renews it."
    if kind == "RuntimeError":  # botocore's answer to new credentials that have ended, too
        return f"The credentials for S3 have ended. {_SETUP}."
    if kind == "PartialCredentialsError":
        return f"The credentials for S3 are not complete. {_SETUP}."
    if kind == "ConfigParseError":
        return "The files of the AWS CLI (~/.aws/config, ~/.aws/credentials) cannot be read."
    return f"The credentials for S3 cannot be had ({kind}): `aws sts get-caller-identity` says why."


def _client(session: Any, region: str) -> Any:  # noqa: ANN401  botocore has no types
    """A client, for the endpoint that botocore finds for it; it sends nothing."""
    import botocore.config  # noqa: PLC0415
    import botocore.exceptions  # noqa: PLC0415

    config = botocore.config.Config(
        connect_timeout=_CONNECT, read_timeout=_READ, retries={"total_max_attempts": _ATTEMPTS}
    )
    try:
        client = session.create_client("s3", region_name=region, config=config)
    except (ValueError, botocore.exceptions.BotoCoreError) as error:
        raise CredentialsMissing(
            "The endpoint or the region of S3 is not valid: look at AWS_ENDPOINT_URL, "
            "AWS_ENDPOINT_URL_S3, AWS_REGION and the profile."
        ) from error
    client.meta.events.register_last("before-parameter-build.s3", _stay)
    return client


def _stay(context: dict[str, Any], **_: object) -> None:
    """Tells botocore that a request was redirected already. It would look for the region of the
    bucket, and for that of the bucket's answer, without an end where each is a redirect.
    """
    context.setdefault("s3_redirect", {})["redirected"] = True


def _style(session: Any) -> str:  # noqa: ANN401  botocore has no types
    """The style of addresses that the profile asks for: auto, path or virtual."""
    options = session.get_scoped_config().get("s3")
    return str(options.get("addressing_style", "auto")) if isinstance(options, dict) else "auto"


def _bucket_address(endpoint: str, bucket: str, style: str) -> tuple[str, bool]:
    """The address of a bucket, and whether its name stands in the host. At endpoints of one's own
    it stands in the path, and so does one with a dot, which no certificate of a host covers.
    """
    scheme, _, host = endpoint.partition("://")
    amazon = host.partition(":")[0].endswith((".amazonaws.com", ".amazonaws.com.cn"))
    in_host = style == "virtual" or (style == "auto" and amazon and "." not in bucket)
    return (f"{scheme}://{bucket}.{host}", True) if in_host else (f"{endpoint}/{bucket}", False)


def _keys(credentials: Any) -> S3Credential:  # noqa: ANN401  botocore has no types
    keys = credentials.get_frozen_credentials()
    return {
        "access_key_id": keys.access_key,
        "secret_access_key": keys.secret_key,
        "token": keys.token,
        "expires_at": _expiry(credentials),
    }


def _expiry(credentials: Any) -> datetime | None:  # noqa: ANN401  botocore has no types
    """When the credentials end; botocore keeps it to itself."""
    moment: datetime | None = getattr(credentials, "_expiry_time", None)
    return moment.astimezone(UTC) if moment else None


def _session_end(credentials: Any) -> SessionEnd:  # noqa: ANN401  botocore has no types
    keys = credentials.get_frozen_credentials()
    moment = _expiry(credentials)
    return SessionEnd(moment, unknown=moment is None and bool(keys.token))


def _secrets(credentials: Any) -> tuple[str, ...]:  # noqa: ANN401  botocore has no types
    keys = credentials.get_frozen_credentials()
    return tuple(key for key in (keys.secret_key, keys.token) if key)
