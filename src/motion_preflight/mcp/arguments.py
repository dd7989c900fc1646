"""What the tools take. Whatever is not named here is refused: no tool takes a key, a base URL, a
destination, an output path, or leave to contact a private network.
"""

from __future__ import annotations

import datetime as dt  # noqa: TC003  pydantic reads the annotations
import json
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from motion_preflight.formats.schemas import schema_text
from motion_preflight.request.errors import ManifestInvalid
from motion_preflight.text.locations import printable

_LONGEST = 8192  # characters of a location
_ATTENTION = 300  # characters of a message about arguments

Location = Annotated[str, Field(min_length=1, max_length=_LONGEST)]
Media = Annotated[
    list[Location],
    Field(min_length=1, max_length=20, description="Clips and pictures: absolute paths or links."),
]
Files = Annotated[
    list[Location],
    Field(min_length=1, max_length=20, description="Clips and pictures: absolute paths."),
]
Orientation = Annotated[
    Literal["image", "video"] | None,
    Field(description="The character_orientation that a clip must fit; without it, either one."),
]
TaskName = Annotated[str, Field(min_length=1, max_length=200)]
Seconds = Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False)]


@cache
def _request() -> dict[str, Any]:
    """The fields of a request, for the model to read; what is wrong with one is a finding."""
    schema = json.loads(schema_text("request"))
    fields = {name: dict(field) for name, field in schema["properties"].items()}
    fields["watermark_info"] = schema["$defs"]["WatermarkDocument"]
    for name in ("image_url", "video_url"):
        fields[name]["description"] = "A direct link, or an absolute path."
    return {"type": "object", "properties": fields, "description": schema["description"]}


def _requests(most: int) -> Any:  # noqa: ANN401  an annotation
    return Field(
        min_length=1,
        max_length=most,
        json_schema_extra=lambda schema: schema.update(items=_request()),
    )


class Arguments(BaseModel):
    """The arguments of a tool."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ProbeArguments(Arguments):
    media: Media
    scan: bool = Field(default=False, description="Decode every frame; fetches all of a link.")
    content: bool = Field(default=False, description="Look for cuts, and for black or still parts.")


class CheckArguments(Arguments):
    requests: Annotated[list[dict[str, Any]], _requests(100)]
    strict: bool = Field(default=False, description="Warnings count as errors for the verdict.")
    scan: bool = Field(default=False, description="Decode every frame; fetches all of a link.")
    content: bool = Field(default=False, description="Look for cuts, and for black or still parts.")


class EstimateArguments(Arguments):
    requests: Annotated[list[dict[str, Any]], _requests(100)]


class FixArguments(Arguments):
    media: Files
    orientation: Orientation = None
    start: Seconds = Field(default=0, description="Where the result begins, in seconds.")
    seconds: Seconds | None = Field(default=None, description="How long the result is to be.")
    best_shot: bool = Field(default=False, description="Take the longest uninterrupted shot.")
    slow: bool = Field(default=False, description="Slow a clip down that is a little too short.")
    mute: bool = Field(default=False, description="Leave the sound out.")
    dry_run: bool = Field(default=False, description="Say what would be changed, and make nothing.")


class PublishArguments(Arguments):
    media: Files
    orientation: Orientation = None


class SubmitArguments(Arguments):
    requests: Annotated[list[dict[str, Any]], _requests(20)]


class TasksArguments(Arguments):
    ids: list[TaskName] = Field(
        default=[],
        max_length=50,
        description="Task ids or intents; without any, all, the newest first.",
    )
    limit: int = Field(default=20, ge=1, le=200, description="How many are listed without ids.")
    wait_seconds: Annotated[float, Field(ge=0, le=600, allow_inf_nan=False)] = Field(
        default=0,
        description="Ask the provider about unfinished ones until they are over, so long at most.",
    )


class SpendArguments(Arguments):
    by: list[Literal["model", "mode", "day", "month", "label"]] = Field(
        default=["month"], min_length=1, max_length=5, description="What the sums are grouped by."
    )
    since: dt.date | None = Field(default=None, description="The first day (UTC), as 2026-09-30.")
    until: dt.date | None = Field(default=None, description="The last day (UTC).")


def read_arguments(tool: str, kind: type[Arguments], values: dict[str, Any]) -> Arguments:
    """The arguments of a call. Raises `ManifestInvalid`, which says what the tool takes."""
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        raise ManifestInvalid(_wrong(tool, kind, error)) from None


def _wrong(tool: str, kind: type[Arguments], error: ValidationError) -> str:
    """What is wrong first, and what is taken."""
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    place = printable(".".join(map(str, first["loc"])))[:_ATTENTION]
    if first["type"] == "extra_forbidden":
        return f"{tool} takes no {place}; it takes {', '.join(kind.model_fields)}"
    if first["type"] == "missing":
        return f"{tool} needs {place}; it takes {', '.join(kind.model_fields)}"
    return f"{tool}: {place}: {first['msg']}"
