"""The classes that users of the library meet, and an instance of each of its values."""

from __future__ import annotations

import inspect
import typing
from dataclasses import fields, is_dataclass, replace
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from builders import (
    NOW,
    PROFILE,
    body,
    finding,
    intent,
    report,
    unmeasured,
    video,
    with_content,
)
from pydantic import BaseModel

import motion_preflight
import motion_preflight.asyncio
import motion_preflight.testing
from motion_preflight import (
    ClearedRequest,
    Fix,
    MotionControlRequest,
    Published,
    PublishOptions,
    Unpublished,
    Verdict,
)
from motion_preflight.media.facts import Decoded
from motion_preflight.media.filmstrip import Filmstrip
from motion_preflight.media.stream_details import AudioDetails, StreamDetails
from motion_preflight.network.errors import Reason
from motion_preflight.network.transfer import Transfer
from motion_preflight.repair.options import FixOptions
from motion_preflight.repair.request import FixedRequest
from motion_preflight.report.estimate import RoundedSeconds
from motion_preflight.report.findings import Skipped
from motion_preflight.request.errors import Violation
from motion_preflight.request.files.entry import RequestEntry
from motion_preflight.settings import Settings
from motion_preflight.text.numbers import AmountRange

if TYPE_CHECKING:
    from collections.abc import Iterator

SECRET = "5ecret"
SIGNED = f"https://apimart-user.com/clip.mp4?X-Amz-Signature={SECRET}&token={SECRET}"
_MODULES = (motion_preflight, motion_preflight.asyncio, motion_preflight.testing)


def reachable() -> list[Any]:
    """Everything public, and every class of ours that its type hints name."""
    left = [getattr(module, name) for module in _MODULES for name in module.__all__]
    seen: list[Any] = []
    while left:
        value = left.pop()
        if value not in seen:
            seen.append(value)
            hints = [typing.get_type_hints(function) for function in _functions(value)]
            left += [
                kind for read in hints for hint in read.values() for kind in _own_classes(hint)
            ]
    return seen


def value_classes() -> list[type]:
    """Those of them whose instances are values: compared by what they hold."""
    classes = [value for value in reachable() if inspect.isclass(value)]
    return sorted(filter(_is_value, classes), key=lambda kind: kind.__name__)


@cache
def instances() -> dict[type, Any]:
    """An instance of each class of values, with signed links wherever it may hold a link."""
    request = body(video_url=SIGNED, watermark_info={"enabled": True}, tags=["a"])
    transfer = Transfer(1, 65536, 200, "video/mp4", SIGNED, '"1"')
    sound = AudioDetails(1, "aac", Decimal(0), 2, 44100)
    stream = StreamDetails("h264", "yuv420p", 720, 1280, Fraction(1), interlaced=False, base_rate=None, transfer=None, primaries=None, audio=sound, other_streams=0)  # fmt: skip # noqa: E501
    strip = Filmstrip((b"\xff\xd8",), 90, 160, Decimal(1))
    parts: dict[str, Any] = {"transfer": transfer, "decoded": Decoded(240, 0), "details": stream}
    facts = replace(with_content(), location=SIGNED, filmstrip=strip, **parts)
    passed = replace(
        report(request, video=facts), skipped=(Skipped("video-cuts", "nobody looked"),)
    )
    receipt = replace(
        intent(body=body()),
        by_rounding=(RoundedSeconds("up", (Decimal(8),)),),
        lengths={"dance.mp4": AmountRange(Decimal(8), Decimal(8))},
    )
    verdicts: Any = {"image": Verdict.PASS}
    fix = Fix("a.mp4", Path("b.mp4"), ("shorter",), ("ffmpeg",), video(), None, verdicts)
    model = MotionControlRequest(**request)
    found: dict[type, Any] = {}
    for value in (
        passed, ClearedRequest(passed), passed.cost, receipt, receipt.fingerprint, fix, model,
        unmeasured(Reason.MISSING, location=SIGNED), finding(), PROFILE, FixOptions(), Settings(),
        FixedRequest(request, (fix,), ()), RequestEntry("a.json", request), Violation("mode", "x"),
        Published("a.mp4", "s3://bucket", SIGNED, NOW), Unpublished("https://x", "a", "s3://bucket"),
        PublishOptions("s3://bucket"),
    ):  # fmt: skip
        _collect(value, found)
    return {kind: _member(kind) or found[kind] for kind in value_classes()}


def _functions(value: Any) -> Iterator[Any]:
    """A class with its own public methods and properties, or the function itself."""
    yield value
    for name, member in vars(value).items() if inspect.isclass(value) else ():
        function = member.fget if isinstance(member, property) else member
        function = getattr(function, "__func__", function)
        if inspect.isfunction(function) and (name == "__init__" or not name.startswith("_")):
            yield function


def _own_classes(hint: Any) -> Iterator[type]:
    if inspect.isclass(hint) and hint.__module__.startswith("motion_preflight."):
        yield hint
    for argument in typing.get_args(hint):
        yield from _own_classes(argument)


def _is_value(kind: type) -> bool:
    is_tuple = issubclass(kind, tuple) and hasattr(kind, "_fields")
    return is_dataclass(kind) or is_tuple or issubclass(kind, Enum | BaseModel)


def _member(kind: type) -> Any:
    return next(iter(kind)) if issubclass(kind, Enum) else None


def _collect(value: Any, found: dict[type, Any]) -> None:
    """Adds a value and all values in it."""
    found.setdefault(type(value), value)
    if is_dataclass(value):
        inner = [getattr(value, field.name) for field in fields(value)]
    elif isinstance(value, BaseModel):
        inner = [getattr(value, name) for name in type(value).model_fields]
    elif isinstance(value, dict):
        inner = list(value.values())
    else:
        inner = list(value) if isinstance(value, tuple | list) else []
    for part in inner:
        _collect(part, found)
