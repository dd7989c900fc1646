"""What the sandbox's API does: makes and bills tasks, keeps pictures, and says how things stand."""

from __future__ import annotations

import json
import os
import re
import secrets
import time
from collections import Counter
from decimal import Decimal
from functools import partial
from pathlib import Path
from threading import Lock, Semaphore
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import unquote

from motion_preflight.errors import PreflightError
from motion_preflight.pipeline import preflight
from motion_preflight.report.findings import Level
from motion_preflight.sandbox.content import Medium
from motion_preflight.sandbox.documents import Refused, documented, refusal, sample
from motion_preflight.sandbox.fault import instead, spoilt
from motion_preflight.sandbox.sample_media import CLIP, sample_media
from motion_preflight.sandbox.tasks import Task
from motion_preflight.sandbox.uploads import file_field, picture_kind
from motion_preflight.sandbox.usage import usage_document
from motion_preflight.text.lazy_dataclass import dataclass, field

if TYPE_CHECKING:
    from collections.abc import Callable

    from motion_preflight.sandbox.fault import Fault
    from motion_preflight.sandbox.faults import Faults
    from motion_preflight.sandbox.tasks import Post
    from motion_preflight.sandbox.wire import Answer, Request

GENERATIONS = "/v1/videos/generations"
UNPROBED = Decimal("0.40")  # what a task costs when nothing was measured
TASK_SECONDS = 120  # that a task is said to take
_DAY = 86_400
_FOLDERS = ("media", "samples")


@dataclass
class Service:
    """The state behind the API, and its answers. Threads share it: `lock` guards what changes."""

    base: str
    media: Path | None  # what is served as /media; None: the samples
    faults: Faults
    key: str | None  # the only one that is taken; None: any
    left: dict[str, Decimal | None]  # USD by the path that tells it; None: unlimited
    polls: int
    probe: bool
    form: Literal["list", "object"]
    credit: bool  # what the balance does not cover is taken too
    used: Decimal = Decimal(0)
    tasks: dict[str, Task] = field(default_factory=dict)
    uploads: list[tuple[str, bytes]] = field(default_factory=list)  # suffix and picture
    polled: Counter[str] = field(default_factory=Counter)
    lock: Lock = field(default_factory=Lock)
    # Each measurement starts two ffprobes.
    _measuring: Semaphore = field(default_factory=lambda: Semaphore(2 * (os.cpu_count() or 1)))

    def answer(self, request: Request, post: Post | None, fault: Fault | None) -> Answer:
        """The answer to a request that was read whole; `fault` is that of a paid POST."""
        try:
            if post:
                return _by(fault, request, partial(self._submitted, request, post, fault))
            asked = f"{request.method} {request.path}"
            for pattern, reply in (
                ("GET /v1/tasks/([^/]+)", self._poll),
                ("GET (/v1/(?:user/)?balance)", self._balance),
                ("GET /v1/(usage)", self._usage),
                ("POST /v1/uploads/(images)", self._uploaded),
                ("GET /results/(.+)", self._result),
                ("(?:GET|HEAD) /((?:media|samples|uploads|results)/.+)", self._file),
            ):
                if match := re.fullmatch(pattern, asked):
                    return reply(request, match[1])
        except Refused as refused:
            return refused.answer
        return refusal(404, "there is nothing here")

    def allows(self, request: Request) -> bool:
        """Whether a request bears a key that is taken."""
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        return scheme.lower() == "bearer" and bool(key.strip()) and self.key in (None, key.strip())

    def _known(self, request: Request) -> None:
        if not self.allows(request):
            raise Refused(401, "the API key is missing or not valid")

    # --- the paid POST -------------------------------------------------------------------

    def _submitted(self, request: Request, post: Post, fault: Fault | None) -> Answer:
        self._known(request)
        body = _body(request)
        cost = self._cost(body)
        number = str(10**15 + secrets.randbelow(10**15))
        task_id = number if fault and fault.number else f"task_{number}"
        with self.lock:
            self._pay(cost)
            self.tasks[task_id] = Task(task_id, body, cost, int(time.time()))
            post.task_id = task_id
        form = (fault.form if fault else None) or self.form
        document = sample(f"submitted-{form}")
        if form == "object":
            document["data"]["id"] = task_id
            return documented(202, document)
        document["data"][0]["task_id"] = task_id
        return documented(200, document)

    def _cost(self, body: dict[str, Any]) -> Decimal:
        """What a request costs by the seconds that are found. Raises `Refused`."""
        if not self.probe:
            return UNPROBED
        try:
            with self._measuring:
                report = preflight(body, allow_private=True)
        except PreflightError as error:
            raise Refused(500, f"the sandbox cannot measure: {error}") from error
        broken = [
            finding.message
            for finding in report.findings
            if finding.level is Level.ERROR or finding.rule == "media-not-published"
        ]
        if broken:
            raise Refused(400, "; ".join(broken))
        estimate = report.estimate
        if estimate is None or estimate.price_per_second is None:
            return UNPROBED
        return estimate.seconds.low * estimate.price_per_second

    def _pay(self, cost: Decimal) -> None:
        finite = [left for left in self.left.values() if left is not None]
        if not self.credit and min(finite, default=cost) < cost:
            raise Refused(402, f"the balance is below the USD {cost:.2f} of this request")
        self.used += cost
        for path, left in self.left.items():
            self.left[path] = None if left is None else max(left - cost, Decimal(0))

    # --- what is asked for afterwards ----------------------------------------------------

    def _poll(self, request: Request, task_id: str) -> Answer:
        with self.lock:
            self.polled[task_id] += 1
            task = self.tasks.get(task_id)
            due = task is not None and task.waited >= self.polls and not task.ending
            fault = self.faults.take("poll", "final") if due else self.faults.take("poll")
            if task and fault and fault.ends:
                task.ending = fault
        ending = task.ending if task else None
        return _by(fault or ending, request, partial(self._state, request, task, fault))

    def _state(self, request: Request, task: Task | None, fault: Fault | None) -> Answer:
        self._known(request)
        if task is None:
            raise Refused(404, "there is no such task")
        with self.lock:
            if task.waited < self.polls:
                task.status = "processing"
                task.waited += fault is None  # a poll that went wrong was not answered so
            else:
                task.status = (task.ending and task.ending.ends) or "completed"
                task.completed = task.completed or int(time.time())
            return documented(200, self._document(task))

    def _document(self, task: Task) -> dict[str, Any]:
        names = {"processing": "task-processing", "completed": "task-completed"}
        document = sample(names.get(task.status, "task-failed"))
        data = document["data"]
        data.update(
            id=task.id, status=task.status, created=task.created, estimated_time=TASK_SECONDS
        )
        if task.status != "processing":
            data.update(cost=float(task.cost), credits_cost=float(10 * task.cost))
            data.update(completed=task.completed, actual_time=task.completed - task.created)
        if task.status == "completed":
            url = f"{self.base}/results/{task.id}.mp4"
            data["result"]["videos"] = [{"url": [url], "expires_at": task.completed + _DAY}]
        elif task.status == "cancelled":
            del data["error"]
        return document

    def _balance(self, request: Request, path: str) -> Answer:
        return _by(self.faults.take("balance"), request, partial(self._remaining, request, path))

    def _remaining(self, request: Request, path: str) -> Answer:
        self._known(request)
        with self.lock:
            left, used = self.left[path], self.used
        document = sample("balance-unlimited" if left is None else "balance")
        document["used_balance"] = float(used)
        if left is not None:
            document["remain_balance"] = float(left)
        return documented(200, document)

    def _usage(self, request: Request, _: str) -> Answer:
        return _by(self.faults.take("usage"), request, partial(self._billed, request))

    def _billed(self, request: Request) -> Answer:
        self._known(request)
        with self.lock:
            return documented(200, usage_document(request.target, self.tasks.values()))

    # --- files ---------------------------------------------------------------------------

    def _uploaded(self, request: Request, _: str) -> Answer:
        return _by(self.faults.take("upload"), request, partial(self._kept, request))

    def _kept(self, request: Request) -> Answer:
        self._known(request)
        name, data = file_field(request)
        kind, suffix = picture_kind(data)
        with self.lock:
            self.uploads.append((suffix, data))
            url = f"{self.base}/uploads/{len(self.uploads)}.{suffix}"
        document = sample("upload")
        document.update(url=url, filename=name, content_type=kind)
        document.update(bytes=len(data), created_at=int(time.time()))
        return documented(200, document)

    def _result(self, request: Request, name: str) -> Answer:
        fault = self.faults.take("result")
        way = fault.way if fault else "whole"
        return _by(fault, request, lambda: self._medium(f"results/{name}").answer(request, way))

    def _file(self, request: Request, path: str) -> Answer:
        return self._medium(path).answer(request)

    def _medium(self, path: str) -> Medium:
        """What is served under a path. Raises `Refused`."""
        folder, _, name = unquote(path).partition("/")
        if folder in _FOLDERS and (file := self._of_folder(folder, name)):
            return Medium(name, file)
        if folder == "uploads" and (match := re.fullmatch(r"([0-9]{1,9})\.([a-z]+)", name)):
            with self.lock:
                kept = dict(enumerate(self.uploads, 1)).get(int(match[1]))
            if kept and kept[0] == match[2]:
                return Medium(name, kept[1])
        if folder == "results" and (match := re.fullmatch(r"(\w+?)(-2)?\.mp4", name)):
            with self.lock:
                task = self.tasks.get(match[1])
            if task:
                return self._result_of(task)
        raise Refused(404, "there is no such file")

    def _result_of(self, task: Task) -> Medium:
        """A result has the bytes of the request's own video where that is one of ours, and else of
        a clip that there is.
        """
        path = str(task.request.get("video_url")).removeprefix(f"{self.base}/").partition("?")[0]
        others = self.media.glob("*.mp4") if self.media else ()
        names = [unquote(path), f"media/{CLIP}", *(f"media/{file.name}" for file in others)]
        for folder, _, name in (place.partition("/") for place in names):
            if folder in _FOLDERS and (file := self._of_folder(folder, name)):
                return Medium(name, file)
        return Medium(CLIP, sample_media(CLIP) or b"")

    def _of_folder(self, folder: str, name: str) -> Path | bytes | None:
        inside = Path(name)
        if folder == "samples" or self.media is None:
            return sample_media(name)
        if "\0" in name or inside.is_absolute() or ".." in inside.parts:
            return None
        return file if (file := self.media / inside).is_file() else None


def _by(fault: Fault | None, request: Request, do: Callable[[], Answer]) -> Answer:
    """The answer to what is done, or not done, with a fault. Raises `Refused` without one."""
    if fault is None:
        return do()
    if fault.after == "body":
        answer = instead(fault, request)
    else:
        try:
            answer = do()
        except Refused as refused:
            answer = refused.answer
    return spoilt(answer, fault, request)


def _body(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise Refused(400, "the body is not a JSON object")
    return body
