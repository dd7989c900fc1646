"""What the sandbox remembers of the paid POSTs and of the tasks that they made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from motion_preflight.text.lazy_dataclass import dataclass, field

if TYPE_CHECKING:
    from decimal import Decimal

    from motion_preflight.sandbox.fault import Fault


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
