"""The styles in which storage services and CDNs sign the query of a link, in one table.

The table serves two purposes: to read how long a link is valid, and to compare links without their
signatures. Some names of parameters are too common to prove a signature (`token`, `e`, `sign`), so
a style also asks for further parameters, a form of the value, or a host: `?token=A` on an unknown
host may name the file.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from motion_preflight.text.lazy_dataclass import dataclass, field
from motion_preflight.text.links import validity as v
from motion_preflight.text.links.link import read_link
from motion_preflight.text.links.path_signatures import unsigned_segments

if TYPE_CHECKING:
    from collections.abc import Mapping

    from motion_preflight.text.links.link import Link
    from motion_preflight.text.links.validity import Reader

WEEK = timedelta(days=7)
_ANY: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class SignatureStyle:
    """How to recognise one kind of signature, and which query parameters belong to it."""

    name: str
    needs: str  # names that occur together, in lower case; `|` separates alternatives
    more: str = ""  # a pattern of further names that then belong to the signature
    read: Reader = v.silent
    most: timedelta | None = None  # the longest validity that the host accepts
    host: str = ""  # a pattern of the end of the host; empty means any host
    forms: Mapping[str, str] = field(default_factory=lambda: _ANY)  # patterns of values
    source: str = ""  # of `most`, or of a way of reading that is not obvious
    alternatives: tuple[frozenset[str], ...] = field(init=False)

    def __post_init__(self) -> None:
        alternatives = tuple(frozenset(names.split()) for names in self.needs.split("|"))
        object.__setattr__(self, "alternatives", alternatives)

    def fits(self, link: Link) -> bool:
        """Whether a link is signed in this style."""
        names = link.parameters.keys()
        return (
            any(names >= alternative for alternative in self.alternatives)
            and (not self.host or re.search(f"(^|[.])({self.host})$", link.host) is not None)
            and all(re.fullmatch(form, link.parameters[name]) for name, form in self.forms.items())
        )

    def owns(self, name: str) -> bool:
        """Whether a parameter belongs to the signature of a link in this style."""
        named = any(name in alternative for alternative in self.alternatives)
        return named or (self.more != "" and re.fullmatch(self.more, name) is not None)


_AWS = "https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html"
_GOOGLE = "https://cloud.google.com/storage/docs/access-control/signed-urls"
_ALIBABA = "https://www.alibabacloud.com/help/en/oss/developer-reference/add-signatures-to-urls"
_AZURE_KEY = "https://learn.microsoft.com/rest/api/storageservices/get-user-delegation-key"
_VOLCANO = "https://www.volcengine.com/docs/6349/74837"
_DIGEST = r"[\w~+/=-]{16,}"
_AZURE = "s[veptris]|srt|spr|sip|sk(s|t|e|v|oid|tid)|s[au]oid|scid|sdd|ses|rsc[cdelt]"

STYLES = (
    SignatureStyle("AWS signature 4", "x-amz-signature|x-amz-date|x-amz-expires|x-amz-credential",
                   "x-amz-.*|x-id|response-.*", v.dated("x-amz"), WEEK, source=_AWS),
    SignatureStyle("Google signature 4", "x-goog-signature|x-goog-date|x-goog-expires",
                   "x-goog-.*|response-.*", v.dated("x-goog"), WEEK, source=_GOOGLE),
    SignatureStyle("Alibaba signature 4", "x-oss-signature|x-oss-date|x-oss-expires",
                   "x-oss-(?!process).*|response-.*", v.dated("x-oss"), WEEK, source=_ALIBABA),
    SignatureStyle("Volcano", "x-tos-signature|x-tos-date|x-tos-expires",
                   "x-tos-(?!process).*|response-.*", v.dated("x-tos"), WEEK, source=_VOLCANO),
    SignatureStyle("Huawei signature 4", "x-obs-signature|x-obs-date|x-obs-expires",
                   "x-obs-.*|response-.*", v.dated("x-obs")),
    SignatureStyle("AWS signature 2, and others that took its form",
                   "awsaccesskeyid signature|googleaccessid signature|ossaccesskeyid signature"
                   "|accesskeyid signature|obsaccesskeyid signature|kssaccesskeyid signature"
                   "|ucloudpublickey signature|access_key_id signature|keyname signature",
                   "expires|security-token|x-[a-z]+-security-token|response-.*",
                   v.until("expires")),
    SignatureStyle("CloudFront", "key-pair-id", "expires|signature|hash-algorithm",
                   v.until("expires")),
    SignatureStyle("CloudFront policy", "policy key-pair-id|policy signature", "hash-algorithm",
                   v.policy),
    SignatureStyle("Azure", "sig se|sig si|sig sv", _AZURE, v.azure),
    SignatureStyle("Azure, signed by a user", "sig skt ske", _AZURE, v.between("skt", "ske"), WEEK,
                   source=_AZURE_KEY),
    SignatureStyle("Tencent COS", "q-sign-time|q-signature|q-ak|q-key-time",
                   "q-(sign|ak|sig|key|header|url).*|x-cos-.*|response-.*", v.tencent),
    SignatureStyle("Baidu", "authorization", "", v.baidu),
    SignatureStyle("Qiniu", "e token", "", v.until("e"), forms={"token": "[^:]+:.+"}),
    SignatureStyle("Qiniu's CDN, Tencent VOD", "sign t", "us|exper|rlimit", v.until_hex("t")),
    SignatureStyle("Alibaba's CDN, Tencent's CDN", "auth_key", "", v.timestamped("auth_key"),
                   forms={"auth_key": "[0-9]+-[^-]*-[^-]*-.+"},
                   source="https://www.alibabacloud.com/help/en/cdn/user-guide/type-a-signing"),
    SignatureStyle("Tencent's CDN, type A", "sign", forms={"sign": "[0-9]+-[^-]*-[^-]*-.+"}),
    SignatureStyle("Wangsu", "wssecret wstime"),
    SignatureStyle("Upyun", "_upt", "", v.upyun, forms={"_upt": "[0-9a-fA-F]{8}[0-9]{10}"}),
    SignatureStyle("Bunny, KeyCDN", "token expires|token expire", "token_.*|limit",
                   lambda query: v.until("expires" if "expires" in query else "expire")(query)),
    SignatureStyle("Fastly", "token", "", v.fastly, forms={"token": "[0-9]{10}_[0-9a-fA-Fx]+"}),
    SignatureStyle("CDN77", "secure", "", v.cdn77, forms={"secure": _DIGEST + ",[0-9]{10}"}),
    SignatureStyle("Discord", "ex is hm", "", v.discord),
    SignatureStyle("Instagram, Facebook", "oe oh", "_nc_.*|ccb|edm|efg", v.until_hex("oe")),
    SignatureStyle("Instagram, Facebook", "oe", "_nc_.*|ccb|edm|efg|oh", v.until_hex("oe"),
                   host="fbcdn.net|cdninstagram.com"),
    SignatureStyle("TikTok", "x-expires x-signature", "x-(signature|expires).*|refresh_token|nonce",
                   v.until("x-expires")),
    SignatureStyle("TikTok", "expire signature", "policy|l|tk|btag|ply_type", v.until("expire")),
    SignatureStyle("YouTube", "expire sig", "lsig|ei|ip|n|spc|bui|pot", v.until("expire")),
    SignatureStyle("LinkedIn", "e v t", "", v.until("e"), host="licdn.com"),
    SignatureStyle("Bilibili", "deadline upsig", "uparams|e|nbs|os|oi|trid|mid|og|gen",
                   v.until("deadline")),
    SignatureStyle("Weibo", "expires ssig", "kid", v.until("expires")),
    SignatureStyle("Notion", "expirationtimestamp signature", "", v.until("expirationtimestamp")),
    SignatureStyle("Twitch", "token sig", "", v.twitch, forms={"token": r"\{.*\}"}),
    SignatureStyle("nginx", "md5 expires", "", v.until("expires")),
    SignatureStyle("nginx", "st e", "", v.until("e"), forms={"st": _DIGEST, "e": "[0-9]{10}"}),
    SignatureStyle("imgix", "s expires", "", v.until("expires")),
    SignatureStyle("ImageKit", "ik-s", "ik-t", v.until("ik-t")),
    SignatureStyle("a signature with an end", "sig exp|signature exp|hmac exp|auth exp|sign expires"
                   "|sign exp|hash expires|auth expires|sign expire|verify expires|hmac expires",
                   "", lambda query: (None, v.end_by_name(query))),
    SignatureStyle("Cloudflare", "verify", forms={"verify": "[0-9]+-.+"}),
    # The signatures of these hosts do not state a time, or state it in a JWT, which is read
    # elsewhere.
    SignatureStyle("GitHub", "token|jwt|x-amz-signature|sig", "actor_id|key_id|repo_id|response-.*",
                   host="githubusercontent.com|github.com"),
    SignatureStyle("Supabase", "token", host="supabase.(co|in|net)"),
    SignatureStyle("Firebase", "token", host="firebasestorage.googleapis.com|firebasestorage.app"),
    SignatureStyle("Mux", "token", host="mux.com"),
    SignatureStyle("SharePoint", "tempauth"),
    SignatureStyle("Dropbox", "st", host="dropbox.com"),
    SignatureStyle("Akamai", "hdnea|hdnts|hdntl|__token__|__gda__|__cld_token__"),
    SignatureStyle("a credential by its name", "signature|sig|access_token|private_token"
                   "|security-token|x-signature|awsaccesskeyid|googleaccessid|ossaccesskeyid",
                   "x-(bce|ms|signature).*"),
)  # fmt: skip


# Names that often belong to a signature. They justify asking whether the whole link was copied.
_PERHAPS = frozenset(
    ("token", "sign", "hash", "hmac", "policy", "jwt", "auth", "auth_key", "md5", "st", "verify",
     "expires", "download_token", "q-signature")
)  # fmt: skip


def is_signed(url: str) -> bool:
    """Whether a link seems to carry a signature, or a token that opens it to anyone."""
    try:
        link = read_link(url)
    except ValueError:
        return False
    in_path = len(unsigned_segments(link.segments)) < len(link.segments)
    return bool(styles_of(link)) or in_path or not _PERHAPS.isdisjoint(link.parameters)


def styles_of(link: Link) -> list[SignatureStyle]:
    """The styles in which the query of a link is signed; empty for a link without parameters."""
    return [style for style in STYLES if style.fits(link)] if link.parameters else []
