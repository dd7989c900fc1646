"""A video that is encrypted is an error; one that is not, or may not be, is silent."""

from __future__ import annotations

import pytest
from builders import case, unmeasured, with_stream
from findings import findings_of, single

from motion_preflight.network.errors import Reason
from motion_preflight.report.findings import Level
from motion_preflight.rules import video_encrypted


@pytest.mark.parametrize("encrypted", [False, None])
def test_a_video_that_is_not_known_to_be_encrypted_is_silent(*, encrypted: bool | None) -> None:
    assert findings_of(video_encrypted, case(video=with_stream(encrypted=encrypted))) == []


def test_an_encrypted_video_is_an_error() -> None:
    finding = single(findings_of(video_encrypted, case(video=with_stream(encrypted=True))))
    assert (finding.level, finding.field) == (Level.ERROR, "video_url")
    assert "is encrypted" in finding.message


def test_an_unmeasured_video_is_another_rules() -> None:
    assert findings_of(video_encrypted, case(video=unmeasured(Reason.TIMEOUT))) == []
