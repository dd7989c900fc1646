"""Failures of a machine that has run short of something: they say nothing about the request."""

from __future__ import annotations

import errno

# No open file left, of this process or of the system; no memory; no process or thread left.
EXHAUSTED = frozenset((errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN))
