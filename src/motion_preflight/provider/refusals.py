"""Refusals and failures that others met before: their likely causes, and what to do.

None of this is on the provider's page. The sources are Kling's own table of error codes (upstream),
logs that users published (second-hand), and programs that call gateways of this kind (second-hand).
So a cause is added to the provider's words, and never replaces them.
"""

from __future__ import annotations

import re

from motion_preflight.text.lazy_dataclass import dataclass

_KLING = "Kling's table of error codes"
_LOGS = "users' logs (second-hand)"
_GATEWAYS = "programs for gateways of this kind (second-hand)"


@dataclass(frozen=True, slots=True)
class KnownRefusal:
    """A refusal that others met before, with its likely cause."""

    pattern: str  # a regular expression for the provider's words, in any case
    cause: str
    remedy: str
    source: str


REFUSALS = (
    KnownRefusal(
        r"upper[ -]?body|no (complete )?(person|human|character|body)\b.{0,40}detect"
        r"|(person|human|body).{0,30}(not|could not be|cannot be) (detected|recogni[sz]ed)"
        r"|未检测到.{0,10}(人|上半身)",
        "no whole upper body was found: the person is small in the frame, cut off, turned away, or "
        "two stand side by side",
        "use a clip and a picture that show one person from head to waist, large, from the first "
        "frame on",
        _LOGS,
    ),
    KnownRefusal(
        r"(character|person|subject).{0,60}first frame.{0,40}(invalid|not valid|unsupported)"
        r"|invalid (character|person|subject)\b.{0,40}(first frame|image)"
        r"|first frame.{0,40}(is |was )?(invalid|not valid)",
        "the person in the picture or in the clip's first frame was not accepted",
        "let the clip begin with the person in full view (trim what comes before), and use a "
        "picture of one clearly visible person",
        _LOGS,
    ),
    KnownRefusal(
        r"content[ _-]?(policy|moderation|security|filter)|policy[ _-]violation|moderation"
        r"|sensitive|risk control|nsfw|violat.{0,30}(polic|guideline|terms)|敏感|违规|审核"
        r"|\b130[01]\b",
        "its filter of contents did not accept the prompt, the picture or the clip",
        "change the prompt first (names, brands, violence), then the picture or the clip; the same "
        "request sent again is refused again",
        _KLING,
    ),
    KnownRefusal(
        r"concurren|parallel (task|request|job)s?|too many (running |pending )?(task|job)s"
        r"|resource pack.{0,40}limit|并发|\b1303\b",
        "as many tasks run as the account may have at the same time",
        "wait until one is over, then send it again",
        _KLING,
    ),
    KnownRefusal(
        r"(fail|unable|could ?n[o']t|cannot|error|timed? ?out).{0,30}"
        r"(download|fetch|retriev|access|load).{0,40}(file|video|image|url|media|resource)"
        r"|(download|fetch|retriev)\w*.{0,30}(file|video|image|url|media|resource)?.{0,20}"
        r"(fail|error|timed? ?out)|(file|url|video|image).{0,30}(unreachable|not accessible)"
        r"|下载.{0,6}(失败|超时)",
        "the provider could not fetch the clip or the picture",
        "check the links again: they must answer without a login, from "
        "any country, and until the task is over",
        _LOGS,
    ),
    KnownRefusal(
        r"build_request_failed",
        "the provider could not make its own request out of this one: often a link that it could "
        "not read, or a field of the wrong kind",
        "check the request and the links again, then ask its support with the "
        "request id",
        _GATEWAYS,
    ),
    KnownRefusal(
        r"no available channel|model_not_found|model.{0,30}(not found|does not exist|unavailable)",
        "the provider has nobody at the moment who runs this model, or the key may not use it",
        "look at the model's name and at the key's models, or try again later",
        _GATEWAYS,
    ),
    KnownRefusal(
        r"(video|clip|file|duration).{0,40}(too (long|short|large|big)|exceed)"
        r"|(duration|length).{0,30}(must|should|between|limit|range)",
        "it measured the clip differently from what was found here, or another file lies behind "
        "the link",
        "measure it anew with every frame (a scan), and keep a little away from the limits",
        _LOGS,
    ),
    KnownRefusal(
        r"(unsupported|invalid|unrecogni[sz]ed|unknown).{0,20}(video|image|file|media)? ?"
        r"(format|codec|container)|(decode|transcod|parse).{0,30}(fail|error)",
        "it could not read the clip or the picture",
        "use H.264 in .mp4 and JPEG or PNG; a check with a scan decodes every frame",
        _LOGS,
    ),
)  # fmt: skip
_COMPILED = [(re.compile(refusal.pattern, re.IGNORECASE), refusal) for refusal in REFUSALS]
_LOOKED_AT = 500  # characters of a message that are examined


def find_refusal(words: str) -> KnownRefusal | None:
    """The known refusal or failure that has these words; `None` when there is none."""
    matches = (refusal for pattern, refusal in _COMPILED if pattern.search(words[:_LOOKED_AT]))
    return next(matches, None)


def explained(words: str) -> str:
    """The provider's words, followed by the likely cause and what to do where that is known."""
    refusal = find_refusal(words)
    if refusal is None:
        return words
    text = words.rstrip(". ")
    cause, remedy = refusal.cause, refusal.remedy
    return f"{text}. Likely cause: {cause}. What to do: {remedy} (by {refusal.source})"
