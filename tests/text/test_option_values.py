"""Options that cannot be meant are refused by name, before anything is done."""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from paths import MEDIA

from motion_preflight import PublishOptions, fix, publish, unpublish

if TYPE_CHECKING:
    from collections.abc import Callable

CLIP = MEDIA / "clip-8s.mp4"


@pytest.mark.parametrize(
    ("function", "options", "message"),
    [
        (fix, {"mute": "no"}, "mute must be a bool, not str"),
        (fix, {"slow": 1}, "slow must be a bool, not int"),
        (fix, {"best_shot": None}, "best_shot must be a bool, not NoneType"),
        (fix, {"dry_run": "no"}, "dry_run must be a bool, not str"),
        (fix, {"orientation": "both"}, "orientation must be one of image, video, not 'both'"),
        (fix, {"orientation": "x" * 999}, "orientation must be one of image, video, not 'xxx"),
        (fix, {"seconds": "3"}, "seconds must be a Decimal, not str"),
        (fix, {"seconds": 3.5}, "seconds must be a Decimal, not float"),
        (fix, {"start": True}, "start must be a Decimal, not bool"),
        (fix, {"start": None}, "start must be a Decimal, not NoneType"),
        (fix, {"start": Decimal("NaN")}, "start must be a finite number"),
        (fix, {"start": Decimal(-1)}, "start must be 0 seconds or more"),
        (fix, {"seconds": Decimal(0)}, "seconds must be above 0 seconds"),
        (publish, {"to": 5}, "to must be a text, not int"),
        (PublishOptions, {"public": "no"}, "public must be a bool, not str"),
        (PublishOptions, {"accept_unsure": "no"}, "accept_unsure must be a bool, not str"),
        (PublishOptions, {"allow_private": 0}, "allow_private must be a bool, not int"),
        (PublishOptions, {"public_url": b"x"}, "public_url must be a text, not bytes"),
        (PublishOptions, {"orientation": "both"}, "orientation must be one of image, video"),
        (PublishOptions, {"timeout": math.nan}, "timeout must be above 0 seconds"),
        (PublishOptions, {"expires": 3600}, "expires must be a timedelta, not int"),
        (PublishOptions, {"expires": dt.timedelta(days=8)}, "expires must be above 0 and at most"),
        (unpublish, {"links": "https://x.example/a.mp4"}, "links must be several links"),
        (unpublish, {"older_than": 3}, "older_than must be a timedelta, not int"),
        (unpublish, {"finished": "no"}, "finished must be a bool, not str"),
        (unpublish, {"forget": "no"}, "forget must be a bool, not str"),
        (unpublish, {"timeout": 0}, "timeout must be above 0 seconds"),
    ],
)
def test_an_option_that_cannot_be_meant_does_nothing(
    function: Callable[..., object], options: dict[str, Any], message: str, tmp_path: Path
) -> None:
    clip = tmp_path / "clip.mp4"
    clip.symlink_to(CLIP)
    medium = (clip,) if function in {fix, publish} else ()
    with pytest.raises((TypeError, ValueError), match=message) as caught:
        function(*medium, **options)
    assert len(str(caught.value)) < 200
    assert list(tmp_path.iterdir()) == [clip]
