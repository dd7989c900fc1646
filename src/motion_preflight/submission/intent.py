"""The row of a request that is about to be sent, and what of the request must stay secret."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from motion_preflight.provider.state import State
from motion_preflight.report.clearance import ClearedRequest, PublishableRequest
from motion_preflight.request.redacted_body import redacted_body
from motion_preflight.submission.receipt import Receipt
from motion_preflight.text.redaction import url_secrets

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    from motion_preflight.submission.fingerprint import Fingerprint

Priced = ClearedRequest | PublishableRequest  # the estimate of either counts before it is sent
_LINKS = ("video_url", "image_url")


def new_intent(
    cleared: ClearedRequest,
    body: Mapping[str, object],
    *,
    fingerprint: Fingerprint,
    origin: str,
    now: dt.datetime,
) -> Receipt:
    """The row of a request that is about to be sent; `body` is the one that is sent."""
    name, estimate = uuid.uuid4().hex, cleared.report.estimate
    return Receipt(
        intent=name[:12],
        state=State.SENDING,
        created=now,
        updated=now,
        label=cleared.report.label,
        origin=origin,
        identity=fingerprint.identity,
        media=fingerprint.media,
        idempotency_key=f"motion-preflight-{name}",
        body=redacted_body(body),
        currency=currency_of([cleared]),
        estimate=estimate.counted if estimate else None,
        price_per_second=estimate.price_per_second if estimate else None,
        by_rounding=estimate.by_rounding if estimate else (),
    )


def secrets_in(body: Mapping[str, object]) -> list[str]:
    """What of a body the provider may repeat and nobody else should see: the secrets of its links,
    and the prompt.
    """
    prompt = body.get("prompt")
    links = url_secrets(str(body[field]) for field in _LINKS)
    return [*links, prompt] if isinstance(prompt, str) else links


def currency_of(cleared: Sequence[Priced]) -> str:
    """The currency of the profile that they were checked with; empty where there are none."""
    return cleared[0].report.options.profile.currency if cleared else ""
