"""SHA-256 without OpenSSL, whose loading takes a twentieth of a whole check. The standard library's
`random` takes Python's own digests for the same reason.
"""

from __future__ import annotations

import sys
from importlib import import_module

_OWN = "_sha2" if sys.version_info >= (3, 12) else "_sha256"


def sha256_of(data: bytes) -> str:
    """The SHA-256 of some bytes as hexadecimal digits. OpenSSL's is taken where it is loaded
    already, because it is faster.
    """
    try:
        module = import_module("hashlib" if "hashlib" in sys.modules else _OWN)
    except ImportError:  # another implementation of Python
        module = import_module("hashlib")
    digest: str = module.sha256(data).hexdigest()
    return digest
