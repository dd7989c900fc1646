"""The JSON documents are the contract: shape, numbers, redaction, schema."""

from __future__ import annotations

import json
from decimal import Decimal
from importlib import metadata
from pathlib import Path
from typing import get_args

import pytest
from builders import NOW, PROFILE, body, image, unmeasured, video, with_stream
from processes import run_script
from pydantic import TypeAdapter

from motion_preflight import Report, preflight
from motion_preflight.formats import schema
from motion_preflight.formats.document import (
    media_document,
    probes_document,
    report_document,
    tasks_document,
)
from motion_preflight.formats.fixes import fixes_document
from motion_preflight.formats.json import Json, json_text
from motion_preflight.formats.media_schema import MediaDocument, ReasonWord
from motion_preflight.formats.schema import ProbesDocument, ReportsDocument
from motion_preflight.media.facts import Measured
from motion_preflight.network.errors import Reason
from motion_preflight.report.totals import Totals, totals
from motion_preflight.suitability import Suitability, fits
from motion_preflight.text.version import VERSION

FACTS_SCHEMA = Path(schema.__file__).parent / "facts.schema.json"
SECRET = "https://apimart-user.com/clip.mp4?X-Amz-Signature=s3cret&plain#frag-s3cret"


def report(**fields: object) -> Report:
    return preflight(body(**fields), timeout=0.2)


def written(reports: list[Report], totals: Totals) -> str:
    writer = Json()
    return "".join([writer.begin(), *map(writer.report, reports), writer.end(totals)])


@pytest.mark.parametrize("number", [0, 1, 2, 3])
def test_a_document_written_in_parts_is_as_if_written_at_once(number: int) -> None:
    built = [report(video_url="not-there.mp4", prompt="a\nb")] * number
    text = written(built, totals(built, None))
    assert text == json.dumps(json.loads(text), indent=1) + "\n"
    assert json.loads(text)["summary"]["total"] == number


@pytest.mark.process
def test_the_committed_schemas_are_those_of_the_types() -> None:
    done = run_script("make_schema.py", "--check")
    assert done.returncode == 0, f"run scripts/make_schema.py ({done.stdout}{done.stderr})"


def test_a_report_fits_its_schema_and_every_key_is_there() -> None:
    checked = report(video_url="not-there.mp4", image_url="not-there.png")
    document = json.loads(written([checked], totals([checked], None)))
    TypeAdapter(ReportsDocument).validate_python(document, strict=True)
    assert list(document) == ["schema", "tool", "reports", "summary", "interrupted", "errors"]
    assert list(document["reports"][0]) == [
        "label", "verdict", "request", "findings", "skipped", "facts", "estimate", "receipt",
    ]  # fmt: skip


def test_a_document_names_the_program_and_its_version() -> None:
    tool = {"name": "motion-preflight", "version": VERSION}
    assert json.loads(written([], totals([], None)))["tool"] == tool
    assert probes_document([])["tool"] == tasks_document([])["tool"] == tool
    assert fixes_document([], [])["tool"] == tool


def test_the_version_is_that_of_the_installed_package() -> None:
    assert metadata.version("motion-preflight") == VERSION


def test_a_probe_fits_its_schema() -> None:
    clip = video()
    media: list[Measured] = [clip, unmeasured(Reason.MISSING)]
    results = [(medium, fits(medium, profile=PROFILE, now=NOW)) for medium in media]
    document = probes_document(results)
    TypeAdapter(ProbesDocument).validate_python(document, strict=True)
    assert document["reports"][0]["fits"] == {"image": "pass", "video": "pass"}
    assert document["reports"][1]["error"] == "why"


WORDS = ("contradiction", "clock_jump", "longer_track", "undecodable", "unscanned")


@pytest.mark.parametrize("name", WORDS)
def test_a_doubt_about_a_clip_is_among_its_facts(name: str) -> None:
    document = media_document(video(**{name: "why"}))
    TypeAdapter(MediaDocument).validate_python(document, strict=True)
    assert {word: document[word] for word in WORDS} == dict.fromkeys(WORDS) | {name: "why"}  # type: ignore[literal-required]


def test_what_is_seen_of_a_picture_is_among_its_facts() -> None:
    document = media_document(image(colour="CMYK", transparent=False))
    assert document is not None
    assert (document["colour"], document["transparent"]) == ("CMYK", False)
    document = media_document(video())
    assert document is not None
    assert (document["colour"], document["transparent"]) == (None, None)


def test_the_longest_frame_is_in_seconds() -> None:
    document = media_document(with_stream(longest_frame=Decimal("7.5")))
    assert document is not None
    assert document["video"] is not None
    assert document["video"]["longest_frame"] == 7.5


def test_the_schema_names_every_reason() -> None:
    assert list(get_args(ReasonWord)) == [reason.value for reason in Reason]


def test_the_schema_says_what_a_fact_is() -> None:
    kinds = json.loads(FACTS_SCHEMA.read_text("utf-8"))["$defs"]
    for kind in ("DurationsDocument", "DecodedDocument"):
        assert all(field["description"] for field in kinds[kind]["properties"].values())
    for name in (*WORDS, "colour", "transparent", "decoded", "reason"):
        assert kinds["MediaDocument"]["properties"][name]["description"]
    for name in ("frames", "longest_frame", "tracks", "encrypted"):
        assert kinds["VideoDocument"]["properties"][name]["description"]


def test_numbers_are_numbers_and_unknown_is_null() -> None:
    built = json.loads(json_text(probes_document([(video(size=None), Suitability({}, (), ()))])))
    facts = built["reports"][0]["facts"]["video"]
    assert facts["durations"]["header"] == 8.0
    assert facts["durations"]["scan"] is None
    assert facts["size"] is None
    assert facts["video"]["frame_rate"] == 30.0


def test_no_secret_of_a_url_is_in_the_document() -> None:
    checked = report(
        video_url="ftp://user:s3cret@apimart-user.com/a?k=s3cret", nested={"url": [SECRET]}
    )
    text = written([checked], totals([checked], Decimal(1)))
    assert "s3cret" not in text
    assert report_document(checked)["request"]["nested"]["url"] == [
        "https://apimart-user.com/clip.mp4?X-Amz-Signature=…&…#…"
    ]
