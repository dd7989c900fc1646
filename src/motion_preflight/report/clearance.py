"""Whether a report allows its request to be sent: the only door to the paid POST."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from motion_preflight.errors import PreflightError
from motion_preflight.media.facts import MediaFacts
from motion_preflight.report.findings import Report, Verdict
from motion_preflight.text.lazy_dataclass import dataclass
from motion_preflight.text.locations import is_url, redacted
from motion_preflight.text.presentable import presenter

if TYPE_CHECKING:
    from collections.abc import Mapping

    from motion_preflight.media.facts import Measured
    from motion_preflight.provider.limits import Limits


_FEW = 3  # sentences in the message of an exception
_ACCEPT = "(accept_unsure=True)"
_PUBLISH = "publish it, and put its direct link into"
_PUBLISH_IN_COMMAND = (
    "publish it on the way with --publish DESTINATION, or put its direct link into"
)


class NotCleared(PreflightError):
    """A report does not allow its request to be sent. `report` is that report; `sentences` are the
    messages of its findings that decided so, none where something else is in the way.
    """

    def __init__(self, message: str, report: Report, sentences: tuple[str, ...] = ()) -> None:
        super().__init__(message, report, sentences)
        self.report = report
        self.sentences = sentences

    def __str__(self) -> str:
        more = len(self.sentences) - _FEW
        rest = [f"and {more} more"] if more > 0 else []
        sentences = "; ".join([*self.sentences[:_FEW], *rest])
        return f"{self.args[0]}. Findings: {sentences}" if sentences else str(self.args[0])


@dataclass(frozen=True, slots=True)
class ClearedRequest:
    """A request that may be sent.

    Only a report that allows it makes one. Others raise `NotCleared`, and so does an unsure report
    unless `accept_unsure` is set.
    """

    report: Report
    accept_unsure: bool = False

    def __post_init__(self) -> None:
        why = blocking_reason(self.report, accept_unsure=self.accept_unsure)
        if why:
            raise _refusal(why, self)

    @property
    def uploads_image(self) -> bool:
        """Whether the picture is a local file, which is uploaded before the request is sent."""
        return _is_local(self.report, "image_url")

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, handler: Any) -> Any:  # noqa: ANN401  pydantic's
        """Lets pydantic take an instance as it is, and make none from data."""
        return presenter().pydantic_schema(cls, handler)


@dataclass(frozen=True, slots=True)
class PublishableRequest:
    """A request that may be sent as soon as its local media are published.

    It cannot be sent itself: the request that names the links is checked anew. Raises `NotCleared`
    as `ClearedRequest` does, but for media that are local files.
    """

    report: Report
    accept_unsure: bool = False

    def __post_init__(self) -> None:
        why = _verdict_reason(self.report, accept_unsure=self.accept_unsure)
        if why:
            raise _refusal(why, self)

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields whose media have to be published: those that are local files, but for a
        picture that can be uploaded.
        """
        video = ("video_url",) if _is_local(self.report, "video_url") else ()
        return video + (("image_url",) if _upload_problem(self.report) else ())

    @property
    def uploads_image(self) -> bool:
        """Whether the picture is a local file that is uploaded."""
        return _is_local(self.report, "image_url") and "image_url" not in self.fields


def _refusal(why: str, request: ClearedRequest | PublishableRequest) -> NotCleared:
    """The exception, with the messages of the findings where it is they that are in the way."""
    report, accept_unsure = request.report, request.accept_unsure
    passes = report.verdict is Verdict.PASS or (report.verdict is Verdict.UNSURE and accept_unsure)
    deciding = [] if passes else filter(report.decides, report.findings)
    error = NotCleared(why, report, tuple(finding.message for finding in deciding))
    in_command = why.replace(_ACCEPT, "(--accept-unsure)")
    error.in_command = in_command.replace(_PUBLISH, _PUBLISH_IN_COMMAND)
    return error


def blocking_reason(report: Report, *, accept_unsure: bool = False) -> str | None:
    """Why a report does not allow its request to be sent, and what to do; `None` if it does."""
    why = _verdict_reason(report, accept_unsure=accept_unsure)
    if why:
        return why
    video = report.body.get("video_url")
    if not isinstance(video, str) or not is_url(video):
        return (
            f"the reference video is a local file ({redacted(str(video))}), and the provider takes "
            f"no upload of videos: {_PUBLISH} video_url"
        )
    cannot = _upload_problem(report)
    place = "the reference image is a local file, and the provider takes no upload of it"
    return f"{place} ({cannot}): {_PUBLISH} image_url" if cannot else None


def _verdict_reason(report: Report, *, accept_unsure: bool) -> str | None:
    """Why a report does not allow its request to be sent, wherever its media are."""
    if report.document is not None:
        return "it was read from a document, whose links may not be whole: check the request again"
    deciding = [finding.rule for finding in report.findings if report.decides(finding)]
    why = f" ({', '.join(dict.fromkeys(deciding))})" if deciding else ""
    if report.verdict is Verdict.FAIL:
        return f"the check failed{why}"
    if report.verdict is Verdict.UNSURE and not accept_unsure:
        return f"the check is unsure{why}: mend it, or send it all the same {_ACCEPT}"
    return _not_json(report.body)


def _upload_problem(report: Report) -> str | None:
    """Why a local picture cannot be uploaded; `None` if it can, or if it is a link."""
    if not _is_local(report, "image_url"):
        return None
    model = report.body.get("model")
    limits = report.options.profile.limits_of(model if isinstance(model, str) else None)
    return not_uploadable(report.image, limits)


def _is_local(report: Report, field: str) -> bool:
    return not is_url(str(report.body.get(field, "")))


def _not_json(body: Mapping[str, Any]) -> str | None:
    """Why a body cannot be sent as JSON; `None` if it can."""
    try:
        json.dumps(dict(body), allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        return f"the request is not what JSON can carry ({error})"
    return None


def not_uploadable(image: Measured, limits: Limits) -> str | None:
    """Why a local picture cannot be uploaded, in words; `None` if it can."""
    allowed, largest = limits.upload_container.allowed, limits.upload_size.maximum
    if not isinstance(image, MediaFacts) or image.container not in allowed:
        return f"an upload can be {', '.join(allowed)}"
    if largest and image.size is not None and image.size > min(largest.values()):
        return f"it has {image.size:,} bytes, an upload {min(largest.values()):,} at most"
    return None
