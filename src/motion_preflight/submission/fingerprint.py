"""The fingerprint of a request: its body, and each medium by its content or else by its link.

Two requests are identical when the rest of their bodies is the same and every medium is the same.
Measurements decide: the same bytes are the same medium wherever they lie and however their link is
signed, and other bytes behind the same link are another medium. When a medium was not measured in
one of the requests, the links are compared. With such a fallback the relation is not transitive:
two requests with different content may both be identical to a third that was not measured.
"""

from __future__ import annotations

from motion_preflight.text.lazy_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class MediaKeys:
    """The media of a request as the ledger keeps them. `None` always means not known.

    video_content, image_content  size and a hash of the first 64 KiB, as `MediaFacts.content`
    video_link, image_link        a hash of the link in its one spelling, without its signature; of
                                  a local file, a hash of its path
    image_sha256                  of the whole picture, where a local file is uploaded
    """

    video_content: str | None = None
    video_link: str | None = None
    image_content: str | None = None
    image_link: str | None = None
    image_sha256: str | None = None


NO_KEYS = MediaKeys()


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Identifies a request. `identity` is its `request_digest`, which leaves out its media."""

    identity: str
    media: MediaKeys = NO_KEYS

    def matches(self, other: Fingerprint) -> bool:
        """Whether both fingerprints are of the same job. Media of which nothing is known count as
        the same: a needless question costs less than a second bill.
        """
        one, two = self.media, other.media
        return (
            self.identity == other.identity
            and _same((one.video_content, two.video_content), (one.video_link, two.video_link))
            and _same(
                (one.image_sha256, two.image_sha256),
                (one.image_content, two.image_content),
                (one.image_link, two.image_link),
            )
        )


# `matches` as a condition on a row of the ledger. A comparison with NULL gives NULL, so coalesce
# lets the first pair decide in which both are known; IS compares the links even if both are NULL.
MATCHES = (
    "identity = :identity"
    " AND coalesce(video_content = :video_content, video_link IS :video_link)"
    " AND coalesce(image_sha256 = :image_sha256, image_content = :image_content,"
    " image_link IS :image_link)"
)


class FingerprintSet:
    """The fingerprints that were seen in this run; `in` asks whether a matching one is among them.

    Two matching fingerprints share the content or the link of their clip, so each is filed under
    both.
    """

    def __init__(self) -> None:
        self._by_clip: dict[tuple[str, str, str | None], list[Fingerprint]] = {}

    def add(self, fingerprint: Fingerprint) -> None:
        """Adds the fingerprint of a request."""
        for key in _clip_keys(fingerprint):
            self._by_clip.setdefault(key, []).append(fingerprint)

    def __contains__(self, fingerprint: Fingerprint) -> bool:
        return any(
            fingerprint.matches(other)
            for key in _clip_keys(fingerprint)
            for other in self._by_clip.get(key, ())
        )


def _clip_keys(fingerprint: Fingerprint) -> list[tuple[str, str, str | None]]:
    media = fingerprint.media
    content = [("content", media.video_content)] if media.video_content is not None else []
    return [(fingerprint.identity, *key) for key in [*content, ("link", media.video_link)]]


def _same(*pairs: tuple[str | None, str | None]) -> bool:
    """Whether the first pair in which both are known is equal; if there is none, the last pair
    decides.
    """
    for one, other in pairs[:-1]:
        if one is not None and other is not None:
            return one == other
    one, other = pairs[-1]
    return one == other
