"""`--verbose`: what is requested, run and written down, on stderr as it happens."""

from __future__ import annotations

import logging
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from motion_preflight.cli.console import say
from motion_preflight.settings import keys_in_force
from motion_preflight.text.redaction import key_forms, mask_secrets

if TYPE_CHECKING:
    from collections.abc import Iterator

_PACKAGE = "motion_preflight"


class _Lines(logging.Handler):
    """A line for each message: seconds since the beginning, the module, the text."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self._began = time.monotonic()
        # The modules log no key; should a host's text hold it, it is taken out here.
        self._secrets = [form for key in keys_in_force() for form in key_forms(key)]

    def emit(self, record: logging.LogRecord) -> None:
        module = record.name.removeprefix(f"{_PACKAGE}.")
        text = mask_secrets(record.getMessage(), self._secrets)
        say(f"{time.monotonic() - self._began:8.3f}  {module}  {text}")


@contextmanager
def messages_on_stderr() -> Iterator[None]:
    """Shows the messages of our own modules, and of no library: those log links with signatures."""
    logger = logging.getLogger(_PACKAGE)
    handler, level, propagate = _Lines(), logger.level, logger.propagate
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
        logger.propagate = propagate
