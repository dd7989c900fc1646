"""What the sandbox's API does: makes and bills tasks, keeps pictures, and says how things stand."""

from __future__ import annotations

import json
import os
import re
import secrets
import time
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache, partial
from pathlib import Path
from threading import Lock, Semaphore
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import unquote

from sandbox_faults import Fault, documented, instead, refusal, spoilt
from sandbox_wire import Answer, Medium

from motion_preflight import Level, PreflightError, preflight

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox_faults import Faults
    from sandbox_wire import Request

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
GENERATIONS = "/v1/videos/generations"
UNPROBED = Decimal("0.40")  # what a task costs when nothing was measured
TASK_SECONDS = 120  # that a task is said to take
UPLOAD = 20_000_000  # bytes of a picture, at most
_DAY = 86_400
_PICTURES = (
    (rb"\xff\xd8\xff", "image/jpeg", "jpg"),
    (rb"\x89PNG\r\n\x1a\n", "image/png", "png"),
    (rb"RIFF....WEBP", "image/webp", "webp"),
    (rb"GIF8[79]a", "image/gif", "gif"),
)


@dataclass
class Post:
    """One paid POST, from the moment that its head was read."""

    number: int  # from 1
    headers: dict[str, str]  # names in lower case, without the key
    authorized: bool
    body: bytes = b""  # as far as it was read
    complete: bool = False  # the whole body was read
    status: int | None = None  # of the answer's status line; None: not sent
    task_id: str | None = None  # a task was made for it: this one would be billed
    answered: bool = False  # the whole answer went out


@dataclass
class Task:
    """What a paid POST has made."""

    id: str
    request: dict[str, Any]  # the body of the POST
    cost: Decimal  # USD
    created: int
    status: str = "submitted"
    completed: int = 0
    waited: int = 0  # polls that were answered "processing"
    ending: Fault | None = field(default=None, repr=False)  # what made it fail


class Refused(Exception):  # noqa: N818  an answer, not an error of this program
    """What was asked for is not done; the answer says why."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.answer = refusal(status, message)


@dataclass
class Service:
    """The state behind the API, and its answers. Threads share it: `lock` guards what changes."""

    base: str
    media: Path
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
                ("POST /v1/uploads/(images)", self._uploaded),
                ("GET /results/(.+)", self._result),
                ("(?:GET|HEAD) /((?:media|uploads|results)/.+)", self._file),
            ):
                if found := re.fullmatch(pattern, asked):
                    return reply(request, found[1])
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
            found.message
            for found in report.findings
            if found.level is Level.ERROR or found.rule == "media-not-published"
        ]
        if broken:
            raise Refused(400, "; ".join(broken))
        found = report.estimate
        if found is None or found.price_per_second is None:
            return UNPROBED
        return found.seconds.low * found.price_per_second

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

    # --- files ---------------------------------------------------------------------------

    def _uploaded(self, request: Request, _: str) -> Answer:
        return _by(self.faults.take("upload"), request, partial(self._kept, request))

    def _kept(self, request: Request) -> Answer:
        self._known(request)
        name, data = _file_field(request)
        if len(data) > UPLOAD:
            raise Refused(413, f"the picture has {len(data)} bytes; at most 20 MB are taken")
        fits = (each[1:] for each in _PICTURES if re.match(each[0], data, re.DOTALL))
        kind, suffix = next(fits, ("", ""))
        if not kind:
            raise Refused(400, "the file is not a JPEG, PNG, WebP or GIF picture")
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
        if folder == "media" and (file := self._of_folder(name)):
            return Medium(file.name, file)
        if folder == "uploads" and (found := re.fullmatch(r"([0-9]{1,9})\.([a-z]+)", name)):
            with self.lock:
                kept = dict(enumerate(self.uploads, 1)).get(int(found[1]))
            if kept and kept[0] == found[2]:
                return Medium(name, kept[1])
        if folder == "results" and (found := re.fullmatch(r"(\w+?)(-2)?\.mp4", name)):
            with self.lock:
                task = self.tasks.get(found[1])
            if task and (file := self._result_of(task)):
                return Medium(file.name, file)
        raise Refused(404, "there is no such file")

    def _result_of(self, task: Task) -> Path | None:
        """The bytes of a result: the request's own video where it is one of ours."""
        url = str(task.request.get("video_url"))
        own = url.removeprefix(f"{self.base}/media/")
        file = None if own == url else self._of_folder(unquote(own.partition("?")[0]))
        return file or self._of_folder("clip-8s.mp4") or next(self.media.glob("*.mp4"), None)

    def _of_folder(self, name: str) -> Path | None:
        inside = Path(name)
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


def sample(name: str) -> dict[str, Any]:
    """A documented answer, to be filled in."""
    document: dict[str, Any] = json.loads(_sample(name))
    return document


@cache
def _sample(name: str) -> str:
    return (FIXTURES / "api" / f"{name}.json").read_text(encoding="utf-8")


def _body(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise Refused(400, "the body is not a JSON object")
    return body


def _file_field(request: Request) -> tuple[str, bytes]:
    """Name and bytes of the field `file` of a form. Raises `Refused`."""
    kind = request.headers.get("content-type", "")
    boundary = re.search(r'boundary="?([^";]+)', kind)
    if boundary and kind.lower().startswith("multipart/form-data"):
        parts = (b"\r\n" + request.body).split(b"\r\n--" + boundary[1].encode("latin-1"))
        for part in parts[1:-1]:
            head, _, data = part.partition(b"\r\n\r\n")
            if re.search(rb'(?i)content-disposition:[^\r]*[; ]name="file"', head):
                name = re.search(rb'filename="([^"]*)"', head)
                return name[1].decode("utf-8", "replace") if name else "", data
    raise Refused(400, "the form has no field `file`")
