"""What an object store says when it does not do what it was asked for, in words for people.

The library gives a text: the request, the status, the body of the answer. Only what is known here
is taken from it, because the rest may repeat signatures.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from motion_preflight.publishing.errors import (
    CredentialsMissing,
    PublishError,
    StoreRefused,
    StoreUnreachable,
)
from motion_preflight.text.locations import sanitize_external_text
from motion_preflight.text.redaction import mask_secrets, without_long_words

if TYPE_CHECKING:
    from motion_preflight.publishing.clouds.service import CloudService

_NO_BUCKET = {"NoSuchBucket", "ContainerNotFound", "InvalidBucketName", "InvalidResourceName",
              "ContainerBeingDeleted", "ContainerDisabled"}  # fmt: skip
_WRONG_KEYS = {"InvalidAccessKeyId", "SignatureDoesNotMatch", "AuthenticationFailed",
               "AuthorizationFailure", "InvalidAuthenticationInfo", "InvalidSecurity",
               "MissingSecurityHeader", "Unauthorized", "CredentialsInvalid"}  # fmt: skip
_ENDED = {"ExpiredToken", "InvalidToken", "TokenRefreshRequired", "ExpiredTokenException"}
_CLOCK = {"RequestTimeTooSkewed", "RequestExpired"}
_FORBIDDEN = {"AccessDenied", "AllAccessDisabled", "AuthorizationPermissionMismatch",
              "InsufficientAccountPermissions", "UserProjectAccountProblem", "AccountProblem",
              "PublicAccessNotPermitted"}  # fmt: skip
_REGION = {"PermanentRedirect", "TemporaryRedirect", "AuthorizationHeaderMalformed",
           "IllegalLocationConstraintException"}  # fmt: skip
# What the library writes of a login that it tries itself, and of links that others sign for it.
_LOGIN = r"Error performing token request|get-access-token|Error requesting token"
_SIGNING = r"Error requesting user delegation key|Error signing blob"
_LONGEST = 200  # characters of a server's own message
# What the library's text shows of a connection that failed, and what people say.
_CAUSES = (
    (r"dns error|failed to lookup|Name or service not known", "its name is not known."),
    (r"(?i)connection refused", "nothing answers at that port."),
    (r"InvalidContentType|CorruptMessage", "it does not speak TLS; is http:// meant?"),
    (r"(?i)certificate|InvalidCertificate|UnknownIssuer", "its certificate is not trusted."),
    (r"(?i)timed out|TimedOut|kind: Timeout|deadline", "it took too long."),
    (r"(?i)reset by peer|broken pipe|closed before|IncompleteMessage|unexpected end|BodyWrite",
     "the connection was cut."),
    (r"(?i)no route|unreachable", "there is no way to it."),
)  # fmt: skip


def error_code(error: Exception) -> str | None:
    """The code of the server's answer, such as NoSuchBucket; `None` when it has none."""
    match = re.search(r"<Code>\s*([A-Za-z0-9._-]{1,60})\s*</Code>", _head(error))
    return match[1] if match else None


def status(error: Exception) -> int | None:
    """The HTTP status of the answer that ended it; `None` when there was no answer."""
    match = re.search(r"status code: ([1-5][0-9]{2})\b", _head(error))
    return int(match[1]) if match else None


def names_no_bucket(error: Exception) -> bool:
    """Whether it is the bucket that is missing, and not the file."""
    return error_code(error) in _NO_BUCKET


def is_forbidden(error: Exception) -> bool:
    """Whether the keys are right and lack a permission. S3 answers so for a file that is not there,
    too, where the keys may not list the bucket.
    """
    return error_code(error) in _FORBIDDEN


def refusal(error: Exception, service: CloudService) -> PublishError:
    """The error that is shown for one of the library."""
    code, number = error_code(error), status(error)
    if re.search(f"{_LOGIN}|{_SIGNING}", _head(error)):
        return _no_login(error, service)
    if code in _CLOCK or (code in _WRONG_KEYS and _tells_of_a_clock(error)):
        return StoreRefused(_skewed(error, service))
    if code in _NO_BUCKET:
        return StoreRefused(
            f"There is no {service.noun} {service.place}: create it, or name another one."
        )
    if code in _WRONG_KEYS or number == 401:
        return StoreRefused(
            f"{service.place}: the keys are not accepted. Look at {service.access}."
        )
    if code in _ENDED:
        return CredentialsMissing(
            f"{service.place}: the credentials have ended. Log in again, or renew them."
        )
    if code in _REGION or "redirect without LOCATION" in _head(error):
        return StoreRefused(_elsewhere(error, service))
    if code in _FORBIDDEN or number == 403:
        return StoreRefused(
            f"{service.place}: the keys are not allowed to do this. They need to read, write and "
            "delete there."
        )
    if number is None:
        return _unanswered(error, service)
    if number == 429 or number >= 500:
        return StoreUnreachable(
            f"{service.place} answers {number}{f' {code}' if code else ''}: it is overloaded or "
            "broken. Try again later."
        )
    said = _message(error, service)
    return StoreRefused(f"{service.place} answers {number}{f' {code}' if code else ''}{said}")


def _no_login(error: Exception, service: CloudService) -> PublishError:
    if "error sending request" in str(error):
        return StoreUnreachable(f"{service.place}: the login cannot be reached{_cause(error)}")
    if re.search(_SIGNING, _head(error)):
        return CredentialsMissing(
            f"{service.place}: this login may not sign links. {service.signing}, or say that the "
            f"{service.noun} is public."
        )
    return CredentialsMissing(f"{service.place}: the login did not work. Look at {service.access}.")


def _unanswered(error: Exception, service: CloudService) -> PublishError:
    return StoreUnreachable(f"{service.place} cannot be reached{_cause(error)}")


def _cause(error: Exception) -> str:
    """Why there is no connection, as the end of a sentence."""
    text = str(error)
    causes = (cause for pattern, cause in _CAUSES if re.search(pattern, text))
    cause = next(causes, None)
    return f": {cause}" if cause else "."


def _skewed(error: Exception, service: CloudService) -> str:
    theirs = re.search(r"<ServerTime>([0-9-]{10}T[0-9:]{8})[0-9.]*Z</ServerTime>", _head(error))
    clock = f", which is {theirs[1]} (UTC) there" if theirs else ""
    return (
        f"{service.place}: this machine's clock is too far from the server's{clock}. Set the "
        "clock, and publish again."
    )


def _tells_of_a_clock(error: Exception) -> bool:
    """Azure says so in the detail of a signature that it refuses."""
    return bool(re.search(r"(?i)date header.{0,20} (?:too old|is old)|is not (?:yet )?valid before",
                          _head(error)))  # fmt: skip


def _elsewhere(error: Exception, service: CloudService) -> str:
    region = re.search(r"<Region>([a-z0-9-]{2,30})</Region>", _head(error))
    then = f": set AWS_REGION={region[1]}" if region else ". Set AWS_REGION to that one"
    return f"{service.place} lies in another region than {service.region}{then}."


def _message(error: Exception, service: CloudService) -> str:
    """What the server says itself, as the end of a sentence, without what might be secret."""
    match = re.search(
        r"<Message>(.*?)</Message>|\"message\": *\"([^\"]*)\"", _head(error), re.DOTALL
    )
    if not match:
        return ""
    text = mask_secrets(sanitize_external_text(match[1] or match[2]), service.secrets)
    shown = without_long_words(text)[:_LONGEST].replace('"', "'")
    return f': it says "{shown}"' if shown else ""


def _head(error: Exception) -> str:
    """The text before the library's repetition of it for programmers."""
    return str(error).partition("\n\nDebug source")[0]
