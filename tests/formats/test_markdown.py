"""The summary of a job: what fails first, a bound on all of it, and no markup of anybody else."""

from __future__ import annotations

import re
from decimal import Decimal
from html import unescape

import pytest
from builders import finding, intent, report, reports, unmeasured
from hypothesis import given
from hypothesis import strategies as st
from odd_texts import HOSTILE

from motion_preflight.formats.markdown import Markdown, _code
from motion_preflight.formats.writer import Writer
from motion_preflight.network.errors import Reason
from motion_preflight.provider.state import State
from motion_preflight.report.findings import Level, Report
from motion_preflight.report.totals import ReportTally, totals
from motion_preflight.request.errors import ManifestInvalid
from motion_preflight.text.locations import printable

TEXTS = st.text(st.characters()) | st.sampled_from(HOSTILE)
LIMIT = 1 << 20  # bytes of a summary that GitHub shows
SPAN = re.compile(r"`[^`|\n]+`|&#(?:96|124);")


def written(
    built: list[Report], *mistakes: str, budget: Decimal | None = None, rows: int = 200
) -> str:
    writer = Markdown(currency="USD", rows=rows)
    whole: Writer = writer
    parts = [whole.begin(), *map(writer.report, built)]
    parts += [writer.invalid_entry(ManifestInvalid(mistake)) for mistake in mistakes]
    assert set(parts) == {""}
    return writer.end(totals(built, budget))


def rows(text: str) -> list[list[str]]:
    """The cells of the table of requests."""
    table = text.partition("| --- | --- | --- | --- |\n")[2].partition("\n\n")[0]
    return [line[2:-2].split(" | ") for line in table.splitlines()]


def read(code: str) -> str:
    """What a reader sees of code spans: each piece as it stands, a space on both sides taken away,
    and entities between them.
    """
    assert "".join(SPAN.findall(code)) == code
    pieces = []
    for piece in SPAN.findall(code):
        inside = piece[1:-1]
        if piece[0] == "&":
            inside = unescape(piece)
        elif inside.strip(" ") and inside[0] == inside[-1] == " ":
            inside = inside[1:-1]
        pieces.append(inside)
    return "".join(pieces)


def test_a_batch_reads_like_this() -> None:
    unsure = [finding(Level.UNSURE, message="large, or not")]
    built = [report(), report(label="a.jsonl:2", findings=[finding()])]
    built.append(report(label="b.json", findings=unsure))
    assert (
        written(built, "a.jsonl:3: not JSON: x", budget=Decimal("0.5"))
        == """\
## 3 requests: 1 pass, 1 fail, 1 unsure; 1 could not be read as a request

`What may be sent would cost USD 0.91; the budget is USD 0.50`. **Over budget.**

| request | verdict | reasons | cost |
| --- | --- | --- | --- |
| `a.jsonl:2` | fail | `video-too-large`: `the video is too large` | `USD 0.46` |
| `a.jsonl:3` | no request | `a.jsonl:3: not JSON: x` |  |
| `b.json` | unsure | `video-too-large`: `large, or not` | `USD 0.46` |

| reason | level | requests |
| --- | --- | ---: |
| `video-too-large` | error | 1 |
| `video-too-large` | unsure | 1 |

1 request passes.
"""
    )


def test_passes_are_only_counted() -> None:
    assert written([report()] * 3) == (
        "## 3 requests: 3 pass, 0 fail, 0 unsure\n\n"
        "`What may be sent would cost USD 1.37`.\n\n"
        "3 requests pass.\n"
    )


def test_what_fails_stands_before_what_is_unsure() -> None:
    built = reports()
    assert [row[1] for row in rows(written([built[2], built[1], built[2]]))] == [
        "fail", "unsure", "unsure",
    ]  # fmt: skip


def test_rows_have_a_bound_and_the_rest_is_counted() -> None:
    unsure, failing = reports()[2], reports()[1]
    text = written([unsure] * 5 + [failing] * 2, "x.jsonl:1: no", rows=4)
    assert [row[1] for row in rows(text)] == ["fail", "fail", "no request", "unsure"]
    assert "\n\nand 4 more\n" in text
    assert "more" not in written([unsure] * 4, rows=4)


def test_memory_has_a_bound() -> None:
    writer, failing = Markdown("USD"), report(label="x" * 300, findings=[finding()])
    tally = ReportTally(None)
    for _ in range(1000):
        writer.report(failing)
        tally.add(failing)
    assert len(writer._failing.rows) == 200
    assert "\nand 800 more\n" in writer.end(tally.totals())


@pytest.mark.parametrize("sign", ["|", "`", "🎬", "`|", "\x00"])
def test_the_largest_summary_is_one_that_github_shows(sign: str) -> None:
    texts = {"message": sign * 2000, "remedy": "x", "rule": sign * 2000}
    findings = {
        level: [finding(level, **texts | {"field": str(number)}) for number in range(30)]
        for level in (Level.ERROR, Level.UNSURE)
    }
    built = [report(label=sign * 2000, findings=item) for item in findings.values()] * 200
    text = written(built, *[f"{sign * 2000}.json: {sign * 2000}"] * 200)
    assert len(text.encode()) < LIMIT
    shown = len(rows(text))
    assert 0 < shown <= 200
    assert f"\nand {600 - shown} more\n" in text


def test_the_ten_worst_reasons_are_counted() -> None:
    built = [
        report(findings=[finding(Level.UNSURE, rule=f"rule-{number}")])
        for number in range(12)
        for _ in range(number + 1)
    ]
    built.append(report(findings=[finding(rule="worst")]))
    reasons = written(built).partition("---: |\n")[2].splitlines()
    assert reasons[0] == "| `worst` | error | 1 |"
    assert reasons[1] == "| `rule-11` | unsure | 12 |"
    assert reasons[9] == "| `rule-3` | unsure | 4 |"
    assert reasons[10:12] == ["", "and 3 more reasons"]


def test_a_request_with_many_reasons_shows_five() -> None:
    findings = [finding(rule=f"rule-{number}") for number in range(7)]
    ((_, _, reasons, _),) = rows(written([report(findings=findings)]))
    assert reasons.count("<br>") == 5
    assert reasons.endswith("<br>and 2 more")


@pytest.mark.parametrize("strict", [False, True])
def test_a_warning_is_a_reason_only_when_it_is_strict(strict: bool) -> None:  # noqa: FBT001
    text = written([report(findings=[finding(Level.WARNING)], strict=strict)])
    assert len(rows(text)) == int(strict)
    assert text.endswith(f"{int(not strict)} request{'s pass' if strict else ' passes'}.\n")


def test_a_request_that_no_finding_speaks_against_is_in_the_table() -> None:
    checked = report(findings=[], video=unmeasured(Reason.UNREADABLE, "it broke"))
    assert rows(written([checked])) == [
        ["`dance.json`", "unsure", "`the reference video was not measured: it broke`", "not known"]
    ]


@pytest.mark.parametrize("state", State)
def test_a_submission_that_went_wrong_is_in_the_table(state: State) -> None:
    writer, built = Markdown("USD"), report()
    assert writer.report(built, intent(state=state, error="why")) == ""
    result = rows(writer.end(totals([built], None)))
    fine = state in {State.SENDING, State.SUBMITTED, State.COMPLETED}
    row = ["`dance.json`", state.value, f"`{state.value}: why`", "`USD 0.46`"]
    assert result == ([] if fine else [row])


def test_of_a_long_label_the_end_is_shown_and_of_a_message_the_beginning() -> None:
    checked = report(label=f"{'a' * 300}/b.json", findings=[finding(message=f"c {'d' * 500}")])
    ((label, _, reasons, _),) = rows(written([checked]))
    assert label.startswith("`…aaa")
    assert label.endswith("/b.json`")
    assert len(label) == 202
    assert reasons.startswith("`video-too-large`: `c ddd")
    assert reasons.endswith("ddd…`")
    assert len(reasons) == len("`video-too-large`: ") + 402


@given(text=TEXTS)
def test_the_escapes_come_back(text: str) -> None:
    code = _code(text, 10_000)
    assert read(code) == printable(text)
    assert not set(code) & set("|\n\r")


@given(label=TEXTS, message=TEXTS, rule=TEXTS, mistake=TEXTS)
def test_whatever_the_texts_hold_stands_in_code(
    label: str, message: str, rule: str, mistake: str
) -> None:
    checked = report(label=label, findings=[finding(message=message, rule=rule)])
    text = written([checked], mistake)
    assert text.splitlines() == text.split("\n")[:-1]
    outside = SPAN.sub("", text)
    cells = [line for line in outside.split("\n") if line.startswith("|")]
    assert [line.count("|") for line in cells] == [5, 5, 5, 5, 4, 4, 4]
    assert re.sub("[|: -]", "", "".join(cells[2:4] + cells[6:])) == "failnorequesterror1"


def test_the_secrets_of_a_url_are_not_shown() -> None:
    signed = "https://u:s3cret@apimart-user.com/many.jsonl?sig=s3cret"
    broken = unmeasured(Reason.UNREADABLE, f"no {signed}")
    assert "s3cret" not in written([report(label=signed, findings=[], video=broken)])
