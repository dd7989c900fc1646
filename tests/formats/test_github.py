"""Workflow commands: read back as GitHub's runner reads them, whatever the texts hold."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest
from builders import body, finding, intent, report, reports, unmeasured, video
from hypothesis import given
from hypothesis import strategies as st
from odd_texts import HOSTILE

from motion_preflight.formats import github
from motion_preflight.formats.github import Github, _data, _property
from motion_preflight.formats.source_location import SourceLocation, place_of, place_of_mistake
from motion_preflight.formats.summary import unexplained
from motion_preflight.formats.writer import Writer
from motion_preflight.network.errors import Reason
from motion_preflight.provider.state import State
from motion_preflight.report.findings import Level, Report
from motion_preflight.report.totals import totals
from motion_preflight.request.errors import ManifestInvalid
from motion_preflight.request.files import read_requests
from motion_preflight.submission.receipt import Receipt
from motion_preflight.text.locations import printable

TEXTS = st.text(st.characters()) | st.sampled_from(HOSTILE)


@dataclass(frozen=True)
class Command:
    """What the runner makes of a line."""

    kind: str
    properties: dict[str, str]
    message: str


def read(line: str) -> Command:
    """A line as the runner reads it: the command ends at the second `::`, what is escaped comes
    back in the runner's order, the percent sign last.
    """
    assert line.startswith("::")
    head, _, data = line[2:].partition("::")
    kind, _, listed = head.partition(" ")
    pairs = [part.split("=", 1) for part in listed.strip().split(",") if part]
    properties = {pair[0]: restored(pair[1], "%3A:", "%2C,") for pair in pairs if len(pair) == 2}
    return Command(kind, properties, restored(data))


def restored(text: str, *more: str) -> str:
    for escape in ("%0D\r", "%0A\n", *more, "%25%"):
        text = text.replace(escape[:3], escape[3:])
    return text


def commands(text: str) -> list[Command]:
    """Every line is a command; the runner ends a line at CR and LF, others at more than that."""
    assert text == "" or text.endswith("\n")
    assert text.splitlines() == text.split("\n")[:-1]
    return [read(line) for line in text.splitlines()]


def annotated(built: Report, receipt: Receipt | None = None) -> str:
    """What is written about one report, without the summary."""
    writer = Github()
    assert writer.report(built, receipt) == ""
    annotations, command, summary = writer.end(totals([], None)).rpartition("::notice title=")
    assert command
    assert summary.endswith("0 unsure. What may be sent would cost USD 0.00.\n")
    return annotations


def annotations_of(built: Report) -> list[tuple[str, str]]:
    return [(command.kind, command.properties["title"]) for command in commands(annotated(built))]


def test_a_batch_reads_like_this() -> None:
    built, writer = reports(), Github()
    whole: Writer = writer
    assert whole.begin() == ""
    assert [writer.report(item) for item in built] == ["", "", ""]
    assert writer.invalid_entry(ManifestInvalid("many.jsonl:18: not JSON: Expecting value")) == (
        "::error file=many.jsonl,line=18,title=no request::"
        "many.jsonl:18: not JSON: Expecting value\n"
    )
    lines = [line.partition("%0A")[0] for line in writer.end(totals(built, None)).splitlines()]
    assert lines[0] == (
        "::error file=list.json,title=video-duration-above-maximum (list.json[2])"
        "::the video is 42.000 s (header, container, video agree); "
        'character_orientation "video" allows 3 to 30 s.'
    )
    assert lines[1] == (
        "::warning file=many.jsonl,line=17,title=video-duration-above-maximum (many.jsonl%3A17)"
        "::the video is 8.000 s to 10.400 s, by how it is read (header 8.000 s, container "
        '8.000 s, video 10.400 s); character_orientation "image" allows 3 to 10 s. '
        "The header and the container say 8.000 s, the video's samples last 10.400 s."
    )
    assert lines[2:] == [
        (
            "::notice title=motion-preflight%3A summary::3 requests: 1 pass, 1 fail, 1 unsure; "
            "1 could not be read as a request. What may be sent would cost USD 0.91 to 1.09."
        )
    ]


def test_equal_findings_of_a_file_are_one_annotation_that_names_the_first() -> None:
    writer = Github()
    built = [
        report(label=label, findings=[finding()])
        for label in ("one.json", *(f"many.jsonl:{line}" for line in range(3, 9)))
    ]
    assert {writer.report(item) for item in built} == {""}
    many, one, _ = commands(writer.end(totals(built, None)))
    assert many.properties == {
        "file": "many.jsonl",
        "line": "3",
        "title": "video-too-large (many.jsonl:3 and 5 more)",
    }
    assert many.message == (
        "the video is too large\nmake it smaller\n"
        "In 5 other requests too: many.jsonl:4, many.jsonl:5 and 3 more"
    )
    assert one.properties == {"file": "one.json", "title": "video-too-large (one.json)"}


def test_findings_beyond_what_is_kept_are_written_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(github, "_KEPT", 1)
    writer = Github()
    assert writer.report(report(label="a.jsonl:1", findings=[finding()])) == ""
    (other,) = commands(writer.report(report(label="b.jsonl:1", findings=[finding()])))
    assert other.properties["title"] == "video-too-large (b.jsonl:1)"
    assert writer.report(report(label="a.jsonl:2", findings=[finding()])) == ""
    first, _ = commands(writer.end(totals([], None)))
    assert first.properties["title"] == "video-too-large (a.jsonl:1 and 1 more)"


def test_the_message_has_the_remedy_on_a_line_of_its_own() -> None:
    (result,) = commands(annotated(report(findings=[finding()])))
    assert result.message == "the video is too large\nmake it smaller"


@pytest.mark.parametrize(
    ("level", "strict", "kind"),
    [
        (Level.ERROR, False, "error"),
        (Level.UNSURE, False, "warning"),
        (Level.WARNING, False, "warning"),
        (Level.WARNING, True, "error"),
    ],
)
def test_what_decides_is_an_error_unless_it_is_unsure(
    *, level: Level, strict: bool, kind: str
) -> None:
    checked = report(findings=[finding(level)], strict=strict)
    assert annotations_of(checked) == [(kind, "video-too-large (dance.json)")]


def test_a_note_is_worth_no_line() -> None:
    """Of the few notices that a job shows, one is the summary."""
    assert annotations_of(report(findings=[finding(Level.NOTE)])) == []
    both = annotations_of(report(findings=[finding(Level.NOTE), finding(Level.ERROR)]))
    assert [kind for kind, _ in both] == ["error"]


def test_what_decides_stands_first_and_the_worst_before_the_others() -> None:
    levels = [Level.NOTE, Level.WARNING, Level.UNSURE, Level.ERROR]
    checked = report(findings=[finding(level, rule=level.value) for level in levels])
    assert [title for _, title in annotations_of(checked)] == [
        f"{level} (dance.json)" for level in ("error", "unsure", "warning")
    ]


def test_a_pass_says_nothing() -> None:
    assert annotated(report()) == ""


def test_a_request_that_no_finding_speaks_against_does_not_look_like_a_pass() -> None:
    checked = report(video=unmeasured(Reason.UNREADABLE, "it broke https://a.example/?k=s3cret"))
    silent = report(findings=[finding(Level.NOTE)], video=checked.video)
    assert unexplained(checked) is None
    assert annotations_of(silent)[0] == ("warning", "not measured (dance.json)")
    assert commands(annotated(silent))[0].message == (
        "the reference video was not measured: it broke https://a.example/?k=…"
    )


@pytest.mark.parametrize(
    ("state", "kind"),
    [(State.COMPLETED, None), (State.SUBMITTED, None), (State.SENDING, None)]
    + [(state, "error") for state in (State.UNKNOWN, State.REJECTED, State.FAILED,
                                      State.CANCELLED, State.NOT_SENT)],
)  # fmt: skip
def test_a_submission_that_went_wrong_is_an_error(state: State, kind: str | None) -> None:
    receipt = intent(state=state, error="no answer from https://a.example/?k=s3cret")
    result = commands(annotated(report(), receipt))
    expected = f"{state.value}: no answer from https://a.example/?k=…"
    assert [(item.kind, item.message) for item in result] == ([(kind, expected)] if kind else [])


@pytest.mark.parametrize("budget", [None, Decimal(2), Decimal("0.5")])
def test_the_summary_is_a_notice_and_over_budget_an_error(budget: Decimal | None) -> None:
    writer, built = Github(), [report()] * 2
    for item in built:
        writer.report(item)
    (result,) = commands(writer.end(totals(built, budget)))
    over = budget == Decimal("0.5")
    assert result.kind == ("error" if over else "notice")
    assert result.properties["title"] == f"motion-preflight: {'over budget' if over else 'summary'}"
    cost = "What may be sent would cost USD 0.91"
    assert result.message.endswith(
        f"{cost}." if budget is None else f"{cost}; the budget is USD {budget:.2f}."
    )


def test_the_summary_of_nothing_names_no_cost() -> None:
    (result,) = commands(Github().end(totals([], None)))
    assert result.message == "0 requests: 0 pass, 0 fail, 0 unsure."


def test_what_has_no_price_is_counted() -> None:
    writer, built = Github(), report(findings=[], video=video(durations=video().durations))
    unpriced = report(body(mode="x"), findings=[])
    text = [writer.report(item) for item in (built, unpriced)]
    assert text == ["", ""]
    message = commands(writer.end(totals([built, unpriced], None)))[0].message
    assert message.endswith("What may be sent would cost USD 0.46, 1 without a price.")


@given(text=st.text(st.characters(exclude_categories=["Cs"])))
def test_the_escapes_come_back(text: str) -> None:
    for escaped, back in (
        (_data(text), restored(_data(text))),
        (_property(text), restored(_property(text), "%3A:", "%2C,")),
    ):
        assert back == text
        assert not set(escaped) & set("\r\n")
    assert not set(_property(text)) & set(":,")


@given(label=TEXTS, message=TEXTS, remedy=TEXTS, rule=TEXTS)
def test_whatever_the_texts_hold_a_finding_is_one_command(
    label: str, message: str, remedy: str, rule: str
) -> None:
    checked = report(label=label, findings=[finding(message=message, remedy=remedy, rule=rule)])
    (result,) = commands(annotated(checked))
    assert result.kind == "error"
    assert set(result.properties) <= {"file", "line", "title"}
    assert result.message == shown(f"{message}\n{remedy}")
    assert len(result.properties["title"]) <= 255


def shown(text: str) -> str:
    """A text as it stands in a command: other runners look for their signs inside of it."""
    lines = "\n".join(printable(line) for line in text.split("\n"))
    return re.sub(r"#(?=#[A-Za-z0-9_.-]{0,40}\[)", "# ", lines)


@given(text=TEXTS)
def test_whatever_is_wrong_with_a_manifest_is_one_command(text: str) -> None:
    (result,) = commands(Github().invalid_entry(ManifestInvalid(text)))
    assert result.kind == "error"
    assert result.message == shown(text)


@pytest.mark.parametrize(
    ("label", "place"),
    [
        ("dance.json", SourceLocation("dance.json")),
        ("list.json[2]", SourceLocation("list.json")),
        ("sub dir/a,b:c%.json[0]", SourceLocation("sub dir/a,b:c%.json")),
        ("many.jsonl:17", SourceLocation("many.jsonl", 17)),
        ("MANY.NDJSON:1", SourceLocation("MANY.NDJSON", 1)),
        (r"C:\work\table.csv:3", SourceLocation(r"C:\work\table.csv", 3)),
        ("a.csv:1:2.csv:4", SourceLocation("a.csv:1:2.csv", 4)),
        ("-:2", SourceLocation("-", 2)),
        ("-[2]", SourceLocation("-")),
        ("-", SourceLocation("-")),
        ("request", SourceLocation("request")),
        ("notes:12", SourceLocation("notes:12")),
        ("many.jsonl:0", SourceLocation("many.jsonl:0")),
        ("many.jsonl:99999999999", SourceLocation("many.jsonl:99999999999")),
        ("many.jsonl:\u0663", SourceLocation("many.jsonl:\u0663")),
        ("", SourceLocation("")),
        ("https://user:p@apimart-user.com/a?k=s3cret", SourceLocation("https://…@apimart-user.com/a?k=…")),
    ],
)  # fmt: skip
def test_a_label_names_a_file_and_a_line(label: str, place: SourceLocation) -> None:
    assert place_of(label) == place


@pytest.mark.parametrize("label", ["-:2", "-", "-[1]", "request", ""])
def test_what_stands_in_no_file_is_named_in_the_title_only(label: str) -> None:
    (result,) = commands(annotated(report(label=label, findings=[finding()])))
    assert result.properties == {"title": f"video-too-large ({label})"}


@pytest.mark.parametrize(
    ("name", "content", "place"),
    [
        ("many.jsonl", "{}\n{", ("many.jsonl", 2)),
        ("many.jsonl", "{}\n[1]\n", ("many.jsonl", 2)),
        ("a, b.ndjson", "{}\n\n{,}", ("a, b.ndjson", 3)),
        ("table.csv", "model,mode\na,b\na,b,c\n", ("table.csv", 3)),
        ("table.csv", "", ("table.csv", None)),
        ("list.json", '[\n1,\n{"model": 1}\n]', ("list.json", None)),
        ("dance.json", '{\n "model": "x",\n}', ("dance.json", 2)),
        ("dance.json", "", ("dance.json", None)),
        ("none.json", None, ("none.json", None)),
        ("clip.mp4", "\0\0\0\x18ftypisom", ("", None)),
        ("request.txt", "{", ("", None)),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_manifest_says_where(
    tmp_path: Path, name: str, content: str | None, place: tuple[str, int | None]
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_text(content, encoding="utf-8")
    results = [
        request for request in read_requests(str(path)) if isinstance(request, ManifestInvalid)
    ]
    file = str(path) if place[0] else ""
    assert [place_of_mistake(str(item)) for item in results] == [SourceLocation(file, place[1])]


def test_the_secrets_of_a_url_are_not_shown() -> None:
    signed = "https://apimart-user.com/many.jsonl?sig=s3cret"
    text = annotated(report(body(video_url=signed), label=signed, findings=[finding()]))
    assert "s3cret" not in text
