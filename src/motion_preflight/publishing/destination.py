"""Where files are published to, as a user writes it."""

from __future__ import annotations

import re
from typing import Literal, NoReturn, get_args

from motion_preflight.publishing.errors import DestinationInvalid
from motion_preflight.text.lazy_dataclass import dataclass
from motion_preflight.text.locations import printable

Kind = Literal["s3", "gs", "az", "rclone", "command"]
OFFERED = (
    "s3://BUCKET/PREFIX, gs://BUCKET/PREFIX, az://CONTAINER/PREFIX, rclone:REMOTE:PATH, or command "
    "for the publish_command of the settings"
)
_LONGEST = 1000  # characters; a store takes names of 1024 bytes
_BUCKET = re.compile(r"[A-Za-z0-9$][A-Za-z0-9._-]{2,221}")  # $web and $root are Azure's
_REMOTE = re.compile(
    r"[\w.+@](?:[\w.+@ -]*[\w.+@-])?"
)  # https://rclone.org/docs/#valid-remote-names
_SPELLINGS = {
    "s3": "s3", "s3a": "s3", "s3n": "s3", "aws": "s3", "r2": "s3", "minio": "s3",
    "gs": "gs", "gcs": "gs", "google": "gs",
    "az": "az", "azure": "az", "abfs": "az", "abfss": "az", "adl": "az", "wasb": "az",
    "wasbs": "az",
}  # fmt: skip
_SECRET = re.compile(
    r"(?i)[?&,;](?:[a-z0-9_.-]*(?:key|secret|token|sig|signature|credential|pass|password|auth))=",
)
# The addresses that the three worlds give a bucket, and what they name.
_ADDRESSES = (
    ("s3", r"(?P<bucket>[^/]+)\.s3[.-](?:[a-z0-9.-]+\.)?amazonaws\.com(?:\.cn)?/?(?P<prefix>.*)"),
    ("s3", r"s3[.-](?:[a-z0-9.-]+\.)?amazonaws\.com(?:\.cn)?/(?P<bucket>[^/]+)/?(?P<prefix>.*)"),
    ("gs", r"storage\.(?:cloud\.)?google(?:apis)?\.com/(?P<bucket>[^/]+)/?(?P<prefix>.*)"),
    ("gs", r"(?P<bucket>[^/]+)\.storage\.googleapis\.com/?(?P<prefix>.*)"),
    ("az", r"[^/]+\.blob\.core\.windows\.net/(?P<bucket>[^/]+)/?(?P<prefix>.*)"),
)


@dataclass(frozen=True, slots=True)
class Destination:
    """A place for published files."""

    kind: Kind
    bucket: str  # bucket, container or remote; empty for a command
    prefix: str  # the folder inside, without a slash at its end; empty: none
    text: str  # what the user wrote, safe to show

    def path_of(self, name: str) -> str:
        """The name of a file inside of the bucket or the remote."""
        if not self.prefix:
            return name
        return f"{self.prefix.rstrip('/')}/{name}"


def parse_destination(text: str) -> Destination:
    """Reads a destination. Raises DestinationInvalid, which says what is offered."""
    text = text.strip()
    _refuse_unusable(text)
    if text == "command":
        return Destination("command", "", "", text)
    if text.startswith("rclone:"):
        return _parse_remote(text)
    match = re.fullmatch(r"(s3|gs|az)://([^/]*)(?:/(.*))?", text)
    if not match:
        _refuse(text)
    kind, bucket, prefix = match[1], match[2], (match[3] or "").strip("/")
    if not bucket:
        what = "container" if kind == "az" else "bucket"
        raise DestinationInvalid(f"The {what} is missing: write {kind}://{what.upper()}/PREFIX.")
    if not _BUCKET.fullmatch(bucket):
        raise DestinationInvalid(
            f"{bucket} is no name of a bucket: 3 or more letters, digits, dots and dashes."
        )
    if {"", ".", ".."} & set(prefix.split("/")) and prefix:
        raise DestinationInvalid(f"{text} has an empty part, . or .. in its folder: leave it out.")
    return Destination(_kind(kind), bucket, prefix, text)


def _kind(text: str) -> Kind:
    return next(kind for kind in get_args(Kind) if kind == text)


def _refuse_unusable(text: str) -> None:
    """Refuses what cannot be shown in a message, and what no store takes."""
    if not text:
        raise DestinationInvalid(f"The destination is empty. It may be {OFFERED}.")
    if len(text) > _LONGEST:
        raise DestinationInvalid(
            f"The destination has {len(text)} characters, and {_LONGEST} are allowed."
        )
    if text != printable(text) or "\\" in text:
        raise DestinationInvalid(
            f"The destination holds a backslash or an invisible character. It may be {OFFERED}."
        )
    authority = re.match(r"[^:/]*://([^/]*)@", text)
    on_the_fly = re.match(r"rclone::|rclone:[^:]*,", text)
    is_address = re.match("(?i)https?:", text)  # its query is not repeated
    if authority or on_the_fly or (_SECRET.search(text) and not is_address):
        raise DestinationInvalid(
            "The destination holds credentials or options. Keep them where the tools of the store "
            "read them (environment, profile, `rclone config`), and write only the place: "
            f"{OFFERED}."
        )


def _parse_remote(text: str) -> Destination:
    remote, colon, path = text.removeprefix("rclone:").partition(":")
    if not colon or not _REMOTE.fullmatch(remote):
        known = f"rclone:{remote}:PATH" if _REMOTE.fullmatch(remote) else "rclone:REMOTE:PATH"
        raise DestinationInvalid(
            f"{text} names no remote of rclone and a path: write {known}, with a remote that "
            "`rclone listremotes` shows."
        )
    if ".." in path.split("/"):
        raise DestinationInvalid(f"{text} has .. in its path: write where it leads.")
    return Destination("rclone", remote, path.rstrip("/") or path[:1], text)


def _refuse(text: str) -> NoReturn:
    """Says what was probably meant."""
    scheme, _, rest = text.partition(":")
    place = rest.lstrip("/")
    if scheme.lower() in {"http", "https"}:
        _refuse_address(place)
    kind = _SPELLINGS.get(scheme.lower())
    if kind and ":" in text and "@" not in place:
        raise DestinationInvalid(f"{text} is no destination. Is {kind}://{place} meant?")
    if "://" in text:
        raise DestinationInvalid(f"{scheme}:// is not published to. It may be {OFFERED}.")
    if ":" in text and len(scheme) > 1 and _REMOTE.fullmatch(scheme):
        raise DestinationInvalid(
            f"{text} is no destination. A remote of rclone is written rclone:{text}."
        )
    raise DestinationInvalid(
        f"{text} is no destination: a file on this machine cannot be fetched from elsewhere. "
        f"It may be {OFFERED}."
    )


def _refuse_address(place: str) -> NoReturn:
    place = re.split("[?#]", place)[0]
    for kind, pattern in _ADDRESSES:
        if match := re.fullmatch(pattern, place):
            meant = f"{kind}://{match['bucket']}/{match['prefix']}".rstrip("/")
            raise DestinationInvalid(f"A destination is no web address. Is {meant} meant?")
    if match := re.fullmatch(r"([^/]+\.(?:r2\.cloudflarestorage|digitaloceanspaces|backblazeb2)"
                             r"\.com)/?(.*)", place):  # fmt: skip
        raise DestinationInvalid(
            f"A destination is no web address: set AWS_ENDPOINT_URL to https://{match[1]} and "
            "write s3://BUCKET/PREFIX."
        )
    raise DestinationInvalid(
        "A destination is no web address. For a server that speaks S3, set AWS_ENDPOINT_URL to it "
        f"and write s3://BUCKET/PREFIX. It may be {OFFERED}."
    )
