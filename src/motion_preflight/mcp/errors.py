"""Why a call ends before its work is done."""

from __future__ import annotations

from motion_preflight.errors import PreflightError


class ConsentUnavailable(PreflightError):
    """The user cannot be asked."""


class CallCancelled(Exception):
    """The client has taken its call back; nobody is told of it."""


class QuestionOpen(Exception):
    """The client has to put this question to its user, and to call again with the answer."""
