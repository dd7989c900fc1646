"""A module's logger whose every text is redacted, and which is free where nobody listens.

Importing `logging` takes 2 ms, a fortieth of a whole check. While nobody has imported it nobody can
have asked for its messages, so that it is only looked for.
"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from motion_preflight.text.locations import redacted, sanitize_external_text

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable


class ModuleLog:
    """What `logging.getLogger(name)` is, at the level DEBUG alone."""

    def __init__(self, name: str) -> None:
        self._name = name

    def debug(self, text: str, *values: object) -> None:
        """Logs a text with the values in the places of its `%s`, on one line, without what is
        secret in links. A secret that is no link must not be among the values.
        """
        logger = self._logger()
        if logger is not None:
            shown = tuple(redacted(value) if isinstance(value, str) else value for value in values)
            logger.debug("%s", sanitize_external_text(text % shown))

    def timed(self, text: str, *values: object, brief: str = "") -> Callable[[object], None]:
        """Logs a text; what is returned logs what came of it, and how many seconds that took. It
        begins with `brief`, or with the text where that is short enough to be repeated.
        """
        self.debug(text, *values)
        began = time.monotonic()
        return lambda outcome: self.debug(
            f"{brief or text} → %s after %.3f s",
            *(() if brief else values),
            outcome,
            time.monotonic() - began,
        )

    def _logger(self) -> logging.Logger | None:
        library = sys.modules.get("logging")
        # Another thread may be importing it at this moment: then it has no such function yet.
        get_logger = getattr(library, "getLogger", None)
        if library is None or get_logger is None:
            return None
        logger: logging.Logger = get_logger(self._name)
        return logger if logger.isEnabledFor(library.DEBUG) else None
