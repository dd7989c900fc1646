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
from motion_preflight.media.facts import MediaFacts, Unmeasured
from motion_preflight.report.clearance import ClearedRequest
from motion_preflight.report.estimate import Estimate
from motion_preflight.report.findings import Report
from motion_preflight.submission.receipt import Receipt

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema
    from pydantic_core.core_schema import SerSchema

_ENTRIES: dict[type, Any] = {
    Report: schema.ReportDocument,
    Estimate: schema.EstimateDocument,
    MediaFacts: media_schema.MediaDocument,
    Unmeasured: media_schema.MediaDocument,
    Receipt: schema.TaskDocument,
}


@cache
def adapter_of(document: Any) -> TypeAdapter[Any]:  # noqa: ANN401  one of the TypedDicts
    """What validates and describes a document."""
    _describe()
    return TypeAdapter(document)


def core_schema_of(kind: type, handler: GetCoreSchemaHandler) -> CoreSchema:
    """How pydantic treats a value of the library: an instance is kept as it is, and written and
    described as its entry in the JSON documents. Of such entries only a report is read.
    """
    if issubclass(kind, ClearedRequest):
        return _instances_only(kind, "only a report that allows it makes one", handler(kind))
    _describe()
    document = next(_ENTRIES[base] for base in kind.__mro__ if base in _ENTRIES)
    entry = handler.generate_schema(document)
    written = core_schema.plain_serializer_function_ser_schema(
        lambda value: value.to_dict(), return_schema=entry
    )
    if kind is not Report:
        why = "its JSON holds too little to be read back"
        return _instances_only(kind, why, entry, written)

    def read(value: Any) -> Report:  # noqa: ANN401  whatever somebody sends
        return value if isinstance(value, Report) else Report.from_dict(value)

    return core_schema.json_or_python_schema(
        json_schema=core_schema.no_info_after_validator_function(read, entry),
        python_schema=core_schema.no_info_plain_validator_function(read),
        serialization=written,
    )


def _instances_only(
    kind: type, why: str, entry: CoreSchema, written: SerSchema | None = None
) -> CoreSchema:
    """Takes instances alone, and says of anything else `why`. `entry` only describes and writes
    them, the latter where `written` does not.
    """

    def ensure_instance(value: object, _: object) -> object:
        if isinstance(value, kind):
            return value
        raise ValueError(f"it must be of the class {kind.__name__}: {why}")

    return core_schema.no_info_wrap_validator_function(
        ensure_instance, entry, serialization=written
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
