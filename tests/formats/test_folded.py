"""Many requests: equal findings once, a line a request, or a line a rule."""

from __future__ import annotations

from decimal import Decimal

import pytest
from builders import PROFILE, body, finding, report, reports, seconds, unmeasured, video

from motion_preflight.formats import folded
from motion_preflight.formats.names import Detail
from motion_preflight.formats.registry import writer
from motion_preflight.formats.style import Style
from motion_preflight.network.errors import Reason
from motion_preflight.report.findings import Level, Report
from motion_preflight.report.totals import totals

FIX = "to cut it, run `motion-preflight fix clip.mp4 --for image`"


def shown(
    built: list[Report],
    detail: Detail = Detail.USUAL,
    *,
    width: int = 80,
    cost_only: bool = False,
    max_cost: Decimal | None = None,
) -> str:
    text = writer("text", profile=PROFILE, style=Style(width=width, terminal=True), detail=detail,
                  cost_only=cost_only, max_cost=max_cost)  # fmt: skip
    return "".join([text.begin(), *map(text.report, built), text.end(totals(built, max_cost))])


def many(number: int = 200) -> list[Report]:
    """Requests over three clips: one passes, one is too long, one may be."""
    clips = [("video", seconds("8")), ("image", seconds("12")), ("image", seconds("9", audio="12"))]
    return [
        report(
            body(character_orientation=orientation, video_url=f"https://example.com/{clip}.mp4"),
            video=video(durations=durations),
            label=f"many.jsonl:{index + 1}",
        )
        for index in range(number)
        for clip, (orientation, durations) in [(index % 3, clips[index % 3])]
    ]


@pytest.mark.parametrize("width", [40, 50, 80, 120])
@pytest.mark.parametrize("detail", [Detail.USUAL, Detail.VERBOSE, Detail.QUIET, Detail.STATISTICS])
def test_two_hundred_requests_over_three_clips_take_few_lines(detail: Detail, width: int) -> None:
    lines = shown(many(), detail, width=width).splitlines()
    assert len(lines) < 60
    assert max(map(len, lines)) <= width
    assert " ".join(lines).count("200 requests: ") == 1


def test_equal_findings_are_one_with_their_number_and_the_first_places() -> None:
    text = shown(many())
    assert "  error video-duration-above-maximum [apimart]  67 requests" in text.splitlines()
    assert "at many.jsonl:2, many.jsonl:5, many.jsonl:8 and 64 more" in text


def test_five_requests_have_a_report_each_and_six_none() -> None:
    assert shown(many(5)).count("video     mp4") == 5
    assert "video     mp4" not in shown(many(6))


def test_a_command_stands_once_whatever_rules_name_it() -> None:
    findings = [finding(rule=rule, remedy=FIX) for rule in ("video-too-large", "video-dimensions")]
    text = shown([report(findings=findings)] * 6)
    assert text.count("motion-preflight fix clip.mp4 --for image") == 1
    assert "2 requests" not in text
    assert text.count("6 requests") == 3


def test_a_line_a_request_says_verdict_name_price_and_rules() -> None:
    warned = report(label="w.json", findings=[finding(Level.WARNING, rule="video-cuts")])
    lines = shown([*many(3), warned], Detail.CONCISE).splitlines()
    assert lines[:4] == [
        "PASS    many.jsonl:1  USD 0.46",
        "FAIL    many.jsonl:2  USD 0.69  error video-duration-above-maximum",
        "PASS    many.jsonl:3  USD 0.51",
        "PASS    w.json  USD 0.46  (1 warning: video-cuts)",
    ]
    assert lines[4] == ""
    assert lines[5].startswith("4 requests: 3 pass, 1 fail, 0 unsure. ")


def test_the_parts_of_a_sum_are_written_like_the_sum() -> None:
    lines = shown([report()] * 1200, Detail.STATISTICS).splitlines()
    assert lines[-2].startswith("1,200 requests: 1,200 pass, 0 fail, 0 unsure. ")


def test_the_line_of_a_request_is_written_at_once_and_never_wrapped() -> None:
    text = writer("text", profile=PROFILE, style=Style(width=40), detail=Detail.CONCISE)
    line = text.report(report(label="a folder/" * 40))
    assert line.count("\n") == 1
    assert line.endswith("USD 0.46\n")


def test_statistics_count_the_requests_of_each_rule_and_what_can_be_mended() -> None:
    built = [
        report(findings=[finding(rule="video-too-large", remedy=FIX)] * 2),
        report(findings=[finding(rule="video-too-large")]),
        report(findings=[finding(Level.NOTE, rule="prompt-missing")]),
    ]
    lines = shown(built, Detail.STATISTICS).splitlines()
    assert lines[:2] == [
        "        2 error   video-too-large  fix mends 1",
        "        1 note    prompt-missing",
    ]
    assert lines[-1].startswith("3 requests: 1 pass, 2 fail, 0 unsure. ")


def test_strict_warnings_stand_with_what_decides_and_others_below() -> None:
    warning = finding(Level.WARNING, rule="video-cuts", message="there is a cut")
    loose, strict = (report(findings=[warning], strict=strict) for strict in (False, True))
    assert "there is a cut" in shown([loose] * 6)
    quiet = shown([loose] * 6, Detail.QUIET)
    assert "  warning video-cuts [apimart]  6 requests" in quiet.splitlines()
    assert "there is a cut" not in quiet
    assert "there is a cut" in shown([strict] * 6, Detail.QUIET)


def test_notes_are_counted_and_shown_where_that_is_asked_for() -> None:
    noted = [report(findings=[finding(Level.NOTE, message="it is late")])] * 6
    assert "  6 notes: --verbose" in shown(noted).splitlines()
    assert "it is late" in shown(noted, Detail.VERBOSE)


def test_what_was_not_measured_never_looks_like_a_pass() -> None:
    missing = unmeasured(Reason.UNREACHABLE, "the host is down")
    text = shown([report(video=missing, findings=[])] * 6)
    assert "  unsure not-measured [inferred]  6 requests" in text.splitlines()
    assert "the host is down" in text
    assert "rules not checked in 6 requests" in text


def test_equal_costs_are_one() -> None:
    lines = shown(many(), cost_only=True).splitlines()
    assert lines[:2] == [
        "    67 x USD 0.46 (8 s x USD 0.05712 a second)",
        "          at many.jsonl:1, many.jsonl:4, many.jsonl:7 and 64 more",
    ]
    assert len(lines) < 12


def test_many_different_findings_are_counted_where_they_are_not_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(folded, "_KEPT", 3)
    built = [
        report(findings=[finding(rule=rule, message=f"{rule} {number}")])
        for number in range(4)
        for rule in ("video-too-large", "video-dimensions")
    ]
    text = shown(built)
    assert text.count("4 requests") == 2
    assert text.count("the video is") == 0
    assert shown(built, Detail.STATISTICS).count("        4 error") == 2


def test_the_budget_is_the_last_thing_said() -> None:
    text = shown(reports() * 3, max_cost=Decimal("0.1"))
    assert text.rpartition("\n\n")[2].startswith("OVER BUDGET  9 requests: 3 pass")
