#!/usr/bin/env python3
"""Writes the JSON Schemas of what the program prints, from the types that make it.

`--check` writes nothing and names the schemas that are out of date.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from pydantic import ConfigDict, TypeAdapter
from typing_extensions import is_typeddict

from motion_preflight.formats import fix_schema as fix_types
from motion_preflight.formats import media_schema as media_types
from motion_preflight.formats import publish_schema as publish_types
from motion_preflight.formats import schema as types

FOLDER = Path(types.__file__).parent
SCHEMAS: dict[str, Any] = {
    "report.schema.json": types.ReportsDocument,
    "facts.schema.json": types.ProbesDocument,
    "fix.schema.json": fix_types.FixesDocument,
    "publish.schema.json": publish_types.PublishDocument,
    "tasks.schema.json": types.TasksDocument,
}


for kind in (
    kind
    for module in (types, media_types, fix_types, publish_types)
    for kind in vars(module).values()
):
    if is_typeddict(kind):  # the text below a field is its description
        kind.__pydantic_config__ = ConfigDict(use_attribute_docstrings=True)


def schema(name: str) -> str:
    """One schema as it is committed."""
    built = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    built |= TypeAdapter(SCHEMAS[name]).json_schema()
    text = json.dumps(built, indent=1).replace("\\n", " ")  # a description is one line
    return text + "\n"


def main() -> int:
    arguments = argparse.ArgumentParser(prog="make_schema.py", description="Writes the schemas.")
    arguments.add_argument("--check", action="store_true", help="write nothing, name what is old")
    check = arguments.parse_args().check
    old = [name for name in SCHEMAS if (FOLDER / name).read_text("utf-8") != schema(name)]
    for name in old:
        print(name)
        if not check:
            (FOLDER / name).write_text(schema(name), encoding="utf-8")
    return 1 if check and old else 0


if __name__ == "__main__":
    sys.exit(main())
