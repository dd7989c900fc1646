"""Requests as a target: mappings and JSON bodies, with media of every kind."""

from __future__ import annotations

import datetime as dt
import json
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from builders import NOW, OPTIONS, PROFILE, body, image, seconds, video

from fuzz.corpus import mutations
from fuzz.engine.case import Target, Violation
from fuzz.targets.media import measured_or_not_passed
from motion_preflight.batch import report_of
from motion_preflight.media.facts import AudioStream, Decoded, MediaFacts, Unmeasured, VideoStream
from motion_preflight.network.errors import Reason
from motion_preflight.pipeline import check
from motion_preflight.report.clearance import ClearedRequest, NotCleared
from motion_preflight.request.errors import RequestInvalid
from motion_preflight.request.model import MotionControlRequest
from motion_preflight.request.parse import FIELDS, parse_request
from motion_preflight.request.redacted_body import redacted_body
from motion_preflight.submission.duplicates import fingerprint_of

if TYPE_CHECKING:
    from fuzz.engine.case import Dice
    from motion_preflight.media.facts import Measured

_NO_JSON: tuple[Any, ...] = (
    b"bytes", {1, 2}, (1, 2), Decimal("NaN"), float("nan"), float("inf"), 10**5000, NOW, object(),
    Path("x"), 1j, range(3), dt.timedelta(1), frozenset(), ..., type, {1: {2: 3}}, {None: 1},
)  # fmt: skip
_NEAR = ("Model", "video", "VIDEO-URL", "orientation", "sound", "modes", "image url", "watermark",
         "promt", "character_orientatoin", "enabled", "keep", "")  # fmt: skip
_WORDS = ("std", "pro", "yes", "no", "image", "video", "Standard", "PRO ", "true", True, False,
          "kling-v3", "kling-v3-motion-control", "kling_v2.6_motion_control")  # fmt: skip


def broken_body(dice: Dice, *, pure_json: bool = True) -> dict[Any, Any]:
    """A request with some fields wrong."""
    built: dict[Any, Any] = body()
    for _ in range(dice.few(6)):
        name = dice.choice(FIELDS) if dice.likely(0.7) else dice.choice(_NEAR)
        name = mutations.text(dice) if dice.likely(0.08) else name
        way = dice.random()
        if way < 0.15:
            built.pop(name, None)
        elif way < 0.35:
            built[name] = dice.choice(_WORDS)
        elif way < 0.5:
            built[name] = mutations.url(dice)
        elif way < 0.6 and not pure_json:
            built[name if dice.likely(0.9) else dice.choice(_NO_JSON[3:-2])] = dice.choice(_NO_JSON)
        elif way < 0.7:
            built["watermark_info"] = dice.pick({"enabled": mutations.value(dice)}, {}, [], None)
        else:
            built[name] = mutations.value(dice)
    return built


def facts(dice: Dice) -> tuple[Measured, Measured]:
    """A video and an image as they may have been measured."""
    results: list[Measured] = [
        _clip(dice),
        image(size=dice.odd_number(1 << 40), container=_word(dice)),
    ]
    for index in range(2):
        if dice.likely(0.1):
            size = dice.pick(None, dice.odd_number(1 << 40))
            reason = dice.choice(list(Reason))
            location = dice.pick(None, mutations.text(dice))
            results[index] = Unmeasured(
                location, reason, known_text(dice) or "why", size, _word(dice)
            )
    return results[0], results[1]


def _clip(dice: Dice) -> MediaFacts:
    ways = {
        way: str(Decimal(dice.randint(1, dice.pick(10**3, 10**7, 86_400_000_000))) / 1_000_000)
        for way in ("header", "container", "video", "audio", "samples", "stored", "scan")
        if dice.likely(0.7)
    }
    sides = [dice.pick(None, dice.randint(1, 1 << 16), dice.randint(300, 4000)) for _ in range(2)]
    start = Decimal(dice.odd_number()) / 1_000_000
    slot = dice.pick(None, 0, 90)
    stream = VideoStream(
        _word(dice),
        sides[0],
        sides[1],
        slot,
        None,
        dice.pick(None, start),
        index=dice.pick(None, 0, 3),
        frames=dice.pick(None, dice.odd_number()),
        tracks=dice.pick(None, 1, 2),
        encrypted=dice.choice((None, False, True)),
    )
    return replace(
        video(),
        location=mutations.url(dice) if dice.likely(0.5) else mutations.text(dice),
        durations=seconds(**ways),
        size=dice.pick(None, dice.odd_number(1 << 50)),
        container=_word(dice),
        brand=_word(dice),
        truncation=dice.pick(None, known_text(dice)),
        truncated=dice.choice((None, True, False)),
        faststart=dice.choice((None, True, False)),
        clock_jump=dice.pick(None, known_text(dice)),
        undecodable=dice.pick(None, known_text(dice)),
        unscanned=dice.pick(None, known_text(dice)),
        longer_track=dice.pick(None, known_text(dice)),
        decoded=dice.pick(None, Decoded(dice.odd_number(), dice.odd_number())),
        contradiction=dice.pick(None, known_text(dice)),
        video=dice.pick(None, stream, stream, stream),
        audio=dice.pick(None, AudioStream(_word(dice), None, None)),
        transfer=dice.pick(None, video().transfer),
    )


def _word(dice: Dice) -> str | None:
    return dice.pick("mp4", "mov", "png", "jpeg", None, known_text(dice))


def known_text(dice: Dice) -> str:
    """A text that was read as UTF-8, as all that is measured or kept."""
    return mutations.text(dice).encode("utf-8", "replace").decode()


class Requests(Target):
    """Mappings and JSON bodies, with media of every kind."""

    name = "requests"
    share = 120

    def run(self, dice: Dice) -> None:
        built = broken_body(dice, pure_json=dice.likely(0.6))
        self.note_input("request.txt", built)
        draft = parse_request(built, PROFILE.models)
        redacted_body(draft.body)
        measured = facts(dice)
        self.note_input("facts.txt", measured)
        tolerance = dice.pick(Decimal(0), Decimal("0.5"), Decimal("1e-9"), Decimal(10**9))
        price = dice.pick(None, Decimal(0), Decimal("0.1234567890123456789"), Decimal(10**9))
        check(built, *measured, profile=PROFILE, now=NOW, tolerance=tolerance, price=price)
        options = replace(OPTIONS, strict=dice.likely(0.3), tolerance=tolerance, price=price)
        result = report_of(draft, *measured, options, label="a", now=NOW, measured_at=NOW)
        if dice.likely(0.3) and _is_json(built):
            measured_or_not_passed(result)
        with suppress(NotCleared):
            cleared = ClearedRequest(result, accept_unsure=dice.likely(0.5))
            fingerprint_of("https://api.example", cleared.report, None)
        self._as_model(dice, built, wrong=bool(draft.violations))

    def _as_model(self, dice: Dice, built: dict[Any, Any], *, wrong: bool) -> None:
        if all(isinstance(name, str) for name in built):
            with suppress(RequestInvalid):
                model = MotionControlRequest(**built)
                if wrong and not parse_request(model, [model.model]).violations and _known(built):
                    raise Violation("a request is wrong as a mapping and right as a model")
        with suppress(RequestInvalid):
            MotionControlRequest.model_validate(built)
        data = mutations.mutated(dice, _json_of(built), [], mutations.JSON_TOKENS)
        self.inputs["body.json"] = data
        with suppress(RequestInvalid):
            MotionControlRequest.model_validate_json(data)


def _known(built: dict[Any, Any]) -> bool:
    """Whether the model is one that the profile has, and no field is null."""
    return built.get("model") in PROFILE.models and built.get("watermark_info", 1) is not None


def _is_json(built: dict[Any, Any]) -> bool:
    try:
        json.dumps(built, allow_nan=False)
    except (TypeError, ValueError):
        return False
    return True


def _json_of(built: dict[Any, Any]) -> bytes:
    return mutations.as_json(built if _is_json(built) else body())
