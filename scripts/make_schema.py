#!/usr/bin/env python3
"""Writes the JSON Schemas of what the program prints, from the types that make it.

`--check` writes nothing and names the schemas that are out of date.
"""

from __future__ import annotations

import argparse
import json
import sys
from importlib import import_module
from pathlib import Path

from motion_preflight.formats import schemas
from motion_preflight.formats.pydantic_schema import adapter_of

FOLDER = Path(schemas.__file__).parent


def schema(name: str) -> str:
    """One schema as it is committed."""
    module, kind, _ = schemas.SCHEMAS[name]
    made = adapter_of(getattr(import_module(f"motion_preflight.formats.{module}"), kind))
    described = made.json_schema()
    version = described["properties"].get("schema", {"const": f"motion-preflight/{name}/1"})
    built = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": version["const"],
        **described,
    }
    text = json.dumps(built, indent=1).replace("\\n", " ")  # a description is one line
    return text + "\n"


def file_of(name: str) -> Path:
    return FOLDER / schemas.schema_file(name)


def is_old(name: str) -> bool:
    return not file_of(name).exists() or file_of(name).read_text("utf-8") != schema(name)


def main() -> int:
    arguments = argparse.ArgumentParser(prog="make_schema.py", description="Writes the schemas.")
    arguments.add_argument("--check", action="store_true", help="write nothing, name what is old")
    check = arguments.parse_args().check
    old = [name for name in schemas.SCHEMAS if is_old(name)]
    for name in old:
        print(file_of(name).name)
        if not check:
            file_of(name).write_text(schema(name), encoding="utf-8")
    return 1 if check and old else 0


if __name__ == "__main__":
    sys.exit(main())
