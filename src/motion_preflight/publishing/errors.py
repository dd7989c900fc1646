"""The errors that the library raises when a file cannot be published, or not be taken away again.

Their messages say what happened and what to do. They name no credential and no query of a link.
"""

from __future__ import annotations

from motion_preflight.errors import PreflightError


class PublishError(PreflightError):
    """A file could not be published, or not be taken away again."""


class DestinationInvalid(PublishError, ValueError):
    """A destination is none of those that are offered; the message says which are."""


class FileUnreadable(PublishError):
    """A file that is to be published cannot be read."""


class FileChanged(FileUnreadable):
    """A file that is to be published has another size than it had when it was checked."""


class StoreProgramMissing(PublishError, FileNotFoundError):
    """The library or the program that reaches the store is not installed; the message names the
    command that installs it.
    """


class CredentialsMissing(PublishError):
    """No credentials for the store were found where its own tools look for them, or they have
    ended and cannot be renewed here.
    """


class StoreError(PublishError):
    """The store did not do what it was asked for."""


class StoreRefused(StoreError):
    """The store answered and refused: wrong keys, no such bucket, no permission, a wrong clock."""


class StoreUnreachable(StoreError, ConnectionError):
    """The store did not answer, or the connection ended before it had."""


class LinkNotProved(PublishError):
    """A link does not give the file to somebody without credentials. `is_other` says whether it
    gives another one.
    """

    def __init__(self, message: str, *, is_other: bool = False) -> None:
        super().__init__(message)
        self.is_other = is_other
