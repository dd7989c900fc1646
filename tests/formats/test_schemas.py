"""The schemas that the package brings describe what is written, and what is read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from builders import body
from conftest import Program
from jsonschema import Draft202012Validator
from paths import FIXTURES

from motion_preflight.cli import exit_codes
from motion_preflight.formats.request_schema import RequestDocument
from motion_preflight.formats.schemas import SCHEMAS, schema_text
from motion_preflight.report.findings import Authority, Level
from motion_preflight.request.parse import FIELDS, REQUIRED, violations
from motion_preflight.rules import RULES

REQUESTS = sorted((FIXTURES / "requests").glob("*/*.json"))


def validator(name: str) -> Draft202012Validator:
    document = json.loads(schema_text(name))
    Draft202012Validator.check_schema(document)
    return Draft202012Validator(document)


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_has_the_name_that_its_documents_carry(name: str) -> None:
    document = json.loads(schema_text(name))
    identity = f"motion-preflight/{name}/1"
    assert document["$id"] == identity
    assert document["properties"].get("schema", {"const": identity})["const"] == identity


@pytest.mark.process
def test_the_command_prints_each_schema_and_lists_them(program: Program) -> None:
    listed = program("schema")
    assert listed.returncode == exit_codes.OK
    assert [line.split()[0] for line in listed.stdout.splitlines()[: len(SCHEMAS)]] == [*SCHEMAS]
    assert program("schema", "report").stdout == schema_text("report")
    unknown = program("schema", "reports")
    assert unknown.returncode == exit_codes.CANNOT_RUN
    assert "reports" in unknown.stderr


@pytest.mark.parametrize(
    "path", [path for path in REQUESTS if ".report" not in path.name], ids=lambda path: path.name
)
def test_the_schema_of_a_request_takes_what_breaks_no_contract(path: Path) -> None:
    request = json.loads(path.read_text("utf-8"))
    assert validator("request").is_valid(request) is (not violations(request))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("mode", "fast"),
        ("character_orientation", None),
        ("keep_original_sound", True),
        ("watermark_info", None),
        ("watermark_info", {"enabled": "no"}),
        ("prompt", 7),
    ],
)
def test_the_schema_of_a_request_refuses_what_the_check_refuses(field: str, value: object) -> None:
    wrong: dict[str, Any] = body(**{field: value})
    assert violations(wrong)
    assert not validator("request").is_valid(wrong)


def test_the_schema_of_a_request_has_the_fields_of_the_api() -> None:
    assert set(RequestDocument.__annotations__) == set(FIELDS)
    assert set(json.loads(schema_text("request"))["required"]) == set(REQUIRED)
    assert validator("request").is_valid(body(seed=7))  # a field that nobody knows is a warning


@pytest.mark.process
def test_the_rules_are_a_document_too(program: Program, tmp_path: Path) -> None:
    done = program("rules", "--format", "json")
    document = json.loads(done.stdout)
    validator("rules").validate(document)
    assert [rule["id"] for rule in document["rules"]] == [module.RULE.id for module in RULES]
    (one,) = json.loads(program("rules", "video-too-large", "--format=json").stdout)["rules"]
    assert one in document["rules"]
    assert (one["level"], one["authority"], one["as_of"]) == ("error", "apimart", "2026-11-22")
    file = tmp_path / "rules.json"
    assert program("rules", "--format", f"json={file}").stdout == ""
    assert json.loads(file.read_text("utf-8")) == document


@pytest.mark.process
def test_a_rule_that_is_none_is_in_the_document(program: Program) -> None:
    done = program("rules", "video-to-large", "--format", "json")
    document = json.loads(done.stdout)
    validator("rules").validate(document)
    assert done.returncode == exit_codes.CANNOT_RUN
    assert document["rules"] == []
    assert 'was "video-too-large" meant?' in document["errors"][0]["message"]


def test_the_words_of_the_documents_are_those_of_the_program() -> None:
    rule = json.loads(schema_text("rules"))["$defs"]["RuleDocument"]["properties"]
    assert rule["level"]["enum"] == [level.value for level in Level]
    assert rule["authority"]["enum"] == [authority.value for authority in Authority]
