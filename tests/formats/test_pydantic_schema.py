"""Frameworks built on pydantic write the values of the library as the commands do."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from typing import Any

import httpx
import pytest
from builders import body, intent, report, video
from fastapi import FastAPI
from pydantic import BaseModel, TypeAdapter, ValidationError

from motion_preflight import Estimate, MediaFacts, Receipt, Report

SIGNED = "https://apimart-user.com/clip.mp4?token=5ecret"
REPORT = report(body(video_url=SIGNED), video=video(location=SIGNED))


def service() -> FastAPI:
    app = FastAPI()

    @app.get("/report")
    def answer() -> Report:
        return REPORT

    @app.get("/facts")
    async def facts() -> MediaFacts:
        assert isinstance(REPORT.video, MediaFacts)
        return REPORT.video

    @app.get("/estimates")
    def estimates() -> list[Estimate | None]:
        return [REPORT.estimate, None]

    @app.get("/receipt")
    def receipt() -> Receipt:
        return intent(intent="abc", idempotency_key="key")

    @app.post("/verdict")
    def verdict(read: Report) -> str:
        return read.verdict

    return app


def ask(method: str, path: str, **content: Any) -> httpx.Response:
    """What the service answers, called as a server would call it."""

    async def answer() -> httpx.Response:
        transport = httpx.ASGITransport(service())
        async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
            return await client.request(method, path, **content)

    return asyncio.run(answer())


def test_an_endpoint_answers_with_the_document_of_the_value() -> None:
    assert ask("GET", "/report").json() == REPORT.to_dict()
    assert ask("GET", "/facts").json() == REPORT.to_dict()["facts"]["video"]
    assert ask("GET", "/estimates").json() == [REPORT.to_dict()["estimate"], None]
    expected = intent(intent="abc", idempotency_key="key").to_dict()
    assert ask("GET", "/receipt").json() == expected


def test_an_endpoint_takes_a_report_and_refuses_what_is_none() -> None:
    assert ask("POST", "/verdict", json=REPORT.to_dict()).json() == "pass"
    refused = ask("POST", "/verdict", json=REPORT.to_dict() | {"verdict": "fine"})
    assert refused.status_code == 422
    assert "'pass', 'fail' or 'unsure'" in refused.text


def test_the_description_of_a_service_shows_the_schema_of_its_report() -> None:
    description = ask("GET", "/openapi.json").json()
    answer = description["paths"]["/report"]["get"]["responses"]["200"]["content"]
    reference = answer["application/json"]["schema"]["$ref"]
    schemas = description["components"]["schemas"]
    shape = schemas[reference.rpartition("/")[2]]
    assert set(shape["required"]) == set(REPORT.to_dict())
    medium = next(shape for name, shape in schemas.items() if name.startswith("MediaDocument"))
    assert medium["properties"]["size"]["description"] == "Bytes."


class Checked(BaseModel):
    """A model of somebody's own."""

    report: Report
    facts: MediaFacts | None = None


def test_a_value_is_a_field_of_a_model() -> None:
    model = Checked(report=REPORT)
    assert model.report is REPORT
    assert model.model_dump()["report"] == REPORT.to_dict()
    assert json.loads(model.model_dump_json())["report"] == REPORT.to_dict()
    read = Checked.model_validate_json(model.model_dump_json())
    assert read.report.to_dict() == REPORT.to_dict()
    assert "ReportDocument" in Checked.model_json_schema(mode="validation")["$defs"]
    assert "ReportDocument" in Checked.model_json_schema(mode="serialization")["$defs"]


@pytest.mark.parametrize("value", [{}, None, "pass"])
def test_of_the_documents_only_a_report_is_read(value: Any) -> None:
    with pytest.raises(ValidationError, match="it must be of the class Estimate"):
        TypeAdapter(Estimate).validate_python(value)
    with pytest.raises(ValidationError):
        TypeAdapter(Report).validate_python(value)


@pytest.mark.process
def test_a_report_is_shown_without_pydantic() -> None:
    code = """
import sys
from motion_preflight import preflight
report = preflight({})
str(report), repr(report), report.to_json(), report._repr_html_()
print("pydantic" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
