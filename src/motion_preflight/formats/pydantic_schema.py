"""The documents as pydantic knows them: to validate one, to describe it, and to let frameworks that
are built on pydantic, such as FastAPI, write the values of the library as the commands do.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from pydantic import ConfigDict, TypeAdapter
from pydantic_core import core_schema
from typing_extensions import is_typeddict

from motion_preflight.formats import media_schema, schema
from motion_preflight.formats.schemas import SCHEMAS
from motion_preflight.media.facts import MediaFacts
from motion_preflight.report.estimate import Estimate
from motion_preflight.report.findings import Report
from motion_preflight.submission.receipt import Receipt

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema

_ENTRIES: dict[type, Any] = {
    Report: schema.ReportDocument,
    Estimate: schema.EstimateDocument,
    MediaFacts: media_schema.MediaDocument,
    Receipt: schema.TaskDocument,
}


@cache
def adapter_of(document: Any) -> TypeAdapter[Any]:  # noqa: ANN401  one of the TypedDicts
    """What validates and describes a document."""
    _describe()
    return TypeAdapter(document)


def core_schema_of(kind: type, handler: GetCoreSchemaHandler) -> CoreSchema:
    """How pydantic treats a value of the library: it is written and described as its entry in the
    JSON documents. Of such entries only a report is read.
    """
    _describe()
    entry = handler.generate_schema(_ENTRIES[kind])

    def read(value: Any) -> object:  # noqa: ANN401  whatever somebody sends
        if isinstance(value, kind):
            return value
        if kind is not Report:
            raise ValueError(f"it must be of the class {kind.__name__}")
        return Report.from_dict(value)

    return core_schema.json_or_python_schema(
        json_schema=core_schema.no_info_after_validator_function(read, entry),
        python_schema=core_schema.no_info_plain_validator_function(read),
        serialization=core_schema.plain_serializer_function_ser_schema(
            lambda value: value.to_dict(), return_schema=entry
        ),
    )


@cache
def _describe() -> None:
    """Makes the text below each field of the documents its description."""
    names = {schema.module for schema in SCHEMAS.values()}
    modules = [import_module(f"motion_preflight.formats.{name}") for name in names]
    for module in (media_schema, *modules):
        for value in vars(module).values():
            if is_typeddict(value):
                value.__pydantic_config__ = ConfigDict(use_attribute_docstrings=True)
