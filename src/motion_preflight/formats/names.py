"""The names of the formats, and how much of a report the text shows."""

from __future__ import annotations

from enum import StrEnum

# Formats for programs → their class, in the module of the same name.
CLASSES = {
    "json": "Json",
    "jsonl": "JsonLines",
    "csv": "Csv",
    "github": "Github",
    "junit": "Junit",
    "sarif": "Sarif",
    "markdown": "Markdown",
    "html": "Html",
}
FORMATS = ("text", *CLASSES)
TABLES = ("text", "json", "csv")  # the formats of what is a table


class Detail(StrEnum):
    """How much the format `text` shows of each report."""

    USUAL = "usual"
    VERBOSE = "verbose"  # the notes and where the price is from, too
    QUIET = "quiet"  # the verdict, what decides it, and the names of warnings
    CONCISE = "concise"  # a line
    STATISTICS = "statistics"  # nothing: the findings are counted at the end
