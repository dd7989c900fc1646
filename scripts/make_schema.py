#!/usr/bin/env python3
"""Writes the JSON Schemas of what the program prints, from the types that make it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from pydantic import ConfigDict, TypeAdapter
from typing_extensions import is_typeddict

from motion_preflight.formats import schema as types

FOLDER = Path(types.__file__).parent
SCHEMAS: dict[str, Any] = {
    "report.schema.json": types.ReportsDocument,
    "facts.schema.json": types.ProbesDocument,
    "tasks.schema.json": types.TasksDocument,
}


for kind in vars(types).values():
    if is_typeddict(kind):  # the text below a field is its description
        kind.__pydantic_config__ = ConfigDict(use_attribute_docstrings=True)


def schema(name: str) -> str:
    """One schema as it is committed."""
    built = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    built |= TypeAdapter(SCHEMAS[name]).json_schema()
    text = json.dumps(built, indent=1).replace("\\n", " ")  # a description is one line
    return text + "\n"


def main() -> int:
    for name in SCHEMAS:
        (FOLDER / name).write_text(schema(name), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
