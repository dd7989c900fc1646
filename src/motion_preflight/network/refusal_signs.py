"""How to recognise why a host refuses: codes and words of storages, CDNs and bot walls.

The codes come from the error pages of S3, Google Cloud Storage, Azure Blob, Alibaba OSS, Tencent
COS, Supabase, CloudFront, Cloudflare, and of bot walls as public reports show them.
"""

from __future__ import annotations

import re
from enum import Enum

from motion_preflight.text.lazy_dataclass import dataclass

_SIGN_ANEW = "make a new signed link that stays valid for a day, and check again"


class Refused(Enum):
    """Why a host does not give the file: the reason in words, and what to do."""

    EXPIRED = ("the link has expired", _SIGN_ANEW)
    NOT_YET = (
        "the link is not valid yet, or a clock is wrong",
        "make a new signed link on a machine whose clock is right",
    )
    INCOMPLETE = (
        "the parameters that sign the link are incomplete or were changed",
        (
            "copy the whole link again, from https:// to its last parameter; in a shell put it in "
            "quotes"
        ),
    )
    SIGNATURE = (
        "the signature does not match the link",
        (
            "make a new signed link and copy it unchanged; a link that is signed for one address, "
            "method or header cannot be edited"
        ),
    )
    HOTLINK = (
        "the host gives the file to its own pages only (hotlink protection)",
        "switch its hotlink protection off for this file, or publish the file elsewhere",
    )
    ARCHIVED = ("the file is archived", "restore it from the archive, then check again")
    ADDRESS = (
        "the host does not let this address in",
        "open the host to every address: the provider fetches from its own",
    )
    REGION = (
        "the host does not serve this country",
        "publish the file on a host without such a limit: the provider fetches from elsewhere",
    )
    ENDPOINT = (
        "the storage wants to be asked at another endpoint",
        "make the link with the endpoint of the bucket's own region",
    )
    UNPAID = (
        "the host has blocked the account that the file belongs to",
        "settle it with the host, or publish the file elsewhere",
    )
    QUOTA = (
        "the host's quota or bandwidth is used up",
        "wait until the host serves it again, or publish the file elsewhere",
    )
    BOT_WALL = (
        "the host asks whether a person is there (bot wall)",
        "publish the file on a host that gives it to programs too: the provider is one",
    )
    LOGIN = (
        "the host asks for a login",
        "make the file public, or use a signed link that needs no login",
    )
    MISSING = ("the file is not there", "check the file's name and folder on the host")
    DENIED = (
        "the file is not public",
        "make the file public, or use a signed link",
    )
    POINTER = (
        "the host sends a Git LFS pointer, not the file itself",
        (
            "use the link that downloads the file from LFS (GitHub's are on "
            "media.githubusercontent.com), or publish the file elsewhere"
        ),
    )


@dataclass(frozen=True, slots=True)
class Sign:
    """What proves one reason: the code of an error, words that people see, or the
    source of a page.
    """

    kind: Refused
    code: re.Pattern[str] | None = None
    words: re.Pattern[str] | None = None
    source: re.Pattern[str] | None = None

    def matches(self, code: str, words: str, source: str) -> bool:
        """Whether an answer shows this sign, by its code, its words or its source."""
        return bool(
            (self.code and code and self.code.fullmatch(code))
            or (self.words and self.words.search(words))
            or (self.source and source and self.source.search(source))
        )


def _sign(kind: Refused, *, code: str = "", words: str = "", source: str = "") -> Sign:
    patterns = (re.compile(text, re.IGNORECASE) if text else None for text in (code, words, source))
    return Sign(kind, *patterns)


SIGNS = (
    _sign(
        Refused.BOT_WALL,
        words=r"just a moment\.\.\.|captcha|checking your browser|verify (that )?you are (a )?human"
        r"|are you a robot|not a robot|unusual traffic|pardon our interruption|ddos.guard"
        r"|enable javascript and cookies|attention required! \| cloudflare|error code: 10(10|15|20)"
        r"|access to this page has been denied|please enable (js|javascript) and disable",
        source=r"cf-chl|challenge-platform|px-captcha|_incapsula_resource|captcha-delivery"
        r"|awswafintegration|hcaptcha\.com|g-recaptcha|turnstile",
    ),
    _sign(
        Refused.NOT_YET,
        code="RequestTimeTooSkewed",
        words=r"not (yet valid|valid yet)|not yet active|before the start time|time too skewed",
    ),
    _sign(
        Refused.EXPIRED,
        code=r"ExpiredToken|TokenExpired|RequestExpired|URLExpired|LinkExpired|Expired\w*",
        words=r"\b(has|have|is|was|already|token|link|url|signature|policy|jwt|request) expired\b"
        r"|\bexpired (token|link|url|signature|request|policy|jwt)"
        r"|signature not valid in the specified time frame|\"?exp\"? claim timestamp"
        r"|signed expiry time|content is no longer available|bad url timestamp"
        r"|no longer valid|past its expir|\bexpired\b[.!]?$",
    ),
    _sign(
        Refused.INCOMPLETE,
        code=r"AuthorizationQueryParametersError|AuthorizationHeaderMalformed|MissingKey"
        r"|MissingSecurityHeader|MalformedPolicy|MissingPolicy|MissingSignature",
        words=r"query.string authentication|missing (key-pair-id|signature|policy|token|required)"
        r"|x-amz-expires must be|is mandatory for sas",
    ),
    _sign(
        Refused.SIGNATURE,
        code=r"SignatureDoesNotMatch|InvalidSignature|InvalidAccessKeyId|InvalidJWT|InvalidToken"
        r"|AuthenticationFailed|InvalidKey|InvalidSecurityToken|Invalid_?Jwt",
        words=r"signature (we calculated|did not match|does not match|mismatch|verification)"
        r"|(invalid|wrong|bad|incorrect) (url )?(signature|token|hash|sign|jwt|hmac)"
        r"|bad url hash|failed to authenticate the request|(signature|token) (is )?invalid",
    ),
    _sign(
        Refused.HOTLINK,
        words=r"hot.?link|referr?er|anti.?leech",
    ),
    _sign(
        Refused.UNPAID,
        code=r"UserDisable|AccountProblem|AllAccessDisabled|AccountSuspended|AccountDisabled"
        r"|AccountIsDisabled|UserSuspended|ArrearsError|BillingDisabled",
        words=r"overdue|account (has been |is )?(suspended|disabled|delinquent)|in arrears"
        r"|billing account|payment required|unpaid",
    ),
    _sign(
        Refused.QUOTA,
        code=r"SlowDown|TooManyRequests|ServerBusy|QuotaExceeded|userRateLimitExceeded"
        r"|downloadQuotaExceeded|rateLimitExceeded|DownloadTrafficRateLimitExceeded"
        r"|BandwidthLimitExceeded|EgressSpendLimit|RequestLimitExceeded|ThrottlingException",
        words=r"quota|bandwidth|too many (users|requests)|(download|traffic|rate|transfer) limit"
        r"|transaction cap|download cap",
    ),
    _sign(
        Refused.ARCHIVED,
        code=r"InvalidObjectState|BlobArchived|ObjectNotRestored",
        words=r"archived|storage class of the object|being rehydrated",
    ),
    _sign(
        Refused.ENDPOINT,
        code=r"PermanentRedirect|TemporaryRedirect|IllegalLocationConstraintException"
        r"|SecondLevelDomainForbidden|WrongRegion",
        words=r"addressed using the specified endpoint|accessed.{0,40}specified endpoint",
    ),
    _sign(
        Refused.REGION,
        words=r"(not available|blocked|unavailable) in your (country|region|location)"
        r"|country or region|geo.?(block|restrict)|error code: 1009",
    ),
    _sign(
        Refused.ADDRESS,
        code=r"AuthorizationSourceIPMismatch|IpForbidden|IPNotAllowed",
        words=r"(your|source|client) ip( address)? (is )?(not|block|bann|mismatch)"
        r"|not allowed from your ip|by bucket policy.{0,200}ip|ip (whitelist|allowlist)",
    ),
    _sign(
        Refused.MISSING,
        code=r"NoSuchKey|NoSuchBucket|NoSuchVersion|BlobNotFound|ContainerNotFound"
        r"|ResourceNotFound|ObjectNotFound|not_?found|NotFound|NoSuchObject|FileNotFound",
        words=r"object not found|file (was )?not (be )?found|no such (object|file|key|bucket)"
        r"|does not exist",
    ),
    _sign(
        Refused.LOGIN,
        code=r"Unauthorized|LoginRequired|AuthenticationRequired|NoAuthenticationInformation",
        words=r"(log|sign) ?in to|login required|authentication required|you need access",
    ),
    _sign(
        Refused.DENIED,
        code=r"AccessDenied|AccessForbidden|Forbidden|AuthorizationFailure|NotPermitted"
        r"|PublicAccessNotPermitted|AnonymousAccessDisabled|AuthorizationPermissionMismatch",
        words=r"access (is )?denied|anonymous caller|permission denied"
        r"|does not have .{1,200} access|public access is not permitted",
    ),
)
