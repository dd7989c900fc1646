"""The names of the formats."""

from __future__ import annotations

# Formats for programs → their class, in the module of the same name.
CLASSES = {
    "json": "Json",
    "jsonl": "JsonLines",
    "github": "Github",
    "junit": "Junit",
    "sarif": "Sarif",
    "markdown": "Markdown",
}
FORMATS = ("text", *CLASSES)
