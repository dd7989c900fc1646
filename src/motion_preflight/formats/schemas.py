"""The JSON Schemas that are installed with the package, by the names that the command takes.

Each is made by `scripts/make_schema.py` from the type that is named here, and stands beside this
file.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple


class Schema(NamedTuple):
    """A schema: where the type is of which it is made, and what it describes."""

    module: str  # in this package
    type: str
    about: str


SCHEMAS = {
    "request": Schema("request_schema", "RequestDocument", "a request, as its file holds it"),
    "report": Schema("schema", "ReportsDocument", "what check, estimate and submit print as JSON"),
    "facts": Schema("schema", "ProbesDocument", "what probe prints as JSON"),
    "tasks": Schema("schema", "TasksDocument", "what tasks prints as JSON"),
    "fix": Schema("fix_schema", "FixesDocument", "what fix prints as JSON"),
    "publish": Schema("publish_schema", "PublishDocument", "what publish prints as JSON"),
    "spend": Schema("spend_schema", "SpendDocument", "what spend prints as JSON"),
    "result": Schema("result_schema", "ResultDocument", "what --download puts beside a result"),
    "rules": Schema("rules_schema", "RulesDocument", "what rules prints as JSON"),
}


def schema_file(name: str) -> str:
    """The name of the file of a schema."""
    return f"{name}.schema.json"


def schema_text(name: str) -> str:
    """The text of a schema, also where the package is a zip file."""
    file = Path(__file__).with_name(schema_file(name))
    if file.is_file():
        return file.read_text(encoding="utf-8")
    from importlib import resources  # noqa: PLC0415  takes longer to import than to read the file

    return resources.files(__package__).joinpath(file.name).read_text(encoding="utf-8")


def schema_list() -> str:
    """Every schema with what it describes, a line each."""
    lines = [f"{name:<10}{schema.about}" for name, schema in SCHEMAS.items()]
    return "\n".join([*lines, "", "`motion-preflight schema NAME` prints one."])
