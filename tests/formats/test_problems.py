"""What a document lists besides reports has a bound, and says what it leaves out."""

from __future__ import annotations

import json
from dataclasses import replace

from motion_preflight.formats.json import Json
from motion_preflight.formats.problems import LISTED, Problems, error_document
from motion_preflight.report.totals import totals
from motion_preflight.request.errors import ManifestInvalid


def test_a_million_unreadable_lines_are_counted_and_the_first_are_listed() -> None:
    writer, count = Json(), LISTED + 1234
    for number in range(count):
        assert writer.invalid_entry(ManifestInvalid(f"many.jsonl:{number + 1}: not JSON")) == ""
    document = json.loads(writer.begin() + writer.end(totals([], None)))
    assert document["summary"]["unreadable"] == count
    assert len(document["errors"]) == LISTED + 1
    assert document["errors"][LISTED - 1]["place"] == f"many.jsonl:{LISTED}"
    assert document["errors"][-1] == {
        "place": None,
        "message": "1,234 more problems are not listed here",
    }


def test_an_interruption_comes_last_and_says_how_much_is_reported() -> None:
    problems = Problems()
    problems.failure("the ledger is gone", "a.json")
    result = problems.documents(replace(totals([], None), interrupted=True))
    assert [item["place"] for item in result] == ["a.json", None]
    assert result[1]["message"] == "interrupted; 0 requests are reported"


def test_a_message_keeps_no_secret_no_control_character_and_no_more_than_a_thousand() -> None:
    url = "https://user:s3cret@example.com/clip.mp4?sig=s3cret#s3cret"
    for padding in (0, 980, 7990):
        document = error_document(f"{'x' * padding} \x1b[31m{url}", f"{url}\u202e")
        assert "s3cret" not in str(document)
        assert "\x1b" not in document["message"]
        assert len(document["message"]) <= 1000
        assert "\u202e" not in str(document["place"])
