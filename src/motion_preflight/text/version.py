"""The version of the program. The build reads it here, and so does whoever shows it: asking for the
metadata of the installed package takes as long as a fifth of a check.
"""

from __future__ import annotations

VERSION = "0.1.0"
