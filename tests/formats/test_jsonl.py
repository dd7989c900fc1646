"""JSON lines: a report a line, the same object as in the JSON document."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from builders import body, intent, report, reports
from odd_texts import HOSTILE

from motion_preflight.formats.document import report_document
from motion_preflight.formats.jsonl import JsonLines
from motion_preflight.formats.writer import Writer
from motion_preflight.report.totals import totals
from motion_preflight.request.errors import ManifestInvalid
from motion_preflight.text.version import VERSION

SIGNED = "https://user:s3cret@apimart-user.com/clip.mp4?X-Amz-Signature=s3cret#s3cret"


def test_every_report_is_a_line_and_a_run_without_problems_has_no_other() -> None:
    built, writer = reports(), JsonLines()
    whole: Writer = writer
    assert whole.begin() == ""
    lines = [writer.report(item) for item in built]
    tool = {"name": "motion-preflight", "version": VERSION}
    documents = [{"tool": tool, **report_document(item)} for item in built]
    assert [json.loads(line) for line in lines] == documents
    assert all(line.endswith("}\n") and line.count("\n") == 1 for line in lines)
    assert writer.end(totals(built, None)) == ""


def test_what_holds_no_request_and_what_ended_the_run_are_lines_of_their_own() -> None:
    writer, text = JsonLines(), "many.jsonl:2: not JSON: line 1: x"
    lines = [
        writer.invalid_entry(ManifestInvalid(text)),
        writer.failure(f"no ffprobe for {SIGNED}"),
    ]
    lines.append(writer.end(replace(totals([], None), interrupted=True)))
    assert [json.loads(line)["error"] for line in lines] == [
        {"place": "many.jsonl:2", "message": text},
        {
            "place": None,
            "message": "no ffprobe for https://…@apimart-user.com/clip.mp4?X-Amz-Signature=…#…",
        },
        {"place": None, "message": "interrupted; 0 requests are reported"},
    ]
    assert all(line.count("\n") == 1 for line in lines)


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_a_line_is_ascii_and_one_line_for_every_reader(text: str) -> None:
    line = JsonLines().report(report(body(prompt=text, note=[text]), label=text))
    assert line.isascii()
    assert len(line.splitlines()) == 1
    result = json.loads(line)
    assert (result["label"], result["request"]["prompt"]) == (text, report_document_prompt(text))


def report_document_prompt(text: str) -> object:
    """A prompt as the JSON document has it: a URL in it is redacted."""
    return report_document(report(body(prompt=text)))["request"]["prompt"]


def test_the_receipt_of_a_submission_is_in_its_line() -> None:
    receipt = intent()
    line = json.loads(JsonLines().report(report(), receipt))
    assert line["receipt"] == {
        "intent": receipt.intent, "state": "sending", "task_id": None,
        "cost": None, "files": [], "already_done": False,
    }  # fmt: skip
    assert json.loads(JsonLines().report(report()))["receipt"] is None


def test_no_secret_of_a_url_is_in_a_line() -> None:
    line = JsonLines().report(report(body(video_url=SIGNED, prompt=f"see {SIGNED}")))
    assert "s3cret" not in line
