"""Readings against a limit; which durations are judged; the exception of each reason."""

from __future__ import annotations

import operator
from dataclasses import replace
from decimal import Decimal
from itertools import combinations_with_replacement

import pytest
from builders import seconds, unmeasured, video

from motion_preflight.errors import PreflightError
from motion_preflight.media.errors import (
    FfprobeFailed,
    SourceError,
    SourceTimeout,
    SourceUnreachable,
)
from motion_preflight.media.facts import Compliance, Durations, Readings
from motion_preflight.network.errors import Reason

MET, BROKEN, DEPENDS = Compliance


def readings(*values: str) -> Readings:
    return Readings({str(index): Decimal(value) for index, value in enumerate(values)})


@pytest.mark.parametrize(
    ("values", "bounds", "standing"),
    [
        (["9.999999"], ["10"], MET),
        (["10"], ["10"], MET),
        (["10.000001"], ["10"], BROKEN),
        (["9", "10"], ["10"], MET),
        (["9", "11"], ["10"], DEPENDS),
        (["11", "12"], ["10"], BROKEN),
        (["10"], ["10", "12"], MET),
        (["11"], ["10", "12"], DEPENDS),
        (["12"], ["10", "12"], DEPENDS),
        (["12.000001"], ["10", "12"], BROKEN),
        (["9", "13"], ["10", "12"], DEPENDS),
    ],
)
def test_the_standing_is_taken_over_all_readings_of_quantity_and_limit(
    values: list[str], bounds: list[str], standing: Compliance
) -> None:
    limit = {str(index): Decimal(bound) for index, bound in enumerate(bounds)}
    assert readings(*values).compare_to(limit, operator.le) is standing


@pytest.mark.parametrize(
    "values", list(combinations_with_replacement(["9", "10", "11"], 4)), ids="-".join
)
def test_broken_and_met_are_unanimous(values: tuple[str, ...]) -> None:
    within = [Decimal(value) <= 10 for value in values]
    expected = MET if all(within) else DEPENDS if any(within) else BROKEN
    assert readings(*values).compare_to({"": Decimal(10)}, operator.le) is expected


def test_below_excludes_the_limit_itself() -> None:
    limit = {"MB": Decimal(100), "MiB": Decimal(105)}
    standings = [
        readings(value).compare_to(limit, operator.lt) for value in ("99", "100", "104", "105")
    ]
    assert standings == [MET, DEPENDS, DEPENDS, BROKEN]


def test_readings_know_their_ends_and_whether_there_are_any() -> None:
    three = readings("9", "8", "10")
    assert three.low == 8
    assert three.high == 10
    assert readings("0.1")
    assert not readings()


def test_the_audio_is_shown_and_never_judged() -> None:
    every = seconds("8", audio="99", samples="7.5", stored="7.9", scan="7")
    assert set(every.judged.ways) == {"header", "container", "video", "samples", "stored", "scan"}
    assert every.judged.high == 8
    assert every.audio == 99


def test_a_place_that_gives_nothing_is_absent() -> None:
    assert seconds(None, video="8").judged.ways == {"video": Decimal(8)}
    assert not Durations().judged
    assert not Durations(audio=Decimal(8)).judged


@pytest.mark.parametrize(
    ("reason", "error"),
    [
        (Reason.NOT_GIVEN, SourceError),
        (Reason.NOT_PUBLIC, SourceError),
        (Reason.PRIVATE_HERE, SourceError),
        (Reason.MISSING, SourceUnreachable),
        (Reason.DENIED, SourceUnreachable),
        (Reason.NOT_REGULAR, SourceError),
        (Reason.UNREACHABLE, SourceUnreachable),
        (Reason.TIMEOUT, SourceTimeout),
        (Reason.CHANGED, SourceError),
        (Reason.NOT_DIRECT, SourceError),
        (Reason.TOO_LARGE, SourceError),
        (Reason.UNREADABLE, FfprobeFailed),
        (Reason.INCOMPLETE, FfprobeFailed),
        (Reason.UNSUPPORTED, FfprobeFailed),
    ],
)
def test_each_reason_has_its_exception(reason: Reason, error: type[PreflightError]) -> None:
    raised = unmeasured(reason, "why").exception()
    assert type(raised) is error
    assert str(raised) == "https://apimart-user.com/clip.mp4: why"


def test_an_exception_names_its_medium_once_and_without_what_is_secret() -> None:
    link = "https://apimart-user.com/clip.mp4?X-Amz-Signature=5ecret5ecret"
    named = "https://apimart-user.com/clip.mp4?X-Amz-Signature=…"
    for error, text in (("why", f"{named}: why"), (f"{named} is gone", f"{named} is gone")):
        medium = replace(unmeasured(Reason.MISSING, error), location=link)
        assert str(medium.exception()) == text


def test_the_table_of_exceptions_names_every_reason() -> None:
    assert len(Reason) == 14


def test_a_file_does_not_contradict_itself_unless_it_is_said() -> None:
    assert video().contradiction is None


def test_what_was_measured_has_no_error() -> None:
    assert video().error is None
    assert unmeasured(Reason.TIMEOUT, "why").error == "why"
